// The cookie jar of a replay: RFC 6265 sections 5.1.3, 5.1.4, 5.3 and 5.4.
import { describe, expect, test } from "vitest";
import { CookieJar } from "../../src/replay/send/cookie-jar.js";

const NOW = Date.parse("2026-11-20T10:00:00Z");

function cookieAfter(
  from: string,
  set: readonly string[],
  to: string,
  recorded?: string,
  now = NOW,
): string | undefined {
  const jar = new CookieJar();
  jar.store(
    from,
    set.map((value) => ["Set-Cookie", value] as const),
    NOW,
  );
  const headers = recorded === undefined ? [] : [["cookie", recorded] as const];
  return jar.apply(to, headers, now).find(([name]) => name.toLowerCase() === "cookie")?.[1];
}

describe("which requests get a cookie", () => {
  test.each<[string, string, string, string, string | undefined]>([
    ["the same host", "https://a.test/", "x=1", "https://a.test/p", "x=1"],
    ["not a subdomain without Domain", "https://a.test/", "x=1", "https://b.a.test/", undefined],
    ["a subdomain with Domain", "https://a.test/", "x=1; Domain=a.test", "https://b.a.test/", "x=1"],
    ["the parent with Domain", "https://b.a.test/", "x=1; Domain=.A.test", "https://a.test/", "x=1"],
    ["not a host that only ends so", "https://a.test/", "x=1; Domain=a.test", "https://ba.test/", undefined],
    [
      "not one whose Domain is foreign",
      "https://a.test/",
      "x=1; Domain=b.test",
      "https://b.test/",
      undefined,
    ],
    ["not a whole top level", "https://a.test/", "x=1; Domain=test", "https://b.test/", undefined],
    ["the path below", "https://a.test/", "x=1; Path=/api", "https://a.test/api/users?q", "x=1"],
    ["not a path that only begins so", "https://a.test/", "x=1; Path=/api", "https://a.test/apix", undefined],
    ["the default path's level", "https://a.test/api/login", "x=1", "https://a.test/api/users", "x=1"],
    ["nothing above the default path", "https://a.test/api/login", "x=1", "https://a.test/", undefined],
    ["another port", "https://a.test:1/", "x=1", "https://a.test:2/", "x=1"],
    ["not without TLS when secure", "https://a.test/", "x=1; Secure", "http://a.test/", undefined],
    ["this machine when secure", "http://127.0.0.1:1/", "x=1; Secure", "http://127.0.0.1:1/", "x=1"],
    ["not an address's end", "http://10.0.0.1/", "x=1; Domain=0.0.1", "http://20.0.0.1/", undefined],
    ["an IPv6 address", "http://[::1]:1/", "x=1", "http://[::1]:2/", "x=1"],
  ])("%s", (_name, from, set, to, expected) => {
    expect(cookieAfter(from, [set], to)).toBe(expected);
  });

  test("not after its end", () => {
    const set = ["x=1; Max-Age=10"];
    expect(cookieAfter("https://a.test/", set, "https://a.test/", undefined, NOW + 9_000)).toBe("x=1");
    expect(cookieAfter("https://a.test/", set, "https://a.test/", undefined, NOW + 11_000)).toBeUndefined();
  });

  test("a secure cookie is not taken over an open connection", () => {
    expect(cookieAfter("http://a.test/", ["x=1; Secure"], "https://a.test/")).toBeUndefined();
  });
});

describe("with recorded cookies", () => {
  test.each<[string, string[], string, string | undefined]>([
    ["replaces", ["sid=new"], "a=1; sid=old", "a=1; sid=new"],
    ["adds", ["b=2"], "a=1", "a=1; b=2"],
    ["ends", ["a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], "a=1", undefined],
    ["the longer path goes first", ["x=1; Path=/", "y=2; Path=/p"], "a=1", "a=1; y=2; x=1"],
    ["keeps a value's own equals signs", ["t=a=b=="], "t=old", "t=a=b=="],
  ])("%s", (_name, set, recorded, expected) => {
    expect(cookieAfter("https://a.test/", set, "https://a.test/p", recorded)).toBe(expected);
  });

  test("leaves a request alone that no cookie is for", () => {
    const headers = [
      ["Cookie", "a=1"],
      ["cookie", "b=2"],
    ] as const;
    const jar = new CookieJar();
    expect(jar.apply("https://a.test/", headers, NOW)).toBe(headers);
  });

  test("stays in the place of the field, in its case", () => {
    const jar = new CookieJar();
    jar.store("https://a.test/", [["set-cookie", "c=3"]], NOW);
    const headers = [
      ["A", "1"],
      ["COOKIE", "a=1"],
      ["B", "2"],
      ["cookie", "b=2"],
    ] as const;
    expect(jar.apply("https://a.test/", headers, NOW)).toEqual([
      ["A", "1"],
      ["COOKIE", "a=1; b=2; c=3"],
      ["B", "2"],
    ]);
  });

  test("holds a bounded number of cookies, of bounded length", () => {
    const jar = new CookieJar();
    for (let at = 0; at < 4000; at++) jar.store("https://a.test/", [["Set-Cookie", `c${at}=1`]], NOW);
    jar.store("https://a.test/", [["Set-Cookie", `long=${"x".repeat(5000)}`]], NOW);
    const value = jar.apply("https://a.test/", [], NOW)[0]![1];
    expect(value.split("; ")).toHaveLength(3000);
    expect(value).toContain("c3999=1");
    expect(value).not.toContain("long");
  });
});
