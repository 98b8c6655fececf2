// What was found in the values of header fields and in addresses: most of them come again with the next exchange, and are
// looked at once.
import { copyOf } from "./copy-of.js";
import { findLearned } from "./find-anywhere.js";
import { owned } from "./outcomes.js";
import { type Finding, Scan } from "./scan.js";
import type { Work } from "./work.js";
import type { Works } from "./works.js";

/** What is full begins anew: values that come often are back at once. */
const MOST_CHARACTERS = 1024 * 1024;
const MOST_NAMES = 1000;
/** So many values have to be new before their name is taken for one that never has the same twice. */
const PATIENCE = 200;
const LONGEST = 2048;
const OVERHEAD = 100;

interface Known {
  readonly findings: readonly Finding[];
  /** What came out when so many patterns were known, and what was counted then. */
  patterns: number;
  result: string;
  kinds: readonly string[];
}

/** What is known of the values under one name. */
class Values {
  readonly known = new Map<string, Known>();
  #hits = 0;
  #misses = 0;

  get(value: string): Known | undefined {
    const known = this.known.get(value);
    if (known === undefined) this.#misses++;
    else this.#hits++;
    return known;
  }

  /** Dates and ids are each another one: to keep them costs more than to look at them again. */
  get areAllOther(): boolean {
    return this.#misses > PATIENCE && this.#hits * 10 < this.#misses;
  }
}

export class ValueMemo {
  readonly #names = new Map<string, Values>();
  #size = 0;

  constructor(readonly works: Works) {}

  /**
   * @param work always of the same side
   * @param find finds everything in the value of this name; the same for every value of it
   */
  redacted(name: string, value: string, work: Work, find: (scan: Scan, name: string) => void): string {
    if (value === "") return value;
    const values = this.#valuesOf(name);
    if (values.areAllOther || value.length > LONGEST) {
      const scan = new Scan(value, work);
      find(scan, name);
      return scan.result();
    }
    const known = values.get(value);
    if (known !== undefined) return this.#again(known, value, work);
    const before = this.works.nested;
    const kinds: string[] = [];
    const scan = new Scan(value, counting(work, kinds));
    find(scan, name);
    const result = scan.result();
    if (this.works.nested === before) {
      // What is known from elsewhere was passed over then.
      const patterns = this.works.isLearning ? -1 : this.#patterns;
      this.#keep(values, value, { findings: scan.own.map(owned), patterns, result, kinds });
    }
    return result;
  }

  get #patterns(): number {
    return this.works.vault.index.size;
  }

  #again(known: Known, value: string, work: Work): string {
    if (this.works.isLearning) return value;
    if (known.patterns === this.#patterns) {
      for (const kind of known.kinds) work.count(kind);
      return known.result;
    }
    const kinds: string[] = [];
    const scan = new Scan(value, counting(work, kinds), known.findings);
    findLearned(scan);
    known.result = scan.result();
    known.kinds = kinds;
    known.patterns = this.#patterns;
    return known.result;
  }

  #valuesOf(name: string): Values {
    let values = this.#names.get(name);
    if (values === undefined) {
      if (this.#names.size >= MOST_NAMES) this.#names.clear();
      values = new Values();
      this.#names.set(copyOf(name), values);
    }
    return values;
  }

  #keep(values: Values, value: string, known: Known): void {
    const size = value.length + OVERHEAD;
    if (this.#size + size > MOST_CHARACTERS) {
      for (const each of this.#names.values()) each.known.clear();
      this.#size = 0;
    }
    this.#size += size;
    values.known.set(copyOf(value), known);
  }
}

function counting(work: Work, kinds: string[]): Work {
  return {
    ...work,
    count: (kind) => {
      kinds.push(kind);
      work.count(kind);
    },
  };
}
