// PKCS#12 files (RFC 7292), as Windows, macOS, Android and Java import them: the CA's certificate, and its key only
// on demand.
import { createHash, createHmac, type KeyObject, randomBytes } from "node:crypto";
import type { Asn1 } from "../authority.js";
import type { Der } from "./der.js";

const DATA = "1.2.840.113549.1.7.1";
const CERT_BAG = "1.2.840.113549.1.12.10.1.3";
const SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2";
const X509_CERTIFICATE = "1.2.840.113549.1.9.22.1";
const FRIENDLY_NAME = "1.2.840.113549.1.9.20";
const LOCAL_KEY_ID = "1.2.840.113549.1.9.21";
/** Without this attribute Java takes a certificate in PKCS#12 for part of a chain, not for one to trust. */
const JAVA_TRUSTED_KEY_USAGE = "2.16.840.1.113894.746875.1.1";
const ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
const SHA1 = "1.3.14.3.2.26";
const ITERATIONS = 2048;

export interface Pkcs12Content {
  /** DER. */
  readonly certificate: Buffer;
  /** What importers show. */
  readonly name: string;
  /** Added, encrypted with the password, only where the user asked for it. */
  readonly privateKey?: KeyObject;
}

/** @returns the file; `password` guards it against change, and encrypts the key where there is one */
export function encodePkcs12(der: Der, content: Pkcs12Content, password: string): Buffer {
  const bags = [certificateBag(der, content)];
  if (content.privateKey !== undefined) bags.push(keyBag(der, content, content.privateKey, password));
  const safe = der.encode(der.sequence(dataContent(der, der.encode(der.sequence(...bags)))));
  return der.encode(der.sequence(der.integer(3), dataContent(der, safe), mac(der, safe, password)));
}

function certificateBag(der: Der, content: Pkcs12Content): Asn1 {
  const certificate = der.sequence(der.oid(X509_CERTIFICATE), der.tagged(0, der.octets(content.certificate)));
  const own =
    content.privateKey === undefined
      ? attribute(der, JAVA_TRUSTED_KEY_USAGE, der.oid(ANY_EXTENDED_KEY_USAGE))
      : localKeyId(der, content);
  return der.sequence(
    der.oid(CERT_BAG),
    der.tagged(0, certificate),
    der.set(friendlyName(der, content), own),
  );
}

function keyBag(der: Der, content: Pkcs12Content, key: KeyObject, password: string): Asn1 {
  const encrypted = key.export({ type: "pkcs8", format: "der", cipher: "aes-256-cbc", passphrase: password });
  const attributes = der.set(friendlyName(der, content), localKeyId(der, content));
  return der.sequence(der.oid(SHROUDED_KEY_BAG), der.tagged(0, der.decode(encrypted)), attributes);
}

function friendlyName(der: Der, content: Pkcs12Content): Asn1 {
  return attribute(der, FRIENDLY_NAME, der.bmp(content.name));
}

/** The same for both halves of a pair. */
function localKeyId(der: Der, content: Pkcs12Content): Asn1 {
  return attribute(der, LOCAL_KEY_ID, der.octets(createHash("sha1").update(content.certificate).digest()));
}

function attribute(der: Der, id: string, value: Asn1): Asn1 {
  return der.sequence(der.oid(id), der.set(value));
}

function dataContent(der: Der, octets: Buffer): Asn1 {
  return der.sequence(der.oid(DATA), der.tagged(0, der.octets(octets)));
}

/** SHA-1, because Java before 8u301 and Windows before 10 read nothing newer; what it guards is public anyway. */
function mac(der: Der, safe: Buffer, password: string): Asn1 {
  const salt = randomBytes(8);
  const value = createHmac("sha1", macKey(password, salt)).update(safe).digest();
  const digestInfo = der.sequence(der.sequence(der.oid(SHA1), der.null()), der.octets(value));
  return der.sequence(digestInfo, der.octets(salt), der.integer(ITERATIONS));
}

/** RFC 7292 appendix B.2 with id 3; one block of SHA-1 is all the key there is, so its last steps fall away. */
function macKey(password: string, salt: Buffer): Buffer {
  const block = 64;
  const passwordOctets = Buffer.from(`${password}\0`, "utf16le").swap16();
  let key = Buffer.concat([Buffer.alloc(block, 3), repeated(salt, block), repeated(passwordOctets, block)]);
  for (let round = 0; round < ITERATIONS; round++) key = createHash("sha1").update(key).digest();
  return key;
}

/** As many whole blocks as the octets need, filled with their repetition. */
function repeated(octets: Buffer, block: number): Buffer {
  return Buffer.alloc(Math.ceil(octets.length / block) * block, octets);
}
