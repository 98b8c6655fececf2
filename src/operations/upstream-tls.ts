// How connections to origins are secured, as a person says it: files of certificates become what the proxy room takes.
import { readFile } from "node:fs/promises";
import { TrafficError } from "../errors.js";
import { splitPem, type UpstreamTls } from "../proxy/roots.js";

export interface UpstreamTlsOptions {
  /** Path of a PEM file whose certificates are trusted besides the system's. */
  readonly upstreamCa?: string;
  /** Accept any certificate of an origin. */
  readonly insecure?: boolean;
  /** Path of a PEM file with a certificate and its key, shown to origins that ask. */
  readonly clientCert?: string;
}

/** @throws BAD_CERTIFICATE_FILE */
export async function readUpstreamTls(options: UpstreamTlsOptions): Promise<UpstreamTls> {
  const extraCa =
    options.upstreamCa === undefined ? undefined : await readPem(options.upstreamCa, "--upstream-ca");
  const identity =
    options.clientCert === undefined ? undefined : await readPem(options.clientCert, "--client-cert");
  if (identity !== undefined && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(identity)) {
    throw new TrafficError("BAD_CERTIFICATE_FILE", `--client-cert ${options.clientCert} has no private key`, {
      hint: "put the certificate and its key into one PEM file: cat cert.pem key.pem > client.pem",
    });
  }
  return {
    ...(extraCa === undefined ? {} : { extraCa }),
    ...(identity === undefined ? {} : { clientCertificate: { cert: identity, key: identity } }),
  };
}

async function readPem(path: string, flag: string): Promise<string> {
  const text = await readFile(path, "latin1").catch((error: unknown) => {
    throw new TrafficError("BAD_CERTIFICATE_FILE", `${flag}: ${path} can't be read`, { cause: error });
  });
  if (splitPem(text).length === 0) {
    throw new TrafficError("BAD_CERTIFICATE_FILE", `${flag}: ${path} holds no PEM certificate`, {
      hint: "a DER file becomes PEM with: openssl x509 -inform der -in FILE -out FILE.pem",
    });
  }
  return text;
}
