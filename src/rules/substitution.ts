// What comes in place of a match, and how much of it a text may get: bodies come from anywhere, and one search and replace
// must not fill memory or hold up all other traffic.
import { TrafficError } from "../errors.js";

/** Texts, and the numbers of groups: 0 is the whole match. */
export type Substitution = readonly (string | number)[];

/** A million of them take about 100 ms. */
const MOST_REPLACEMENTS = 1_000_000;
/** In characters. A body of 10 MB may grow, but not without end. */
const LONGEST_RESULT = 100_000_000;

/** For `String.replace` with a pattern whose groups are named g1, g2 and so on: ten times as fast as a function. */
export function replacementText(substitution: Substitution): string {
  return substitution
    .map((piece) =>
      typeof piece === "string" ? piece.replaceAll("$", "$$$$") : piece === 0 ? "$&" : `$<g${piece}>`,
    )
    .join("");
}

/**
 * @param what is searched for, for people
 * @param count how many there are, counted no further than it is told; asked only where it matters
 * @throws TrafficError PATTERN_TOO_SLOW
 */
export function checkReplacing(
  what: string,
  input: string,
  substitution: Substitution,
  count: (most: number) => number,
): void {
  const most = input.length + 1;
  if (most <= MOST_REPLACEMENTS && lengthOf(input, substitution, most) <= LONGEST_RESULT) return;
  const tally = new Tally(what);
  tally.add(count(MOST_REPLACEMENTS + 1), 0);
  tally.add(0, lengthOf(input, substitution, tally.count));
}

/** At most: of each group no more than the whole input can come. */
function lengthOf(input: string, substitution: Substitution, count: number): number {
  const texts = substitution.filter((piece) => typeof piece === "string").join("").length;
  const groups = substitution.filter((piece) => typeof piece === "number").length;
  return input.length * (1 + groups) + count * texts;
}

/** Counts replacements as they are made. */
export class Tally {
  readonly #what: string;
  #count = 0;
  #length = 0;

  constructor(what: string) {
    this.#what = what;
  }

  get count(): number {
    return this.#count;
  }

  /** @throws TrafficError PATTERN_TOO_SLOW where there are too many by now */
  add(count: number, length: number): void {
    this.#count += count;
    this.#length += length;
    if (this.#count > MOST_REPLACEMENTS) {
      throw new TrafficError(
        "PATTERN_TOO_SLOW",
        `${this.#what} matches more than ${MOST_REPLACEMENTS} times in one text`,
        { hint: "let it match more at a time" },
      );
    }
    if (this.#length > LONGEST_RESULT) {
      throw new TrafficError(
        "PATTERN_TOO_SLOW",
        `${this.#what} would make a text of more than ${LONGEST_RESULT} characters`,
        { hint: "let it match less often, or put less in its place" },
      );
    }
  }
}
