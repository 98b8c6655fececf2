// A certificate authority for tests, made by the openssl command: what verifies against it was really signed.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface TinyCa {
  readonly certPath: string;
  readonly cert: string;
  /** A leaf for localhost, 127.0.0.1, ::1, `origin.test` and below. */
  readonly leaf: { readonly cert: string; readonly key: string };
}

/** Makes a CA and one leaf below `folder`. */
export function createTinyCa(folder: string): TinyCa {
  const caExtensions = [
    "-addext",
    "basicConstraints=critical,CA:TRUE",
    "-addext",
    "keyUsage=critical,keyCertSign",
  ];
  const certPath = join(folder, "ca.pem");
  openssl("req", "-x509", ...EC_KEY, "-keyout", join(folder, "ca.key"), "-out", certPath, "-days", "2", "-subj",
    "/CN=trafficctl test CA", ...caExtensions); // biome-ignore format: one command line
  return { certPath, cert: readFileSync(certPath, "utf8"), leaf: issueLeaf(folder) };
}

/** Makes a leaf of the CA whose `ca.pem` and `ca.key` are in `folder`. */
export function issueLeaf(folder: string): TinyCa["leaf"] {
  const path = (name: string): string => join(folder, name);
  openssl("req", ...EC_KEY, "-keyout", path("leaf.key"), "-out", path("leaf.csr"), "-subj", "/CN=localhost");
  const names = "DNS:localhost,DNS:origin.test,DNS:*.origin.test,IP:127.0.0.1,IP:::1";
  writeFileSync(path("leaf.ext"), `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`);
  openssl("x509", "-req", "-in", path("leaf.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial",
    "-out", path("leaf.pem"), "-days", "2", "-extfile", path("leaf.ext")); // biome-ignore format: one command line
  return { cert: readFileSync(path("leaf.pem"), "utf8"), key: readFileSync(path("leaf.key"), "utf8") };
}

const EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}
