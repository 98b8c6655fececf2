// The shortest look at a short text: words, numbers and dates, which most form values and strings are, have none of the
// marks without which no finder finds anything.
import { RUN } from "../find-tokens.js";

const MARK = 1;
const WORD = 2;
const DASH = 3;
/** The last letter of `bearer`, `BEARER` and `basic`. */
const LETTER = 4;
const CLASSES = new Uint8Array(256);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
  CLASSES[char.charCodeAt(0)] = WORD;
for (const char of "=:{[<\\/%") CLASSES[char.charCodeAt(0)] = MARK;
CLASSES[45] = DASH;
for (const char of "rRc") CLASSES[char.charCodeAt(0)] = LETTER;

/** Whether bytes, UTF-8 without a name or a type or the value of a form, hold nothing but known secrets. False is no answer. */
export function isPlain(bytes: Buffer, from: number, to: number): boolean {
  let run = 0;
  for (let at = from; at < to; at++) {
    const kind = CLASSES[bytes[at]!]!;
    if (kind === 0) {
      run = 0;
      continue;
    }
    if (kind === MARK || ++run >= RUN) return false;
    if (kind === DASH) {
      if (at > from && isDashOrSpace(bytes[at - 1]!)) return false;
    } else if (kind === LETTER && endsScheme(bytes, at)) return false;
  }
  return true;
}

/** A plus sign is a space in forms. */
function isDashOrSpace(code: number): boolean {
  return code === 45 || code === 32 || code === 43;
}

function endsScheme(bytes: Buffer, at: number): boolean {
  const before = (bytes[at - 1] ?? 0) | 32;
  if ((bytes[at]! | 32) === 99) return before === 105 && ((bytes[at - 2] ?? 0) | 32) === 115;
  return before === 101 && ((bytes[at - 2] ?? 0) | 32) === 114 && ((bytes[at - 3] ?? 0) | 32) === 97;
}
