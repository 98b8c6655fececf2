// An exchange as an entry: each fact that DevTools, Playwright and the others need, and HAR 1.2's schema over all of it.
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { WebSocketExchange } from "../../src/exchange/exchange.js";
import { entryOf } from "../../src/har/to-entry.js";
import { validateEntry } from "../../src/har/validate.js";
import { asJson, changed, content, httpExchange, itemOf } from "./support.js";

const UTF8 = "Grüße 𝄞";

describe("an entry", () => {
  it("of an ordinary exchange holds everything", () => {
    const exchange = changed({}, { headers: [["Content-Type", "text/plain; charset=utf-8"]] });
    expect(asJson(itemOf(exchange, undefined, content(UTF8)))).toEqual({
      startedDateTime: "2026-01-02T03:04:05.678Z",
      time: 61.5,
      request: {
        method: "GET",
        url: "https://example.com/a?b=c%20d&e=",
        httpVersion: "http/1.1",
        cookies: [
          { name: "a", value: "1" },
          { name: "b", value: "two" },
        ],
        headers: [
          { name: "Host", value: "example.com" },
          { name: "Cookie", value: "a=1; b=two" },
        ],
        queryString: [
          { name: "b", value: "c d" },
          { name: "e", value: "" },
        ],
        headersSize: 70,
        bodySize: 0,
      },
      response: {
        status: 200,
        statusText: "OK",
        httpVersion: "http/1.1",
        cookies: [],
        headers: [{ name: "Content-Type", value: "text/plain; charset=utf-8" }],
        content: { size: 12, compression: 12, mimeType: "text/plain; charset=utf-8", text: UTF8 },
        redirectURL: "",
        headersSize: 45,
        bodySize: 0,
        _transferSize: 45,
      },
      cache: {},
      timings: { blocked: 1, dns: 10.25, connect: 20, ssl: 12, send: 0.25, wait: 29, receive: 1 },
      serverIPAddress: "192.0.2.1",
      connection: "443",
      _connectionId: "7",
      _resourceType: "other",
    });
  });

  it("of one that failed is complete, with status 0 and the reason", () => {
    const { response: _, ...rest } = httpExchange({
      error: { code: "dns-failed", message: "no such host" },
      timings: { blocked: -1, dns: 3, connect: -1, ssl: -1, send: -1, wait: -1, receive: -1 },
    });
    const entry = asJson(itemOf(rest));
    expect(entry.response).toEqual({
      status: 0,
      statusText: "",
      httpVersion: "unknown",
      cookies: [],
      headers: [],
      content: { size: 0, mimeType: "x-unknown" },
      redirectURL: "",
      headersSize: -1,
      bodySize: -1,
      _transferSize: 0,
      _error: "dns-failed: no such host",
    });
    expect(entry.timings).toMatchObject({ send: 0, wait: 0, receive: 0 });
    expect(entry.time).toBe(3);
  });

  it("of HTTP/2 is named as Chrome names it, with the pseudo-fields and a transfer size", () => {
    const exchange = changed(
      { httpVersion: "HTTP/2.0", authority: "example.com", headersSize: -1, headers: [["accept", "*/*"]] },
      { httpVersion: "HTTP/2.0", headersSize: -1, body: { kind: "text", size: 5, text: "hello" } },
    );
    const { request, response } = itemOf(exchange, undefined, content("hello")).entry;
    expect(request.httpVersion).toBe("http/2.0");
    expect(request.headers.map(({ name, value }) => `${name} ${value}`)).toEqual([
      ":authority example.com",
      ":method GET",
      ":path /a?b=c%20d&e=",
      ":scheme https",
      "accept */*",
    ]);
    expect(response).toMatchObject({ httpVersion: "http/2.0", headersSize: -1, _transferSize: 5 });
  });

  it("under way says so", () => {
    const source = { exchange: httpExchange(), requestContent: {}, responseContent: {} };
    expect(entryOf({ ...source, open: true }).entry.comment).toMatch(/under way/);
    expect(entryOf({ ...source, open: false }).entry.comment).toBeUndefined();
  });
});

describe("sizes", () => {
  const body = gzipSync("a".repeat(1000));
  const headers: [string, string][] = [
    ["Content-Type", "text/plain"],
    ["Content-Encoding", "gzip"],
  ];
  it("are decoded bytes in content.size and those of the wire in bodySize", () => {
    const exchange = changed({}, { headers, body: { kind: "base64", size: body.length, base64: "" } });
    const { response } = itemOf(exchange, undefined, content("a".repeat(1000))).entry;
    expect(response.content).toMatchObject({ size: 1000, compression: 1000 - body.length });
    expect(response).toMatchObject({ bodySize: body.length, _transferSize: 45 + body.length });
  });

  it("of a 304 are 0 on the wire", () => {
    const { response } = itemOf(changed({}, { status: 304, headers }), undefined, content("")).entry;
    expect(response).toMatchObject({ bodySize: 0, content: { size: 0 } });
    expect(response.content.compression).toBeUndefined();
  });

  it("of a body that is missing are said where they are known", () => {
    const omitted = { kind: "omitted", size: 80 } as const;
    const plain = itemOf(changed({}, { body: omitted }), undefined, { missing: "not recorded" });
    expect(plain.entry.response.content).toEqual({
      size: 80,
      mimeType: "text/plain",
      comment: "not recorded",
    });
    const coded = itemOf(changed({}, { body: omitted, headers }), undefined, { missing: "not recorded" });
    expect(coded.entry.response.content).toMatchObject({
      size: 0,
      comment: "not recorded; its decoded size is not known",
    });
  });

  it("a truncated body is marked, in requests too", () => {
    const truncated = { kind: "text", size: 9, text: "abc", truncated: "max-body" } as const;
    const exchange = changed({ method: "POST", body: truncated }, { body: truncated });
    const { request, response } = itemOf(exchange, content("abc"), content("abc")).entry;
    const comment = "truncated (max-body): --max-body, 9 bytes had passed";
    expect(response.content.comment).toBe(comment);
    expect(request.postData?.comment).toBe(comment);
  });
});

describe("text or base64", () => {
  it.each([
    ["text/html; charset=utf-8", Buffer.from(UTF8), { text: UTF8 }],
    ["application/json", Buffer.from('{"a":1}'), { text: '{"a":1}' }],
    ["text/plain", Buffer.from(`\ufeff${UTF8}`), { text: `\ufeff${UTF8}` }],
    ["", Buffer.from("plain"), { text: "plain" }],
    ["image/svg+xml", Buffer.from("<svg/>"), { text: "<svg/>" }],
    ["image/png", Buffer.from("89504e470d0a", "hex"), { text: "iVBORw0K", encoding: "base64" }],
    ["image/png", Buffer.from("plain"), { text: "cGxhaW4=", encoding: "base64" }],
    ["application/octet-stream", Buffer.from([0, 1]), { text: "AAE=", encoding: "base64" }],
    // Replayed as UTF-8, it would not be what its header says.
    [
      "text/plain; charset=shift_jis",
      Buffer.from("93fa967b", "hex"),
      { text: "k/qWew==", encoding: "base64" },
    ],
    [
      "text/plain; charset=iso-8859-1",
      Buffer.from("caf\xe9", "latin1"),
      { text: "Y2Fm6Q==", encoding: "base64" },
    ],
    ["text/plain; charset=iso-8859-1", Buffer.from("cafe"), { text: "cafe" }],
    ["text/plain; charset=utf-16", Buffer.from("a", "utf16le"), { text: "YQA=", encoding: "base64" }],
    ["text/plain", Buffer.from([0xc3]), { text: "ww==", encoding: "base64" }],
  ])("%s %o", (type, bytes, expected) => {
    const typed = type === "" ? [] : ([["Content-Type", type]] as const);
    const { entry } = itemOf(
      changed({ method: "POST", headers: typed, body: { kind: "empty", size: 1 } }, { headers: typed }),
      content(bytes),
      content(bytes),
    );
    expect(entry.response.content).toMatchObject(expected);
    expect(entry.response.content.encoding).toBe("encoding" in expected ? expected.encoding : undefined);
    expect(entry.request.postData).toMatchObject(expected);
    expect(entry.response.content.size).toBe(bytes.length);
  });

  it("imported text is written as text, whatever its charset", () => {
    const headers: [string, string][] = [["Content-Type", "text/plain; charset=x-unheard-of"]];
    const { response } = itemOf(changed({}, { headers }), undefined, content(UTF8, { utf8: true })).entry;
    expect(response.content).toMatchObject({ text: UTF8 });
  });
});

describe("post data", () => {
  const post = (type: string, text: string | Buffer) => {
    const body = { kind: "empty", size: Buffer.byteLength(text) } as const;
    return itemOf(changed({ method: "POST", headers: [["Content-Type", type]], body }), content(text)).entry
      .request.postData;
  };
  it("of a form has text and params that agree", () => {
    expect(post("application/x-www-form-urlencoded", "a=b+c&d=%C3%A9&e")).toEqual({
      mimeType: "application/x-www-form-urlencoded",
      text: "a=b+c&d=%C3%A9&e",
      params: [
        { name: "a", value: "b c" },
        { name: "d", value: "é" },
        { name: "e", value: "" },
      ],
    });
  });

  it("of an upload names its files and keeps its bytes", () => {
    const text = Buffer.concat([
      Buffer.from('--x\r\nContent-Disposition: form-data; name="t"\r\n\r\nünï\r\n--x\r\n'),
      Buffer.from('Content-Disposition: form-data; name="f"; filename="a.bin"\r\nContent-Type: a/b\r\n\r\n'),
      Buffer.from([0, 255]),
      Buffer.from("\r\n--x--\r\n"),
    ]);
    expect(post("multipart/form-data; boundary=x", text)).toEqual({
      mimeType: "multipart/form-data; boundary=x",
      text: text.toString("base64"),
      encoding: "base64",
      params: [
        { name: "t", value: "ünï" },
        { name: "f", fileName: "a.bin", contentType: "a/b" },
      ],
    });
  });

  it("has a text even where the body was not kept; a request without a body has none", () => {
    const body = { kind: "omitted", size: 3 } as const;
    const kept = itemOf(changed({ method: "POST", body }), { missing: "not recorded" }).entry.request
      .postData;
    expect(kept).toEqual({ mimeType: "", text: "", comment: "not recorded" });
    expect(itemOf(changed({ method: "POST" })).entry.request.postData).toBeUndefined();
  });
});

describe("headers and cookies", () => {
  it("each Set-Cookie is a header and a cookie with its attributes", () => {
    const { response } = itemOf(
      changed(
        {},
        {
          headers: [
            ["Set-Cookie", "a=1; path=/x; domain=.example.com; HTTPONLY; Secure; samesite=lax"],
            ["set-cookie", "b=2; Max-Age=60; Expires=Thu, 01 Jan 2032 00:00:00 GMT"],
            ["Set-Cookie", "c=3; expires=Thu, 01 Jan 2032 00:00:00 GMT"],
          ],
        },
      ),
    ).entry;
    expect(response.headers).toHaveLength(3);
    expect(response.cookies).toEqual([
      {
        name: "a",
        value: "1",
        path: "/x",
        domain: ".example.com",
        httpOnly: true,
        secure: true,
        sameSite: "Lax",
      },
      // Received 60 ms after the start: dns, connect, send and wait.
      { name: "b", value: "2", expires: "2026-01-02T03:05:05.738Z", httpOnly: false, secure: false },
      { name: "c", value: "3", expires: "2032-01-01T00:00:00.000Z", httpOnly: false, secure: false },
    ]);
  });

  it("crumbs of HTTP/2 are one list", () => {
    const headers = [
      ["cookie", "a=1"],
      ["cookie", "b=2; c=3"],
    ] as const;
    expect(itemOf(changed({ headers })).entry.request.cookies).toHaveLength(3);
  });

  it("values are UTF-8 where their bytes are, else latin-1", () => {
    const headers = [
      ["X-Utf8", Buffer.from("né", "utf8").toString("latin1")],
      ["X-Latin", "n\xe9"],
    ] as const;
    const { response } = itemOf(changed({}, { headers, reason: "d\xe9j\xe0" })).entry;
    expect(response.headers.map(({ value }) => value)).toEqual(["né", "né"]);
    expect(response.statusText).toBe("déjà");
  });

  it("a URL has nothing in it that a reader refuses", () => {
    expect(itemOf(changed({ url: "http://h/a b\xc3\xa9|{}#top" })).entry.request.url).toBe(
      "http://h/a%20b%C3%A9|{}",
    );
  });

  it("a redirect names its target", () => {
    const { response } = itemOf(changed({}, { status: 302, headers: [["LOCATION", "/next"]] })).entry;
    expect(response.redirectURL).toBe("/next");
  });
});

describe("_resourceType", () => {
  it.each([
    [[["Sec-Fetch-Dest", "document"]], "application/json", "document"],
    [[["Sec-Fetch-Dest", "iframe"]], "text/html", "document"],
    [[["Sec-Fetch-Dest", "style"]], "", "stylesheet"],
    [[["Sec-Fetch-Dest", "serviceworker"]], "", "script"],
    [[["Sec-Fetch-Dest", "track"]], "", "media"],
    [[["Sec-Fetch-Dest", "empty"]], "text/html", "fetch"],
    [[["Sec-Fetch-Dest", "manifest"]], "application/json", "other"],
    [[["Sec-Fetch-Dest", "empty"]], "text/event-stream", "eventsource"],
    [[["X-Requested-With", "XMLHttpRequest"]], "application/json", "xhr"],
    [[["Accept", "text/event-stream"]], "", "eventsource"],
    [[], "text/html; charset=utf-8", "document"],
    [[], "text/css", "stylesheet"],
    [[], "application/javascript", "script"],
    [[], "image/svg+xml", "image"],
    [[], "font/woff2", "font"],
    [[], "application/font-woff", "font"],
    [[], "video/mp4", "media"],
    [[], "application/vnd.api+json", "fetch"],
    [[], "application/grpc+proto", "fetch"],
    [[], "text/plain", "other"],
    [[], "", "other"],
  ] as const)("%j %s: %s", (headers, type, expected) => {
    const exchange = changed({ headers }, { headers: type === "" ? [] : [["Content-Type", type]] });
    expect(itemOf(exchange).entry._resourceType).toBe(expected);
  });
});

describe("streams of messages", () => {
  it("of a WebSocket are in seconds, text or base64", () => {
    const { kind: _, ...base } = changed(
      { url: "https://example.com/live" },
      { status: 101, headers: [["Upgrade", "websocket"]] },
    );
    const exchange: WebSocketExchange = {
      ...base,
      kind: "websocket",
      response: base.response!,
      messageCount: 2,
    };
    const message = (opcode: number, bytes: Buffer | null, seq: number) => ({
      message: {
        exchange: exchange.id,
        seq,
        time: "2026-01-02T03:04:06.250Z",
        direction: "send" as const,
        opcode,
        body: { kind: "empty" as const, size: 0 },
      },
      bytes,
    });
    const { entry } = entryWith(exchange, [
      message(1, Buffer.from(UTF8), 1),
      message(2, Buffer.from([0, 255]), 2),
      message(1, null, 3),
    ]);
    expect(entry.request.url).toBe("wss://example.com/live");
    expect(entry._resourceType).toBe("websocket");
    const time = Date.parse("2026-01-02T03:04:06.250Z") / 1000;
    expect(entry._webSocketMessages).toEqual([
      { type: "send", time, opcode: 1, data: UTF8 },
      { type: "send", time, opcode: 2, data: "AP8=" },
      { type: "send", time, opcode: 1, data: "", comment: "not recorded" },
    ]);
  });

  it("of server-sent events have the times of their pieces, and the bare type", () => {
    const text = "id: 1\ndata: a\n\nevent: x\ndata: b\n\ndata: cut";
    const chunks = [
      [10, 10],
      [20.4, 8],
      [30, 100],
    ] as const;
    const exchange = changed(
      {},
      {
        headers: [["Content-Type", "text/event-stream; charset=utf-8"]],
        body: { kind: "text", size: text.length, text, chunks },
      },
    );
    const { entry } = itemOf(exchange, undefined, content(text));
    const start = Date.parse(exchange.startedAt);
    expect(entry.response.content.mimeType).toBe("text/event-stream");
    expect(entry._eventSourceMessages).toEqual([
      { time: Math.round(start + 20.4) / 1000, eventName: "message", eventId: "1", data: "a" },
      { time: (start + 30) / 1000, eventName: "x", eventId: "1", data: "b" },
    ]);
  });
});

function entryWith(
  exchange: WebSocketExchange,
  messages: Parameters<typeof entryOf>[0]["messages"] & object,
): ReturnType<typeof entryOf> {
  return entryOf({ exchange, open: true, requestContent: {}, responseContent: {}, messages });
}

describe("har-validator and our rules", () => {
  it.each([
    ["an ordinary one", httpExchange(), "x"],
    [
      "IPv6 with a zone",
      httpExchange({ server: { ...httpExchange().server!, address: "fe80::1%eth0" } }),
      "",
    ],
    ["a name for an address", httpExchange({ server: { ...httpExchange().server!, address: "host" } }), ""],
    ["strange URLs", changed({ url: "http://h:1/ \u0001\xff?q" }), "x"],
    ["gzip", changed({}, { headers: [["Content-Encoding", "gzip"]] }), "x"],
    ["ssl beyond connect", httpExchange({ timings: { ...httpExchange().timings, ssl: 99 } }), ""],
  ])("accept %s", async (_, exchange, text) => {
    const entry = asJson(itemOf(exchange, content(text), content(text)));
    expect(await validateEntry(entry, 1)).toEqual([]);
  });
});
