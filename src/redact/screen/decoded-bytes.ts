// The inside of JSON strings and of form parameters as bytes, without making strings of them: what json-escapes.ts and
// find-params.ts decode, in UTF-8.
import { isUtf8 } from "node:buffer";

const BACKSLASH = 92;
const PERCENT = 37;
const PLUS = 43;

/** What stands behind a backslash, by its letter; itself where it is no letter of an escape. */
const ESCAPED = Uint8Array.from({ length: 256 }, (_, code) => code);
for (const [letter, char] of Object.entries({ n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" }))
  ESCAPED[letter.charCodeAt(0)] = char.charCodeAt(0);

const HEX = new Int8Array(256).fill(-1);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  HEX[digit.charCodeAt(0)] = value;
  HEX[digit.toUpperCase().charCodeAt(0)] = value;
}

/** @returns null where half a character stands in it, which has no UTF-8. */
export function unescapedJson(bytes: Buffer, from: number, to: number): Buffer | null {
  const out = Buffer.allocUnsafe(to - from);
  const end = unescapeJson(bytes, from, to, out, 0);
  return end === -1 ? null : out.subarray(0, end);
}

/** @returns where it ends in `out`, which has to have room for as many bytes; -1 where half a character stands in it. */
export function unescapeJson(bytes: Buffer, from: number, to: number, out: Buffer, start: number): number {
  let end = start;
  for (let at = from; at < to; at++) {
    const next = nextBackslash(bytes, at, to);
    // A call for a few bytes costs more than they do.
    if (next - at > 40) {
      bytes.copy(out, end, at, next);
      end += next - at;
    } else for (let copied = at; copied < next; copied++) out[end++] = bytes[copied]!;
    if (next >= to) break;
    at = next + 1;
    const letter = bytes[at]!;
    const unit = letter === 117 ? unitAt(bytes, at + 1, to) : -1;
    if (unit === -1) {
      out[end++] = ESCAPED[letter]!;
      continue;
    }
    at += 4;
    if (unit < 0x80) out[end++] = unit;
    else if (unit < 0x800) {
      out[end++] = 0xc0 | (unit >> 6);
      out[end++] = 0x80 | (unit & 63);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      out[end++] = 0xe0 | (unit >> 12);
      out[end++] = 0x80 | ((unit >> 6) & 63);
      out[end++] = 0x80 | (unit & 63);
    } else {
      const low = bytes[at + 1] === BACKSLASH && bytes[at + 2] === 117 ? unitAt(bytes, at + 3, to) : -1;
      if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) return -1;
      at += 6;
      const point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      out[end++] = 0xf0 | (point >> 18);
      out[end++] = 0x80 | ((point >> 12) & 63);
      out[end++] = 0x80 | ((point >> 6) & 63);
      out[end++] = 0x80 | (point & 63);
    }
  }
  return end;
}

/** Where an escape begins; `to` where there is none. */
function nextBackslash(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < from + 24; at++) {
    if (at + 1 >= to) return to;
    if (bytes[at] === BACKSLASH) return at;
  }
  const at = bytes.indexOf(BACKSLASH, from + 24);
  return at === -1 || at + 1 >= to ? to : at;
}

/** The four hexadecimal digits here, or -1. */
function unitAt(bytes: Buffer, at: number, to: number): number {
  if (at + 4 > to) return -1;
  const [a, b, c, d] = [HEX[bytes[at]!]!, HEX[bytes[at + 1]!]!, HEX[bytes[at + 2]!]!, HEX[bytes[at + 3]!]!];
  return (a | b | c | d) < 0 ? -1 : (a << 12) | (b << 8) | (c << 4) | d;
}

/** @returns null where it is no UTF-8 then. */
export function decodedParams(bytes: Buffer, from: number, to: number): Buffer | null {
  const out = Buffer.allocUnsafe(to - from);
  const length = decodeParams(bytes, from, to, out);
  return length === -1 ? null : out.subarray(0, length);
}

/** @returns how much of `out` it takes, which has to have room for as many bytes; -1 where it is no UTF-8 then. */
export function decodeParams(bytes: Buffer, from: number, to: number, out: Buffer): number {
  let length = 0;
  let isAscii = true;
  for (let at = from; at < to; at++) {
    let code = bytes[at]!;
    if (code === PLUS) code = 32;
    else if (code === PERCENT && at + 2 < to) {
      const byte = (HEX[bytes[at + 1]!]! << 4) | HEX[bytes[at + 2]!]!;
      if (byte >= 0) {
        code = byte;
        at += 2;
      }
    }
    if (code >= 128) isAscii = false;
    out[length++] = code;
  }
  return isAscii || isUtf8(out.subarray(0, length)) ? length : -1;
}

let room: Buffer = Buffer.alloc(0);
/** More is not kept. */
const ROOM_LIMIT = 256 * 1024;

/** Room that holds until the next call. */
export function scratch(size: number): Buffer {
  if (size > ROOM_LIMIT) return Buffer.allocUnsafe(size);
  if (room.length < size) room = Buffer.allocUnsafeSlow(Math.max(4096, 2 * size));
  return room;
}

/** The first bytes of what is in use for something else next. */
export function copyOfBytes(bytes: Buffer, length: number): Buffer {
  const copy = Buffer.allocUnsafe(length);
  bytes.copy(copy, 0, 0, length);
  return copy;
}
