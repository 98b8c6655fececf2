// Spans of time, as `~time`, `--from` and `--to` take them: `2026-11-20`, `2026-11-20T10:00..11:00`, `..2026-11-20`,
// `>=2026-11-20T10:00:00Z`. Without a zone a time is the local one, as everywhere else on a command line.
import { Mistake } from "./mistake.js";
import type { Range } from "./range.js";

const HINT =
  "write 2026-11-20, 2026-11-20T10:00..11:00, or 2026-11-20T10:00:00Z.. (local time without a zone)";

/** An instant that was written as a day or to the minute stands for all of it. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly date: string;
  readonly zone: string;
}

/**
 * A range up to a day includes the day; a range up to a time ends there.
 * @returns milliseconds since 1970, without the upper end
 * @throws Mistake
 */
export function parseTimeRange(text: string): Range {
  const compared = /^(>=|<=|>|<)\s*(.*)$/s.exec(text);
  if (compared !== null) {
    const [, sign, rest] = compared;
    const span = parseSpan(rest!, text.length - rest!.length);
    if (sign === ">") return from(span.end);
    if (sign === ">=") return from(span.start);
    return until(sign === "<" ? span.start : span.end);
  }
  const dots = text.indexOf("..");
  if (dots === -1) {
    const span = parseSpan(text, 0);
    return { low: span.start, high: span.end, highOpen: true };
  }
  const [left, right] = [text.slice(0, dots), text.slice(dots + 2)];
  if (left === "" && right === "") throw new Mistake("a range has at least one end", 0, text.length, HINT);
  if (left === "") return until(endOf(parseSpan(right, dots + 2), right));
  const first = parseSpan(left, 0);
  if (right === "") return from(first.start);
  const last = parseSpan(completed(right, first), dots + 2, right.length);
  const range: Range = { low: first.start, high: endOf(last, right), highOpen: true };
  if (range.high <= range.low) throw new Mistake("the range ends before it begins", 0, text.length);
  return range;
}

/** The second end may be a time of the first one's day, and is in its zone. */
function completed(text: string, first: Span): string {
  if (!/^\d\d:/.test(text)) return text;
  return `${first.date}T${text}${/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? "" : first.zone}`;
}

function endOf(span: Span, text: string): number {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? span.end : span.start;
}

function from(start: number): Range {
  return { low: start, high: Number.POSITIVE_INFINITY };
}

function until(end: number): Range {
  return { low: Number.NEGATIVE_INFINITY, high: end, highOpen: true };
}

const FORM =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T_ ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const DAY = 86_400_000;

function parseSpan(text: string, at: number, length = text.length): Span {
  const mistake = (problem: string): Mistake => new Mistake(problem, at, at + length, HINT);
  const match = FORM.exec(text);
  if (match === null) throw mistake(text === "" ? "a time is missing" : `'${text}' is no time`);
  const [, year, month, day, hour, minute, second, fraction] = match;
  const zone = match[8] ?? "";
  const fields = [year, month, day, hour, minute, second].map((field) => Number(field ?? "0"));
  const [y, mo, d, h, mi, s] = fields as [number, number, number, number, number, number];
  const ms = Number(`0.${fraction ?? "0"}`) * 1000;
  const utc = Date.UTC(y, mo - 1, d, h, mi, s);
  // A field that is out of its range would move the others.
  if (new Date(utc).toISOString().slice(0, 19) !== isoOf(fields)) throw mistake(`'${text}' is no time`);
  const start = (zone === "" ? new Date(y, mo - 1, d, h, mi, s).getTime() : utc - offsetOf(zone)) + ms;
  const date = text.slice(0, 10);
  if (hour === undefined) return { start, end: new Date(y, mo - 1, d + 1).getTime(), date, zone };
  const unit =
    fraction !== undefined ? 1 : second !== undefined ? 1000 : minute !== undefined ? 60_000 : DAY / 24;
  return { start, end: start + unit, date, zone };
}

function isoOf([y, mo, d, h, mi, s]: readonly number[]): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${String(y).padStart(4, "0")}-${two(mo!)}-${two(d!)}T${two(h!)}:${two(mi!)}:${two(s!)}`;
}

/** Milliseconds of `Z`, `+02`, `+02:00`, `-0330`. */
function offsetOf(zone: string): number {
  if (zone.toUpperCase() === "Z") return 0;
  const digits = zone.replace(/\D/g, "").padEnd(4, "0");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}
