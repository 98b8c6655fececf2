import { X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { TrafficError } from "../../src/errors.js";
import { parseHostName } from "../../src/proxy/authority/host-name.js";
import { CertificateAuthority } from "../../src/proxy/authority.js";

describe("parseHostName", () => {
  it.each([
    ["example.com", "dns", "example.com"],
    ["EXAMPLE.Com", "dns", "example.com"],
    ["example.com.", "dns", "example.com"],
    ["localhost", "dns", "localhost"],
    ["a_b.example", "dns", "a_b.example"],
    ["-x-.example", "dns", "-x-.example"],
    ["xn--mnchen-3ya.de", "dns", "xn--mnchen-3ya.de"],
    ["1.2.3.256", "dns", "1.2.3.256"],
    ["127.0.0.1", "ip", "127.0.0.1"],
    ["127.0.0.1.", "ip", "127.0.0.1"],
    ["::1", "ip", "::1"],
    ["[::1]", "ip", "::1"],
    ["[2001:DB8:0:0::1]", "ip", "2001:db8::1"],
    ["fe80::1%eth0", "ip", "fe80::1"],
    [`${"a".repeat(63)}.example`, "dns", `${"a".repeat(63)}.example`],
  ])("%s is the %s %s", (host, kind, text) => {
    expect(parseHostName(host)).toMatchObject({ kind, text });
  });

  it.each([
    ["127.0.0.1", "7f000001"],
    ["255.254.253.1", "fffefd01"],
    ["::", "0".repeat(32)],
    ["::1", `${"0".repeat(31)}1`],
    ["1::", `0001${"0".repeat(28)}`],
    ["2001:db8::8:800:200c:417a", "20010db80000000000080800200c417a"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["::ffff:1.2.3.4", `${"0".repeat(20)}ffff01020304`],
    ["64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221"],
  ])("the octets of %s are %s", (host, hex) => {
    const name = parseHostName(host);
    expect(name.kind === "ip" && name.octets.toString("hex")).toBe(hex);
  });

  it.each([
    "",
    ".",
    "..",
    "a..b",
    ".a",
    "*.example.com",
    "*",
    "exam ple.com",
    "example.com\0.evil.org",
    "a\nb",
    "münchen.de",
    "example.com:443",
    "user@example.com",
    "a/b",
    "[example.com]",
    "[127.0.0.1",
    "[]",
    `${"a".repeat(64)}.example`,
    "a".repeat(100_000),
  ])("refuses %j", (host) => {
    expect(() => parseHostName(host)).toThrow(TrafficError);
  });

  it("takes 253 bytes, the root's dot not counted, and no more", () => {
    const longest = "a.".repeat(127);
    expect(parseHostName(longest).text).toHaveLength(253);
    expect(() => parseHostName(`${longest}a`)).toThrow("no certificate can be issued");
  });
});

const BAD_CHARACTERS = "\0\n\r\t *,;:@/\\\"'é\u202e\u007f";

describe("a certificate for any host", () => {
  let folder: string;
  let authority: CertificateAuthority;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "trafficctl-ca-"));
    authority = await CertificateAuthority.open(folder);
    return () => rm(folder, { recursive: true, force: true });
  });
  const issue = (host: string) => new X509Certificate(authority.issue(host));

  const label = fc.stringMatching(/^[a-zA-Z0-9_-]{1,63}$/);
  const name = fc
    .array(label, { minLength: 1, maxLength: 8 })
    .map((labels) => labels.join("."))
    .filter((text) => text.length <= 253 && isIP(text) === 0);

  it("names each valid DNS name, and nothing else", () => {
    fc.assert(
      fc.property(name, fc.boolean(), (host, dot) => {
        expect(issue(dot ? `${host}.` : host).subjectAltName).toBe(`DNS:${host.toLowerCase()}`);
      }),
      { numRuns: 60 },
    );
  });

  it("names each IP address", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const certificate = issue(address);
        expect(certificate.subjectAltName).toMatch(/^IP Address:[^,]*$/);
        expect(certificate.checkIP(address)).toBe(address);
      }),
      { numRuns: 60 },
    );
  });

  it("takes any text as a name that reads back the same, or refuses it", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.tuple(name, fc.string()).map((two) => two.join("")),
    );
    fc.assert(
      fc.property(text, (host) => {
        let certificate: X509Certificate;
        try {
          certificate = issue(host);
        } catch (error) {
          expect(error).toMatchObject({ name: "TrafficError", code: "BAD_OPTION" });
          return;
        }
        expect(certificate.subjectAltName).toMatch(/^(DNS:[a-z0-9_.-]{1,253}|IP Address:[0-9A-F.:]+)$/);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses every name with a character that no name has", () => {
    fc.assert(
      fc.property(name, fc.nat(), fc.constantFrom(...BAD_CHARACTERS), (host, where, bad) => {
        const at = where % (host.length + 1);
        expect(() => issue(host.slice(0, at) + bad + host.slice(at))).toThrow(TrafficError);
      }),
      { numRuns: 200 },
    );
  });
});
