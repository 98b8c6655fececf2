// The user's certificate authority from the outside: where it is, what it is, copies of it, a new one.
import { X509Certificate } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import { CertificateAuthority, type KeyType } from "../proxy/authority.js";
import { isTrustedBySystem, type Trust } from "./ca-trust-store.js";

export type { KeyType } from "../proxy/authority.js";
export type { Trust } from "./ca-trust-store.js";

export interface CaInput {
  /** The home folder, as resolveHome gives it; the CA lives in its `ca` folder. */
  readonly home: string;
}

export interface CaPath {
  /** Of the certificate, PEM. */
  readonly path: string;
  readonly created: boolean;
  readonly warnings: readonly string[];
}

export interface CaFacts extends CaPath {
  readonly subject: string;
  /** ISO 8601. */
  readonly validFrom: string;
  readonly validTo: string;
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly keyType: KeyType;
  /** SHA-256 of the certificate, pairs with colons. */
  readonly fingerprint256: string;
  /** SHA-256 of the public key, base64. */
  readonly spkiFingerprint: string;
  readonly trustedBySystem: Trust;
}

/** Where the CA of a home folder is kept. */
export function caFolder(home: string): string {
  return join(home, "ca");
}

/** @throws TrafficError CA_UNUSABLE, DISK_FULL */
export async function caPath(input: CaInput): Promise<CaPath> {
  const authority = await CertificateAuthority.open(caFolder(input.home));
  return { path: authority.certPath, created: authority.created, warnings: authority.warnings };
}

/** @throws TrafficError CA_UNUSABLE, DISK_FULL */
export async function showCa(input: CaInput): Promise<CaFacts> {
  return factsOf(await CertificateAuthority.open(caFolder(input.home)));
}

const CA_FORMATS = ["pem", "der", "p12"] as const;
export type CaFormat = (typeof CA_FORMATS)[number];

export interface ExportCaInput extends CaInput {
  readonly format: CaFormat;
  /** Of a p12 file; `changeit` by default, which Java uses for what is no secret. */
  readonly password?: string;
  /** Put the CA's private key into a p12 file; then a password is needed. */
  readonly privateKey?: boolean;
  /** Write there instead of only returning the bytes. */
  readonly output?: string;
}

export interface ExportedCa {
  readonly bytes: Buffer;
  readonly warnings: readonly string[];
}

/** @throws TrafficError BAD_OPTION, IO_FAILED, CA_UNUSABLE, DISK_FULL */
export async function exportCa(input: ExportCaInput): Promise<ExportedCa> {
  checkExport(input);
  const authority = await CertificateAuthority.open(caFolder(input.home));
  const bytes = encode(authority, input);
  if (input.output !== undefined) await write(input.output, bytes, input.privateKey === true ? 0o600 : 0o644);
  return { bytes, warnings: authority.warnings };
}

export interface RotateCaInput extends CaInput {
  readonly keyType?: KeyType;
}

export interface RotatedCa extends CaFacts {
  /** Where the certificate is kept that was in use, if there was one. Its key is gone. */
  readonly previousPath: string | undefined;
  readonly previousTrustedBySystem: Trust;
}

/** @throws TrafficError CA_UNUSABLE, DISK_FULL */
export async function rotateCa(input: RotateCaInput): Promise<RotatedCa> {
  const options = input.keyType === undefined ? {} : { keyType: input.keyType };
  const { authority, previous } = await CertificateAuthority.rotate(caFolder(input.home), options);
  return {
    ...(await factsOf(authority)),
    previousPath: previous,
    previousTrustedBySystem: previous === undefined ? "no" : await isTrustedBySystem(previous),
  };
}

async function factsOf(authority: CertificateAuthority): Promise<CaFacts> {
  const certificate = new X509Certificate(authority.certPem);
  return {
    path: authority.certPath,
    subject: certificate.subject.split("\n").join(", "),
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
    serialNumber: certificate.serialNumber,
    keyType: authority.keyType,
    fingerprint256: authority.fingerprint256,
    spkiFingerprint: authority.spkiFingerprint,
    trustedBySystem: await isTrustedBySystem(authority.certPath),
    created: authority.created,
    warnings: authority.warnings,
  };
}

function checkExport(input: ExportCaInput): void {
  if (input.format !== "p12" && (input.password !== undefined || input.privateKey === true)) {
    throw new TrafficError(
      "BAD_OPTION",
      `a password and a private key are for p12 files, not for ${input.format}`,
    );
  }
  if (input.password === "")
    throw new TrafficError("BAD_OPTION", "the password of a p12 file cannot be empty");
  if (input.privateKey === true && input.password === undefined) {
    const hint =
      "whoever has this file and its password can read the TLS traffic of everyone who trusts the CA";
    throw new TrafficError("BAD_OPTION", "the private key leaves only under a password of your own", {
      hint,
    });
  }
}

function encode(authority: CertificateAuthority, input: ExportCaInput): Buffer {
  if (input.format === "pem") return Buffer.from(authority.certPem);
  if (input.format === "der") return authority.der();
  return authority.toPkcs12(input.password ?? "changeit", { privateKey: input.privateKey === true });
}

async function write(path: string, bytes: Buffer, mode: number): Promise<void> {
  try {
    const file = await open(path, "w", mode);
    try {
      // The mode above is for a new file only.
      if (mode === 0o600) await file.chmod(mode);
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new TrafficError("IO_FAILED", `could not write ${path} (${systemCode(cause) ?? String(cause)})`, {
      cause,
    });
  }
}
