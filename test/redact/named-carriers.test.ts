// A named value is left out however it is carried: in odd codings, formats that are sent by mistake, and what is broken.
// What can't be told apart goes as a whole; what can't hold the value stays as it is.
import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Exchange } from "../../src/exchange/exchange.js";
import { NamedParts, type PartNames } from "../../src/redact/named-parts.js";

const NOTHING: PartNames = { headers: [], query: [], form: [], json: [] };
const SECRET = "corr3ct-h0rse/battery+staple";
const CODED = encodeURIComponent(SECRET);
const DOCUMENT = `{"password":"${SECRET}","n":1}`;

/** As it is recorded, the zeros of wide characters left away; undefined: it goes as a whole. */
function left(names: Partial<PartNames>, body: string | Buffer, contentType: string): string | undefined {
  const after = new NamedParts([{ ...NOTHING, ...names }]).content(Buffer.from(body), contentType);
  return after?.toString("latin1").replaceAll("\0", "");
}

const wide = (text: string): Buffer => Buffer.from(text, "utf16le");
const turned = (text: string): Buffer => wide(text).swap16();
const four = (text: string): Buffer =>
  Buffer.concat([...text].map((char) => Buffer.from([char.charCodeAt(0), 0, 0, 0])));

describe("JSON", () => {
  const names = { json: [["password"]] };

  test.each<[string, string | Buffer, string]>([
    ["UTF-16 that says nothing", wide(DOCUMENT), "application/json"],
    ["its other byte order", turned(DOCUMENT), "application/json"],
    ["UTF-16 of another order than it says", turned(DOCUMENT), "application/json; charset=utf-16"],
    ["UTF-16 of no type", wide(DOCUMENT), ""],
    ["events in UTF-16", wide(`data: ${DOCUMENT}\n\n`), "text/event-stream"],
    ["a document in the type of events", DOCUMENT, "text/event-stream"],
    ["many blanks before it", " ".repeat(700) + DOCUMENT, ""],
    ["an argument of a call", `/**/ cb(${DOCUMENT});`, "text/javascript"],
    ["a guard against scripts", `for (;;);${DOCUMENT}`, "application/json"],
    [
      "a part of a form",
      part('form-data; name="j"', DOCUMENT, "application/json"),
      "multipart/form-data; boundary=B",
    ],
  ])("%s", (_name, body, type) => {
    const after = left(names, body, type);
    expect(after).toContain("REDACTED");
    expect(after).toContain('"n":1');
    expect(after).not.toContain("h0rse");
  });

  test.each<[string, string | Buffer, string]>([
    ["UTF-32", four(DOCUMENT), "application/json"],
    [
      "several documents, the name with an escape",
      `{"a":1}\n{"pass\\u0077ord":"${SECRET}"}`,
      "application/json",
    ],
    ["one that broke off, the name with an escape", `{"pass\\u0077ord":"${SECRET}`, "application/json"],
    ["a coding that no header names", zlib.gzipSync(DOCUMENT), "application/json"],
  ])("%s goes as a whole", (_name, body, type) => {
    expect(left(names, body, type)).toBeUndefined();
  });

  test.each<[string, string, string]>([
    ["a document over several lines", `{\n"password":\n"${SECRET}"\n}`, "application/x-ndjson"],
    [
      "one that broke off there, between others",
      `{"a":1}\n{"password":\n"${SECRET}"\n\n{"b":2}`,
      "application/x-ndjson",
    ],
    ["an event that broke off", `data: {"pass\\u0077ord":"${SECRET}`, "text/event-stream"],
  ])("lines: %s", (_name, body, type) => {
    const after = left(names, body, type);
    expect(after).toContain("REDACTED");
    expect(after).not.toContain("h0rse");
    expect(after?.includes('{"b":2}')).toBe(body.includes('{"b":2}'));
  });

  test("what is not JSON, and says so, stays", () => {
    for (const [body, type] of [
      ["<p>Your password</p>", "text/html"],
      ['alert("password")', "text/javascript"],
      ["the password is secret", "text/plain"],
      [Buffer.from([0, 1, 2, ...Buffer.from("password")]), "application/octet-stream"],
    ] as const) {
      expect(left(names, body, type)).toBe(Buffer.from(body).toString("latin1").replaceAll("\0", ""));
    }
  });

  test("a long list takes no time that grows with its square", () => {
    const items = Array.from({ length: 400_000 }, (_, id) => ({ id, name: "some name" }));
    const text = JSON.stringify([...items, { password: SECRET }]);
    expect(left({ json: [["*", "password"]] }, text, "application/json")).toBe(
      text.replace(SECRET, "REDACTED"),
    );
  });
});

describe("forms", () => {
  const names = { form: ["password", "user[password]"] };
  const type = "application/x-www-form-urlencoded";

  test.each<[string, string | Buffer, string]>([
    ["a coded name", `%70assword=${CODED}&x=1`, type],
    ["a nested name", `user%5Bpassword%5D=${CODED}&user[password]=${CODED}&x=1`, type],
    ["a blank before the name", `x=1&+password=${CODED}`, type],
    ["a byte order mark", `\ufeffpassword=${CODED}&x=1`, type],
    ["what begins as a list does", `[]=1&password=${CODED}&x=1`, type],
    ["what begins as an object does", `{}=1&password=${CODED}&x=1`, type],
    ["what begins as markup does", `<a>=1&password=${CODED}&x=1`, type],
    ["semicolons", `x=1;password=${CODED}`, type],
    ["the type of JSON", `x=1&password=${CODED}`, "application/json"],
    ["no type", `a='b'&x=1&password=${CODED}`, ""],
    ["lines", `x=1\r\npassword=${SECRET}\r\n`, "text/plain"],
    ["UTF-16", wide(`x=1&password=${CODED}`), `${type}; charset=utf-16le`],
  ])("%s", (_name, body, contentType) => {
    const after = left(names, body, contentType);
    expect(after).toContain("REDACTED");
    expect(after).toContain("x=1");
    expect(after).not.toContain("h0rse");
  });

  const multipart = "multipart/form-data; boundary=B";

  test.each<[string, string]>([
    ["in single quotes", "form-data; name='password'"],
    ["extended", "form-data; name*=utf-8''pass%77ord"],
    ["on a line of its own", 'form-data;\r\n name="password"'],
    ["without quotes", "form-data; name=password"],
  ])("a part whose name is %s", (_name, disposition) => {
    const after = left(
      names,
      `${part(disposition, SECRET)}${part('form-data; name="x"', "1")}--B--`,
      multipart,
    );
    expect(after).toContain("\r\n\r\nREDACTED\r\n--B");
    expect(after).toContain("\r\n\r\n1\r\n--B");
    expect(after).not.toContain("h0rse");
  });

  test("a part within a part", () => {
    const inner = `--C\r\nContent-Disposition: form-data; name="password"\r\n\r\n${SECRET}\r\n--C--`;
    const after = left(names, part('form-data; name="x"', inner, "multipart/mixed; boundary=C"), multipart);
    expect(after).toContain("\r\n\r\nREDACTED\r\n--C--");
    expect(after).not.toContain("h0rse");
  });

  test("a named part without an end of its head, and more parts than are told apart, go with all", () => {
    expect(
      left(names, `--B\r\nContent-Disposition: form-data; name="password"\r\n${SECRET}\r\n--B--`, multipart),
    ).toBe(undefined);
    const many = part('form-data; name="x"', "1").repeat(10_001) + part('form-data; name="password"', SECRET);
    expect(left(names, many, multipart)).toBeUndefined();
  });

  test("a file's name is no field's", () => {
    const body = part('form-data; name="file"; filename="password"', "content");
    expect(left(names, body, multipart)).toBe(body);
  });
});

function part(disposition: string, content: string, type?: string): string {
  const typed = type === undefined ? "" : `\r\nContent-Type: ${type}`;
  return `--B\r\nContent-Disposition: ${disposition}${typed}\r\n\r\n${content}\r\n`;
}

describe("parameters", () => {
  const parts = new NamedParts([{ ...NOTHING, query: ["code", "access_token"] }]);

  test.each([
    `/a?code=${CODED}&x=1`,
    `/a?x=1&CODE=${CODED}&%63ode=${CODED}`,
    `/a#access_token=${CODED}&x=1`,
    `/a?x=1#/back?code=${CODED}`,
    `/a?x=1?code=${CODED}`,
    `/a??code=${CODED}&x=1`,
    `/a?x=1;code=${CODED}`,
  ])("of %s", (target) => {
    const { request } = parts.exchange(exchangeOf(target, []));
    expect(request.url).toContain("REDACTED");
    expect(request.target).toContain("x=1");
    expect(JSON.stringify(request)).not.toContain("h0rse");
  });

  test.each([
    ["Location", `https://client.test/cb?code=${CODED}&state=1`],
    ["Location", `/cb#access_token=${CODED}&state=1`],
    ["Referer", `https://client.test/cb?state=1&code=${CODED}`],
    ["Refresh", `0; url=https://client.test/cb?code=${CODED}&state=1`],
    ["Link", `</next?code=${CODED}&state=1>; rel="next"`],
  ])("of an address in %s", (name, value) => {
    const { request } = parts.exchange(exchangeOf("/", [[name, value]]));
    expect(request.headers).toEqual([[name, value.replace(CODED, "REDACTED")]]);
  });

  test("what is no address stays", () => {
    const headers = [["Cookie", "a=1; code=2;code=3"] as const, ["X", "code=1"] as const];
    expect(parts.exchange(exchangeOf("/code=1", headers)).request).toMatchObject({
      headers,
      target: "/code=1",
    });
  });
});

test("a value that was left out is found in UTF-16 and in reasons", () => {
  const parts = new NamedParts([{ ...NOTHING, json: [["password"]] }]);
  parts.content(Buffer.from(DOCUMENT), "application/json");
  for (const body of [wide(`\ufeffsay ${SECRET}!`), wide(`say ${SECRET}!`), turned(`say ${SECRET}!`)]) {
    const after = parts.known.replacedInBytes(body).toString("latin1").replaceAll("\0", "");
    expect(after).toMatch(/say REDACTED!$/);
  }
  const exchange = exchangeOf("/", []);
  const response = {
    ...answer,
    reason: `no ${SECRET}`,
    informational: [{ status: 103, reason: SECRET, headers: [] }],
  };
  expect(parts.known.exchange({ ...exchange, response })).toMatchObject({
    response: { reason: "no REDACTED", informational: [{ reason: "REDACTED" }] },
  });
});

const answer = {
  status: 200,
  reason: "OK",
  httpVersion: "HTTP/1.1",
  headers: [],
  headersSize: 0,
  body: { kind: "empty", size: 0 },
} as const;

function exchangeOf(target: string, headers: Exchange["request"]["headers"]): Exchange & { kind: "http" } {
  return {
    kind: "http",
    id: "x" as Exchange["id"],
    seq: 1,
    startedAt: "",
    duration: 0,
    timings: {
      blocked: -1,
      dns: -1,
      connect: -1,
      ssl: -1,
      send: 0,
      wait: 0,
      receive: 0,
    } as Exchange["timings"],
    request: {
      method: "GET",
      url: `http://origin.test${target}`,
      target,
      httpVersion: "HTTP/1.1",
      headers,
      headersSize: 0,
      body: { kind: "empty", size: 0 },
    },
  };
}
