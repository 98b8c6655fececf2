// Text of two bytes a character, told by its byte order mark or by the zeros beside its first characters (RFC 4627
// section 3): clients send it without a word about its charset.

export interface WideText {
  readonly text: string;
  /** A text in the same coding. */
  encode(text: string): Buffer;
}

/** @returns undefined where it is none */
export function readWide(bytes: Buffer): WideText | undefined {
  const order = orderOf(bytes);
  if (order === undefined) return undefined;
  const even = bytes.subarray(0, bytes.length & ~1);
  const rest = bytes.subarray(even.length);
  // `swap16` works in place.
  const turned = (some: Buffer): Buffer => (order === "little" ? some : Buffer.from(some).swap16());
  return {
    text: turned(even).toString("utf16le"),
    encode: (text) => Buffer.concat([turned(Buffer.from(text, "utf16le")), rest]),
  };
}

/** Text of four bytes a character. No browser reads it, but parsers of JSON do. @returns its ASCII characters */
export function asciiOfUtf32(bytes: Buffer): string | undefined {
  const [a, b, c, d] = bytes.subarray(startOf(bytes));
  const isWide =
    (isPlain(a) && b === 0 && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0 && isPlain(d));
  return isWide ? bytes.toString("latin1").replaceAll("\0", "") : undefined;
}

function orderOf(bytes: Buffer): "little" | "big" | undefined {
  const [a, b, c, d] = bytes;
  if (asciiOfUtf32(bytes) !== undefined) return undefined;
  if (a === 0xff && b === 0xfe) return "little";
  if (a === 0xfe && b === 0xff) return "big";
  if (isPlain(a) && b === 0 && isPlain(c) && d === 0) return "little";
  return a === 0 && isPlain(b) && c === 0 && isPlain(d) ? "big" : undefined;
}

/** Behind a byte order mark of UTF-32. */
function startOf(bytes: Buffer): number {
  const mark = bytes.length < 4 ? 0 : bytes.readUInt32BE(0);
  return mark === 0xfffe0000 || mark === 0x0000feff ? 4 : 0;
}

function isPlain(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13));
}
