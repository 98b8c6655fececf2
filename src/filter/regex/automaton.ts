// The positions of a pattern and which may follow which (Glushkov's automaton): what the cost of a search follows from.
import { charactersOf } from "./characters.js";
import { type CharSet, EVERYTHING } from "./sets.js";
import type { RegexNode, RepeatNode } from "./syntax.js";

export interface Automaton {
  /** What each position takes. */
  readonly sets: readonly CharSet[];
  readonly next: readonly ReadonlySet<number>[];
  /** Where a match may begin. */
  readonly first: readonly number[];
  /** Two ways lead from some position to the same next one: a repetition directly in a repetition. */
  readonly doubled: ReadonlySet<string>;
}

interface Part {
  readonly empty: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** Repetitions of up to this many turns are written out; more of them count as loops. */
const UNROLLED = 4;
const MOST_POSITIONS = 20_000;

/** @returns undefined for a pattern that is too large to look into. */
export function automatonOf(root: RegexNode, bytes: boolean): Automaton | undefined {
  const builder = new Builder(bytes);
  const { first } = builder.build(root);
  return builder.sets.length > MOST_POSITIONS ? undefined : { ...builder, first };
}

class Builder {
  readonly sets: CharSet[] = [];
  readonly next: Set<number>[] = [];
  readonly doubled = new Set<string>();
  readonly #bytes: boolean;

  constructor(bytes: boolean) {
    this.#bytes = bytes;
  }

  build(node: RegexNode): Part {
    if (this.sets.length > MOST_POSITIONS) return NOTHING;
    const characters = charactersOf(node, this.#bytes);
    if (characters !== undefined) return this.#position(characters);
    switch (node.type) {
      case "sequence":
        return this.#sequence(node.items.map((item) => () => this.build(item)));
      case "either":
        return either(node.options.map((option) => this.build(option)));
      case "group":
      case "atomic":
        return this.build(node.node);
      case "look":
        // It is tried, and then what follows begins where it began.
        return { ...this.build(node.node), empty: true };
      case "backreference":
        return this.#loop(this.#position(EVERYTHING), 0);
      case "repeat":
        return this.#repeat(node);
      default:
        return NOTHING;
    }
  }

  #repeat({ node, min, max }: RepeatNode): Part {
    if (max > UNROLLED) return this.#loop(this.build(node), min);
    const turns = Array.from({ length: max }, (_, turn) => () => {
      const part = this.build(node);
      return turn < min ? part : { ...part, empty: true };
    });
    return this.#sequence(turns);
  }

  #loop(part: Part, min: number): Part {
    this.#connect(part.last, part.first);
    return { ...part, empty: part.empty || min === 0 };
  }

  #sequence(items: readonly (() => Part)[]): Part {
    let whole: Part = NOTHING;
    for (const build of items) {
      const part = build();
      this.#connect(whole.last, part.first);
      whole = {
        empty: whole.empty && part.empty,
        first: whole.empty ? [...whole.first, ...part.first] : whole.first,
        last: part.empty ? [...whole.last, ...part.last] : part.last,
      };
    }
    return whole;
  }

  #position(characters: CharSet): Part {
    const index = this.sets.push(characters) - 1;
    this.next.push(new Set());
    return { empty: false, first: [index], last: [index] };
  }

  #connect(from: readonly number[], to: readonly number[]): void {
    for (const a of from) {
      for (const b of to) {
        if (this.next[a]!.has(b)) this.doubled.add(edge(a, b));
        this.next[a]!.add(b);
      }
    }
  }
}

export function edge(from: number, to: number): string {
  return `${from} ${to}`;
}

const NOTHING: Part = { empty: true, first: [], last: [] };

function either(parts: readonly Part[]): Part {
  return {
    empty: parts.some(({ empty }) => empty),
    first: parts.flatMap(({ first }) => first),
    last: parts.flatMap(({ last }) => last),
  };
}
