// What each action makes of a message.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RawHeaders } from "../../src/exchange/headers.js";
import { beginExchange } from "../../src/rules/ruled-exchange.js";
import { acting, json, request, response, rules, surroundings, tempFolder, trial } from "./support.js";

const bytes = (body: unknown): Buffer => {
  if (!Buffer.isBuffer(body)) throw new Error("no bytes");
  return body;
};

describe("respond", () => {
  test.each([
    [{ status: 204 }, 204, "No Content", [], ""],
    [{}, 200, "OK", [["Content-Length", "0"]], ""],
    [
      { text: "thé" },
      200,
      "OK",
      [
        ["Content-Type", "text/plain; charset=utf-8"],
        ["Content-Length", "4"],
      ],
      "thé",
    ],
    [
      { status: 500, reason: "Oh", json: null },
      500,
      "Oh",
      [
        ["Content-Type", "application/json"],
        ["Content-Length", "4"],
      ],
      "null",
    ],
    [
      { headers: { "set-cookie": ["a=1", "b=2"], "x-id": "{{request.query.page}}" }, base64: "AAE=" },
      200,
      "OK",
      [
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["x-id", "2"],
        ["Content-Length", "2"],
      ],
      "\0\x01",
    ],
    [
      { text: '{"page":"{{request.query.page}}"}', headers: { "content-type": "application/problem+json" } },
      200,
      "OK",
      [
        ["content-type", "application/problem+json"],
        ["Content-Length", "12"],
      ],
      '{"page":"2"}',
    ],
    [
      { text: "{{x}}", template: false },
      200,
      "OK",
      [
        ["Content-Type", "text/plain; charset=utf-8"],
        ["Content-Length", "5"],
      ],
      "{{x}}",
    ],
  ])("%j", async (settings, status, reason, headers, body) => {
    const { effect } = await trial(await acting({ respond: settings }));
    expect(effect.response).toEqual({ status, reason, headers, body: Buffer.from(body) });
    expect(effect.request).toBeUndefined();
  });

  test("a file as it is when the rules were loaded, as a template where that is said", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "a.json"), '{"m":"{{request.method}}"}');
    const plain = await trial(await acting({ respond: { file: "a.json" } }, folder));
    expect(bytes(plain.effect.response?.body).toString()).toBe('{"m":"{{request.method}}"}');
    expect(plain.effect.response?.headers).toContainEqual(["Content-Type", "application/json"]);
    const set = await acting({ respond: { file: "a.json", template: true } }, folder);
    expect(set.files).toEqual([join(folder, "a.json")]);
    expect(bytes((await trial(set)).effect.response?.body).toString()).toBe('{"m":"GET"}');
  });

  test("values keep their types where they are the whole of a JSON value", async () => {
    const settings = {
      json: { id: "{{request.json.id|json}}", name: "x{{request.json.name}}", n: [1, true] },
    };
    const { headers, body } = json({ id: 7, name: 'a"b' });
    const input = { request: request({ method: "POST", headers }), requestBody: body };
    const { effect } = await trial(await acting({ respond: settings }), input);
    expect(JSON.parse(bytes(effect.response?.body).toString())).toEqual({
      id: 7,
      name: 'xa"b',
      n: [1, true],
    });
  });

  test("in the charset that it names", async () => {
    const settings = { text: "thé", headers: { "content-type": "text/plain; charset=iso-8859-1" } };
    const { effect } = await trial(await acting({ respond: settings }));
    expect(bytes(effect.response?.body).toString("latin1")).toBe("thé");
  });

  test("waits", async () => {
    const { effect } = await trial(
      await acting([{ respond: { delay: "100ms..200ms" } }, { delay: 5 }]),
      {},
      surroundings([0.5]),
    );
    expect(effect.delayMs).toBe(155);
  });
});

describe("set-request and set-response", () => {
  test.each([
    [
      { set: { COOKIE: "c" } },
      [
        ["A", "1"],
        ["Cookie", "c"],
        ["B", "2"],
      ],
    ],
    [
      { set: { new: ["x", "y"] } },
      [
        ["A", "1"],
        ["Cookie", "a"],
        ["B", "2"],
        ["cookie", "b"],
        ["new", "x"],
        ["new", "y"],
      ],
    ],
    [
      { append: { a: "2" } },
      [
        ["A", "1"],
        ["Cookie", "a"],
        ["B", "2"],
        ["cookie", "b"],
        ["a", "2"],
      ],
    ],
    [
      { remove: ["c*", "nope"] },
      [
        ["A", "1"],
        ["B", "2"],
      ],
    ],
    [
      { remove: ["a"], set: { a: "3" } },
      [
        ["Cookie", "a"],
        ["B", "2"],
        ["cookie", "b"],
        ["a", "3"],
      ],
    ],
    [
      { set: { b: "é\u{1f600}" } },
      [
        ["A", "1"],
        ["Cookie", "a"],
        ["B", "\xc3\xa9\xf0\x9f\x98\x80"],
        ["cookie", "b"],
      ],
    ],
    [
      { set: { b: "{{request.query.page}}" } },
      [
        ["A", "1"],
        ["Cookie", "a"],
        ["B", "2"],
        ["cookie", "b"],
      ],
    ],
  ])("headers: %j", async (edits, expected) => {
    const headers: RawHeaders = [
      ["A", "1"],
      ["Cookie", "a"],
      ["B", "2"],
      ["cookie", "b"],
    ];
    const sent = await trial(await acting({ "set-request": { headers: edits } }), {
      request: request({ headers }),
    });
    expect(sent.effect.request).toEqual({ headers: expected });
    const came = { head: response({ headers }), body: Buffer.alloc(0) };
    const received = await trial(await acting({ "set-response": { headers: edits } }), { response: came });
    expect(received.effect.response).toEqual({ headers: expected });
  });

  test("HTTP/2 has names in lower case", async () => {
    const sent = request({ httpVersion: "HTTP/2.0", headers: [] });
    const set = await acting({
      "set-request": { headers: { set: { "X-Id": "1" }, append: { "X-B": "2" } } },
    });
    const { effect } = await trial(set, { request: sent });
    expect(effect.request?.headers).toEqual([
      ["x-id", "1"],
      ["x-b", "2"],
    ]);
  });

  test.each([
    ["https://a.test/?a=1&b=2&a=3", { set: { a: "x y" } }, "https://a.test/?a=x%20y&b=2"],
    ["https://a.test/", { set: { a: [1, 2] } }, "https://a.test/?a=1&a=2"],
    ["https://a.test/?%61=1&b", { append: { a: "&" } }, "https://a.test/?%61=1&b&a=%26"],
    ["https://a.test/?utm_a=1&b=%zz&utm_b", { remove: ["utm_*"] }, "https://a.test/?b=%zz"],
    ["https://a.test/?a=1", { remove: ["a"] }, "https://a.test/"],
    ["https://a.test/?a=1", { remove: ["b"] }, undefined],
  ])("query: %s %j", async (url, edits, expected) => {
    const { effect } = await trial(await acting({ "set-request": { query: edits } }), {
      request: request({ url }),
    });
    expect(effect.request?.url).toBe(expected);
  });

  test.each([
    [
      { "edit-json": { set: { "/a": "{{request.method}}", "/b/c": [1] } } },
      '{"a":"GET","list":[],"b":{"c":[1]}}',
    ],
    [{ "edit-json": { append: { "/list": { x: 1 } }, remove: ["/a"] } }, '{"list":[{"x":1}]}'],
    [{ replace: { find: '"a"', with: '"$1"' } }, '{"$1":1,"list":[]}'],
    [{ replace: [{ find: '/"(\\w)":/', with: '"$1$1":' }] }, '{"aa":1,"list":[]}'],
    [{ body: { json: { z: 1 } } }, '{"z":1}'],
    [{ body: { text: "{{request.query.page}}" } }, "2"],
  ])("body: %j", async (edits, expected) => {
    const { headers, body } = json({ a: 1, list: [] });
    const came = { head: response({ headers: [...headers, ["Content-Length", String(body.length)]] }), body };
    const { effect } = await trial(await acting({ "set-response": edits }), { response: came });
    expect(bytes(effect.response?.body).toString()).toBe(expected);
    expect(effect.response?.headers).toEqual([...headers, ["Content-Length", String(expected.length)]]);
  });

  test("what a JSON edit does not name stays as it was written", async () => {
    const body = Buffer.from('\ufeff{ "n": 1.0, "big": 12345678901234567890, "e": 1e400, "d": 1, "d": 2 }\n');
    const came = { head: response({ headers: [["Content-Type", "application/json"]] }), body };
    const set = await rules(
      "rules:\n- {name: a, actions: {set-response: {edit-json: {set: {/new: [2.0, -0, 1E3, {x: y}]}, remove: [/n]}}}}",
    );
    const { effect } = await trial(set, { response: came });
    expect(bytes(effect.response?.body).toString()).toBe(
      '\ufeff{ "big": 12345678901234567890, "e": 1e400, "d": 1, "d": 2, "new": [2.0,-0,1E3,{"x":"y"}] }\n',
    );
  });

  test("numbers of a rule file stay as they stand there", async () => {
    const set = await rules(`rules:
- name: a
  match: ~m GET
  actions:
    respond:
      headers: {x-version: 1.0, x-zip: 01234, x-list: [2.10, True]}
      json: {version: 1.0, id: 12345678901234567890, hex: 0x10}
- {name: b, match: ~m PUT, actions: {set-request: {query: {set: {v: 2.0}}}}}
`);
    const { effect } = await trial(set);
    expect(String(effect.response?.body)).toBe('{"version":1.0,"id":12345678901234567890,"hex":16}');
    expect(effect.response?.headers?.slice(0, 4)).toEqual([
      ["x-version", "1.0"],
      ["x-zip", "01234"],
      ["x-list", "2.10"],
      ["x-list", "True"],
    ]);
    const put = await trial(set, { request: request({ method: "PUT" }) });
    expect(put.effect.request?.url).toContain("v=2.0");
  });

  test("a text of an answer has the coding that its fields name; a file has it already", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "a.gz"), gzipSync("a file"));
    const headers = { "content-encoding": "gzip" };
    for (const [body, text] of [
      [{ text: "a text" }, "a text"],
      [{ json: [1] }, "[1]"],
      [{ file: "a.gz" }, "a file"],
      [{ base64: gzipSync("bytes").toString("base64") }, "bytes"],
    ] as const) {
      const { effect } = await trial(await acting({ respond: { headers, ...body } }, folder));
      const sent = bytes(effect.response?.body);
      expect(gunzipSync(sent).toString()).toBe(text);
      expect(effect.response?.headers).toContainEqual(["Content-Length", String(sent.length)]);
    }
    const odd = await trial(await acting({ respond: { headers: { "content-encoding": "x" }, text: "a" } }));
    expect(String(odd.effect.response?.body)).toBe("a");
  });

  test("content codings and charset stay, and what speaks of the old bytes goes", async () => {
    const text = Buffer.from("caf\xe9 tea", "latin1");
    const headers: RawHeaders = [
      ["content-type", "text/plain; charset=iso-8859-1"],
      ["content-encoding", "gzip"],
      ["etag", '"1"'],
      ["content-md5", "x"],
      ["digest", "x"],
      ["content-digest", "x"],
      ["repr-digest", "x"],
    ];
    const came = { head: response({ headers }), body: gzipSync(text) };
    const set = await acting({
      "set-response": { replace: { find: "tea", with: "thé" }, headers: { set: { digest: "mine" } } },
    });
    const { effect } = await trial(set, { response: came });
    expect(gunzipSync(bytes(effect.response?.body)).toString("latin1")).toBe("café thé");
    expect(effect.response?.headers).toEqual([headers[0], headers[1], ["digest", "mine"]]);
    expect(effect.notes).toContainEqual(expect.stringContaining("ETag was removed"));
  });

  test("a text that the charset can't hold makes it UTF-8", async () => {
    const headers: RawHeaders = [["content-type", "text/html; charset=iso-8859-1"]];
    const came = { head: response({ headers }), body: Buffer.from("x") };
    const set = await acting({ "set-response": { replace: { find: "x", with: "日本" } } });
    const { effect } = await trial(set, { response: came });
    expect(bytes(effect.response?.body).toString()).toBe("日本");
    expect(effect.response?.headers).toEqual([["content-type", "text/html; charset=utf-8"]]);
  });

  test.each([
    ["no text", [["content-type", "image/png"]], Buffer.from([0x89, 0xff]), "it is no text"],
    ["no JSON", [["content-type", "application/json"]], Buffer.from("{"), "it is no JSON"],
    ["cut gzip", [["content-encoding", "gzip"]], gzipSync("a long text").subarray(0, 12), "was not changed"],
    ["an unknown coding", [["content-encoding", "x"]], Buffer.from("{}"), "was not changed"],
    ["a place that is not there", [["content-type", "application/json"]], Buffer.from("{}"), "no such place"],
  ])("%s is left as it is, which is noted", async (_, headers, body, note) => {
    const came = { head: response({ headers: headers as unknown as RawHeaders }), body };
    const set = await acting({ "set-response": { "edit-json": { remove: ["/a"] } } });
    const { effect } = await trial(set, { response: came });
    expect(effect.response).toEqual({});
    expect(effect.notes.join()).toContain(note);
  });

  test("a body that is as it was goes as it came", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), async (array) => {
        const came = { head: response({ headers: [["etag", "1"]] }), body: Buffer.from(array) };
        const set = await acting({ "set-response": { replace: { find: "not in there", with: "x" } } });
        expect((await trial(set, { response: came })).effect.response).toEqual({});
      }),
      { numRuns: 30 },
    );
  });

  test("a regular expression that takes too long leaves the body", async () => {
    const came = {
      head: response({ headers: [["content-type", "text/plain"]] }),
      body: Buffer.from(`${"a".repeat(40_000)}!`),
    };
    const set = await acting({ "set-response": { replace: { find: "/(a+)+$/", with: "x" } } });
    const { effect } = await trial(set, { response: came });
    expect(effect.response).toEqual({});
    expect(effect.notes).toEqual([expect.stringContaining("took longer than 50 ms")]);
  });
});

describe("rewrite", () => {
  test.each([
    [
      { url: "https://*.example.com/orders/*" },
      { to: "http://localhost:3000/$1/$2" },
      "http://localhost:3000/api/42?page=2",
    ],
    [
      { url: "/^https:..(.+?)/orders/(\\d+)/" },
      { to: "http://x.test/?h=$1&id=$2" },
      "http://x.test/?h=api.example.com&id=42",
    ],
    [undefined, { host: "staging.test" }, "https://staging.test/orders/42?page=2"],
    [undefined, { port: 8443 }, "https://api.example.com:8443/orders/42?page=2"],
    [undefined, { scheme: "http" }, "http://api.example.com/orders/42?page=2"],
    [undefined, { path: "/v2" }, "https://api.example.com/v2?page=2"],
    [undefined, { path: "/v2?x=1" }, "https://api.example.com/v2?x=1"],
    [undefined, { from: "*/orders/*", path: "/o/$2" }, "https://api.example.com/o/42?page=2"],
    [undefined, { from: "*/nope/*", path: "/o/$2" }, undefined],
    [
      { url: "https://*" },
      { to: "http://x.test/$$/$0" },
      "http://x.test/$/https://api.example.com/orders/42?page=2",
    ],
  ])("%j %j", async (match, settings, url) => {
    const { effect } = await trial(await acting({ rewrite: settings }, undefined, match));
    expect(effect.request?.url).toBe(url);
  });

  test("Host follows, unless it is to stay", async () => {
    const moved = await trial(await acting({ rewrite: { to: "http://x.test:81/" } }));
    expect(moved.effect.request?.headers).toEqual([["Host", "x.test:81"]]);
    const kept = await trial(await acting({ rewrite: { to: "http://x.test:81/", "keep-host": true } }));
    expect(kept.effect.request?.headers).toBeUndefined();
  });

  test("a capture that makes no URL changes nothing", async () => {
    const set = await acting({ rewrite: { to: "http://$1/" } }, undefined, { url: "/page=(x?)/" });
    const { effect } = await trial(set);
    expect(effect.request).toEqual({});
    expect(effect.notes).toEqual([expect.stringContaining("that is no URL")]);
  });
});

test.each([
  [{ delay: "1s" }, { delayMs: 1000 }],
  [{ abort: "timeout" }, { abort: "timeout" }],
  [["abort"], { abort: "close" }],
  [["pause"], { pauses: ["request", "response"] }],
  [{ pause: "response" }, { pauses: ["response"] }],
  [["skip-recording"], { recorded: false }],
  [{ tag: ["a", "b", "a"] }, { tags: ["a", "b"] }],
])("%j", async (actions, effect) => {
  const came = { head: response(), body: Buffer.alloc(0) };
  expect((await trial(await acting(actions), { response: came })).effect).toMatchObject(effect);
});

test("throttle and redact reach those who carry them out", async () => {
  const set = await acting([
    { throttle: { down: "10KB/s" } },
    { throttle: { up: 5 } },
    { redact: { headers: ["x-*"], body: true } },
    "redact",
    { redact: { json: ["/a/*/b~1c"], body: "response" } },
  ]);
  const exchange = beginExchange(set, request(), surroundings())!;
  const { draft } = await exchange.request(Buffer.alloc(0));
  expect(draft.throttle).toEqual({ down: 10_240, up: 5 });
  const nothing = { headers: [], query: [], form: [], json: [], bodies: [], secrets: false };
  expect(exchange.keptOut).toEqual({
    parts: [
      { ...nothing, headers: ["x-*"], bodies: ["request", "response"] },
      { ...nothing, secrets: true },
      { ...nothing, json: [["a", "*", "b/c"]], bodies: ["response"] },
    ],
    isFinal: true,
  });
});

describe("message", () => {
  test.each([
    [{ replace: { find: "a", with: "b" } }, "send", "aXa", { data: "bXb" }],
    [{ direction: "receive", drop: true }, "send", "a", { data: "a" }],
    [{ direction: "receive", drop: true }, "receive", "a", { data: "a", dropped: true }],
    [{ match: "/^x/", drop: true }, "send", "ax", { data: "ax" }],
    [{ match: "x", set: { json: { y: 1 } } }, "send", "ax", { data: '{"y":1}' }],
    [
      { match: "ping", drop: true, inject: [{ direction: "receive", text: "pong" }] },
      "send",
      "ping",
      { data: "ping", dropped: true, injected: ["receive pong"] },
    ],
  ] as const)("%j", async (settings, direction, text, expected) => {
    const exchange = beginExchange(await acting({ message: settings }), request(), surroundings())!;
    await exchange.request(Buffer.alloc(0));
    expect(exchange.mayConcernMessages).toBe(true);
    const draft = exchange.message(direction, 1, Buffer.from(text));
    expect({
      data: draft.data.toString(),
      dropped: draft.dropped,
      injected: draft.injected.map((each) => `${each.direction} ${each.data}`),
    }).toEqual({ dropped: false, injected: [], ...expected });
  });

  test("bytes that are no text are not looked into", async () => {
    const exchange = beginExchange(
      await acting({ message: { match: "a", drop: true } }),
      request(),
      surroundings(),
    )!;
    await exchange.request(Buffer.alloc(0));
    expect(exchange.message("send", 2, Buffer.from([0xff, 0x61])).dropped).toBe(false);
  });
});

describe("needs", () => {
  test.each([
    [{ tag: "a" }, undefined, false, false],
    [{ "set-request": { body: { text: "x" } } }, undefined, false, false],
    [{ "set-request": { replace: { find: "a", with: "b" } } }, undefined, true, false],
    [{ respond: { text: "{{request.body}}" } }, undefined, true, false],
    [{ "set-response": { headers: { set: { a: "{{request.json.a}}" } } } }, undefined, true, false],
    [{ "set-response": { "edit-json": { set: { "/a": 1 } } } }, undefined, false, true],
    [{ tag: "a" }, "~bs x", false, true],
    [{ tag: "a" }, { json: { "/a": 1 } }, true, false],
  ])("%j with %j", async (actions, match, requestBody, responseBody) => {
    const set = await acting(actions, undefined, match);
    expect(set.rules[0]).toMatchObject({ needsRequestBody: requestBody, needsResponseBody: responseBody });
  });

  test("a body that was not held leaves what needs it", async () => {
    const set = await acting({ tag: "a" }, undefined, "~bq x");
    const exchange = beginExchange(set, request(), surroundings())!;
    expect(exchange.needsRequestBody).toBe(true);
    await exchange.request(undefined);
    expect(exchange.responseInterest(response())).toBe("head");
    const { draft } = await exchange.response(response(), undefined);
    expect(exchange.acted).toEqual([]);
    expect(draft.notes).toEqual([expect.stringContaining("can't be told")]);
  });

  test("a response that no rule is for is not looked at", async () => {
    const set = await acting({ "set-response": { "edit-json": { set: { "/a": 1 } } } }, undefined, "~c 500");
    const exchange = beginExchange(set, request(), surroundings())!;
    await exchange.request(undefined);
    expect(exchange.responseInterest(response())).toBe("none");
  });
});
