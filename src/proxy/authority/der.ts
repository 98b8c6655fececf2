// The ASN.1 that certificates and PKCS#12 are written in: short names over node-forge's asn1 module, which
// proxy/authority.ts, its only importer, hands in.
import type { Asn1, Asn1Module } from "../authority.js";

/** Writes and reads DER. Octets are Buffers at this edge; node-forge keeps them as Latin-1 strings. */
export class Der {
  readonly #asn1: Asn1Module;

  constructor(asn1: Asn1Module) {
    this.#asn1 = asn1;
  }

  sequence(...items: Asn1[]): Asn1 {
    return this.#asn1.create(this.#asn1.Class.UNIVERSAL, this.#asn1.Type.SEQUENCE, true, items);
  }

  set(...items: Asn1[]): Asn1 {
    return this.#asn1.create(this.#asn1.Class.UNIVERSAL, this.#asn1.Type.SET, true, items);
  }

  /** An explicit context tag around an item, or around the octets an implicit one stands for. */
  tagged(tag: number, content: Asn1 | Buffer): Asn1 {
    const { CONTEXT_SPECIFIC } = this.#asn1.Class;
    if (Buffer.isBuffer(content))
      return this.#asn1.create(CONTEXT_SPECIFIC, tag, false, content.toString("latin1"));
    return this.#asn1.create(CONTEXT_SPECIFIC, tag, true, [content]);
  }

  oid(dotted: string): Asn1 {
    return this.#primitive(this.#asn1.Type.OID, this.#asn1.oidToDer(dotted).getBytes());
  }

  integer(value: number | Buffer): Asn1 {
    const octets =
      typeof value === "number" ? this.#asn1.integerToDer(value).getBytes() : value.toString("latin1");
    return this.#primitive(this.#asn1.Type.INTEGER, octets);
  }

  boolean(value: boolean): Asn1 {
    return this.#primitive(this.#asn1.Type.BOOLEAN, value ? "\xff" : "\x00");
  }

  null(): Asn1 {
    return this.#primitive(this.#asn1.Type.NULL, "");
  }

  octets(value: Buffer): Asn1 {
    return this.#primitive(this.#asn1.Type.OCTETSTRING, value.toString("latin1"));
  }

  bits(value: Buffer, unused = 0): Asn1 {
    return this.#primitive(this.#asn1.Type.BITSTRING, String.fromCharCode(unused) + value.toString("latin1"));
  }

  utf8(text: string): Asn1 {
    return this.#primitive(this.#asn1.Type.UTF8, Buffer.from(text, "utf8").toString("latin1"));
  }

  /** A BMPString: UCS-2, big endian. */
  bmp(text: string): Asn1 {
    return this.#primitive(this.#asn1.Type.BMPSTRING, text);
  }

  /** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
  time(milliseconds: number): Asn1 {
    const date = new Date(milliseconds);
    if (date.getUTCFullYear() < 2050)
      return this.#primitive(this.#asn1.Type.UTCTIME, this.#asn1.dateToUtcTime(date));
    return this.#primitive(this.#asn1.Type.GENERALIZEDTIME, this.#asn1.dateToGeneralizedTime(date));
  }

  encode(item: Asn1): Buffer {
    return Buffer.from(this.#asn1.toDer(item).getBytes(), "latin1");
  }

  /** @throws Error when the octets are not exactly one DER value */
  decode(octets: Buffer): Asn1 {
    return this.#asn1.fromDer(octets.toString("latin1"));
  }

  isTagged(item: Asn1, tag: number = item.type): boolean {
    return item.tagClass === this.#asn1.Class.CONTEXT_SPECIFIC && item.type === tag;
  }

  #primitive(type: number, octets: string): Asn1 {
    return this.#asn1.create(this.#asn1.Class.UNIVERSAL, type, false, octets);
  }
}
