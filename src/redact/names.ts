// Whether the name of a header, parameter, field, cookie, element or attribute says that its value is a secret.
import {
  ABOUT_WORDS,
  COUNTED_TOKENS_OF,
  MAYBE_WORDS,
  NEUTRAL_WORDS,
  NOT_SECRET_ENDINGS,
  NOT_SECRET_NAMES,
  PLACE_TOKEN_OF,
  PLAIN_KEY_OF,
  QUESTION_WORDS,
  SECRET_CODE_OF,
  SECRET_ENDINGS,
  SECRET_KEY_OF,
  SECRET_NAMES,
  SECRET_WORDS,
} from "./word-lists.js";

/**
 * `secret`: whatever the value is. `maybe`: always in a query, form, header or cookie, elsewhere when the value looks
 * random. `weak`: only when the value looks random. `none`: the name says nothing.
 */
export type Grade = "secret" | "maybe" | "weak" | "none";

const ENDS_SECRET = new RegExp(`(?:${[...SECRET_ENDINGS].join("|")})$`);

/** A name says nothing unless one of these stands in it, written together or with other characters between. */
export const TELLING_WORDS: readonly string[] = [
  ...SECRET_NAMES,
  ...SECRET_WORDS,
  ...SECRET_ENDINGS,
  ...MAYBE_WORDS,
  "key",
  "code",
  "token",
  "sess",
  "sid",
];

/** The words of a name: camelCase, snake_case, kebab-case, `user[password]`, `a.b`, percent-encoded. */
function wordsOf(name: string): string[] {
  const plain = name.includes("%") ? decodePercent(name) : name;
  const words = plain.match(/[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? [];
  return words.map((word) => word.toLowerCase());
}

/** What decides stands at the end of a name. */
const NAME_LIMIT = 120;

/** Judges a name by the built-in lists. */
export function gradeName(name: string): Grade {
  const words = wordsOf(name.length > NAME_LIMIT ? name.slice(-NAME_LIMIT) : name);
  while (words.length > 1 && (words[0] === "x" || words[0] === "http")) words.shift();
  if (SECRET_NAMES.has(words.join(""))) return "secret";
  const last = (): string => words.at(-1) ?? "";
  while (words.length > 1 && (/^\d+$/.test(last()) || NEUTRAL_WORDS.has(last()))) words.pop();
  if (words.length === 0) return "none";
  const joined = words.join("");
  if (NOT_SECRET_NAMES.has(joined) || NOT_SECRET_ENDINGS.has(joined)) return "none";
  if (SECRET_NAMES.has(joined)) return "secret";
  if (words.length > 1 && QUESTION_WORDS.has(words[0]!)) return "none";
  return gradeWords(words, last());
}

function gradeWords(words: readonly string[], last: string): Grade {
  const before = words.at(-2);
  if (last === "id" && before !== undefined && /^(?:session|sess|sid)$/.test(before)) return "secret";
  if (last === "key" || last === "keys") return gradeKey(before);
  if (last === "code" || last === "codes") return gradeCode(last, words);
  if (last === "token" || last === "tokens") return gradeToken(last, before);
  if (SECRET_WORDS.has(last)) return "secret";
  if (ABOUT_WORDS.has(last)) return "none";
  if (ENDS_SECRET.test(last) && !NOT_SECRET_ENDINGS.has(last)) return "secret";
  if (MAYBE_WORDS.has(last))
    return before === undefined || last === "auth" || last === "session" ? "maybe" : "weak";
  return "none";
}

function gradeKey(before: string | undefined): Grade {
  if (before === undefined) return "maybe";
  if (SECRET_KEY_OF.has(before) || SECRET_WORDS.has(before)) return "secret";
  return PLAIN_KEY_OF.has(before) ? "none" : "weak";
}

function gradeCode(last: string, words: readonly string[]): Grade {
  if (words.length === 1) return last === "code" ? "maybe" : "none";
  return words.slice(0, -1).some((word) => SECRET_CODE_OF.has(word)) ? "secret" : "none";
}

function gradeToken(last: string, before: string | undefined): Grade {
  if (before === undefined) return "secret";
  if (PLACE_TOKEN_OF.has(before)) return "none";
  return last === "tokens" && COUNTED_TOKENS_OF.has(before) ? "none" : "secret";
}

/** Whether a number under this name is a count, an amount or a position rather than a secret. */
export function countsThings(name: string): boolean {
  return /(?:tokens|keys|secrets|passwords|credentials|signatures|cookies|pass|sessions)$/i.test(name);
}

/** @returns the text with every valid `%XX` decoded (as UTF-8, else as it is). */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return run;
      }
    });
  }
}
