// In which order what was found is given: keeps the first few of an order in a heap, or the keys of all of it in typed
// arrays, 20 bytes each.
import type { Block } from "../../session/index/block.js";

/** By start, by duration or by size (both bodies), longest and largest first. */
export type Sort = "asc" | "desc" | "duration" | "size";

/** Takes rows, then gives them in order. */
export interface Matches {
  readonly total: number;
  /** @param number of the row among all rows of all sources. */
  add(number: number, block: Block, row: number): void;
  /** @returns the rows' numbers in order. */
  sorted(): Uint32Array;
}

/** What rows are compared by: smaller comes first. */
type Keys = (block: Block, row: number) => number;

/** Beyond, sorting all is as cheap. */
const HEAP_LIMIT = 10_000;

/**
 * @param first so many of the order are wanted. @param several whether there are several sources: `seq` orders the
 *   exchanges of one, also where the clock was set meanwhile; start times order those of several.
 */
export function createMatches(sort: Sort, first: number, several: boolean): Matches {
  const started: Keys = (block, row) => block.number("startedAt", row) || 0;
  const seq: Keys = (block, row) => block.number("seq", row);
  const sign = sort === "desc" ? -1 : 1;
  const start: Keys = several ? started : seq;
  const main: Keys =
    sort === "duration"
      ? (block, row) => -orElse(block.number("duration", row), Number.NEGATIVE_INFINITY)
      : sort === "size"
        ? (block, row) => -(block.number("requestSize", row) + block.number("responseSize", row))
        : (block, row) => sign * start(block, row);
  const tie: Keys = sort === "duration" || sort === "size" ? start : (block, row) => sign * seq(block, row);
  return first <= HEAP_LIMIT ? new FirstMatches(main, tie, first) : new AllMatches(main, tie);
}

/** A list of rows with their keys. */
class KeyedRows {
  main: Float64Array;
  tie: Float64Array;
  rows: Uint32Array;

  constructor(capacity: number) {
    this.main = new Float64Array(capacity);
    this.tie = new Float64Array(capacity);
    this.rows = new Uint32Array(capacity);
  }

  set(at: number, main: number, tie: number, row: number): void {
    this.main[at] = main;
    this.tie[at] = tie;
    this.rows[at] = row;
  }

  compare(a: number, b: number): number {
    const { main, tie, rows } = this;
    return compare(main[a]!, main[b]!) || compare(tie[a]!, tie[b]!) || rows[a]! - rows[b]!;
  }

  grow(): void {
    const { main, tie, rows } = this;
    const larger = new KeyedRows(rows.length * 2);
    larger.main.set(main);
    larger.tie.set(tie);
    larger.rows.set(rows);
    Object.assign(this, larger);
  }

  sorted(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, at) => at);
    order.sort((a, b) => this.compare(a, b));
    return order.map((at) => this.rows[at]!);
  }
}

class AllMatches implements Matches {
  readonly #main: Keys;
  readonly #tie: Keys;
  readonly #kept = new KeyedRows(1024);
  total = 0;

  constructor(main: Keys, tie: Keys) {
    this.#main = main;
    this.#tie = tie;
  }

  add(number: number, block: Block, row: number): void {
    if (this.total === this.#kept.rows.length) this.#kept.grow();
    this.#kept.set(this.total++, this.#main(block, row), this.#tie(block, row), number);
  }

  sorted(): Uint32Array {
    return this.#kept.sorted(this.total);
  }
}

class FirstMatches implements Matches {
  readonly #main: Keys;
  readonly #tie: Keys;
  readonly #limit: number;
  /** A heap with the last of the order on top; the place behind it holds the row that is looked at. */
  readonly #kept: KeyedRows;
  #count = 0;
  total = 0;

  constructor(main: Keys, tie: Keys, limit: number) {
    this.#main = main;
    this.#tie = tie;
    this.#limit = limit;
    this.#kept = new KeyedRows(limit + 1);
  }

  add(number: number, block: Block, row: number): void {
    this.total++;
    if (this.#limit === 0) return;
    const main = this.#main(block, row);
    if (this.#count === this.#limit) {
      if (main > this.#kept.main[0]!) return;
      this.#kept.set(this.#limit, main, this.#tie(block, row), number);
      if (this.#kept.compare(this.#limit, 0) >= 0) return;
      this.#move(this.#limit, 0);
      this.#sink();
      return;
    }
    this.#kept.set(this.#count, main, this.#tie(block, row), number);
    this.#rise(this.#count++);
  }

  sorted(): Uint32Array {
    return this.#kept.sorted(this.#count);
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (this.#kept.compare(at, parent) <= 0) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      let largest = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#count && this.#kept.compare(child, largest) > 0) largest = child;
      }
      if (largest === at) return;
      this.#swap(at, largest);
      at = largest;
    }
  }

  #swap(a: number, b: number): void {
    const { main, tie, rows } = this.#kept;
    const [mainA, tieA, rowA] = [main[a]!, tie[a]!, rows[a]!];
    this.#move(b, a);
    this.#kept.set(b, mainA, tieA, rowA);
  }

  #move(from: number, to: number): void {
    const { main, tie, rows } = this.#kept;
    this.#kept.set(to, main[from]!, tie[from]!, rows[from]!);
  }
}

/** Not by subtraction: two infinities have no difference. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function orElse(number: number, otherwise: number): number {
  return Number.isNaN(number) ? otherwise : number;
}
