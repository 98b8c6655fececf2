// Durations and sizes as a person writes them in a rule.

const DURATIONS: Readonly<Record<string, number>> = { ms: 1, "": 1, s: 1000, m: 60_000, min: 60_000 };
const SIZES: Readonly<Record<string, number>> = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Longer than this nobody waits. */
const LONGEST_MS = 3_600_000;

/** Milliseconds of `200`, `200ms`, `1.5s`, `2m`; milliseconds where no unit is given; at most an hour. */
function parseDelay(value: string | number): number | undefined {
  const ms = measured(String(value), (unit) => DURATIONS[unit]);
  return ms === undefined || ms > LONGEST_MS ? undefined : ms;
}

/** `100ms..2s`, or one duration for both ends. */
export function parseDelayRange(
  value: string | number,
): { readonly min: number; readonly max: number } | undefined {
  const [from = "", to = from, ...more] = String(value).split("..");
  const [min, max] = [parseDelay(from.trim()), parseDelay(to.trim())];
  if (min === undefined || max === undefined || max < min || more.length > 0) return undefined;
  return { min, max };
}

/** Bytes of `50000`, `50KB`, `1.5MiB`, with or without `/s`: powers of 1024; at least 1. */
export function parseRate(value: string | number): number | undefined {
  const text = String(value).replace(/\/s$/i, "");
  const bytes = measured(text, (unit) => SIZES[unit.replace(/(?<=[kmg])i?b$/, "")]);
  return bytes === undefined || bytes < 1 ? undefined : Math.round(bytes);
}

function measured(text: string, factorOf: (unit: string) => number | undefined): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?|\.\d{1,6}) ?([a-z]*)$/i.exec(text);
  const factor = match === null ? undefined : factorOf(match[2]!.toLowerCase());
  return factor === undefined ? undefined : Number(match![1]) * factor;
}
