// Entries of other tools as exchanges: repairs are said, strict refuses, nothing throws, and what a HAR can hold
// survives the way there and back.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createExchangeIds } from "../../src/exchange/id.js";
import { fromEntry } from "../../src/har/from-entry.js";
import { validateEntry } from "../../src/har/validate.js";
import { exchangeSchema } from "../../src/session/line-schema.js";
import { asJson, changed, content, exportedAgain, httpExchange, imported, itemOf, whole } from "./support.js";

const createId = createExchangeIds();

const ENTRY = {
  startedDateTime: "2026-01-02T03:04:05.678Z",
  time: 12,
  request: {
    method: "GET",
    url: "https://example.com/a?b=1",
    httpVersion: "HTTP/1.1",
    cookies: [],
    headers: [{ name: "Host", value: "example.com" }],
    queryString: [{ name: "b", value: "1" }],
    headersSize: 60,
    bodySize: 0,
  },
  response: {
    status: 200,
    statusText: "OK",
    httpVersion: "HTTP/1.1",
    cookies: [],
    headers: [{ name: "Content-Type", value: "text/plain" }],
    content: { size: 2, mimeType: "text/plain", text: "hi" },
    redirectURL: "",
    headersSize: 40,
    bodySize: 2,
  },
  cache: {},
  timings: { send: 1, wait: 10, receive: 1 },
};

type Part = "request" | "response" | "content" | "timings";

/** The entry with other fields; `undefined` takes one away. */
function entry(change: Partial<Record<Part | "entry", object>>): object {
  const { request, response, content: body, timings } = change;
  return {
    ...ENTRY,
    ...change.entry,
    request: { ...ENTRY.request, ...request },
    response: { ...ENTRY.response, ...response, content: { ...ENTRY.response.content, ...body } },
    timings: { ...ENTRY.timings, ...timings },
  };
}

const gzip = { name: "Content-Encoding", value: "gzip" };
const type = (value: string) => ({ name: "Content-Type", value });

describe("an ordinary entry", () => {
  it("needs no repair and is the exchange it came from", () => {
    const result = imported(ENTRY, true);
    expect(whole(result)).toEqual({
      kind: "http",
      id: result.exchange.id,
      seq: 1,
      startedAt: "2026-01-02T03:04:05.678Z",
      duration: 12,
      request: {
        method: "GET",
        url: "https://example.com/a?b=1",
        target: "/a?b=1",
        httpVersion: "HTTP/1.1",
        headers: [["Host", "example.com"]],
        headersSize: 60,
        body: { kind: "empty", size: 0 },
      },
      response: {
        status: 200,
        reason: "OK",
        httpVersion: "HTTP/1.1",
        headers: [["Content-Type", "text/plain"]],
        headersSize: 40,
        body: { kind: "text", size: 2, text: "hi" },
      },
      timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 1, wait: 10, receive: 1 },
    });
  });
});

describe("repairs", () => {
  it.each([
    ["startedDateTime", { entry: { startedDateTime: "yesterday" } }],
    ["startedDateTime", { entry: { startedDateTime: "2026-01-02 03:04:05" } }],
    ["startedDateTime", { entry: { startedDateTime: "+275760-09-13T00:00:00.000Z" } }],
    ["time", { entry: { time: null } }],
    ["time", { entry: { time: -7 } }],
    ["timings.wait", { timings: { wait: undefined } }],
    ["timings.dns", { timings: { dns: "fast" } }],
    ["request.method", { request: { method: undefined } }],
    ["request.method", { request: { method: "GET IT" } }],
    ["request.headers", { request: { headers: undefined } }],
    ["request.headers", { request: { headers: { Host: "example.com" } } }],
    ["request.headers[0]", { request: { headers: ["Host"] } }],
    ["request.headers[0]", { request: { headers: [{ name: "A", value: "b\rc" }] } }],
    ["request.headers[0].value", { request: { headers: [{ name: "A", value: 7 }] } }],
    ["request.headersSize", { request: { headersSize: "many" } }],
    ["request.url", { request: { url: "/a?b=1" } }],
    ["request.url", { request: { url: "https://example.com/a" } }],
    ["request.postData.text", { request: { postData: { mimeType: "a/b", params: [{ name: "x" }] } } }],
    ["response.status", { response: { status: "200" } }],
    ["response.status", { response: { status: 2000 } }],
    ["response.content.encoding", { content: { encoding: "rot13" } }],
    ["response.content.text", { content: { encoding: "base64", text: "a$$$" } }],
    ["response.content.text", { content: { text: "\ud800" } }],
    ["response.content.text", { content: { text: 7 } }],
    ["response.headers[0]", { response: { headers: [{ name: "set-cookie", value: "a=1; Path=/, b=2" }] } }],
    ["_webSocketMessages[0].type", { entry: { _webSocketMessages: [{ time: 1, opcode: 1, data: "" }] } }],
    ["_webSocketMessages[0]", { entry: { _webSocketMessages: [null] } }],
  ])("%s: %j is read, said, and refused by strict", (path, change) => {
    const { repairs, exchange } = imported(entry(change));
    expect(repairs.map((repair) => repair.path)).toEqual([path]);
    expect(exchangeSchema.safeParse(exchange).error).toBeUndefined();
    expect(() => imported(entry(change), true)).toThrow(
      expect.objectContaining({
        code: "HAR_INVALID",
        message: expect.stringContaining(`entry 1, ${path}: `),
      }),
    );
  });

  it.each([
    [null, /null/],
    [[], /a list/],
    [{}, /request is missing/],
    [{ request: {} }, /url is missing/],
    [{ request: { url: "a/b" } }, /not absolute/],
  ])("%j is skipped", (value, why) => {
    const context = { number: 9, seq: 1, createId, texts: new Map() };
    expect(fromEntry(value, { ...context, strict: false })).toMatchObject({
      kind: "skipped",
      number: 9,
      why,
    });
    expect(() => fromEntry(value, { ...context, strict: true })).toThrow(/entry 9/);
  });
});

describe("oddities that need no repair", () => {
  it.each([
    ["http/2.0", "HTTP/2.0"],
    ["h2", "HTTP/2.0"],
    ["HTTP/2", "HTTP/2.0"],
    ["h3", "HTTP/3.0"],
    ["http/2+quic/46", "HTTP/3.0"],
    ["HTTP/1.0", "HTTP/1.0"],
    ["unknown", "HTTP/1.1"],
    ["", "HTTP/1.1"],
  ])("version %s", (text, version) => {
    expect(imported(entry({ request: { httpVersion: text } }), true).exchange.request.httpVersion).toBe(
      version,
    );
  });

  it("pseudo-fields of HTTP/2 become method, target and authority", () => {
    const headers = [
      { name: ":method", value: "GET" },
      { name: ":authority", value: "example.com" },
      { name: ":scheme", value: "https" },
      { name: ":path", value: "/a?b=1" },
      { name: "accept", value: "*/*" },
    ];
    const { request } = imported(entry({ request: { headers, httpVersion: "h2" } }), true).exchange;
    expect(request).toMatchObject({ authority: "example.com", headers: [["accept", "*/*"]] });
  });

  it("what browsers call a failure has our code", () => {
    const failed = (response: object) =>
      imported(entry({ response: { status: 0, ...response } }), true).exchange;
    expect(failed({ _error: "net::ERR_NAME_NOT_RESOLVED" }).error?.code).toBe("dns-failed");
    expect(failed({ _failureText: "net::ERR_ABORTED" }).error?.code).toBe("client-closed");
    expect(failed({ _blockedReason: "NS_ERROR_TRACKING_URI" }).error?.code).toBe("unknown");
    expect(failed({ status: -1 })).toMatchObject({ error: { code: "unknown" } });
    expect(failed({}).kind === "http" && "response" in failed({})).toBe(false);
  });

  it("Firefox counts ssl beside connect, and plain HTTP has none", () => {
    const timings = { connect: 30, ssl: 14, send: 0, wait: 5, receive: 1 };
    expect(imported(entry({ entry: { time: 50 }, timings })).exchange.timings.connect).toBe(44);
    expect(imported(entry({ entry: { time: 36 }, timings })).exchange.timings.connect).toBe(30);
    const plain = entry({ entry: { time: 36 }, timings, request: { url: "http://h/" } });
    expect(imported(plain).exchange.timings).toMatchObject({ connect: 30, ssl: -1 });
  });

  it("a body that its HAR keeps decoded is marked so", () => {
    const body = (change: Parameters<typeof entry>[0]) => {
      const exchange = whole(imported(entry(change), true));
      return exchange.kind === "tunnel" ? undefined : exchange.response?.body;
    };
    expect(body({})).not.toHaveProperty("decoded");
    expect(body({ response: { headers: [gzip], bodySize: 22 } })).toEqual({
      ...{ kind: "text", text: "hi", size: 22, decoded: "content" },
    });
    // The charset's own bytes where they can be made again, else UTF-8.
    const latin = [type("text/plain; charset=iso-8859-1")];
    expect(body({ response: { headers: latin, bodySize: 4 }, content: { text: "café" } })).toEqual({
      ...{ kind: "base64", base64: "Y2Fm6Q==", size: 4 },
    });
    expect(body({ response: { headers: latin, bodySize: 3 }, content: { text: "日" } })).toMatchObject({
      ...{ kind: "text", text: "日", decoded: "text" },
    });
    const page = '<meta charset="shift_jis">日';
    expect(
      body({ response: { headers: [type("text/html")], bodySize: 30 }, content: { text: page } }),
    ).toMatchObject({
      ...{ text: page, decoded: "text" },
    });
    expect(body({ content: { text: undefined } })).toEqual({ kind: "omitted", size: 2 });
  });

  it("Playwright's messages are in milliseconds, Chrome's in seconds", () => {
    const messages = [1767323045700, 1767323045.7].map((time) => ({
      type: "send",
      time,
      opcode: 1,
      data: "a",
    }));
    const result = imported(entry({ entry: { _webSocketMessages: messages } }), true);
    expect(result.exchange.kind).toBe("websocket");
    expect(result.messages.map(({ time }) => time)).toEqual(Array(2).fill("2026-01-02T03:04:05.700Z"));
  });
});

describe("there and back", () => {
  it("unknown fields, comments and page references survive", () => {
    const odd = {
      ...entry({
        entry: {
          pageref: "p1",
          comment: "c",
          connection: "x",
          _initiator: { type: "other" },
          _own: [1],
          _none: null,
        },
        request: { _req: 1, comment: "r" },
        response: { _res: { a: 1 }, _transferSize: 999 },
        content: { _con: true, comment: "shortened" },
        timings: { _blocked_queueing: 0.5 },
      }),
      cache: { beforeRequest: { lastAccess: "2026-01-01T00:00:00Z", eTag: "x", hitCount: 1 } },
    };
    const result = imported(JSON.parse(JSON.stringify(odd)), true);
    const again = asJson(exportedAgain(result));
    const { _none: _, ...kept } = odd as Record<string, unknown>;
    expect(again).toMatchObject({
      ...kept,
      request: { ...ENTRY.request, httpVersion: "http/1.1", _req: 1 },
      response: expect.anything(),
    });
    expect(again.response).toMatchObject({ _res: { a: 1 }, _transferSize: 999 });
    expect(again).not.toHaveProperty("_none");
    expect(whole(imported(again))).toEqual({ ...whole(result), id: expect.anything() });
  });

  it("cookies of a sanitised file survive without their headers", () => {
    const cookies = [{ name: "a", value: "b", sameSite: "Lax" }];
    const again = asJson(
      exportedAgain(imported(entry({ request: { cookies }, response: { cookies } }), true)),
    );
    expect(again).toMatchObject({ request: { cookies }, response: { cookies } });
  });

  it("an exchange keeps all that a HAR can hold", () => {
    const token = fc
      .stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/)
      .filter(
        (name) =>
          !/^(?:set-cookie|host|upgrade|accept|content-.*|sec-fetch-dest|x-requested-with)$/i.test(name),
      );
    const value = fc
      .stringMatching(/^[!-~é日](?:[ -~é日]{0,9}[!-~é日])?$/)
      .map((text) => Buffer.from(text, "utf8").toString("latin1"));
    const ms = fc.integer({ min: 0, max: 100_000 }).map((each) => each / 8);
    const phase = fc.oneof(fc.constant(-1), ms);
    const timings = fc
      .record({ blocked: phase, dns: phase, connect: phase, ssl: phase, send: ms, wait: ms, receive: ms })
      .map((each) => ({ ...each, ssl: Math.min(each.ssl, each.connect) }));
    const body = fc.oneof(
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
      fc.uint8Array().map((each) => Buffer.from(each)),
    );
    const types = fc.constantFrom(
      "text/html; charset=utf-8",
      "application/json",
      "image/png",
      "text/plain; charset=shift_jis",
      "application/octet-stream",
    );
    const versions = fc.constantFrom("HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0");
    fc.assert(
      fc.property(
        fc.record({
          headers: fc.array(fc.tuple(token, value)),
          timings,
          request: body,
          response: body,
          type: types,
          version: versions,
        }),
        fc.integer({ min: 100, max: 999 }).filter((each) => each !== 304),
        ({ headers, timings, request, response, type, version }, status) => {
          const h2 = version === "HTTP/2.0" || version === "HTTP/3.0";
          const sent = h2 ? { authority: "example.com" } : {};
          const one = changed(
            {
              method: "POST",
              httpVersion: version,
              headers: [...headers, ["Content-Type", type]],
              body: { kind: "empty", size: request.length },
              ...sent,
            },
            {
              status,
              httpVersion: version,
              headers: [...headers, ["Content-Type", type]],
              body: { kind: "empty", size: response.length },
            },
          );
          const { client: _, ...exchange } = { ...one, timings, duration: total(timings) };
          const server = { ...exchange.server!, reused: timings.connect < 0 };
          const item = itemOf({ ...exchange, server }, content(request), content(response));
          const result = imported(asJson(item), true);
          expect(result.exchange).toEqual({
            ...exchange,
            server,
            id: expect.anything(),
            request: { ...exchange.request, body: { kind: "empty", size: 0 } },
            response: { ...exchange.response, body: { kind: "empty", size: 0 } },
          });
          expect(result.requestBody.data ?? Buffer.alloc(0)).toEqual(request);
          expect(result.responseBody.data ?? Buffer.alloc(0)).toEqual(response);
          expect(whole(result)).not.toHaveProperty("request.body.decoded");
        },
      ),
      { numRuns: 300 },
    );
  });

  it("server-sent events keep their times", () => {
    const text = "data: a\n\ndata: b\n\n";
    const chunks: [number, number][] = [
      [10, 9],
      [25, 9],
    ];
    const exchange = changed(
      {},
      {
        headers: [["Content-Type", "text/event-stream"]],
        body: { kind: "empty", size: text.length, chunks },
      },
    );
    const result = imported(asJson(itemOf(exchange, undefined, content(text))), true);
    expect(result.responseBody.chunks).toEqual(chunks);
    expect(result.exchange.har).toBeUndefined();
  });
});

function total({ blocked, dns, connect, send, wait, receive }: Record<string, number>): number {
  return [blocked, dns, connect, send, wait, receive].reduce<number>(
    (sum, each) => sum + Math.max(each ?? 0, 0),
    0,
  );
}

describe("hostile entries", () => {
  const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? "null");
  const evil = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(
      1e308,
      -1e308,
      Number.MAX_SAFE_INTEGER,
      "9".repeat(400),
      "\r\nX: y",
      "\0",
      "",
      [],
      {},
      null,
      true,
    ),
    fc.constant(JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2}')),
  );
  const paths = [
    ...[
      "startedDateTime",
      "time",
      "request",
      "response",
      "cache",
      "timings",
      "serverIPAddress",
      "connection",
    ],
    ...[
      "pageref",
      "comment",
      "__proto__",
      "_webSocketMessages",
      "_eventSourceMessages",
      "_connectionId",
      "_serverPort",
    ],
    ...[
      "request.method",
      "request.url",
      "request.httpVersion",
      "request.cookies",
      "request.headers",
      "request.queryString",
    ],
    ...[
      "request.postData",
      "request.headersSize",
      "request.bodySize",
      "request.__proto__",
      "request._content",
    ],
    ...["response.status", "response.statusText", "response.headers", "response.cookies", "response.content"],
    ...[
      "response.bodySize",
      "response.headersSize",
      "response._error",
      "response._transferSize",
      "response.__proto__",
    ],
    ...[
      "response.content.text",
      "response.content.encoding",
      "response.content.size",
      "response.content._file",
    ],
    ...[
      "response.content.mimeType",
      "response.content.comment",
      "timings.wait",
      "timings.ssl",
      "timings.connect",
    ],
  ];

  it("never throw in lenient mode; what comes of them is a line of a session, and an entry that is HAR 1.2", async () => {
    const changes = fc.array(fc.tuple(fc.constantFrom(...paths), evil), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        const value: unknown = JSON.parse(JSON.stringify(ENTRY));
        for (const [path, change] of all) put(value, path.split("."), json(change));
        const context = { number: 1, strict: false, seq: 1, createId, texts: new Map() };
        const result = fromEntry(value, context);
        if (result.kind === "skipped") return;
        expect(exchangeSchema.safeParse(json(whole(result))).error).toBeUndefined();
        const again = asJson(exportedAgain(result));
        expect(fromEntry(again, context).kind).toBe("exchange");
        expect((await validateEntry(again, 1)).filter(({ rule }) => rule === "schema")).toEqual([]);
        expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      }),
      { numRuns: 1500 },
    );
  });

  it("of any JSON at all never throw", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fromEntry(value, { number: 1, strict: false, seq: 1, createId, texts: new Map() });
        fromEntry(
          { request: value, response: value },
          { number: 1, strict: false, seq: 1, createId, texts: new Map() },
        );
        fromEntry(
          {
            request: { url: "http://h/", headers: value, postData: value },
            response: { status: 200, content: value, headers: value },
          },
          { number: 1, strict: false, seq: 1, createId, texts: new Map() },
        );
      }),
      { numRuns: 500 },
    );
  });

  it("a client that was never there is none, and the server none where its address is no address", () => {
    const { exchange } = imported(entry({ entry: { serverIPAddress: "host" } }));
    expect(exchange).not.toHaveProperty("client");
    expect(exchange).not.toHaveProperty("server");
    expect(httpExchange()).toHaveProperty("client");
  });
});

function put(target: unknown, path: readonly string[], value: unknown): void {
  const [key = "", ...rest] = path;
  if (typeof target !== "object" || target === null) return;
  if (rest.length > 0) put(Reflect.get(target, key), rest, value);
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
