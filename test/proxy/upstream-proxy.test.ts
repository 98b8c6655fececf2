// Upstream proxies without a connection: their URLs, and their answers however hostile.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { httpConnect } from "../../src/proxy/upstream-proxy/http-connect.js";
import { ipv6Bytes, ipv6Text } from "../../src/proxy/upstream-proxy/ipv6.js";
import { parseUpstreamProxy } from "../../src/proxy/upstream-proxy/parse.js";
import { socks4aConnect, socks5Connect } from "../../src/proxy/upstream-proxy/socks.js";

describe("a URL", () => {
  test.each([
    ["http://proxy:3128", { protocol: "http", host: "proxy", port: 3128, name: "http://proxy:3128" }],
    ["HTTP://proxy", { protocol: "http", host: "proxy", port: 80, name: "http://proxy:80" }],
    ["https://proxy/", { protocol: "https", host: "proxy", port: 443, name: "https://proxy:443" }],
    ["https://proxy:80", { protocol: "https", host: "proxy", port: 80, name: "https://proxy:80" }],
    ["socks5h://[::1]", { protocol: "socks5", host: "::1", port: 1080, name: "socks5h://[::1]:1080" }],
    [
      "socks5://us%3Aer:p%40ss@proxy:1",
      {
        protocol: "socks5",
        host: "proxy",
        port: 1,
        name: "socks5://proxy:1",
        credentials: { user: "us:er", password: "p@ss" },
      },
    ],
    [
      "http://me:p@ss@proxy:1",
      {
        protocol: "http",
        host: "proxy",
        port: 1,
        name: "http://proxy:1",
        credentials: { user: "me", password: "p@ss" },
      },
    ],
  ])("%s", (text, expected) => {
    expect(parseUpstreamProxy(text)).toEqual(expected);
  });

  test.each([
    "proxy:3128",
    "ftp://proxy",
    "socks4://proxy",
    "http://",
    "http://proxy:0",
    "http://proxy:70000",
    "http://me:s3cret",
    "http://me:s3cret/x@proxy",
    "http://me:s3cret%zz@proxy",
    "socks4a://me:s3cret@proxy",
    `socks5://me:s3cret${"x".repeat(256)}@proxy`,
    "http://proxy/path",
  ])("%s is refused without showing a password", (text) => {
    let shown = "";
    try {
      parseUpstreamProxy(text);
    } catch (error) {
      shown = `${error}${error instanceof Error && "hint" in error ? error.hint : ""}`;
    }
    expect(shown).toContain("--upstream-proxy");
    expect(shown).not.toContain("s3cret");
  });
});

test("IPv6 addresses: bytes and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      expect([...ipv6Bytes(ipv6Text(Buffer.from(bytes)))!]).toEqual([...bytes]);
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      // The URL parser is another implementation of the same text.
      const canonical = (address: string): string => new URL(`http://[${address}]`).hostname;
      expect(canonical(ipv6Text(ipv6Bytes(text)!))).toBe(canonical(text));
    }),
  );
});

test("whatever a proxy answers, its handshake never throws and always comes to an end", () => {
  const to = { host: "example.com", port: 443 };
  const credentials = { user: "me", password: "secret" };
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .constantFrom("HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 100 \r\n\r\n", "HTTP/1.1 407 No\r\n", "\r\n\r\n")
        .map((text) => Uint8Array.from(Buffer.from(text))),
      fc
        .constantFrom([5, 0], [5, 2], [1, 0], [5, 0, 0, 1], [5, 0, 0, 3, 255], [0, 0x5a])
        .map((each) => Uint8Array.from(each)),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(pieces, fc.integer({ min: 0, max: 2 }), (parts, which) => {
      const handshake = [httpConnect, socks5Connect, socks4aConnect][which]!(to, credentials);
      let bytes: Buffer = Buffer.alloc(0);
      for (const part of [...parts, new Uint8Array(70_000).fill(0x61)]) {
        bytes = Buffer.concat([bytes, part]);
        for (;;) {
          const step = handshake.receive(bytes);
          if (step.kind === "more") break;
          if (step.kind === "refused") {
            expect(step.message).not.toContain("secret");
            return;
          }
          expect(step.used).toBeGreaterThan(0);
          expect(step.used).toBeLessThanOrEqual(bytes.length);
          if (step.kind === "open") return;
          bytes = bytes.subarray(step.used);
        }
      }
      throw new Error("it waits for more than 70 KB");
    }),
    { numRuns: 2_000 },
  );
});
