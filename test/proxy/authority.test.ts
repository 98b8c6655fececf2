import { createHash, X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { beforeEach, describe, expect, it } from "vitest";
import { CertificateAuthority } from "../../src/proxy/authority.js";
import { run, serve, tempFolder } from "./authority-support.js";

const DAY = 24 * 60 * 60 * 1000;
const LONG = `${"long-".repeat(11)}label.${"x".repeat(60)}.example`;
const HOSTS = ["example.com", "a_b.example", "xn--mnchen-3ya.de", LONG, "127.0.0.1", "::1", "localhost"];

describe.each(["ec", "rsa"] as const)("an authority with an %s key", (keyType) => {
  let folder: string;
  let authority: CertificateAuthority;
  let ca: X509Certificate;
  beforeEach(async () => {
    folder = await tempFolder();
    authority = await CertificateAuthority.open(folder, { keyType });
    ca = new X509Certificate(authority.certPem);
  });

  async function text(der: Buffer): Promise<string> {
    const path = join(folder, "leaf.der");
    await writeFile(path, der);
    return (await run("openssl", ["x509", "-inform", "der", "-in", path, "-noout", "-text"])).stdout;
  }

  it("is an authority for leafs only, for ten years, and says whose it is", async () => {
    const facts = await text(authority.der());
    expect(facts).toContain("Version: 3");
    expect(facts).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
    expect(facts).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    expect(facts).toMatch(/X509v3 Subject Key Identifier:/);
    expect(facts).toMatch(keyType === "ec" ? /NIST CURVE: P-256/ : /Public-Key: \(2048 bit\)/);
    expect(facts).toMatch(keyType === "ec" ? "ecdsa-with-SHA256" : "sha256WithRSAEncryption");
    expect(ca.subject).toMatch(/^O=trafficctl\nCN=trafficctl CA .+@.+ \d{4}-\d\d-\d\d [0-9a-f]{8}$/);
    expect(ca.subject.split("CN=")[1]?.length).toBeLessThanOrEqual(64);
    const years = new Date(ca.validTo).getUTCFullYear() - new Date().getUTCFullYear();
    expect(years).toBe(10);
    expect(Date.parse(ca.validFrom)).toBeLessThan(Date.now() - 1.9 * DAY);
    expect(authority.keyType).toBe(keyType);
  });

  it("tells its fingerprints as openssl does", async () => {
    const options = ["x509", "-in", authority.certPath, "-noout"];
    const { stdout } = await run("openssl", [...options, "-fingerprint", "-sha256"]);
    expect(stdout.trim().split("=")[1]).toBe(authority.fingerprint256);
    const spki = ca.publicKey.export({ type: "spki", format: "der" });
    expect(createHash("sha256").update(spki).digest("base64")).toBe(authority.spkiFingerprint);
    expect(ca.raw.equals(authority.der())).toBe(true);
  });

  it.each(HOSTS)("issues a leaf for %s that openssl verifies strictly", async (host) => {
    const path = join(folder, "leaf.pem");
    await writeFile(path, new X509Certificate(authority.issue(host)).toString());
    const named = host.includes(":") || /^[\d.]+$/.test(host) ? "-verify_ip" : "-verify_hostname";
    const arguments_ = [
      "verify",
      "-x509_strict",
      "-purpose",
      "sslserver",
      named,
      host,
      "-CAfile",
      authority.certPath,
    ];
    const { stdout } = await run("openssl", [...arguments_, path]);
    expect(stdout.trim()).toBe(`${path}: OK`);
  });

  it("issues leafs with the extensions that clients ask for", async () => {
    const der = authority.issue("example.com");
    const facts = await text(der);
    expect(facts).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE\n/);
    expect(facts).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
    expect(facts).toMatch(/X509v3 Extended Key Usage:\s+TLS Web Server Authentication\n/);
    expect(facts).toMatch(/X509v3 Subject Alternative Name:\s+DNS:example.com\n/);
    const authorityKey = /Authority Key Identifier:\s+([0-9A-F:]+)/.exec(facts)?.[1];
    const caKey = /Subject Key Identifier:\s+([0-9A-F:]+)/.exec(await text(authority.der()))?.[1];
    expect(authorityKey).toBe(caKey);
    expect(facts).toMatch(/Subject Key Identifier:\s+([0-9A-F]{2}:){19}/);
    expect(new X509Certificate(der).issuer).toBe(ca.subject);
  });

  it("issues leafs for at most 397 days, backdated, with serial numbers of their own", () => {
    const leafs = Array.from({ length: 50 }, () => new X509Certificate(authority.issue("example.com")));
    const serials = leafs.map((leaf) => leaf.serialNumber);
    expect(new Set(serials).size).toBe(50);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
    const [leaf] = leafs;
    const days = (Date.parse(leaf?.validTo ?? "") - Date.parse(leaf?.validFrom ?? "")) / DAY;
    expect(days).toBeGreaterThan(390);
    expect(days).toBeLessThanOrEqual(397);
    expect(Date.parse(leaf?.validFrom ?? "")).toBeLessThan(Date.now() - 0.9 * DAY);
    expect(Date.parse(leaf?.validFrom ?? "")).toBeGreaterThan(Date.parse(ca.validFrom));
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("serves %s to Node for every kind of host", async (version) => {
    for (const host of HOSTS) {
      const port = await serve(authority, host);
      const client = await handshake(port, host, { minVersion: version, maxVersion: version });
      expect(client.authorized).toBe(true);
      expect(client.getProtocol()).toBe(version);
      // The authority is sent too, for clients that trust it by its key alone (Chromium's SPKI list).
      expect(client.getPeerX509Certificate()?.issuerCertificate?.fingerprint256).toBe(
        authority.fingerprint256,
      );
      client.destroy();
    }
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("resumes a %s session", async (version) => {
    const port = await serve(authority, "example.com");
    const options = { minVersion: version, maxVersion: version };
    const first = await handshake(port, "example.com", options);
    // TLS 1.2 hands its session over within the handshake, TLS 1.3 after it.
    const session = version === "TLSv1.2" ? first.getSession() : await nextSession(first);
    first.destroy();
    const second = await handshake(port, "example.com", { ...options, session });
    expect(second.isSessionReused()).toBe(true);
    second.destroy();
  });

  it("is refused by a client that does not trust it, and for another name", async () => {
    const port = await serve(authority, "example.com");
    const stranger = await CertificateAuthority.open(await tempFolder());
    await expect(handshake(port, "example.com", { ca: stranger.certPem })).rejects.toThrow(
      "self-signed certificate in certificate chain",
    );
    await expect(handshake(port, "www.example.com")).rejects.toThrow("does not match certificate's altnames");
  });

  function nextSession(client: TLSSocket): Promise<Buffer> {
    return new Promise((resolve) => client.once("session", resolve));
  }

  function handshake(port: number, host: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const isAddress = host.includes(":") || /^[\d.]+$/.test(host);
      const named = isAddress ? { checkServerIdentity: () => undefined } : { servername: host };
      const client = connect({ host: "127.0.0.1", port, ca: authority.certPem, ...named, ...options });
      client.once("secureConnect", () => resolve(client));
      client.once("error", reject);
    });
  }
});

describe("contexts", () => {
  it("are kept for a host however it is written, and bounded", async () => {
    const authority = await CertificateAuthority.open(await tempFolder());
    const context = authority.contextFor("example.com");
    expect(authority.contextFor("EXAMPLE.com.")).toBe(context);
    expect(authority.contextFor("[::1]")).toBe(authority.contextFor("0:0::1"));
    for (let count = 0; count < 400; count++) authority.contextFor(`${count}.example`);
    expect(authority.contextFor("example.com")).toBe(context);
    // Used just now, so it outlives those that were not.
    for (let count = 400; count < 800; count++) authority.contextFor(`${count}.example`);
    expect(authority.contextFor("example.com")).toBe(context);
    for (let count = 0; count < 500; count++) authority.contextFor(`again-${count}.example`);
    expect(authority.contextFor("example.com")).not.toBe(context);
  });

  it("never name a leaf valid for longer than its authority", async () => {
    const folder = await tempFolder();
    const path = (name: string) => join(folder, name);
    await run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"],
      ...["-subj", "/CN=brought along", "-keyout", path("ca.key"), "-out", path("ca.pem")],
    ]);
    const authority = await CertificateAuthority.open(folder);
    const ca = new X509Certificate(authority.certPem);
    const leaf = new X509Certificate(authority.issue("example.com"));
    expect(authority.created).toBe(false);
    expect(leaf.validTo).toBe(ca.validTo);
    expect(leaf.issuer).toBe("CN=brought along");
    expect(leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).toBe(true);
  });
});
