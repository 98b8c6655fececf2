// What a value itself says: whether it is blank or a placeholder, looks random, and is worth finding elsewhere.
import type { Grade } from "./names.js";

/** What stands for a secret, alone or behind its scheme (`Bearer REDACTED-1`). */
const PLACEHOLDER = /^(?:[A-Za-z][\w-]{0,30} )?REDACTED-?\d*-*$/;
const BLANK =
  /^(?:|true|false|null|nil|none|undefined|nan|yes|no|on|off|\*+|•+|x{3,}|\.{3}|…|deleted|optional|required|hidden|masked|\[?(?:redacted|filtered|removed|masked|object object)\]?|<[a-z][\w -]{0,40}>|\{\{[^{}]{1,60}\}\}|\$\{[^{}]{1,60}\}|\$[A-Z_][A-Z0-9_]*|%[sdv]|process\.env\.\w+)$/i;

/** A value that is empty, a flag, a mask, a template or a placeholder of an earlier redaction. */
export function isBlank(value: string): boolean {
  if (value.length > 120) return false;
  return BLANK.test(value) || PLACEHOLDER.test(value) || (/^[^A-Za-z0-9]*$/.test(value) && value.length < 3);
}

/** A label in a translation or a form (`"password": "Your password"`): words that repeat the name's last word. */
export function isLabel(name: string, value: string): boolean {
  if (value.length > 80 || !/^\p{L}[\p{L}' ,-]*[?:.!*…]?$/u.test(value)) return false;
  const word = /([A-Za-z][a-z]*)[^A-Za-z]*$/.exec(name)?.[1]?.toLowerCase();
  return (
    word !== undefined &&
    value
      .toLowerCase()
      .split(/[^\p{L}]+/u)
      .includes(word)
  );
}

/** Mixed characters in no order that a person would write: keys and session ids, not words, dates, slugs or paths. */
export function looksRandom(value: string): boolean {
  if (value.length < 10 || value.length > 8192 || /[\s<>{}]/.test(value)) return false;
  if (UUID.test(value)) return true;
  if (/^https?:\/\/|^\/|@|^\d{4}-\d\d-\d\d|^[\w.+-]+\/[\w.+-]+$|^v?\d+(?:\.\d+)+|^[\d.,:-]+$/.test(value))
    return false;
  if (/^[0-9a-f]{16,}$/i.test(value)) return true;
  const turns = classTurns(value);
  return turns >= 4 && turns * 6 >= Math.min(value.length, 60);
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** How often lower case, upper case and digits take turns. An upper case letter before lower case begins a word: no turn. */
function classTurns(value: string): number {
  let turns = 0;
  let digits = false;
  let before = 0;
  for (let at = 0; at < value.length; at++) {
    const kind = classOf(value.charCodeAt(at));
    if (kind === 0) continue;
    if (kind === 3) digits = true;
    if (before !== 0 && kind !== before && !(before === 2 && kind === 1)) turns++;
    before = kind;
  }
  return digits ? turns : turns >> 1;
}

function classOf(code: number): 0 | 1 | 2 | 3 {
  if (code >= 97 && code <= 122) return 1;
  if (code >= 65 && code <= 90) return 2;
  return code >= 48 && code <= 57 ? 3 : 0;
}

/** Values that secrets fields hold by habit, and that stand everywhere else as well. */
const COMMON = new Set(
  `password passwort secret secrets token bearer basic digest negotiate undefined localhost username application anonymous administrator
  production development staging testing example default changeme authorization authentication session required
  optional disabled enabled unauthorized forbidden access_token refresh_token id_token client_credentials
  authorization_code application/json text/html utf-8 x-oauth-basic`.split(/\s+/),
);

/**
 * Whether a secret is long and rare enough to be replaced wherever else it stands. What is not is replaced in its
 * own field only: replacing every `true`, `1234` or `summer` would make an export unreadable and hide nothing.
 */
export function worthLearning(value: string, grade: Grade | "cookie" | "shape"): boolean {
  if (value.length < 7 || value.length > 8192 || value.startsWith("REDACTED")) return false;
  if (COMMON.has(value.toLowerCase())) return false;
  if (grade === "shape") return true;
  if (grade !== "secret") return looksRandom(value);
  if (/^https?:\/\/[^?]*$|^\d{4}-\d\d-\d\d(?:T|$)/i.test(value)) return false;
  if (/^\d+$/.test(value)) return value.length >= 9;
  if (/^[A-Z]?[a-z]+$|^[A-Z]+$/.test(value)) return value.length >= 12;
  if (/^[a-z]+(?:[-_. ][a-z]+)+$/i.test(value)) return value.length >= 12;
  return value.length >= 8 || (/\d/.test(value) && /\D/.test(value));
}
