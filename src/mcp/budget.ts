// Makes answers fit: as many rows as there is room for and a cursor for the rest, never a cut that nobody is told of.
import { cursorFor } from "./cursor.js";
import { AnswerTooLarge } from "./refusal.js";
import { type Answer, costOf } from "./result.js";

export interface PageOf<Row> {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Rows from `offset` on: no more than a page shall have. */
  readonly rows: readonly Row[];
  readonly offset: number;
  /** There are rows behind these. */
  readonly more: boolean;
  /** Rows in all; null where nobody has counted them. */
  readonly total: number | null;
}

/** What a page says of itself. */
export interface PageFacts {
  readonly offset: number;
  readonly shown: number;
  readonly total: number | null;
  /** null on the last page. */
  readonly nextCursor: string | null;
}

/**
 * @param answer makes the answer of the first rows
 * @returns one that fits, but for a single row that is larger than the budget: `within` shortens that
 */
export function fitted<Row, Data extends object>(
  page: PageOf<Row>,
  budget: number,
  answer: (rows: readonly Row[], facts: PageFacts) => Answer<Data>,
): Answer<Data> {
  const { rows, offset, total, more, tool, args } = page;
  const make = (count: number): Answer<Data> => {
    const hasMore = more || count < rows.length;
    const nextCursor = hasMore ? cursorFor(tool, args, offset + count) : null;
    return answer(rows.slice(0, count), { offset, shown: count, total, nextCursor });
  };
  const count = most(rows.length, (each) => costOf(make(each)) <= budget);
  return make(count === 0 ? Math.min(1, rows.length) : count);
}

/** @returns the largest number up to `limit` that fits, where all smaller ones do; 0 where 1 does not */
export function most(limit: number, fits: (count: number) => boolean): number {
  if (limit === 0 || fits(limit)) return limit;
  let good = 0;
  let bad = limit;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (fits(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

const LENGTHS = [4_000, 1_000, 300, 80] as const;

/** The answer, its longest strings shortened as far as it takes. @throws AnswerTooLarge */
export function within({ data, ...texts }: Answer<object>, budget: number): Answer {
  const answer: Answer = { ...texts, data: { ...data } };
  if (costOf(answer) <= budget) return answer;
  for (const length of LENGTHS) {
    const shorter = shortAnswer(answer, length);
    if (costOf(shorter) <= budget) return shorter;
  }
  throw new AnswerTooLarge(costOf(answer), budget);
}

/** @returns whether `within` has an answer of it */
export function canFit({ data, ...texts }: Answer<object>, budget: number): boolean {
  return costOf(shortAnswer({ ...texts, data: { ...data } }, Math.min(...LENGTHS))) <= budget;
}

function shortAnswer({ text, data, traffic }: Answer, length: number): Answer {
  return {
    text: shortened(text, length * 2),
    data: shortRecord(data, length),
    ...(traffic === undefined ? {} : { traffic: shortened(traffic, length * 2) }),
  };
}

/** The first characters and how many there are: whoever needs the rest knows that there is one. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length)}… (the first ${length} of ${text.length} characters)`;
}

function shortRecord(data: Readonly<Record<string, unknown>>, length: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, shortValue(value, length)]));
}

function shortValue(value: unknown, length: number): unknown {
  if (typeof value === "string") return shortened(value, length);
  if (Array.isArray(value)) return value.map((each: unknown) => shortValue(each, length));
  if (typeof value !== "object" || value === null) return value;
  return shortRecord({ ...value }, length);
}
