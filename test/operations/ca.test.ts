import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { caPath, exportCa, rotateCa, showCa } from "../../src/operations/ca.js";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-ca-"));
  return () => rm(home, { recursive: true, force: true });
});

describe("caPath", () => {
  it("makes the CA on first use and says so", async () => {
    expect(await caPath({ home })).toEqual({ path: join(home, "ca/ca.pem"), created: true, warnings: [] });
    expect(await caPath({ home })).toMatchObject({ created: false });
  });
});

describe("showCa", () => {
  it("says what the certificate says", async () => {
    const facts = await showCa({ home });
    const certificate = new X509Certificate(await readFile(facts.path));
    expect(facts).toMatchObject({
      subject: certificate.subject.replace("\n", ", "),
      serialNumber: certificate.serialNumber,
      fingerprint256: certificate.fingerprint256,
      keyType: "ec",
      trustedBySystem: process.platform === "linux" ? expect.stringMatching(/no|unknown/) : "no",
    });
    expect(facts.validTo).toBe(new Date(certificate.validTo).toISOString());
  });
});

describe("exportCa", () => {
  it("gives the certificate in PEM and DER", async () => {
    const pem = await exportCa({ home, format: "pem" });
    const der = await exportCa({ home, format: "der" });
    expect(pem.bytes.toString()).toBe(await readFile(join(home, "ca/ca.pem"), "utf8"));
    expect(new X509Certificate(pem.bytes).raw.equals(der.bytes)).toBe(true);
  });

  it("writes a file, one with the private key for its user alone", async () => {
    const output = join(home, "copy");
    await exportCa({ home, format: "der", output });
    expect(new X509Certificate(await readFile(output)).ca).toBe(true);
    expect((await stat(output)).mode & 0o777).toBe(0o644);
    await exportCa({ home, format: "p12", password: "secret", privateKey: true, output });
    expect((await stat(output)).mode & 0o777).toBe(0o600);
  });

  it("keeps the private key out of everything that does not ask for it", async () => {
    await caPath({ home });
    const secret = (await readFile(join(home, "ca/ca.key"), "utf8")).split("\n").slice(1, -2).join("");
    const key = Buffer.from(secret, "base64");
    // The last octets of a P-256 PKCS#8 are its public point, the private ones come before it.
    const privateOctets = key.subarray(36, 68);
    for (const format of ["pem", "der", "p12"] as const) {
      const { bytes } = await exportCa({ home, format });
      expect(bytes.includes(privateOctets)).toBe(false);
    }
  });

  it.each([
    [{ format: "pem", password: "x" }, "BAD_OPTION"],
    [{ format: "der", privateKey: true }, "BAD_OPTION"],
    [{ format: "p12", password: "" }, "BAD_OPTION"],
    [{ format: "p12", privateKey: true }, "BAD_OPTION"],
    [{ format: "pem", output: "/nowhere/at/all" }, "IO_FAILED"],
  ] as const)("refuses %j with %s", async (options, code) => {
    await expect(exportCa({ home, ...options })).rejects.toMatchObject({ name: "TrafficError", code });
  });
});

describe("rotateCa", () => {
  it("says what is new and where the old certificate is", async () => {
    const before = await showCa({ home });
    const old = await readFile(before.path, "utf8");
    const rotated = await rotateCa({ home, keyType: "rsa" });
    expect(rotated).toMatchObject({ keyType: "rsa", created: true, path: before.path });
    expect(rotated.previousTrustedBySystem).not.toBe("yes");
    expect(await readFile(rotated.previousPath ?? "", "utf8")).toBe(old);
    expect((await showCa({ home })).fingerprint256).toBe(rotated.fingerprint256);
  });

  it("puts a damaged certificate aside all the same", async () => {
    await caPath({ home });
    await writeFile(join(home, "ca/ca.pem"), "nonsense");
    const rotated = await rotateCa({ home });
    expect(await readFile(rotated.previousPath ?? "", "utf8")).toBe("nonsense");
    expect(rotated.previousTrustedBySystem).toBe("no");
  });
});
