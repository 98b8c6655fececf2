import { describe, expect, test } from "vitest";
import { exchangeUrl, parseAbsoluteTarget, parseAuthority } from "../../src/proxy/target.js";

describe("an authority", () => {
  test.each([
    ["example.com:443", { host: "example.com", port: 443 }],
    ["[::1]:8443", { host: "::1", port: 8443 }],
    ["[fe80::1%eth0]:1", { host: "fe80::1%eth0", port: 1 }],
    ["127.0.0.1:65535", { host: "127.0.0.1", port: 65535 }],
    ["under_score.test:1", { host: "under_score.test", port: 1 }],
  ])("%s", (text, expected) => {
    expect(parseAuthority(text)).toEqual(expected);
  });

  test.each([
    "",
    ":443",
    "example.com",
    "example.com:",
    "example.com:0",
    "example.com:65536",
    "::1:443",
    "[::1]",
    "a b:1",
    "a@b:1",
    "[x]:1",
    "a:1/x",
  ])("refuses %j", (text) => {
    expect(parseAuthority(text)).toBeUndefined();
  });
});

describe("an absolute target", () => {
  test.each([
    ["http://h/a?b", { scheme: "http", host: "h", port: 80 }, "/a?b"],
    ["HTTP://h:81", { scheme: "http", host: "h", port: 81 }, "/"],
    ["https://[::1]/x", { scheme: "https", host: "::1", port: 443 }, "/x"],
    ["http://user:pw@h//a", { scheme: "http", host: "h", port: 80 }, "//a"],
    ["http://h?q", { scheme: "http", host: "h", port: 80 }, "/?q"],
    ["http://h/|{}%zz", { scheme: "http", host: "h", port: 80 }, "/|{}%zz"],
  ])("%s", (text, origin, target) => {
    expect(parseAbsoluteTarget(text)).toEqual({ origin, target });
  });

  test.each(["/a", "ftp://h/", "http:///a", "http://h:99999/"])("%s is none", (text) => {
    expect(parseAbsoluteTarget(text)).toBeUndefined();
  });
});

describe("the URL of an exchange", () => {
  const https = { scheme: "https", host: "h.test", port: 443 } as const;
  test.each([
    [https, "h.test", "/a", "https://h.test/a"],
    [https, "other.test", "/a", "https://h.test/a"],
    [{ ...https, port: 8443 }, undefined, "/", "https://h.test:8443/"],
    [{ ...https, host: "10.0.0.1" }, "named.test", "/", "https://named.test/"],
    [{ ...https, host: "10.0.0.1" }, "10.0.0.1", "/", "https://10.0.0.1/"],
    [{ ...https, host: "::1", port: 1 }, undefined, "*", "https://[::1]:1"],
    [https, undefined, "//a", "https://h.test//a"],
  ])("%j with Host %j and %j", (origin, host, target, expected) => {
    expect(exchangeUrl(origin, host, target)).toBe(expected);
  });
});
