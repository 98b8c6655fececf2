// Text back to bytes in any charset that TextDecoder reads: the tables are made by decoding, once for each charset.
import { canonicalCharset, decodeCharset } from "./charsets.js";

/**
 * @param charset any label, as `decodeText` gives it. A byte order mark in the text is written, and none is added.
 * @returns null where the charset is not known or cannot hold the text: decoding the bytes always gives the text back.
 */
export function encodeText(text: string, charset: string): Buffer | null {
  const canonical = canonicalCharset(charset);
  if (canonical === undefined) return null;
  const bytes = encode(text, canonical);
  return bytes !== null && decodeCharset(bytes, canonical) === text ? bytes : null;
}

function encode(text: string, charset: string): Buffer | null {
  if (charset === "utf-8") return Buffer.from(text, "utf8");
  if (charset === "utf-16le") return Buffer.from(text, "utf16le");
  if (charset === "utf-16be") return Buffer.from(text, "utf16le").swap16();
  const table = tableOf(charset);
  const output = Buffer.alloc(text.length * 4);
  let size = 0;
  for (const character of text) {
    const code = table.get(character);
    if (code === undefined) return null;
    if (code > 0xff) output[size++] = code >> 8;
    output[size++] = code & 0xff;
  }
  return output.subarray(0, size);
}

const tables = new Map<string, ReadonlyMap<string, number>>();

/** Characters to one byte, or two as a big-endian number. The first bytes that decode to a character stand for it. */
function tableOf(charset: string): ReadonlyMap<string, number> {
  let table = tables.get(charset);
  if (table === undefined) {
    table = makeTable(charset);
    tables.set(charset, table);
  }
  return table;
}

function makeTable(charset: string): ReadonlyMap<string, number> {
  const table = new Map<string, number>();
  const add = (bytes: Buffer, code: number): boolean => {
    const text = decodeCharset(bytes, charset);
    if (text === null || text === "" || [...text].length !== 1) return false;
    if (!table.has(text)) table.set(text, code);
    return true;
  };
  // iso-2022-jp switches its tables by escape sequences: only its ASCII half can be written.
  const most = charset === "iso-2022-jp" ? 0x80 : 0x100;
  for (let first = 0; first < most; first++) {
    if (add(Buffer.of(first), first) || first < 0x80) continue;
    for (let second = 0x30; second < 0x100; second++) add(Buffer.of(first, second), (first << 8) | second);
  }
  return table;
}
