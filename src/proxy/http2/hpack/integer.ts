// Integers of HPACK (RFC 7541 section 5.1): a prefix in the first byte, then seven bits a byte.
import { CompressionError } from "./compression-error.js";

/** No index, length or table size of ours comes near; larger is an attack or a fault. */
const MAX_CONTINUATION_BYTES = 4;

/** A place in a header block that moves as things are read. */
export interface Cursor {
  readonly bytes: Buffer;
  position: number;
  readonly end: number;
}

/**
 * Reads the integer that begins at the cursor.
 * @param mask the prefix's bits: 0x7f for a prefix of seven
 * @throws {CompressionError} when it is cut off, or larger than 2^28 + mask
 */
export function readInteger(cursor: Cursor, mask: number): number {
  if (cursor.position >= cursor.end) throw new CompressionError("the header block ends inside an integer");
  const prefix = cursor.bytes[cursor.position]! & mask;
  cursor.position += 1;
  return prefix === mask ? readContinuation(cursor, mask) : prefix;
}

function readContinuation(cursor: Cursor, mask: number): number {
  let value = mask;
  for (let count = 0; count < MAX_CONTINUATION_BYTES; count += 1) {
    if (cursor.position >= cursor.end) throw new CompressionError("the header block ends inside an integer");
    const byte = cursor.bytes[cursor.position]!;
    cursor.position += 1;
    value += (byte & 0x7f) * 2 ** (7 * count);
    if (byte < 0x80) return value;
  }
  throw new CompressionError("an integer of the header block is too large");
}

/**
 * Writes an integer.
 * @param pattern the bits above the prefix, set as they are
 * @returns the position after it; at most six bytes further for values below 2^32
 */
export function writeInteger(
  bytes: Uint8Array,
  position: number,
  pattern: number,
  mask: number,
  value: number,
): number {
  if (value < mask) {
    bytes[position] = pattern | value;
    return position + 1;
  }
  bytes[position] = pattern | mask;
  let rest = value - mask;
  let at = position + 1;
  while (rest >= 0x80) {
    bytes[at] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 0x80);
    at += 1;
  }
  bytes[at] = rest;
  return at + 1;
}
