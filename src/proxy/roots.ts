// Which authorities vouch for an origin: Node's bundled roots, those of the system's own store that Node lacks (a
// company's, say), and --upstream-ca.
import { readFile } from "node:fs/promises";
import tls from "node:tls";
import { FAST_CIPHERS } from "./tls/ciphers.js";

/** The bundles of Debian, Red Hat, SUSE, Alpine, FreeBSD and OpenSSL's own place. */
export const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
] as const;

export interface UpstreamTls {
  /** PEM, one or more certificates, added to the system's roots. */
  readonly extraCa?: string;
  readonly clientCertificate?: { readonly cert: string; readonly key: string; readonly passphrase?: string };
}

/** One context for every connection to an origin: reading the roots anew for each would cost milliseconds. */
export async function upstreamContext(options: UpstreamTls): Promise<tls.SecureContext> {
  const extra = [...(await systemExtras()), ...splitPem(options.extraCa ?? "")];
  return tls.createSecureContext({
    ciphers: FAST_CIPHERS,
    ...(extra.length === 0 ? {} : { ca: [...tls.rootCertificates, ...extra] }),
    ...options.clientCertificate,
  });
}

/** PEM certificates in a text, one string each. */
export function splitPem(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}

async function systemExtras(): Promise<string[]> {
  const bundled = new Set(tls.rootCertificates.map(pemBody));
  const system = splitPem(await readSystemBundle());
  return system.filter((pem) => !bundled.has(pemBody(pem)));
}

async function readSystemBundle(): Promise<string> {
  const named = process.env.SSL_CERT_FILE;
  for (const path of [...(named === undefined ? [] : [named]), ...SYSTEM_BUNDLES]) {
    try {
      return await readFile(path, "latin1");
    } catch {
      // Each system has one of them at most.
    }
  }
  return "";
}

function pemBody(pem: string): string {
  return pem.replace(/-----[^-]+-----|\s/g, "");
}
