// What the proxy saw of a page's traffic and what the browser recorded of the same run agree, entry by entry.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportHar } from "../../src/operations/export-har.js";
import { validateHar } from "../../src/operations/validate-har.js";
import { type OriginAuthority, originAuthority } from "../support/origin.js";
import { type Driven, drive } from "./drive.js";
import { bytesOf, type Entry, entriesOf, readings } from "./entries.js";

let authority: OriginAuthority;
let folder: string;
beforeAll(async () => {
  authority = await originAuthority();
  folder = await mkdtemp(join(tmpdir(), "trafficctl-har-"));
});
afterAll(async () => {
  await authority.remove();
  await rm(folder, { recursive: true, force: true });
});

describe.each(["1.1", "2.0"] as const)("HTTP/%s", (version) => {
  let driven: Driven;
  let path: string;
  let ours: Map<string, Entry>;
  let browser: Map<string, Entry>;

  beforeAll(async () => {
    driven = await drive(authority, version, folder);
    path = join(folder, `ours-${version}.har`);
    // Chromium calls home on its own account, which no page and no recordHar sees.
    const flags = { hostnames: ["localhost"] };
    await exportHar({ home: driven.recording.home, words: ["last"], flags, output: path, redact: "off" });
    ours = entriesOf(await readFile(path, "utf8"));
    browser = entriesOf(driven.browserHar);
  }, 120_000);
  afterAll(() => driven?.recording.remove());

  /** Both sides of each entry, by its name. */
  const both = (of: (entry: Entry) => unknown): [ours: object, browser: object] => [
    Object.fromEntries([...browser.keys()].map((key) => [key, of(ours.get(key)!)])),
    Object.fromEntries([...browser].map(([key, entry]) => [key, of(entry)])),
  ];

  test("the page ran to its end", () => {
    expect(Object.values(Object(driven.results))).toHaveLength(54);
    expect(driven.results).toMatchObject({
      "coding zstd": expect.stringContaining("decoded from zstd: Zoë"),
      "aborted early": "failed: AbortError",
      refused: "failed: TypeError",
      broken: "failed: TypeError",
      events: [
        ["eins ü", "1"],
        ["update", '{"n":2}\nmore'],
      ],
      websocket: ["first", [8, [1, 2, 255], 100_000, 0], 1000, "bye"],
    });
  });

  test("the same entries; only the proxy sees the question that a browser asks across origins", () => {
    const names = (entries: Map<string, Entry>) => [...entries.keys()].sort();
    const preflights = names(ours).filter((name) => name.startsWith("OPTIONS "));
    expect(preflights).toHaveLength(1);
    expect(names(ours).filter((name) => !preflights.includes(name))).toEqual(names(browser));
  });

  test("in the order of their starts", () => {
    const starts = [...ours.values()].map(({ startedDateTime }) => startedDateTime);
    expect(starts).toEqual(starts.toSorted());
  });

  test("status and reason; a browser that got a 304 shows what it had cached", () => {
    const [mine, theirs] = both(({ request, response }) => {
      const { status, statusText } = response;
      if (status === 304) expect(request.headers).toContainEqual(named("if-none-match", '"one"'));
      // recordHar writes -1 for no answer, Chrome's own export 0.
      return status === 304 ? [200, version === "1.1" ? "OK" : ""] : [Math.max(status, 0), statusText];
    });
    expect(mine).toEqual(theirs);
    expect([...ours.values()].filter(({ response }) => response.status === 304)).toHaveLength(1);
  });

  test("protocol", () => {
    const expected = `http/${version}`;
    const differing: string[] = [];
    for (const [name, { request, response }] of browser) {
      const mine = ours.get(name)!;
      // Nobody was there to agree on HTTP/2 with; for a WebSocket, Chromium makes a connection of its own.
      const isOld =
        mine.response.httpVersion === "unknown" ? pathOf(request) === "/" : name.startsWith("GET wss:");
      expect([name, mine.request.httpVersion]).toEqual([name, isOld ? "http/1.1" : expected]);
      if (mine.response.status > 0) expect(mine.response.httpVersion).toBe(mine.request.httpVersion);
      expect(response.httpVersion).toBe(request.httpVersion);
      if (mine.request.httpVersion !== request.httpVersion.toLowerCase()) differing.push(pathOf(request));
    }
    // recordHar takes HTTP/1.1 for what had no body that ended, or ended too late for it (events).
    const unended = version === "1.1" ? [] : ["/api/items/7", "/broken", "/events", "/never", "/trickle"];
    expect(differing.filter((path) => !unended.includes(path))).toEqual([]);
  });

  test("request headers, all of them as they were sent", () => {
    // Of a request without an answer, recordHar has no more than the page gave.
    const answered = new Set(
      [...ours].filter(([, { response }]) => response.status > 0).map(([name]) => name),
    );
    for (const [name, { request }] of browser) {
      if (answered.has(name))
        expect([name, sorted(ours.get(name)!.request.headers)]).toEqual([name, sorted(request.headers)]);
    }
    expect(browser.size - answered.size).toBeLessThan(3);
  });

  test("response headers", () => {
    const [mine, theirs] = both(({ response }) => sorted(response.headers));
    expect(mine).toEqual(theirs);
  });

  test("query and cookies", () => {
    const [mine, theirs] = both(({ request, response }) => [
      request.queryString,
      response.status > 0 ? request.cookies : [],
      response.cookies.map((cookie) => ({
        ...cookie,
        // recordHar keeps the letters of the field. Max-Age counts from when each of the two saw it, and one of 0 says
        // "in the past", which is now to recordHar and 1970 to us.
        sameSite: cookie.sameSite?.toLowerCase(),
        expires: cookie.expires === undefined ? undefined : ageIn(cookie.expires),
      })),
    ]);
    expect(mine).toEqual(theirs);
  });

  test("where redirects lead to", () => {
    const [mine, theirs] = both(({ request, response }) =>
      // recordHar resolves it, HAR 1.2 has the header's value.
      response.redirectURL === "" ? "" : new URL(response.redirectURL, request.url).href,
    );
    expect(mine).toEqual(theirs);
    expect(Object.values(mine).filter((url) => url !== "")).toHaveLength(6);
  });

  test("what was sent", () => {
    const without: string[] = [];
    for (const [name, { request }] of browser) {
      const mine = ours.get(name)!.request.postData;
      if ((request.postData?.text ?? "") === "") {
        if (mine !== undefined) without.push(pathOf(request));
      } else expect([name, bytesOf(mine!).toString("utf8")]).toEqual([name, request.postData?.text]);
    }
    // Chromium does not tell its debugger of uploads with files, of bytes that are no text, and of what follows a redirect.
    expect(without.sort()).toEqual(["/echo", "/echo", "/echo", "/upload", "/upload"]);
    expect(ours.get(`POST ${driven.site.url}/echo?what=binary`)?.request.postData).toMatchObject({
      text: "AAH+/w==",
      encoding: "base64",
    });
  });

  test("what was answered, decoded", () => {
    const missing: string[] = [];
    for (const [name, { request, response }] of browser) {
      const mine = ours.get(name)!.response;
      const bytes = bytesOf(mine.content);
      const { content } = response;
      if ((content.text ?? "") === "" && bytes.length > 0) missing.push(pathOf(request));
      else if (content.encoding === "base64") expect([name, bytes]).toEqual([name, bytesOf(content)]);
      else if (mine.status !== 304) {
        const text = (content.text ?? "").replace(/^\ufeff/, "");
        expect([name, readings(bytes, mine.content.mimeType)]).toEqual([
          name,
          expect.arrayContaining([text]),
        ]);
      }
    }
    // recordHar has nothing of what broke off, and events only when it is quick enough.
    expect(missing.filter((path) => path !== "/events").sort()).toEqual(["/broken", "/trickle"]);
    expect(bytesOf(ours.get(`GET ${driven.site.url}/trickle`)!.response.content).toString()).toBe(
      "the first part",
    );
    expect(ours.get(`GET ${driven.site.url}/broken`)?.response.content).toMatchObject({
      text: "only this",
      comment: expect.stringMatching(/^truncated /),
    });
  });

  test("server-sent events", () => {
    const { response, _eventSourceMessages } = ours.get(`GET ${driven.site.url}/events`)!;
    expect(response.content.text).toContain("id: 1\ndata: eins ü\n\n");
    expect(_eventSourceMessages).toMatchObject([
      { eventName: "message", eventId: "1", data: "eins ü" },
      { eventName: "update", eventId: "1", data: '{"n":2}\nmore' },
      { eventName: "end", eventId: "1", data: "-" },
    ]);
  });

  test.each(["send", "receive"])("messages of a WebSocket (%s)", (direction) => {
    // recordHar has neither empty ones nor those that close it.
    const of = (entries: Map<string, Entry>): unknown[] =>
      (entries.get(`GET ${driven.site.url.replace("https", "wss")}/socket?a=1`)?._webSocketMessages ?? [])
        .filter(({ type, opcode, data }) => type === direction && opcode < 8 && data !== "")
        .map(({ opcode, data }) => ({ opcode, data }));
    expect(of(ours)).toEqual(of(browser));
    expect(of(ours)).toHaveLength(3);
  });

  test("type of the resource", () => {
    const count: Record<string, number> = {};
    for (const { _resourceType: type = "none" } of ours.values()) count[type] = (count[type] ?? 0) + 1;
    expect(count).toEqual({
      document: 5,
      stylesheet: 3,
      script: 5,
      image: 4,
      font: 1,
      xhr: 1,
      eventsource: 1,
      websocket: 1,
      fetch: 52,
    });
  });

  test.each([undefined, "chrome", "firefox", "playwright"] as const)("is valid, for %s", async (consumer) => {
    const { findings, errors } = await validateHar({
      file: path,
      ...(consumer === undefined ? {} : { consumer }),
    });
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(errors).toBe(0);
  });
});

function sorted(headers: readonly { name: string; value: string }[]): string[] {
  return headers.map(({ name, value }) => `${name.toLowerCase()}: ${value}`).sort();
}

function named(name: string, value: string): unknown {
  return { name: expect.stringMatching(new RegExp(`^${name}$`, "i")), value };
}

function pathOf({ url }: { url: string }): string {
  return new URL(url).pathname;
}

function ageIn(expires: string): string {
  return Date.parse(expires) <= Date.now() ? "past" : expires.slice(0, "2026-01-01".length);
}
