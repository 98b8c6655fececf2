// Whether findAssignments may find anything in a part of a body: the names before every `=` and `:` are judged where they
// stand in the bytes, and only about those that say something the finder itself is asked.
import { type AssignmentStyle, assignmentAt } from "../find-assignments.js";
import { finds, type Screened } from "./probe.js";

const NAME_LIMIT = 80;
const SPACE = 32;
const BACKSLASH = 92;
const AMPERSAND = 38;

const NAME = new Uint8Array(256);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.[]%$")
  NAME[char.charCodeAt(0)] = 1;
const QUOTE = new Uint8Array(256);
for (const char of "\"'`") QUOTE[char.charCodeAt(0)] = 1;
/** Where a value without quotes ends, in a query as elsewhere. */
const ENDS = new Uint8Array(256);
for (const char of " \t\r\n&\"'<>`\\)]}|") ENDS[char.charCodeAt(0)] = 1;
/** Behind the `|` or `>` of YAML. */
const BEGINS_BLOCK = new Uint8Array(256);
for (const char of "+-\r\n") BEGINS_BLOCK[char.charCodeAt(0)] = 1;

export function mayHoldAssignments(
  screened: Screened,
  from: number,
  to: number,
  style: AssignmentStyle,
): boolean {
  const { bytes } = screened;
  for (let at = from; at < to; at++) {
    const code = bytes[at]!;
    if ((code === 58 || code === 61) && mayBeAssignment(screened, at, from, to, style)) return true;
  }
  return false;
}

/** @param mark of the `=` or `:` */
export function mayBeAssignment(
  screened: Screened,
  mark: number,
  from: number,
  to: number,
  style: AssignmentStyle,
): boolean {
  const { bytes, work } = screened;
  let end = mark;
  for (let spaces = 0; spaces < 3 && end > from && bytes[end - 1] === SPACE; spaces++) end--;
  if (end > from && QUOTE[bytes[end - 1]!] === 1) {
    end--;
    while (end > from && bytes[end - 1] === BACKSLASH) end--;
  } else if (end > from + 5 && bytes[end - 1] === 59 && bytes.toString("latin1", end - 6, end) === "&quot;")
    end -= 6;
  let start = end;
  const bound = Math.max(from, end - NAME_LIMIT);
  while (start > bound && NAME[bytes[start - 1]!] === 1) start--;
  if (start > from && bytes[start - 1] === BACKSLASH && isEscape(bytes[start]!)) start++;
  if (end - start < 2 || work.names.inBytes(bytes, start, end) === "none") return false;
  return isSecret(screened, start, mark, from, to, style);
}

/** `\n`, `\r`, `\t` */
function isEscape(code: number): boolean {
  return code === 110 || code === 114 || code === 116;
}

/** How far a value is looked at in one go, and the most that the finder reads of one, in bytes. */
const NEAR = 400;
const FAR = 26_000;

function isSecret(
  screened: Screened,
  name: number,
  mark: number,
  from: number,
  to: number,
  style: AssignmentStyle,
): boolean {
  const { bytes } = screened;
  const stop = valueEnd(bytes, name, mark, to, style);
  if (stop === 0) return false;
  const end = stop > 0 ? stop : Math.min(to, mark + FAR);
  const begin = Math.max(from, name - 8);
  // Before the mark, as many characters as bytes; behind it, the value as it is.
  const text = bytes.toString("latin1", begin, mark + 1) + bytes.toString("utf8", mark + 1, end);
  if (finds(text, screened, (scan) => assignmentAt(scan, mark - begin, 0, text.length, style))) return true;
  return stop < 0 && end < to && quoteAt(bytes, afterBlanks(bytes, mark + 1, to)) === "";
}

/** @returns behind the value, 0 where there is none, and -1 where a closer look has to tell. */
function valueEnd(bytes: Buffer, name: number, mark: number, to: number, style: AssignmentStyle): number {
  const at = afterBlanks(bytes, mark + 1, to);
  const limit = Math.min(to, at + NEAR);
  const quote = quoteAt(bytes, at);
  if (quote.length === 1) return quotedEnd(bytes, at + 1, limit, bytes[at]!);
  if (quote !== "") {
    const end = bytes.subarray(at, limit).indexOf(quote, quote.length, "latin1");
    return end === -1 ? -1 : at + end + quote.length;
  }
  // A block of YAML: its value stands on the next line.
  if ((bytes[at] === 124 || bytes[at] === 62) && BEGINS_BLOCK[bytes[at + 1] ?? 0] === 1) return -1;
  // In a script only what stands in quotes or in a query counts.
  const inQuery = isInQuery(bytes, name, mark);
  if (style === "code" && !inQuery) return 0;
  for (let end = at; end < limit; end++) {
    if (ENDS[bytes[end]!] !== 1) continue;
    if (bytes[end] !== SPACE || inQuery) return end + 1;
    return SCHEME.test(bytes.toString("latin1", at, end)) ? -1 : end + 1;
  }
  return limit === to ? to : -1;
}

/** Behind it stands the value. */
const SCHEME = /^(?:Bearer|Basic|Token|Digest|Negotiate|ApiKey|DPoP)$/i;

function quotedEnd(bytes: Buffer, start: number, limit: number, quote: number): number {
  for (let end = start; end < limit; end++) {
    if (bytes[end] === quote) return end + 1;
    if (bytes[end] === BACKSLASH || bytes[end] === 10) return -1;
  }
  return -1;
}

function afterBlanks(bytes: Buffer, start: number, to: number): number {
  let at = start;
  if (bytes[at] === 62 || bytes[at] === 61) at++;
  while (at < to && (bytes[at] === SPACE || bytes[at] === 9)) at++;
  return at;
}

/** The quote that opens here, as the finder sees it. */
function quoteAt(bytes: Buffer, at: number): string {
  const first = bytes[at] ?? 0;
  if (QUOTE[first] === 1) return String.fromCharCode(first);
  if (first !== BACKSLASH && first !== AMPERSAND) return "";
  return /^(?:\\{0,7}["'`]|&quot;|&#34;|&#39;)/.exec(bytes.toString("latin1", at, at + 8))?.[0] ?? "";
}

function isInQuery(bytes: Buffer, name: number, mark: number): boolean {
  if (bytes[mark] === 58 || name === 0) return false;
  const before = bytes[name - 1]!;
  if (before === 63 || before === AMPERSAND || before === 35) return true;
  if (before === 59) return bytes.toString("latin1", Math.max(0, name - 5), name) === "&amp;";
  return before === 54 && bytes.toString("latin1", Math.max(0, name - 6), name) === "\\u0026";
}
