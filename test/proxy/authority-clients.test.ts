// Other people's TLS stacks take what the authority makes.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CertificateAuthority } from "../../src/proxy/authority.js";
import { writeJavaTrustStore } from "../../src/proxy/java-key-store.js";
import { hasProgram, run, serve, tempFolder } from "./authority-support.js";

const LONG = `${"x".repeat(60)}.${"y".repeat(60)}.example`;
const NAMES = ["example.com", "a-b.c_d.example", "xn--mnchen-3ya.de", LONG];

describe.each(["ec", "rsa"] as const)("with an %s authority", (keyType) => {
  it.skipIf(!hasProgram("curl"))("curl (apt-get install curl) gets a page", async () => {
    const authority = await CertificateAuthority.open(await tempFolder(), { keyType });
    for (const host of [...NAMES, "127.0.0.1"]) {
      const port = await serve(authority, host);
      const { stdout } = await run("curl", [
        ...["--silent", "--show-error", "--noproxy", "*", "--cacert", authority.certPath],
        ...["--resolve", `${host}:${port}:127.0.0.1`, `https://${host}:${port}/`],
      ]);
      expect(stdout).toBe("ok");
    }
  });

  it.skipIf(!hasProgram("python3"))("Python (apt-get install python3) verifies strictly", async () => {
    const authority = await CertificateAuthority.open(await tempFolder(), { keyType });
    // The default context has the strict flag from Python 3.13 on.
    const script = `
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
context.verify_flags |= ssl.VERIFY_X509_STRICT
with socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as plain:
    with context.wrap_socket(plain, server_hostname=sys.argv[3]) as secure:
        print(secure.version(), secure.getpeercert()["subjectAltName"][0][1])
`;
    for (const host of [...NAMES, "127.0.0.1", "::1"]) {
      const port = await serve(authority, host);
      const { stdout } = await run("python3", ["-c", script, authority.certPath, String(port), host]);
      const shown = host === "::1" ? "0:0:0:0:0:0:0:1" : host;
      expect(stdout.trim()).toBe(`TLSv1.3 ${shown}`);
    }
  });

  it.skipIf(!hasProgram("go"))(
    "Go (apt-get install golang-go) verifies",
    async () => {
      const folder = await tempFolder();
      const authority = await CertificateAuthority.open(folder, { keyType });
      const program = join(folder, "verify.go");
      await writeFile(
        program,
        `package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

func main() {
	pem, _ := os.ReadFile(os.Args[1])
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	for i := 2; i < len(os.Args); i += 2 {
		connection, err := tls.Dial("tcp", os.Args[i], &tls.Config{RootCAs: roots, ServerName: os.Args[i+1]})
		if err != nil {
			fmt.Println(err)
			continue
		}
		leaf := connection.ConnectionState().PeerCertificates[0]
		fmt.Println(leaf.DNSNames, leaf.IPAddresses)
		connection.Close()
	}
}
`,
      );
      const env = { ...process.env, GO111MODULE: "off", GOCACHE: join(folder, "cache") };
      const binary = join(folder, "verify");
      await run("go", ["build", "-o", binary, program], { env });
      const pairs: string[] = [];
      for (const host of [...NAMES, "127.0.0.1", "::1"]) {
        pairs.push(`127.0.0.1:${await serve(authority, host)}`, host);
      }
      pairs.push(`127.0.0.1:${await serve(authority, "one.example")}`, "other.example");
      const { stdout } = await run(binary, [authority.certPath, ...pairs]);
      expect(stdout.trim().split("\n")).toEqual([
        ...NAMES.map((name) => `[${name}] []`),
        "[] [127.0.0.1]",
        "[] [::1]",
        expect.stringContaining("certificate is valid for one.example, not other.example"),
      ]);
      const stranger = await CertificateAuthority.open(await tempFolder(), { keyType });
      const refused = await run(binary, [stranger.certPath, ...pairs.slice(0, 2)]);
      expect(refused.stdout).toContain("signed by unknown authority");
    },
    120_000,
  );

  it.skipIf(!hasProgram("javac"))(
    "Java (apt-get install default-jdk-headless) gets a page with either trust store",
    async () => {
      const folder = await tempFolder();
      const authority = await CertificateAuthority.open(folder, { keyType });
      await writeFile(join(folder, "trust.jks"), writeJavaTrustStore([authority.der()], "changeit"));
      await writeFile(join(folder, "trust.p12"), authority.toPkcs12("changeit"));
      await writeFile(
        join(folder, "Get.java"),
        `public class Get {
  public static void main(String[] urls) throws Exception {
    for (String url : urls)
      System.out.println(new String(new java.net.URL(url).openStream().readAllBytes()));
  }
}
`,
      );
      const urls = [
        `https://localhost:${await serve(authority, "localhost")}/`,
        `https://127.0.0.1:${await serve(authority, "127.0.0.1")}/`,
      ];
      for (const store of ["trust.jks", "trust.p12"]) {
        const trust = `-Djavax.net.ssl.trustStore=${join(folder, store)}`;
        const password = "-Djavax.net.ssl.trustStorePassword=changeit";
        const { stdout } = await run("java", [trust, password, join(folder, "Get.java"), ...urls], {
          env: { ...process.env, JAVA_TOOL_OPTIONS: "" },
        });
        expect(stdout).toBe("ok\nok\n");
      }
      await expect(run("java", [join(folder, "Get.java"), ...urls])).rejects.toThrow(
        "PKIX path building failed",
      );
    },
    60_000,
  );
});
