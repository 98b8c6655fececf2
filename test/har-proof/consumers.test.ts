// What others make of our HAR: Chrome DevTools' own importer, and packages that read HARs.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportHar } from "../../src/operations/export-har.js";
import { validateHar } from "../../src/operations/validate-har.js";
import { launchChromium } from "../support/chromium.js";
import { type OriginAuthority, originAuthority } from "../support/origin.js";
import { type Shown, showInDevTools } from "./devtools.js";
import { type Driven, drive } from "./drive.js";
import { type Entry, entriesOf } from "./entries.js";

let authority: OriginAuthority;
let folder: string;
let driven: Driven;
let plain: string;
let redacted: string;

beforeAll(async () => {
  authority = await originAuthority();
  folder = await mkdtemp(join(tmpdir(), "trafficctl-har-"));
  driven = await drive(authority, "2.0", folder);
  plain = await exported("off");
  redacted = await exported(undefined);
}, 120_000);
afterAll(async () => {
  await driven?.recording.remove();
  await authority.remove();
  await rm(folder, { recursive: true, force: true });
});

async function exported(redact: "off" | undefined): Promise<string> {
  const output = join(folder, "ours.har");
  const choice = { home: driven.recording.home, words: ["last"], flags: { hostnames: ["localhost"] } };
  await exportHar({ ...choice, output, ...(redact === undefined ? {} : { redact }) });
  return await readFile(output, "utf8");
}

describe("Chrome DevTools", () => {
  let browser: Browser;
  let shown: Shown;
  let entries: Entry[];
  beforeAll(async () => {
    browser = await launchChromium(driven.recording.url, driven.recording.ca.spkiFingerprint);
    shown = await showInDevTools(browser, plain);
    entries = [...entriesOf(plain).values()];
  }, 120_000);
  afterAll(() => browser?.close());

  test("shows every entry", () => {
    expect(shown.rows).toHaveLength(73);
    expect(shown.requests.map(({ url, method, status }) => ({ url, method, status }))).toEqual(
      entries.map(({ request, response }) => ({
        url: request.url,
        method: request.method,
        status: response.status,
      })),
    );
  });

  test("each with its type, protocol, sizes, headers and what was sent", () => {
    expect(
      shown.requests.map((each) => [
        each.type,
        each.protocol,
        each.transferSize,
        each.requestHeaders,
        each.responseHeaders,
        each.posted,
      ]),
    ).toEqual(
      entries.map(({ request, response, _resourceType }) => [
        _resourceType,
        response.httpVersion.replace("http/2.0", "h2"),
        response._transferSize,
        request.headers.length,
        response.headers.length,
        request.postData?.text ?? null,
      ]),
    );
  });

  test("text in its charset, bytes as base64", () => {
    const content = (name: string) => {
      const { content: text, isBase64 } = shown.requests.find(({ url }) => url.endsWith(name))!;
      return [text, isBase64];
    };
    expect(content("/charset?charset=shift_jis")).toEqual(["日本", false]);
    expect(content("/charset?charset=windows-1252")).toEqual(["<p>€ “q”", false]);
    expect(content("/charset?charset=utf-16le")).toEqual([expect.stringContaining("sechzehn ü"), false]);
    expect(content("/coded?coding=zstd")).toEqual([expect.stringContaining("Zoë Zoë"), false]);
    expect(content("/bytes")).toEqual([expect.stringMatching(/^AAECAwQF/), true]);
  });

  test("messages and events", () => {
    const { frames } = shown.requests.find(({ type }) => type === "websocket")!;
    expect(frames.filter(({ opCode }) => opCode < 8)).toHaveLength(8);
    expect(frames).toContainEqual({ opCode: 1, type: "send", text: "hällo \u{1f600}" });
    expect(frames).toContainEqual({ opCode: 2, type: "receive", text: "AQL/" });
    const { events } = shown.requests.find(({ type }) => type === "eventsource")!;
    expect(events).toEqual([
      { eventName: "message", eventId: "1", data: "eins ü" },
      { eventName: "update", eventId: "1", data: '{"n":2}\nmore' },
      { eventName: "end", eventId: "1", data: "-" },
    ]);
  });

  test("cookies, addresses, durations", () => {
    const [page] = shown.requests;
    expect(page?.cookies).toEqual(["visit", "theme", "kept"]);
    expect(page?.remote).toBe(`127.0.0.1:${driven.site.port}`);
    expect(page?.duration).toBeGreaterThan(0);
  });

  test("shows every entry of a redacted one too", async () => {
    expect((await showInDevTools(browser, redacted)).rows).toHaveLength(73);
  });

  // One bad entry rejects the whole file: what DevTools refuses, validate has to refuse as well, and the other way round.
  test.each<[string, (text: string) => string]>([
    ["as it is", (text) => text],
    ["without timings", (text) => text.replace('"timings":', '"other":')],
    ["without a wait", (text) => text.replace(/"wait":[\d.]+,/, "")],
    ["without a size of the content", (text) => text.replace(/"content":\{"size":\d+,/, '"content":{')],
    [
      "with a date that is none",
      (text) => text.replace(/"startedDateTime":"[^"]+"/, '"startedDateTime":"x"'),
    ],
    ["with a cookie that ends never", (text) => text.replace(/"expires":"[^"]+"/, '"expires":"never"')],
    ["with null for an initiator", (text) => text.replace('"cache":', '"_initiator":null,"cache":')],
    ["without a creator", (text) => text.replace('"creator":', '"maker":')],
    ["without a protocol", (text) => text.replace(/"httpVersion":"[^"]+",/, "")],
    ["without pages", (text) => text.replace(/,"pages":\[\]/, "")],
  ])("and validate --consumer chrome agree on a file %s", async (name, change) => {
    const file = join(folder, "changed.har");
    const changed = change(plain);
    if (name !== "as it is") expect(changed).not.toBe(plain);
    await writeFile(file, changed);
    const { valid } = await validateHar({ file, consumer: "chrome" });
    expect((await showInDevTools(browser, changed)).rows).toHaveLength(valid ? 73 : 0);
  });
});
