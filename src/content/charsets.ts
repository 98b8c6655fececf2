// Decoding by charset name (WHATWG Encoding), without the faults of Node 20's decoder.
import { isUtf8 } from "node:buffer";

/**
 * The upper half of windows-1252: Node 20's TextDecoder decodes it as latin-1 (and latin-1 means windows-1252 on the
 * web). 0x81, 0x8d, 0x8f, 0x90 and 0x9d are the control characters of their own number.
 */
const WINDOWS_1252 =
  "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

/** Names that WHATWG does not know but senders use. */
const MORE_LABELS: Readonly<Record<string, string>> = {
  cp932: "shift_jis",
  cp936: "gbk",
  cp949: "euc-kr",
  cp950: "big5",
  "utf-8-sig": "utf-8",
  utf8mb4: "utf-8",
  ucs2: "utf-16le",
};

/** @returns the WHATWG name in lower case, or undefined for a label that is not known. */
export function canonicalCharset(label: string): string | undefined {
  const clean = label.trim().toLowerCase();
  try {
    return new TextDecoder(MORE_LABELS[clean] ?? clean).encoding;
  } catch {
    return undefined;
  }
}

/**
 * @param charset as `canonicalCharset` gives it.
 * @returns the text, byte order mark included; null where the bytes are not valid in that charset.
 */
export function decodeCharset(bytes: Buffer, charset: string): string | null {
  if (charset === "utf-8") return isUtf8(bytes) ? bytes.toString("utf8") : null;
  if (charset === "windows-1252") return decodeWindows1252(bytes);
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The text with U+FFFD for what is not valid. */
export function decodeLossily(bytes: Buffer, charset: string): string {
  return decodeCharset(bytes, charset) ?? new TextDecoder(charset, { ignoreBOM: true }).decode(bytes);
}

function decodeWindows1252(bytes: Buffer): string {
  const codes = Buffer.alloc(bytes.length * 2);
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    codes.writeUInt16LE(byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252.charCodeAt(byte - 0x80) : byte, index * 2);
  }
  return codes.toString("utf16le");
}
