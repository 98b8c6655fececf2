// A HAR on disk with its attached bodies: in a zip, beside it; and what must not be read.
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HarFile, openHar } from "../../src/har/open.js";
import { readHar } from "../../src/har/read.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trafficctl-har-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const HAR = Buffer.from('{"log":{"version":"1.2","entries":[{"a":1},{"b":2}]}}');
const BODY = Buffer.from("attached ".repeat(5000));

async function saved(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

async function entries(har: HarFile): Promise<number> {
  let count = 0;
  for await (const part of readHar(har.chunks())) if (part.kind === "entry") count++;
  return count;
}

async function bytesOf(chunks: AsyncIterable<Buffer> | undefined): Promise<Buffer | undefined> {
  if (chunks === undefined) return undefined;
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

describe("a zip", () => {
  it.each([0, 6] as const)("is read, its bodies by name (level %d)", async (level) => {
    const path = await saved(
      `level${level}.zip`,
      zipSync({ "body.txt": [BODY, { level }], "har.har": [HAR, { level }] }),
    );
    const har = await openHar(path);
    expect(await entries(har)).toBe(2);
    expect(await bytesOf(await har.attachment("body.txt"))).toEqual(BODY);
    for (const name of ["none.txt", "../body.txt", "/etc/passwd", "", "har.har/../../x"]) {
      expect(await har.attachment(name)).toBeUndefined();
    }
    expect(har.position).toBeGreaterThan(0);
    await har.close();
  });

  it("names that lead out of the folder are names and nothing more", async () => {
    const path = await saved(
      "slip.zip",
      zipSync({ "../../evil.txt": BODY, "a/x.har": HAR, "a/b.txt": BODY }),
    );
    const har = await openHar(path);
    expect(await entries(har)).toBe(2);
    expect(await bytesOf(await har.attachment("b.txt"))).toEqual(BODY);
    await har.close();
  });

  it("that unpacks to more than it says stops there", async () => {
    const zip = Buffer.from(zipSync({ "har.har": HAR, "bomb.bin": Buffer.alloc(10_000_000) }));
    const central = zip.indexOf(Buffer.from("PK\x01\x02", "latin1"), zip.lastIndexOf("har.har"));
    zip.writeUInt32LE(1000, central + 24);
    const har = await openHar(await saved("bomb.zip", zip));
    await expect(bytesOf(await har.attachment("bomb.bin"))).rejects.toMatchObject({
      code: "HAR_INVALID",
      message: /more than it says/,
    });
    await har.close();
  });

  it.each([
    ["cut", () => Buffer.from(zipSync({ "har.har": HAR })).subarray(0, -30), /cut off|damaged/],
    ["without a HAR", () => zipSync({ "a.txt": BODY }), /without a \.har/],
    ["a Playwright trace", () => zipSync({ "trace.trace": BODY, "x.json": BODY }), /Playwright trace/],
    ["of Fiddler", () => zipSync({ "raw/1_c.txt": BODY }), /Fiddler/],
  ])("%s is refused by name", async (name, make, message) => {
    const path = await saved(`bad ${name}.zip`, make());
    await expect(openHar(path)).rejects.toMatchObject({ code: "HAR_INVALID", message });
  });

  it.each(["method", "offset", "size"])("with a damaged %s fails as HAR_INVALID", async (field) => {
    const zip = Buffer.from(zipSync({ "har.har": HAR }));
    const central = zip.indexOf(Buffer.from("PK\x01\x02", "latin1"));
    if (field === "method") zip.writeUInt16LE(99, central + 10);
    if (field === "offset") zip.writeUInt32LE(5, central + 42);
    if (field === "size") zip.writeUInt32LE(HAR.length + 9, central + 24);
    const har = await openHar(await saved(`damaged ${field}.zip`, zip));
    await expect(entries(har)).rejects.toMatchObject({ code: "HAR_INVALID" });
    await har.close();
  });
});

describe("a plain HAR", () => {
  it("reads what is attached beside it, and nothing elsewhere", async () => {
    const home = join(folder, "plain");
    await mkdir(home);
    await writeFile(join(folder, "secret.txt"), "secret");
    await writeFile(join(home, "body.txt"), BODY);
    await symlink(join(folder, "secret.txt"), join(home, "link.txt"));
    await writeFile(join(home, "x.har"), HAR);
    const har = await openHar(join(home, "x.har"));
    expect(await entries(har)).toBe(2);
    expect(har.position).toBe(har.size);
    expect(await bytesOf(await har.attachment("body.txt"))).toEqual(BODY);
    for (const name of ["../secret.txt", join(folder, "secret.txt"), "link.txt", "none", "", ".", "a\0b"]) {
      expect(await har.attachment(name)).toBeUndefined();
    }
    await har.close();
  });

  it.each([
    ["missing", "FILE_NOT_FOUND"],
    [".", "HAR_INVALID"],
  ])("%s: %s", async (name, code) => {
    await expect(openHar(join(folder, name))).rejects.toMatchObject({ code });
  });
});
