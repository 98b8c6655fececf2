// Media types, cookies, queries and forms: the small notations of header fields and URLs.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCookies, parseSetCookie } from "../../src/content/cookies.js";
import { parseMediaType } from "../../src/content/media-type.js";
import { parseForm, parseQuery } from "../../src/content/query.js";

describe("parseMediaType", () => {
  test.each<[value: string, essence: string, suffix: string, parameters: Record<string, string>]>([
    ["text/html", "text/html", "", {}],
    [" Text/HTML ; Charset=UTF-8 ", "text/html", "", { charset: "UTF-8" }],
    ["application/problem+json;a=b;A=c", "application/problem+json", "json", { a: "b" }],
    ['multipart/x; boundary="a;b\\"c"; x=1', "multipart/x", "", { boundary: 'a;b"c', x: "1" }],
    ['text/plain; charset="utf-8', "text/plain", "", { charset: "utf-8" }],
    ["text/plain;;; charset = utf-8 ;flag", "text/plain", "", { charset: "utf-8" }],
    ["text/html, text/plain", "", "", {}],
    ["nonsense", "", "", {}],
    ["", "", "", {}],
  ])("%s", (value, essence, suffix, parameters) => {
    const type = parseMediaType(value);
    expect({ essence: type.essence, suffix: type.suffix }).toEqual({ essence, suffix });
    expect(Object.fromEntries(type.parameters)).toEqual(parameters);
  });

  test("takes any text, in time that grows with its length only", () => {
    fc.assert(fc.property(fc.string(), (text) => parseMediaType(`a/b;${text}`).essence === "a/b"));
    expect(parseMediaType(`a/b;${'x="\\'.repeat(20_000)}`).essence).toBe("a/b");
    expect(parseMediaType(`a/b;${" ".repeat(50_000)}x`).essence).toBe("a/b");
  });
});

test("parseCookies", () => {
  expect(parseCookies('a=1; b="x y"; c=; flag;; d=e=f ;=g')).toEqual([
    { name: "a", value: "1" },
    { name: "b", value: '"x y"' },
    { name: "c", value: "" },
    { name: "", value: "flag" },
    { name: "d", value: "e=f" },
    { name: "", value: "g" },
  ]);
});

describe("parseSetCookie", () => {
  const base = Date.parse("2026-11-20T10:00:00Z");
  const plain = { httpOnly: false, secure: false };

  test.each<[value: string, expected: object]>([
    ["a=b", { name: "a", value: "b", ...plain }],
    [
      "id=1; PATH=/x; Domain=.example.com; HTTPONLY; secure; SameSite=lax; Partitioned",
      {
        name: "id",
        value: "1",
        path: "/x",
        domain: ".example.com",
        httpOnly: true,
        secure: true,
        sameSite: "Lax",
        partitioned: true,
      },
    ],
    ["a=b; SameSite=Odd", { name: "a", value: "b", sameSite: "Odd", ...plain }],
    [
      "a=b; Max-Age=60; Expires=Wed, 21 Oct 2015 07:28:00 GMT",
      { name: "a", value: "b", maxAge: 60, expires: "2026-11-20T10:01:00.000Z", ...plain },
    ],
    ["a=b; max-age=0", { name: "a", value: "b", maxAge: 0, expires: "1970-01-01T00:00:00.000Z", ...plain }],
    [
      "a=b; max-age=99999999999999",
      { name: "a", value: "b", maxAge: 99999999999999, expires: "9999-12-31T23:59:59.000Z", ...plain },
    ],
    ["a=b; Max-Age=soon", { name: "a", value: "b", ...plain }],
    ["a=b; Expires=never", { name: "a", value: "b", ...plain }],
    ["=v; x", { name: "", value: "v", ...plain }],
    ["", { name: "", value: "", ...plain }],
  ])("%s", (value, expected) => {
    expect(parseSetCookie(value, base)).toEqual(expected);
  });

  test.each([
    ["Wed, 21 Oct 2015 07:28:00 GMT", "2015-10-21T07:28:00.000Z"],
    ["Wednesday, 21-Oct-15 07:28:00 GMT", "2015-10-21T07:28:00.000Z"],
    ["Wed Oct 21 07:28:00 2015", "2015-10-21T07:28:00.000Z"],
    ["21 oct 2069 7:8:9", "2069-10-21T07:08:09.000Z"],
    ["Thu, 01-Jan-1970 00:00:01 GMT", "1970-01-01T00:00:01.000Z"],
    ["31 Feb 2020 00:00:00", undefined],
    ["Wed, 21 Oct 2015", undefined],
    ["Wed, 21 Oct 1500 07:28:00 GMT", undefined],
  ])("Expires=%s", (date, iso) => {
    expect(parseSetCookie(`a=b; Expires=${date}`, base).expires).toBe(iso);
  });

  test("takes any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { expires } = parseSetCookie(`a=b; expires=${text}; max-age=${text};${text}`, base);
        expect(expires === undefined || !Number.isNaN(Date.parse(expires))).toBe(true);
      }),
    );
  });
});

describe("parseQuery and parseForm", () => {
  const pairs = (parameters: ReturnType<typeof parseForm>) =>
    parameters.map(({ name, value }) => [name, value]);

  test.each<[url: string, expected: string[][]]>([
    [
      "https://a/?x=1&y=a+b%20c&x=2",
      [
        ["x", "1"],
        ["y", "a b c"],
        ["x", "2"],
      ],
    ],
    [
      "/p?flag&&=v&k=a=b#frag?z=1",
      [
        ["flag", ""],
        ["", "v"],
        ["k", "a=b"],
      ],
    ],
    ["/p#?x=1", []],
    ["/p", []],
    ["/p?bad=%zz%C3%A9%ff", [["bad", "%zzé%ff"]]],
    ["/p?a=%E4", [["a", "%E4"]]],
  ])("%s", (url, expected) => {
    expect(pairs(parseQuery(url))).toEqual(expected);
  });

  test("positions are those in the text", () => {
    const url = "https://a/?x=1&token=s%20e#f";
    const [, token] = parseQuery(url);
    expect(token).toMatchObject({ rawName: "token", rawValue: "s%20e" });
    expect(url.slice(token!.start, token!.end)).toBe("token=s%20e");
  });

  test("agrees with URLSearchParams on what is well-formed", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.string())), (entries) => {
        const text = new URLSearchParams(entries).toString();
        expect(pairs(parseForm(text))).toEqual([...new URLSearchParams(text)]);
      }),
    );
  });
});
