// Each rule finds what it is for and leaves alone what is well; har-validator's findings have a place and a number.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONSUMERS, type Consumer, type Finding } from "../../src/har/finding.js";
import { validateEntry, validateHar } from "../../src/har/validate.js";
import { inChunks } from "./support.js";

interface Json {
  [key: string]: unknown;
}

const WHOLE: Json = {
  startedDateTime: "2026-01-02T03:04:05.678Z",
  time: 12,
  request: {
    method: "POST",
    url: "https://example.com/a?b=1",
    httpVersion: "http/1.1",
    cookies: [{ name: "a", value: "b" }],
    headers: [
      { name: "Cookie", value: "a=b" },
      { name: "Content-Type", value: "application/x-www-form-urlencoded" },
    ],
    queryString: [{ name: "b", value: "1" }],
    postData: {
      mimeType: "application/x-www-form-urlencoded",
      text: "c=d",
      params: [{ name: "c", value: "d" }],
    },
    headersSize: 60,
    bodySize: 3,
  },
  response: {
    status: 200,
    statusText: "OK",
    httpVersion: "http/1.1",
    cookies: [{ name: "s", value: "t", expires: "2032-01-01T00:00:00.000Z" }],
    headers: [{ name: "Set-Cookie", value: "s=t; Expires=Thu, 01 Jan 2032 00:00:00 GMT; Path=/" }],
    content: { size: 2, compression: 0, mimeType: "text/plain", text: "hi" },
    redirectURL: "",
    headersSize: 40,
    bodySize: 2,
    _transferSize: 42,
  },
  cache: {},
  timings: { blocked: -1, dns: -1, connect: 5, ssl: 2, send: 1, wait: 5, receive: 1 },
  _resourceType: "fetch",
};

/** The whole entry with one field set (`undefined` takes it away). */
function withField(path: string, value: unknown): Json {
  const entry = structuredClone(WHOLE);
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at: Json = entry;
  for (const key of keys) at = at[key] as Json;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return entry;
}

const ids = (findings: readonly Finding[]): string[] => [...new Set(findings.map(({ rule }) => rule))];

describe("a rule", () => {
  it("finds nothing in a good entry", async () => {
    expect(await validateEntry(WHOLE, 1)).toEqual([]);
    for (const consumer of CONSUMERS) expect(await validateEntry(WHOLE, 1, { consumer })).toEqual([]);
  });

  it.each<[string, string, unknown, readonly Consumer[]]>([
    ["schema", "request.cookies", undefined, []],
    ["schema", "response.status", 200.5, []],
    ["schema", "serverIPAddress", "[::1]", []],
    ["schema", "serverIPAddress", "", []],
    ["schema", "startedDateTime", "2026-01-02T03:04:05.678", []],
    ["timings-range", "timings.blocked", -2, ["chrome"]],
    ["timings-range", "timings.wait", -1, ["chrome"]],
    ["ssl-in-connect", "timings.ssl", 6, ["chrome"]],
    ["time-is-sum", "time", 30, []],
    ["content-size", "response.content.size", 3, []],
    ["compression", "response.content.compression", 9, []],
    [
      "set-cookie-joined",
      "response.headers",
      [{ name: "set-cookie", value: "s=t; Path=/, u=v" }],
      ["chrome", "playwright"],
    ],
    ["cookies", "request.cookies", [], []],
    ["cookies", "response.cookies", [], []],
    ["cookie-expires", "response.cookies", [{ name: "s", value: "t", expires: "soon" }], ["chrome"]],
    ["query-string", "request.queryString", [], []],
    ["post-data-params", "request.postData.params", [], []],
    ["url-absolute", "request.url", "/a?b=1", ["chrome", "firefox", "playwright"]],
    ["error-said", "response.status", 0, []],
    ["chrome-numbers", "response.content.size", undefined, ["chrome"]],
    ["chrome-numbers", "timings.send", undefined, ["chrome"]],
    ["start", "startedDateTime", "soon", ["chrome", "firefox"]],
    ["chrome-initiator", "_initiator", null, ["chrome"]],
    ["chrome-transfer-size", "response", { headersSize: -1 }, ["chrome"]],
    ["chrome-resource-type", "_resourceType", undefined, ["chrome"]],
    ["chrome-protocol", "response.httpVersion", "HTTP/2", ["chrome"]],
    ["chrome-post-data", "request.postData.text", undefined, ["chrome", "playwright"]],
    ["chrome-event-stream", "response.content.mimeType", "text/event-stream; charset=utf-8", ["chrome"]],
    [
      "chrome-websocket",
      "_webSocketMessages",
      [{ type: "send", time: 1.7e12, opcode: 1, data: "" }],
      ["chrome"],
    ],
    ["chrome-websocket", "_webSocketMessages", [{ type: "send" }], ["chrome"]],
    ["firefox-cache", "cache", undefined, ["firefox"]],
    ["firefox-version", "request.httpVersion", undefined, ["firefox"]],
    ["playwright-status", "response.status", -1, ["playwright"]],
  ])("%s: %s %j", async (rule, path, value, consumers) => {
    const entry = withField(path, value);
    const all = await validateEntry(entry, 7);
    const isShadowed = rule !== "schema" && !ids(all).includes(rule);
    if (isShadowed) expect(all).toContainEqual(expect.objectContaining({ rule: "schema", entry: 7 }));
    const found = all.find((finding) => finding.rule === rule);
    if (!isShadowed)
      expect(found).toMatchObject({
        entry: 7,
        fix: expect.any(String),
        path: expect.stringContaining(path.split(".").at(0) ?? ""),
      });
    for (const consumer of consumers) {
      expect(ids(await validateEntry(entry, 7, { consumer }))).toContain(rule);
    }
  });

  it.each([
    ["mangled-binary", { mimeType: "image/png", text: "\ufffdPNG", size: 6 }],
    ["playwright-charset", { mimeType: "text/plain; charset=shift_jis", text: "日", size: 2 }],
    ["base64", { mimeType: "text/plain", text: "a b", encoding: "base64", size: 2 }],
  ])("%s in %j", async (rule, content) => {
    expect(ids(await validateEntry(withField("response.content", content), 1))).toContain(rule);
  });

  it("never throws, whatever the entry", async () => {
    const hostile = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(JSON.parse('{"toString":1,"__proto__":2}'), 1e308, "é"),
    );
    const path = fc.constantFrom(
      ...[
        "request",
        "response",
        "timings",
        "cache",
        "time",
        "startedDateTime",
        "request.headers",
        "request.url",
      ],
      ...[
        "response.content",
        "response.headers",
        "request.postData",
        "request.queryString",
        "_webSocketMessages",
      ],
      ...["response.cookies", "timings.ssl", "response.content.text", "response.content.mimeType"],
    );
    await fc.assert(
      fc.asyncProperty(path, hostile, async (at, value) => {
        await validateEntry(withField(at, JSON.parse(JSON.stringify(value))), 1);
        await validateEntry(value, 1, { consumer: "chrome" });
      }),
      { numRuns: 300 },
    );
  });
});

describe("a file", () => {
  const findings = async (text: string, consumer?: Consumer): Promise<Finding[]> => {
    const all: Finding[] = [];
    for await (const each of validateHar(inChunks(text), consumer === undefined ? {} : { consumer }))
      all.push(each);
    return all;
  };
  const log = (fields: object): string => JSON.stringify({ log: fields });
  const creator = { name: "a", version: "1" };

  it("says what is wrong with log, in place and number", async () => {
    expect(await findings(log({ version: "1.2", creator, entries: [WHOLE] }))).toEqual([]);
    expect(await findings(log({ entries: [] }))).toMatchObject([
      { path: "log.version" },
      { path: "log.creator" },
    ]);
    expect(await findings(log({ version: "1.2", creator, pages: [{}], entries: [] }))).toContainEqual(
      expect.objectContaining({ path: "log.pages[0].startedDateTime", rule: "schema" }),
    );
    expect(await findings(log({ pages: [{}], entries: [] }), "chrome")).toMatchObject([
      { path: "log.creator" },
      { path: "log.pages[0].startedDateTime" },
      { path: "log.pages[0].pageTimings" },
    ]);
    expect(await findings(log({ entries: [] }), "firefox")).toMatchObject([{ path: "log.pages" }]);
  });

  it("says which entry cannot be read, and which stands before its time", async () => {
    const early = { ...WHOLE, startedDateTime: "2026-01-01T00:00:00.000Z" };
    const text = log({ version: "1.2", creator, entries: [WHOLE, 7, early] });
    expect(await findings(text)).toMatchObject([
      { entry: 2, rule: "readable" },
      { entry: 3, rule: "sorted", severity: "warning" },
    ]);
    expect(await findings(text.slice(0, -30))).toContainEqual(
      expect.objectContaining({ rule: "readable", entry: 3 }),
    );
  });

  it("of a real tool has what is known of it", async () => {
    const text = await readFile(join(import.meta.dirname, "../../fixtures/har/mitmproxy.har"), "utf8");
    expect(ids(await findings(text)).sort()).toEqual(
      [
        "chrome-resource-type",
        "compression",
        "content-size",
        "playwright-charset",
        "set-cookie-joined",
      ].sort(),
    );
  });
});
