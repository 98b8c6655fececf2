// Ranges of numbers, as `~c`, `~dur` and `~size` take them: `>500ms`, `100ms..1s`, `..1MB`, `404`.
import { Mistake } from "./mistake.js";

/** From `low` to `high`, both included where they are not open. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly lowOpen?: boolean;
  readonly highOpen?: boolean;
}

export function inRange({ low, high, lowOpen, highOpen }: Range, value: number): boolean {
  return (lowOpen ? value > low : value >= low) && (highOpen ? value < high : value <= high);
}

/** @param readValue throws a Mistake about a text that is none @param at where in the argument the text begins */
export function parseRange(text: string, readValue: (text: string, at: number) => number, at = 0): Range {
  const compared = /^(>=|<=|>|<|=)\s*(.*)$/s.exec(text);
  if (compared !== null) {
    const [, sign, rest] = compared;
    const value = readValue(rest!, at + text.length - rest!.length);
    if (sign === "=") return { low: value, high: value };
    return sign!.startsWith(">")
      ? { low: value, high: Number.POSITIVE_INFINITY, lowOpen: sign === ">" }
      : { low: Number.NEGATIVE_INFINITY, high: value, highOpen: sign === "<" };
  }
  const dots = text.indexOf("..");
  if (dots === -1) {
    const value = readValue(text, at);
    return { low: value, high: value };
  }
  const [from, to] = [text.slice(0, dots), text.slice(dots + 2)];
  if (from === "" && to === "") throw new Mistake("a range has at least one end", at, at + text.length);
  const low = from === "" ? Number.NEGATIVE_INFINITY : readValue(from, at);
  const high = to === "" ? Number.POSITIVE_INFINITY : readValue(to, at + dots + 2);
  if (high < low) throw new Mistake("the range is upside down", at, at + text.length);
  return { low, high };
}

type Units = Readonly<Record<string, number>>;

const SIZES: Units = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const DURATIONS: Units = {
  us: 0.001,
  ms: 1,
  "": 1000,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `64k`, `1.5MB`, `10MiB`: powers of 1024, bytes where no unit is given. @throws Mistake */
export function parseSizeRange(text: string): Range {
  return parseRange(text, (value, at) =>
    measure(
      value,
      at,
      (unit) => SIZES[unit.replace(/(?<=[kmgt])i?b$/, "")],
      "a size",
      "write >1MB, 10KB..1MB or 0",
    ),
  );
}

/** Milliseconds of `500ms`, `1.5s`, `2m`; seconds where no unit is given. @throws Mistake */
export function parseDurationRange(text: string): Range {
  const range = parseRange(text, (value, at) =>
    measure(value, at, (unit) => DURATIONS[unit], "a duration", "write >500ms, <=1.5s or 100ms..1s"),
  );
  if (range.low === range.high) {
    throw new Mistake("nothing takes exactly so long", 0, text.length, `write >${text} or <${text}`);
  }
  return range;
}

function measure(
  text: string,
  at: number,
  factorOf: (unit: string) => number | undefined,
  what: string,
  hint: string,
): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)([a-z]*)$/i.exec(text);
  const factor = match === null ? undefined : factorOf(match[2]!.toLowerCase());
  if (match === null || factor === undefined) {
    throw new Mistake(
      text === "" ? `${what} is missing` : `'${text}' is not ${what}`,
      at,
      at + text.length,
      hint,
    );
  }
  return Number(match[1]) * factor;
}
