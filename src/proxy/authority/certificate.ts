// X.509 certificates as DER (RFC 5280): the fields a CA or a leaf chooses, around the parts they all have.
import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import type { Asn1 } from "../authority.js";
import type { Der } from "./der.js";
import type { HostName } from "./host-name.js";

export const DAY = 24 * 60 * 60 * 1000;

export interface CertificateFields {
  /** UTF-8, at most 64 bytes (RFC 5280 appendix A.1), or undefined for a subject without one. */
  readonly commonName: string | undefined;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Asn1[];
}

/** Who signs. Without `authority` the certificate signs itself. */
export interface Signer {
  readonly key: KeyObject;
  readonly authority?: { readonly name: Asn1; readonly keyId: Buffer };
}

/** @returns the signed certificate, key identifiers and a random serial number included */
export function encodeCertificate(der: Der, fields: CertificateFields, signer: Signer): Buffer {
  const subject = distinguishedName(der, fields.commonName);
  const algorithm = signatureAlgorithm(der, signer.key);
  const tbs = der.sequence(
    der.tagged(0, der.integer(2)), // v3
    der.integer(randomSerial()),
    algorithm,
    signer.authority?.name ?? subject,
    der.sequence(der.time(fields.notBefore), der.time(fields.notAfter)),
    subject,
    der.decode(fields.spki),
    der.tagged(3, der.sequence(...fields.extensions, ...keyIdentifiers(der, fields.spki, signer))),
  );
  const signature = sign("sha256", der.encode(tbs), signer.key);
  return der.encode(der.sequence(tbs, algorithm, der.bits(signature)));
}

/** Extensions of an authority that signs leafs only. */
export function authorityExtensions(der: Der): Asn1[] {
  return [
    extension(der, "2.5.29.19", true, der.sequence(der.boolean(true), der.integer(0))), // basicConstraints
    extension(der, "2.5.29.15", true, der.bits(Buffer.of(0x06), 1)), // keyUsage: keyCertSign, cRLSign
  ];
}

/** Extensions of a server's certificate for exactly this host. */
export function serverExtensions(der: Der, host: HostName): Asn1[] {
  const name =
    host.kind === "dns" ? der.tagged(2, Buffer.from(host.text, "latin1")) : der.tagged(7, host.octets);
  return [
    extension(der, "2.5.29.19", true, der.sequence()), // basicConstraints: no authority
    extension(der, "2.5.29.15", true, der.bits(Buffer.of(0x80), 7)), // keyUsage: digitalSignature
    extension(der, "2.5.29.37", false, der.sequence(der.oid("1.3.6.1.5.5.7.3.1"))), // extKeyUsage: serverAuth
    extension(der, "2.5.29.17", false, der.sequence(name)), // subjectAltName
  ];
}

function keyIdentifiers(der: Der, spki: Buffer, signer: Signer): Asn1[] {
  const own = extension(der, "2.5.29.14", false, der.octets(keyIdOf(spki)));
  if (signer.authority === undefined) return [own];
  return [own, extension(der, "2.5.29.35", false, der.sequence(der.tagged(0, signer.authority.keyId)))];
}

function extension(der: Der, id: string, critical: boolean, value: Asn1): Asn1 {
  const content = der.octets(der.encode(value));
  return critical
    ? der.sequence(der.oid(id), der.boolean(true), content)
    : der.sequence(der.oid(id), content);
}

function distinguishedName(der: Der, commonName: string | undefined): Asn1 {
  const attribute = (id: string, text: string) => der.set(der.sequence(der.oid(id), der.utf8(text)));
  const organisation = attribute("2.5.4.10", "trafficctl");
  // Never empty: an empty subject would ask for a critical subjectAltName (RFC 5280 section 4.2.1.6).
  if (commonName === undefined) return der.sequence(organisation);
  return der.sequence(organisation, attribute("2.5.4.3", commonName));
}

function signatureAlgorithm(der: Der, key: KeyObject): Asn1 {
  // RFC 4055 section 5 wants the NULL, RFC 5758 section 3.2 wants none.
  if (key.asymmetricKeyType === "rsa") return der.sequence(der.oid("1.2.840.113549.1.1.11"), der.null());
  return der.sequence(der.oid("1.2.840.10045.4.3.2"));
}

/** Sixteen octets, positive and never with a leading zero: 126 random bits. */
function randomSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

/** SubjectPublicKeyInfo of a private key, DER. */
export function spkiOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: "spki", format: "der" });
}

/** A key identifier: a digest of the SubjectPublicKeyInfo (RFC 7093 section 2, method 4), 160 bits as is usual. */
export function keyIdOf(spki: Buffer): Buffer {
  return createHash("sha256").update(spki).digest().subarray(0, 20);
}
