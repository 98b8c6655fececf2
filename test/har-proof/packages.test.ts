// Packages of the registry that read HARs read ours: one that makes an OpenAPI document of it, one that measures pages.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSpec } from "har-to-openapi";
import { convert } from "pagexray";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportHar } from "../../src/operations/export-har.js";
import { importHar } from "../../src/operations/import-har.js";
import { type OriginAuthority, originAuthority } from "../support/origin.js";
import { type Driven, drive } from "./drive.js";

let authority: OriginAuthority;
let folder: string;
let driven: Driven;

beforeAll(async () => {
  authority = await originAuthority();
  folder = await mkdtemp(join(tmpdir(), "trafficctl-har-"));
  driven = await drive(authority, "1.1", folder);
}, 120_000);
afterAll(async () => {
  await driven?.recording.remove();
  await authority.remove();
  await rm(folder, { recursive: true, force: true });
});

async function exported(session: string): Promise<Parameters<typeof generateSpec>[0]> {
  const output = join(folder, "out.har");
  const flags = { hostnames: ["localhost"] };
  await exportHar({ home: driven.recording.home, words: [session], flags, output, redact: "off" });
  return JSON.parse(await readFile(output, "utf8"));
}

test("har-to-openapi describes the API that the page used", async () => {
  const { spec } = await generateSpec(await exported("last"), { relaxedMethods: true });
  const items = spec.paths["/api/items"]?.post;
  expect(items?.parameters).toContainEqual(expect.objectContaining({ in: "query", name: "q" }));
  expect(items?.requestBody).toMatchObject({
    content: { "application/json": { example: { name: "Zoë", deep: { list: [1, 2.5, null] } } } },
  });
  expect(Object.keys(items?.responses ?? {})).toEqual(["201"]);
  expect(Object.keys(spec.paths["/api/items/7"] ?? {})).toEqual(
    expect.arrayContaining(["put", "patch", "delete", "head"]),
  );
});

test("pagexray measures a page that was imported from the browser's HAR and exported again", async () => {
  const file = join(folder, "page.har");
  await writeFile(file, driven.browserHar);
  await importHar({ home: driven.recording.home, files: [file], name: "imported" });
  const [page] = convert(await exported("imported"));
  const [theirs] = convert(JSON.parse(driven.browserHar));
  expect(page?.url).toBe(`${driven.site.url}/`);
  expect(page?.requests).toBe(72);
  expect(page?.cookieNames).toEqual(theirs?.cookieNames);
  const count = (each: typeof page) =>
    Object.entries(each?.contentTypes ?? {}).map(([type, { requests }]) => [type, requests]);
  expect(count(page)).toEqual(count(theirs));
});
