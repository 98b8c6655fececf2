// The shortest look at a short text, such as the value of a header field: whether it has any of the marks without which
// nothing is found that needs no name. Seven searches of a short text cost more than one walk over it.
import { RUN } from "./find-tokens.js";

/** In a longer text the searches are faster. */
const LONGEST = 200;

const WORD = 1;
const DASH = 2;
/** The last letter of `bearer`, `BEARER` and `basic`. */
const LETTER = 3;
const COLON = 4;
const CLASSES = new Uint8Array(128);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
  CLASSES[char.charCodeAt(0)] = WORD;
for (const char of "rRc") CLASSES[char.charCodeAt(0)] = LETTER;
CLASSES[45] = DASH;
CLASSES[58] = COLON;

/** True is certain: no key, credentials, flag, address or token stands in the text. */
export function isQuiet(text: string): boolean {
  if (text.length > LONGEST) return false;
  let run = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? CLASSES[code]! : 0;
    if (kind === 0) {
      run = 0;
      continue;
    }
    if (kind === COLON) {
      run = 0;
      const next = text.charCodeAt(at + 1);
      if (next === 47 || next === 92) return false;
      continue;
    }
    if (++run >= RUN) return false;
    if (kind === DASH) {
      const before = at > 0 ? text.charCodeAt(at - 1) : 0;
      if (before === 45 || before === 32) return false;
    } else if (kind === LETTER && endsScheme(text, at)) return false;
  }
  return true;
}

function endsScheme(text: string, at: number): boolean {
  if (at < 3) return false;
  const before = text.charCodeAt(at - 1) | 32;
  const third = text.charCodeAt(at - 2) | 32;
  if ((text.charCodeAt(at) | 32) === 99) return before === 105 && third === 115;
  return before === 101 && third === 114;
}
