// A trust store for Java (JKS): certificates to trust, no keys. The format is sun.security.provider.JavaKeyStore's
// own: big endian, strings as DataOutput.writeUTF, a SHA-1 over password and content at the end.
import { createHash } from "node:crypto";

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** The constant that JavaKeyStore.getPreKeyedHash adds to the password. */
const WHITENER = "Mighty Aphrodite";

/**
 * @param certificates DER
 * @param password guards the store against change, not against reading; keytool wants six characters or more
 * @returns the file; its entries are called `certificate-1` and so on
 */
export function writeJavaTrustStore(certificates: readonly Buffer[], password: string): Buffer {
  const now = BigInt(Date.now());
  const entries = certificates.map((certificate, index) =>
    trustedEntry(`certificate-${index + 1}`, certificate, now),
  );
  const content = Buffer.concat([uint32(MAGIC), uint32(VERSION), uint32(certificates.length), ...entries]);
  return Buffer.concat([content, digest(content, password)]);
}

function trustedEntry(alias: string, certificate: Buffer, created: bigint): Buffer {
  return Buffer.concat([
    uint32(TRUSTED_CERTIFICATE),
    utf(alias),
    uint64(created),
    utf("X.509"),
    uint32(certificate.length),
    certificate,
  ]);
}

function digest(content: Buffer, password: string): Buffer {
  const passwordOctets = Buffer.from(password, "utf16le").swap16();
  return createHash("sha1").update(passwordOctets).update(WHITENER).update(content).digest();
}

/** Modified UTF-8 is UTF-8 for ASCII, and all names here are. */
function utf(ascii: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(ascii.length);
  return Buffer.concat([length, Buffer.from(ascii, "latin1")]);
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}

function uint64(value: bigint): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(value);
  return octets;
}
