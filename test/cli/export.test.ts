// `trafficctl export` as a person runs it: what is in the file, what is said, and what never leaves.
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, inflateSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { COUNT, leaksIn, makeSecretSession, SECRETS, SHARED } from "../har-proof/secrets.js";
import { tempFolder } from "../session/support.js";
import { trafficctl } from "../support/cli.js";
import { MADE, makeSession } from "../support/made-session.js";
import { type RunResult, run } from "../support/run.js";

let home: string;
let folder: string;
beforeAll(async () => {
  home = tempFolder();
  folder = tempFolder();
  await makeSession(home, "made");
  await makeSecretSession(home, "secret");
});

const cli = (...args: string[]): Promise<RunResult> => trafficctl([...args, "--home", home]);

/** Exports to a file. */
async function exported(name: string, ...args: string[]): Promise<{ bytes: Buffer; stderr: string }> {
  const path = join(folder, name);
  const { code, stdout, stderr } = await cli("export", ...args, "-o", path);
  expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: "" });
  return { bytes: await readFile(path), stderr };
}

interface Har {
  readonly log: { readonly entries: readonly HarEntry[]; readonly pages: readonly unknown[] };
}
interface HarEntry {
  readonly request: {
    readonly url: string;
    readonly headers: readonly Field[];
    readonly postData?: { text: string };
  };
  readonly response: {
    readonly headers: readonly Field[];
    readonly bodySize: number;
    readonly headersSize: number;
    readonly content: { readonly size: number; readonly text?: string; readonly comment?: string };
  };
}
interface Field {
  readonly name: string;
  readonly value: string;
}
const entriesOf = (bytes: Buffer | string): readonly HarEntry[] => {
  const har: Har = JSON.parse(bytes.toString("utf8"));
  return har.log.entries;
};

describe("what is written", () => {
  test("the last session without a word, to stdout in a pipe", async () => {
    const { code, stdout, stderr } = await cli("export");
    expect(code).toBe(0);
    expect(entriesOf(stdout)).toHaveLength(COUNT);
    expect(stderr).toContain("redacted: ");
    expect((await cli("export", "-o", "-")).stdout).toBe(stdout);
  });

  test.each<[string, string[], number]>([
    ["a filter", ["made", "~m POST"], 1],
    ["flags", ["made", "--hostname", "api.test", "--status", "2xx"], 3],
    ["times", ["made", "--from", "2026-11-20T10:00:01Z", "--to", "2026-11-20T10:00:03Z"], 2],
    ["several sessions", ["made", "secret"], MADE.length + 1 + COUNT],
  ])("what %s chooses", async (_name, args, count) => {
    expect(entriesOf((await cli("export", ...args)).stdout)).toHaveLength(count);
  });

  test("in the other order, with a limit, and says what that left out", async () => {
    const { bytes, stderr } = await exported("limit.har", "made", "--sort", "desc", "--limit", "2");
    expect(entriesOf(bytes).map(({ request }) => request.url)).toEqual([
      "wss://live.test/feed",
      "http://gone.test/",
    ]);
    expect(stderr).toContain(": 2 entries\n");
    expect(stderr).toContain("5 more matched and are not in it (--limit)");
  });

  test("without bodies, and says so in each entry and on stderr", async () => {
    const { bytes, stderr } = await exported("bodies.har", "made", "--no-bodies");
    const [first] = entriesOf(bytes);
    expect(first?.response.content).toEqual({
      size: 21,
      mimeType: "application/json",
      comment: "left out by --no-bodies",
    });
    expect(first?.response.bodySize).toBe(21);
    expect(stderr).toMatch(/\d bodies are not in it; their entries say why/);
    expect(bytes.includes("Grace")).toBe(false);
  });

  test("of each body so much, and says so", async () => {
    const { bytes, stderr } = await exported("max.har", "made", "--max-body", "10");
    const [first, coded] = entriesOf(bytes);
    expect(first?.response.content).toMatchObject({
      text: '{"id":1,"n',
      comment: "cut to 10 bytes by --max-body",
    });
    expect(coded?.response.content).toMatchObject({
      text: '{"id":2,"b',
      comment: "cut to 10 bytes by --max-body",
    });
    expect(stderr).toMatch(/\d bodies are not complete; their entries say so/);
  });

  test("the ids of another query", async () => {
    const ids = await cli("query", "made", "~m POST | ~e", "--jsonl", "--fields", "id");
    const args = ["export", "made", "--ids", "-", "--home", home];
    const env = { ...process.env };
    const bin = join(import.meta.dirname, "../../dist/bin/trafficctl.js");
    const result = await run(process.execPath, [bin, ...args], {
      env,
      input: `${ids.stdout}${"Z".repeat(26)}\n`,
    });
    expect(entriesOf(result.stdout).map(({ request }) => request.url)).toEqual([
      "https://api.test/users",
      "http://gone.test/",
    ]);
    expect(result.stderr).toContain(`warning: no exchange has the id ${"Z".repeat(26)}`);
    const none = await run(process.execPath, [bin, ...args], { env, input: "what?\n" });
    expect(none).toMatchObject({ code: 2, stdout: "" });
    expect(none.stderr).toContain("'what?' is no id");
  });

  test("compressed as the name says", async () => {
    const plain = await exported("a.har", "made");
    expect(gunzipSync((await exported("a.har.gz", "made")).bytes)).toEqual(plain.bytes);
    expect(inflateSync((await exported("a.zhar", "made")).bytes)).toEqual(plain.bytes);
    expect((await stat(join(folder, "a.har"))).mode & 0o777).toBe(0o600);
  });

  test("--json reports what is in it", async () => {
    const path = join(folder, "report.har");
    const { stdout, stderr } = await cli("export", "made", "-o", path, "--json", "--limit", "3");
    expect(JSON.parse(stdout)).toMatchObject({
      path,
      entries: 3,
      leftOut: 4,
      missingBodies: 0,
      redaction: { total: 0 },
    });
    expect(stderr).toBe("");
  });

  test.each<[string, string[], string]>([
    ["--json without a file", ["--json"], "--json reports on a file"],
    ["a format that is none", ["--format", "xml", "-o", "x"], "--format"],
    ["a policy without redaction", ["--policy", "p.yaml", "--no-redact"], "exclude each other"],
    ["a policy that is not there", ["--policy", "nowhere.yaml"], "nowhere.yaml"],
    ["a size that is none", ["--max-body", "big"], "--max-body"],
    ["ids that are not there", ["--ids", "nowhere.txt"], "nowhere.txt"],
  ])("refuses %s", async (_name, args, said) => {
    const { code, stdout, stderr } = await cli("export", "made", ...args);
    expect({ code, stdout }).toEqual({ code: expect.toSatisfy((n) => n === 1 || n === 2), stdout: "" });
    expect(stderr).toContain(said);
  });

  test.each<[string, string]>([
    ["a folder that is not there", "none/a.har"],
    ["a folder in its place", "taken.har"],
  ])("cannot write to %s, and leaves nothing", async (_name, name) => {
    await mkdir(join(folder, "taken.har"), { recursive: true });
    const { code, stderr } = await cli("export", "made", "-o", join(folder, name));
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot write ${join(folder, name)}`);
    expect((await readdir(folder)).filter((each) => each.endsWith(".tmp"))).toEqual([]);
  });

  test("a write that fails leaves the file that was there", async () => {
    const path = join(folder, "kept.har");
    await writeFile(path, "the old one");
    // 16 blocks of 512 or 1024 bytes: the secret session is larger than that.
    const bin = join(import.meta.dirname, "../../dist/bin/trafficctl.js");
    const command = `ulimit -f 16; "${process.execPath}" "${bin}" export secret -o "${path}" --home "${home}"`;
    const { code, stderr } = await run("sh", ["-c", command]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`cannot write ${path}`),
    });
    expect(await readFile(path, "utf8")).toBe("the old one");
    expect((await readdir(folder)).filter((each) => each.includes("kept"))).toEqual(["kept.har"]);
  });
});

describe("secrets", () => {
  test("none of any carrier is in the file, nor said", async () => {
    const { bytes, stderr } = await exported("secret.har", "secret");
    expect(leaksIn(bytes)).toEqual([]);
    expect(leaksIn(Buffer.from(stderr))).toEqual([]);
    expect(stderr).toMatch(/redacted: \d+ places, \d+ different secrets \(.*header \d+/);
  });

  test("equal ones are equal across exchanges", async () => {
    const entries = entriesOf((await exported("equal.har", "secret")).bytes);
    const authorization = entries[0]?.request.headers.find(({ name }) => name === "Authorization")?.value;
    expect(authorization).toMatch(/^Bearer REDACTED-\d+$/);
    const placeholder = String(authorization).slice("Bearer ".length);
    expect(entries[3]?.request.postData?.text).toContain(`used ${placeholder}`);
    expect(String(entries[3]?.request.postData?.text)).not.toContain(SHARED);
  });

  test("sizes are those of the wire", async () => {
    const sizes = (bytes: Buffer) =>
      entriesOf(bytes).map(({ response }) => [
        response.headersSize,
        response.bodySize,
        response.content.size,
      ]);
    const redacted = await exported("r.har", "secret");
    const plain = await exported("p.har", "secret", "--no-redact");
    expect(sizes(redacted.bytes)).toEqual(sizes(plain.bytes));
  });

  test("--no-redact keeps all, and says what that means", async () => {
    const { bytes, stderr } = await exported("plain.har", "secret", "--no-redact");
    // Those stand in it in pieces, and for these a HAR has no field.
    const inPieces = ["delta", "split"];
    const leftOut = ["forwarded", "forwardedUrl", "trailer", "early"];
    const found = leaksIn(
      Buffer.concat([bytes, ...entriesOf(bytes).map(({ response }) => contentBytes(response.content))]),
    );
    expect(Object.keys(SECRETS).filter((place) => !found.includes(place))).toEqual(
      Object.keys(SECRETS).filter((place) => [...inPieces, ...leftOut].includes(place)),
    );
    expect(stderr).toContain("warning: not redacted (--no-redact): it holds cookies, tokens and passwords");
  });

  test("a policy adds and takes away", async () => {
    const policy = join(folder, "policy.yaml");
    await writeFile(
      policy,
      "version: 1\nheaders:\n  keep: [X-Api-Key]\nfields:\n  redact: [page]\npatterns:\n  - { name: list, match: '1,2,3' }\n",
    );
    const { bytes } = await exported("policy.har", "secret", "--policy", policy);
    const [first] = entriesOf(bytes);
    expect(first?.request.headers).toContainEqual({ name: "X-Api-Key", value: SECRETS.apiKey });
    expect(first?.request.url).toMatch(/[?&]page=REDACTED-\d+$/);
    expect(first?.response.content.text).toMatch(/^\{"list":\["?REDACTED-\d+"?\]\}$/);
    expect(leaksIn(bytes)).toEqual(["apiKey"]);
  });

  test("a mistake in a policy ends it before anything is written", async () => {
    const policy = join(folder, "wrong.yaml");
    await writeFile(policy, "version: 1\nheadres: {}\n");
    const path = join(folder, "wrong.har");
    const { code, stderr } = await cli("export", "secret", "--policy", policy, "-o", path);
    expect(code).toBe(1);
    expect(stderr).toContain("headres");
    await expect(stat(path)).rejects.toThrow();
  });
});

function contentBytes(content: { readonly text?: string; readonly encoding?: string }): Buffer {
  return Buffer.from(content.text ?? "", content.encoding === "base64" ? "base64" : "utf8");
}

test("a .har stands in for a session", async () => {
  const path = join(folder, "direct.har");
  await cli("export", "made", "-o", path);
  const rows = async (source: string) =>
    (await cli("query", source, "--jsonl", "--fields", "method,status,url")).stdout;
  // A WebSocket's address is stored as its handshake has it.
  expect(await rows(path)).toBe((await rows("made")).replace("wss://", "https://"));
  expect((await cli("show", path, "3")).stdout).toContain("Grace");
  expect(entriesOf((await cli("export", path, "~m POST")).stdout)).toHaveLength(1);
  await rm(path);
});
