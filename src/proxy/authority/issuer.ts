// What a leaf repeats from its CA's certificate: the name, byte for byte (RFC 5280 section 4.1.2.4), and the
// key identifier (section 4.2.1.1).
import type { Asn1 } from "../authority.js";
import type { Der } from "./der.js";

/** `2.5.29.14`, as the content octets of an OBJECT IDENTIFIER. */
const SUBJECT_KEY_IDENTIFIER = "\x55\x1d\x0e";

export interface Issuer {
  readonly name: Asn1;
  readonly keyId: Buffer;
}

/**
 * @param certificate DER that OpenSSL has parsed
 * @param fallbackKeyId for a certificate that carries no key identifier
 */
export function readIssuer(der: Der, certificate: Buffer, fallbackKeyId: Buffer): Issuer {
  const [tbs] = children(der.decode(certificate));
  // The version is tagged; untagged follow serial number, algorithm, issuer, validity, subject.
  const name = children(tbs).filter((field) => !der.isTagged(field))[4];
  if (name === undefined) throw new Error("a certificate without a subject");
  const extensions = children(tbs).filter((field) => der.isTagged(field, 3));
  const all = extensions.flatMap(children).flatMap(children);
  const found = all.find((extension) => children(extension)[0]?.value === SUBJECT_KEY_IDENTIFIER);
  const wrapped = children(found).at(-1)?.value;
  if (typeof wrapped !== "string") return { name, keyId: fallbackKeyId };
  const keyId = der.decode(Buffer.from(wrapped, "latin1")).value;
  return { name, keyId: typeof keyId === "string" ? Buffer.from(keyId, "latin1") : fallbackKeyId };
}

function children(item: Asn1 | undefined): Asn1[] {
  return typeof item?.value === "object" ? item.value : [];
}
