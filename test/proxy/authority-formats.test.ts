// Trust store formats, read by the programs they are for.
import { createHash, X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { beforeEach, describe, expect, it } from "vitest";
import { CertificateAuthority } from "../../src/proxy/authority.js";
import { writeJavaTrustStore } from "../../src/proxy/java-key-store.js";
import { hasProgram, run, tempFolder } from "./authority-support.js";

const KEYTOOL = "keytool (apt-get install default-jre-headless)";
const noKeytool = !hasProgram("keytool");

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder, "store");
});

async function keytoolList(password: string, type: string): Promise<string> {
  const options = ["-list", "-keystore", path, "-storepass", password, "-storetype", type];
  return (await run("keytool", ["-J-Duser.language=en", ...options])).stdout;
}

describe("a Java trust store", () => {
  it.skipIf(noKeytool)(`is read by ${KEYTOOL}, the password checked`, async () => {
    const authority = await CertificateAuthority.open(join(folder, "ca"));
    await writeFile(path, writeJavaTrustStore([authority.der()], "changeit"));
    const list = await keytoolList("changeit", "JKS");
    expect(list).toContain("contains 1 entry");
    expect(list).toMatch(/certificate-1, .*, trustedCertEntry/);
    expect(list).toContain(authority.fingerprint256);
    await expect(keytoolList("changeit2", "JKS")).rejects.toMatchObject({
      stdout: expect.stringContaining("password was incorrect"),
    });
  });

  it.skipIf(noKeytool)(`holds all roots of Node for ${KEYTOOL}`, async () => {
    const roots = rootCertificates.map((pem) => new X509Certificate(pem));
    const der = roots.map((certificate) => certificate.raw);
    await writeFile(path, writeJavaTrustStore(der, "pässwörd"));
    // keytool takes its arguments in the locale's encoding, so the password goes through a file.
    await writeFile(join(folder, "password"), "pässwörd");
    const options = [
      "-list",
      "-keystore",
      path,
      "-storetype",
      "JKS",
      "-storepass:file",
      join(folder, "password"),
    ];
    const { stdout } = await run("keytool", ["-J-Duser.language=en", "-J-Dfile.encoding=UTF-8", ...options]);
    expect(stdout).toContain(`contains ${roots.length} entries`);
    for (const root of roots) expect(stdout).toContain(root.fingerprint256);
  });

  it("is, for no certificate, the header and its digest", () => {
    const store = writeJavaTrustStore([], "ab");
    expect(store.subarray(0, 12).toString("hex")).toBe("feedfeed0000000200000000");
    const digest = createHash("sha1").update("\0a\0bMighty Aphrodite").update(store.subarray(0, 12)).digest();
    expect(store.subarray(12).equals(digest)).toBe(true);
  });
});

describe.each(["ec", "rsa"] as const)("a PKCS#12 file of an %s authority", (keyType) => {
  let authority: CertificateAuthority;
  beforeEach(async () => {
    authority = await CertificateAuthority.open(join(folder, "ca"), { keyType });
  });

  async function info(password: string): Promise<string> {
    const { stdout, stderr } = await run("openssl", [
      ...["pkcs12", "-info", "-nodes", "-in", path, "-passin", `pass:${password}`],
    ]);
    return stdout + stderr;
  }

  it.each(["changeit", "x", "pässwörd € 😀", "a".repeat(300)])(
    "is read by openssl with the password %s",
    async (password) => {
      await writeFile(path, authority.toPkcs12(password));
      const content = await info(password);
      expect(content).toContain(authority.certPem);
      expect(content).not.toContain("PRIVATE KEY");
      await expect(info(`${password}!`)).rejects.toThrow("Mac verify error");
    },
  );

  it("has the private key only where it was asked for, encrypted", async () => {
    await writeFile(path, authority.toPkcs12("changeit", { privateKey: true }));
    const content = await info("changeit");
    expect(content).toContain(authority.certPem);
    expect(content).toContain("-----BEGIN PRIVATE KEY-----");
    expect(content).toMatch(/Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC/);
  });

  it.skipIf(noKeytool)(`is a trust store to ${KEYTOOL}`, async () => {
    await writeFile(path, authority.toPkcs12("changeit"));
    const list = await keytoolList("changeit", "PKCS12");
    expect(list).toMatch(/trafficctl ca, .*, trustedCertEntry/);
    expect(list).toContain(authority.fingerprint256);
  });

  it.skipIf(noKeytool)(`is a key store to ${KEYTOOL} with the key`, async () => {
    await writeFile(path, authority.toPkcs12("changeit", { privateKey: true }));
    expect(await keytoolList("changeit", "PKCS12")).toMatch(/trafficctl ca, .*, PrivateKeyEntry/);
  });
});
