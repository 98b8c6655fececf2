import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileShortcuts, type Shortcuts } from "../../src/rules/shortcuts.js";
import { request, response, tempFolder, trial } from "./support.js";

async function effectOf(
  shortcuts: Shortcuts,
  url = "https://api.example.com/v1/x?q=1",
  method = "GET",
  folder = "/nowhere",
) {
  const came = { head: response({ headers: [["Server", "s"]] }), body: Buffer.alloc(0) };
  const set = await compileShortcuts(shortcuts, folder);
  return (await trial(set, { request: request({ url, method }), response: came })).effect;
}

describe("--mock", () => {
  test.each([
    ["GET /v1/x=200 hello", "hello"],
    ["/v1/x=200 hello", "hello"],
    ["get api.example.com/v1/x = 200 hello", "hello"],
    ["https://api.example.com/v1/*=200 hello", "hello"],
    ["/v1/x?q=1=200 hello", "hello"],
    ['api.example.com=200 {"a": 1.0, "b": 12345678901234567890}', '{"a": 1.0, "b": 12345678901234567890}'],
    ['/v1/x=200 {"a": "{{request.query.q | json}}"}', '{"a":"1"}'],
    ["post,GET /v1/x=200 hello", "hello"],
    ["PUT|GET /v1/x=200 hello", "hello"],
    ["* /v1/x=200 hello", "hello"],
    ["https://api.example.com=200 hello", "hello"],
    ["~u v1=200 @@x", "@x"],
    ["/v1/x=200", ""],
  ])("%s", async (text, body) => {
    const { response: answer } = await effectOf({ mock: [text] });
    expect(answer?.status).toBe(200);
    expect(answer?.body).toEqual(Buffer.from(body));
  });

  test.each(["POST /v1/x=200", "/v1=200", "/v1/x?q=2=200", "other.test=200"])(
    "%s is for others",
    async (text) => {
      expect((await effectOf({ mock: [text] })).response).toEqual({});
    },
  );

  test("from a file", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "a.json"), "[1]");
    const { response: answer } = await effectOf(
      { mock: ["/v1/x=201 @a.json"] },
      undefined,
      undefined,
      folder,
    );
    expect(answer).toMatchObject({ status: 201, body: Buffer.from("[1]") });
  });
});

test.each([
  [
    { setHeader: ["X-A: a: b"] },
    {
      request: {
        headers: [
          ["Host", "api.example.com"],
          ["X-A", "a: b"],
        ],
      },
    },
  ],
  [
    { setHeader: ["response X-A:"] },
    {
      response: {
        headers: [
          ["Server", "s"],
          ["X-A", ""],
        ],
      },
    },
  ],
  [{ removeHeader: ["host"] }, { request: { headers: [] } }],
  [{ removeHeader: ["response server"] }, { response: { headers: [] } }],
  [{ delay: ["200ms"] }, { delayMs: 200 }],
  [{ delay: ["/v1/*=1s..1s", "other.test=5s"] }, { delayMs: 1000 }],
  [{ block: ["*.example.com"] }, { abort: "close" }],
  [{ block: ["~m GET=403"] }, { response: { status: 403 } }],
  [{ block: ["https://api.example.com"] }, { abort: "close" }],
  [{ block: ["/v1/x?q=1"] }, { abort: "close" }],
  [{ block: ["/v1/x=reset"] }, { abort: "reset" }],
  [{ delay: ["https://api.example.com=1s"] }, { delayMs: 1000 }],
  [{ removeHeader: ["Response server"] }, { response: { headers: [] } }],
  [
    { mapRemote: ["https://api.example.com=http://localhost:3000"] },
    { request: { url: "http://localhost:3000/v1/x?q=1" } },
  ],
  [
    { mapRemote: ["https://api.example.com/v1/=http://localhost:3000/v2/"] },
    { request: { url: "http://localhost:3000/v2/x?q=1" } },
  ],
  [{ mapRemote: ["https://api.example.com/v=http://localhost:3000"] }, { request: {} }],
  [
    { mapRemote: ["HTTPS://API.example.com/v1=http://localhost:3000"] },
    { request: { url: "http://localhost:3000/x?q=1" } },
  ],
  [{ mapRemote: ["https://api.example.com/V1=http://localhost:3000"] }, { request: {} }],
  [
    { mapRemote: ["https://*.example.com/*=http://$1.test/$2"] },
    { request: { url: "http://api.test/v1/x?q=1" } },
  ],
])("%j", async (shortcuts: Shortcuts, effect) => {
  expect(await effectOf(shortcuts)).toMatchObject(effect);
});

test.each<[string, number | undefined, string?]>([
  ["api.example.com/v1=site", 200],
  ["https://api.example.com/v1=site", 200],
  ["/v1/*=site", 200],
  ["/v1/x=site/x", 200],
  ["/v2=site", undefined],
  ["https://api.example.com:443/v1=site", 200, "https://api.example.com:443/v1/x"],
  ["a.test:81=site", 200, "http://a.test:81/x"],
  ["a.test:81=site", 200, "http://a.test:81/x?y"],
  ["a.test:81=site", undefined, "http://a.test:8181/x"],
  ["http://a.test=site", 200, "http://a.test/x"],
  ["http://a.test=site", undefined, "http://a.test.evil.test/x"],
  ["http://a.test/s=site", 200, "http://a.test/s/x?y"],
  ["http://a.test/s=site", 301, "http://a.test/s"],
  ["http://a.test/s/=site", 301, "http://a.test/s?y"],
  ["http://a.test/s.t=site", undefined, "http://a.test/s-t/x"],
  ["http://a.test/s=site", undefined, "http://a.test/sx"],
  ["/s=site", 301, "http://a.test/s"],
  ["/s/=site", 301, "http://a.test/s"],
  ["/a b/ü=site", 200, "http://a.test/a%20b/%C3%BC/x"],
])("--map-local %s", async (text, status, url) => {
  const folder = tempFolder();
  mkdirSync(join(folder, "site"));
  writeFileSync(join(folder, "site", "x"), "x");
  const { response: answer } = await effectOf({ mapLocal: [text] }, url, undefined, folder);
  expect(answer?.status).toBe(status);
});

test("files of flags are looked for where the command runs", async () => {
  const error: unknown = await compileShortcuts({ mock: ["/x=200 @nope"] }, "/nowhere").catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ hint: "paths are relative to /nowhere" });
});

test("their names, which stand in every exchange that they act on, have no values", async () => {
  const set = await compileShortcuts(
    {
      setHeader: ["Authorization: Bearer abc123", "response X-A: b"],
      mapRemote: ["https://a.test=https://bob:pw@b.test"],
      mock: ['POST /login=200 {"token":"abc123"}'],
    },
    tempFolder(),
  );
  expect(set.rules.map(({ name }) => name)).toEqual([
    "--set-header Authorization",
    "--set-header response X-A",
    "--map-remote https://a.test=https://b.test",
    "--mock POST /login=200",
  ]);
});

test("several of them, the same one twice", async () => {
  const set = await compileShortcuts({ delay: ["1ms", "1ms"], block: ["a.test"] }, "/nowhere");
  expect(set.rules.map(({ name, priority }) => `${priority} ${name}`)).toEqual([
    "50 --block a.test",
    "60 --delay 1ms",
    "60 --delay 1ms (2)",
  ]);
});

test.each<[Shortcuts, string]>([
  [{ mock: ["GET /x"] }, "--mock GET /x: this is no answer"],
  [{ mock: ["/x=20"] }, "--mock"],
  [{ mock: ["/x=199 a"] }, "--mock /x=199 a: 199 is not at least 200"],
  [{ mock: ["/x=200 {a"] }, "no JSON"],
  [{ mock: ["/x=200 @nope"] }, "there is no /nowhere/nope"],
  [{ mock: ["/x=204 a"] }, "has no body"],
  [{ mock: ["~x=200"] }, "no operator ~x"],
  [{ setHeader: ["a"] }, "--set-header a: this is no header field"],
  [{ setHeader: ["a b: c"] }, "--set-header"],
  [{ setHeader: ["response: a: b"] }, "this is no header field"],
  [{ setHeader: ["content-length: 5"] }, "can't be set by a rule"],
  [{ setHeader: ["a: b\nc: d"] }, "control characters"],
  [{ removeHeader: ["a b c"] }, "--remove-header"],
  [{ delay: ["/x=soon"] }, "--delay /x=soon: 'soon' is no duration"],
  [{ delay: ["=1s"] }, "the URL is missing"],
  [{ block: [""] }, "the URL is missing"],
  [{ block: ["~dur >1s"] }, "known only when"],
  [{ mapRemote: ["http://a.test"] }, "no pair of URLs"],
  [{ mapRemote: ["a.test=http://b.test"] }, "a.test is no URL"],
  [{ mapRemote: ["https://*=http://b.test/$2"] }, "there is no $2"],
  [{ mapLocal: ["/x"] }, "no URL with a folder"],
  [{ mapLocal: ["/x=nope"] }, "there is no nope"],
])("%j is wrong", async (shortcuts, message) => {
  await expect(compileShortcuts(shortcuts, "/nowhere")).rejects.toMatchObject({
    code: "BAD_OPTION",
    message: expect.stringContaining(message),
  });
});
