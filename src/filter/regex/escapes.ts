// Backslash escapes of Python patterns, in and outside of sets.
import type { Cursor } from "./cursor.js";
import type { Assertion, Category } from "./syntax.js";

export type Escape =
  | { readonly code: number }
  | { readonly category: Category; readonly negated: boolean }
  | { readonly assertion: Assertion }
  | { readonly group: number };

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: "text-start",
  Z: "text-end",
  b: "boundary",
  B: "no-boundary",
};

/** @param cursor behind the backslash, which is at `from` @throws Mistake */
export function readEscape(cursor: Cursor, from: number, options: { set: boolean; bytes: boolean }): Escape {
  if (cursor.ended) throw cursor.error("a backslash with nothing behind it", from);
  const char = cursor.take();
  if (char in CONTROLS) return { code: CONTROLS[char]! };
  if (/[dDwWsS]/.test(char)) {
    const lower = char.toLowerCase();
    return { category: lower === "d" || lower === "w" ? lower : "s", negated: char !== lower };
  }
  if (options.set && char === "b") return { code: 8 };
  if (!options.set && char in ASSERTIONS) return { assertion: ASSERTIONS[char]! };
  if (char === "x") return { code: readHex(cursor, from, 2) };
  if (!options.bytes && char === "u") return { code: readHex(cursor, from, 4) };
  if (!options.bytes && char === "U") {
    const code = readHex(cursor, from, 8);
    if (code > 0x10_ffff) throw cursor.error("there is no such character", from);
    return { code };
  }
  if (/[0-9]/.test(char)) return readNumber(cursor, from, char, options.set);
  if (char === "N") throw cursor.error("\\N{name} is not supported: use \\uXXXX", from);
  if (/[A-Za-z]/.test(char)) throw cursor.error(`there is no escape \\${char}`, from);
  return { code: char.codePointAt(0)! };
}

function readHex(cursor: Cursor, from: number, digits: number): number {
  const text = cursor.takeWhile(/^[0-9A-Fa-f]$/, digits);
  if (text.length < digits) throw cursor.error(`${digits} hexadecimal digits expected`, from);
  return Number.parseInt(text, 16);
}

/** `\0`, `\012` and `\377` are octal; `\1` to `\99` are groups, but not in a set. */
function readNumber(cursor: Cursor, from: number, first: string, set: boolean): Escape {
  if (first === "0") return { code: Number.parseInt(`0${cursor.takeWhile(/^[0-7]$/, 2)}`, 8) };
  if (set && !/[0-7]/.test(first)) throw cursor.error(`there is no escape \\${first} in a set`, from);
  const start = cursor.at;
  if (/[0-7]/.test(first)) {
    const more = cursor.takeWhile(/^[0-7]$/, 2);
    if (more.length === 2 || set) {
      const code = Number.parseInt(first + more, 8);
      if (code > 0o377) throw cursor.error("an octal escape goes up to \\377", from);
      return { code };
    }
    cursor.at = start;
  }
  return { group: Number(first + cursor.takeWhile(/^[0-9]$/, 1)) };
}
