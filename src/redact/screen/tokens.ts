// Whether findTokens may find anything in a body: the same walk from run to run, over bytes. Where a head or a mark of a
// shape stands, the finder itself is asked.
import { isHeadAt, LEAD, mayBeginHead, RUN, tokenInRun } from "../find-tokens.js";
import { type Asked, finds } from "./probe.js";

type Screened = Asked & { readonly bytes: Buffer };

const WORD = table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
/** Marks within a run: tokens begin at its start or behind one. */
const MARK = 2;
for (const char of "_-") WORD[char.charCodeAt(0)] = 1 | MARK;
const ALPHANUMERIC = table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
const LEADING = table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:~*");
const UNDERSCORE = 95;
const COLON = 58;
const DOT = 46;
const TILDE = 126;

/** What the shapes look at before and behind a run. */
const BEFORE = 100;
const BEHIND = 900;
/** Escapes that end in a letter: a word may begin so far into a run. */
const ESCAPE = 6;

export function mayHoldTokens(screened: Screened, anywhere = false): boolean {
  const { bytes } = screened;
  const to = bytes.length;
  let at = 0;
  while (at + RUN <= to) {
    const last = at + RUN - 1;
    let back = last;
    while (back >= at && WORD[bytes[back]!] !== 0) back--;
    if (back >= at) {
      at = back + 1;
      continue;
    }
    let end = at;
    let marks = 0;
    for (let code = WORD[bytes[end]!]!; code !== 0; code = end < to ? WORD[bytes[end]!]! : 0) {
      marks |= code;
      end++;
    }
    const start = leadOf(bytes, at);
    const isPlain = start === at && !(marks & MARK) && !anywhere;
    if (isPlain ? mayBeginToken(bytes, start, end) : mayHoldToken(bytes, start, at, end, anywhere)) {
      const from = Math.max(0, start - BEFORE);
      const text = bytes.toString("latin1", from, Math.min(to, end + BEHIND));
      if (finds(text, screened, (scan) => tokenInRun(scan, at - from, end - from, 0, text.length, anywhere)))
        return true;
    }
    if (!anywhere && mayHoldEncoded(screened, start)) return true;
    at = end;
  }
  return false;
}

function mayHoldToken(bytes: Buffer, start: number, run: number, end: number, anywhere: boolean): boolean {
  if (mayBeginToken(bytes, start, end)) return true;
  for (let at = start; at < run; at++) if (mayBeHeadless(bytes, at)) return true;
  if (anywhere) return mayHoldHead(bytes, start, end);
  for (let at = start; at < end; at++) {
    if (ALPHANUMERIC[bytes[at]!] === 1) continue;
    if (isHeadAt(bytes, at + 1)) return true;
    if (bytes[at] === UNDERSCORE && areAll(ALPHANUMERIC, bytes, at + 1, 20)) return true;
  }
  return false;
}

/** Whether a head or an underscore with a token behind it stands anywhere in a run. */
function mayHoldHead(bytes: Buffer, start: number, end: number): boolean {
  let hash = 0;
  const to = Math.min(bytes.length, end + 3);
  for (let at = start; at < to; at++) {
    const code = bytes[at]!;
    hash = (hash << 5) ^ code;
    if (mayBeginHead(hash) && at >= start + 2 && isHeadAt(bytes, at - 2)) return true;
    if (code === UNDERSCORE && areAll(ALPHANUMERIC, bytes, at + 1, 20)) return true;
  }
  return false;
}

/** Whether a head stands at the start of a run, or a mark of the shapes without one at its end. */
function mayBeginToken(bytes: Buffer, start: number, end: number): boolean {
  if (end < bytes.length && mayBeHeadless(bytes, end)) return true;
  const early = Math.min(end - 2, start + ESCAPE);
  for (let at = start; at < early; at++) if (isHeadAt(bytes, at)) return true;
  return false;
}

/** Whether one of the marks of the shapes without a head stands here, with what has to be near it. */
function mayBeHeadless(bytes: Buffer, at: number): boolean {
  const code = bytes[at];
  if (code === TILDE) return true;
  if (code === COLON) return areAll(WORD, bytes, at + 1, 35);
  if (code !== DOT) return false;
  return (
    bytes[at + 7] === DOT ||
    bytes[at - 7] === DOT ||
    isAt("mfa", bytes, at - 3) ||
    isAt("atlasv1", bytes, at + 1) ||
    isAt("atlasv1", bytes, at - 7)
  );
}

function areAll(of: Uint8Array, bytes: Buffer, from: number, count: number): boolean {
  if (from + count > bytes.length) return false;
  for (let at = from + count - 1; at >= from; at--) if (of[bytes[at]!] === 0) return false;
  return true;
}

function isAt(word: string, bytes: Buffer, from: number): boolean {
  if (from < 0) return false;
  for (let at = 0; at < word.length; at++) if (bytes[from + at] !== word.charCodeAt(at)) return false;
  return true;
}

function leadOf(bytes: Buffer, run: number): number {
  const before = run > 0 ? bytes[run - 1]! : 0;
  if (before === 47) return isAt("1//", bytes, run - 3) ? run - 3 : run;
  if (before !== DOT && before !== COLON && before !== TILDE && before !== 42) return run;
  let start = run - 1;
  const bound = Math.max(0, run - LEAD);
  while (start > bound && LEADING[bytes[start - 1]!] === 1) start--;
  return start;
}

const DIGITS = new Int8Array(256).fill(-1);
for (const [value, char] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].entries())
  DIGITS[char.charCodeAt(0)] = value;
DIGITS[45] = 62;
DIGITS[95] = 63;
const LONGEST_ENCODED = 1_000_000;

/** Whether base64 begins here that holds text with anything in it. */
function mayHoldEncoded({ bytes, nested }: Screened, start: number): boolean {
  for (let at = start; at < start + 12; at += 4) {
    let bits = 0;
    for (let digit = at; digit < at + 4; digit++) {
      const value = DIGITS[bytes[digit] ?? 0]!;
      if (value < 0) return false;
      bits = (bits << 6) | value;
    }
    if (!isPrintable(bits >> 16) || !isPrintable((bits >> 8) & 255) || !isPrintable(bits & 255)) return false;
  }
  let end = start + 12;
  while (end < bytes.length && DIGITS[bytes[end]!]! >= 0) end++;
  if (end - start > LONGEST_ENCODED) return false;
  const decoded = Buffer.from(bytes.toString("latin1", start, end), "base64").toString("utf8");
  return !/[^\P{Cc}\s]|\ufffd/u.test(decoded) && nested(decoded);
}

function isPrintable(byte: number): boolean {
  return (byte >= 32 && byte < 127) || byte === 10 || byte === 13 || byte === 9;
}

function table(characters: string): Uint8Array {
  const marks = new Uint8Array(256);
  for (const char of characters) marks[char.charCodeAt(0)] = 1;
  return marks;
}
