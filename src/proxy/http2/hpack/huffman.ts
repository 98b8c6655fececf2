// Huffman coding of strings (RFC 7541 section 5.2), eight bits a step: nearly every symbol that occurs has a code of at
// most eight bits, so it costs one look into the first table; longer codes go on in tables of their own.
import { CompressionError } from "./compression-error.js";
import { CODE_LENGTHS, CODES, END_OF_STRING } from "./huffman-code.js";

/**
 * Tables of 256 steps each, one after another. A step is `bits << 8 | symbol` where a code ends within it, minus the
 * number of the table that goes on, or 0 where no symbol has that code (the end-of-string symbol: section 5.2 forbids it).
 */
const STEPS = buildSteps();

/** The string's octets as characters, longer ones in one go. */
let scratch = Buffer.allocUnsafeSlow(4096);

/**
 * Decodes a string.
 * @returns its octets, each as one character
 * @throws {CompressionError} on the end-of-string symbol, more than seven bits of padding, or padding other than ones
 */
export function huffmanDecode(bytes: Uint8Array, start: number, end: number): string {
  // The shortest code has five bits.
  const longest = Math.floor(((end - start) * 8) / 5) + 1;
  const target = longest <= scratch.length ? scratch : growScratch(longest);
  let window = 0;
  let bits = 0;
  let sinceSymbol = 0;
  let table = 0;
  let length = 0;
  for (let position = start; position < end; position += 1) {
    window = ((window << 8) | bytes[position]!) & 0xffff;
    bits += 8;
    sinceSymbol += 8;
    while (bits >= 8) {
      const step = STEPS[table + ((window >>> (bits - 8)) & 0xff)]!;
      if (step > 0) {
        target[length] = step;
        length += 1;
        bits -= step >>> 8;
        sinceSymbol = bits;
        table = 0;
      } else if (step < 0) {
        bits -= 8;
        table = -step << 8;
      } else throw new CompressionError("a Huffman string contains the end-of-string symbol");
    }
  }
  while (bits > 0) {
    const step = STEPS[table + ((window << (8 - bits)) & 0xff)]!;
    if (step <= 0 || step >>> 8 > bits) break;
    target[length] = step;
    length += 1;
    bits -= step >>> 8;
    sinceSymbol = bits;
    table = 0;
  }
  const padding = (1 << bits) - 1;
  if (sinceSymbol > 7 || (window & padding) !== padding) {
    throw new CompressionError("a Huffman string ends with wrong padding");
  }
  return target.toString("latin1", 0, length);
}

/** @returns how many octets the text takes when coded. */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let index = 0; index < text.length; index += 1) bits += CODE_LENGTHS[text.charCodeAt(index) & 0xff]!;
  return (bits + 7) >>> 3;
}

/** Writes the coded text. @returns the position after it. */
export function huffmanEncode(text: string, target: Uint8Array, position: number): number {
  let at = position;
  let window = 0;
  let bits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const symbol = text.charCodeAt(index) & 0xff;
    const code = CODES[symbol]!;
    let length = CODE_LENGTHS[symbol]!;
    if (length > 24) {
      // Up to seven bits wait already, and the window has thirty-two: a long code goes in two halves.
      window = (window << (length - 16)) | (code >>> 16);
      bits += length - 16;
      length = 16;
      while (bits >= 8) {
        bits -= 8;
        target[at] = window >>> bits;
        at += 1;
      }
      window = (window << 16) | (code & 0xffff);
    } else window = (window << length) | code;
    bits += length;
    while (bits >= 8) {
      bits -= 8;
      target[at] = window >>> bits;
      at += 1;
    }
  }
  if (bits > 0) {
    target[at] = (window << (8 - bits)) | (0xff >>> bits);
    at += 1;
  }
  return at;
}

function growScratch(length: number): Buffer {
  // A buffer for one long value is not kept.
  if (length > 65_536) return Buffer.allocUnsafeSlow(length);
  scratch = Buffer.allocUnsafeSlow(length);
  return scratch;
}

function buildSteps(): Int32Array {
  const tables: Int32Array[] = [new Int32Array(256)];
  for (let symbol = 0; symbol < END_OF_STRING; symbol += 1) {
    let table = tables[0]!;
    let left = CODE_LENGTHS[symbol]!;
    while (left > 8) {
      left -= 8;
      const index = (CODES[symbol]! >>> left) & 0xff;
      if (table[index] === 0) {
        table[index] = -tables.length;
        tables.push(new Int32Array(256));
      }
      table = tables[-table[index]!]!;
    }
    const first = (CODES[symbol]! << (8 - left)) & 0xff;
    table.fill((left << 8) | symbol, first, first + 2 ** (8 - left));
  }
  const steps = new Int32Array(tables.length * 256);
  for (const [index, table] of tables.entries()) steps.set(table, index * 256);
  return steps;
}
