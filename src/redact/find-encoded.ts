// Looks into base64 that holds text: credentials are often wrapped so once more. What was replaced within is encoded
// again, so that the text around still decodes.
import type { Scan } from "./scan.js";

const SHORTEST = 20;
const LONGEST = 1_000_000;
const DIGITS = new Int8Array(128).fill(-1);
"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".split("").forEach((char, value) => {
  DIGITS[char.charCodeAt(0)] = value;
});
DIGITS[45] = 62;
DIGITS[95] = 63;

/** @returns the end of the base64 that begins here when it held a secret, else 0. */
export function findEncoded(scan: Scan, start: number, to: number): number {
  const { text, work } = scan;
  if (to - start < SHORTEST || !beginsPrintable(text, start)) return 0;
  let end = start;
  while (end < to && (DIGITS[text.charCodeAt(end)] ?? -1) >= 0) end++;
  const digits = end - start;
  while (end < to && end < start + digits + 2 && text[end] === "=") end++;
  if (digits < SHORTEST || digits > LONGEST || digits % 4 === 1) return 0;
  const raw = text.slice(start, end);
  const decoded = Buffer.from(raw, "base64").toString("utf8");
  if (/[^\P{Cc}\s]|\ufffd/u.test(decoded)) return 0;
  const cleaned = work.nested(decoded);
  if (cleaned === decoded) return 0;
  const coding = /[-_]/.test(raw) ? "base64url" : "base64";
  const encoded = Buffer.from(cleaned).toString(coding);
  scan.rewrite(start, end, raw.endsWith("=") || digits % 4 === 0 ? encoded : encoded.replace(/=+$/, ""));
  return end;
}

/** Whether the first twelve characters decode to printable ASCII: so do hardly one in ten thousand keys and pictures. */
function beginsPrintable(text: string, start: number): boolean {
  for (let at = start; at < start + 12; at += 4) {
    let bits = 0;
    for (let digit = at; digit < at + 4; digit++) {
      const value = DIGITS[text.charCodeAt(digit)] ?? -1;
      if (value < 0) return false;
      bits = (bits << 6) | value;
    }
    if (!printable(bits >> 16) || !printable((bits >> 8) & 255) || !printable(bits & 255)) return false;
  }
  return true;
}

function printable(byte: number): boolean {
  return (byte >= 32 && byte < 127) || byte === 10 || byte === 13 || byte === 9;
}
