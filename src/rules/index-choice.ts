// By what each rule is looked up: of its requirements the one whose texts the fewest rules have. A hundred paths below
// `/api/` differ in their last characters, a hundred hosts of one domain in their first.
import { gramsOf, lastGramOf } from "./index-grams.js";
import type { Requirement, Trace } from "./requirement.js";

/** Rules that are looked up by the same, by their positions in the set. */
export type Found = readonly number[];

export interface Lookups {
  /** By a gram of the URL. */
  readonly urls: ReadonlyMap<number, Found>;
  /** Those of them whose text may be in the URL with escapes. */
  readonly queries: Found;
  /** By the last gram of a header field's name. */
  readonly fields: ReadonlyMap<number, FieldLookups>;
  /** Those of them whose header line may be in the value of any field. */
  readonly lines: Found;
  /** Those that nothing can be looked up for. */
  readonly others: Found;
}

interface FieldLookups {
  /** Rules that ask for no more than the field. */
  readonly named: Found;
  /** By a gram of `: value\r\n`. */
  readonly values: ReadonlyMap<number, Found>;
}

/** @param requirements of each rule */
export function chooseLookups(requirements: readonly (readonly Requirement[])[]): Lookups {
  const uses = new Uses();
  const options = requirements.map((each) => each.flatMap((requirement) => optionsOf(requirement, uses)));
  const urls = new Map<number, number[]>();
  const fields = new Map<number, { named: number[]; values: Map<number, number[]> }>();
  const [queries, lines, others] = [new Set<number>(), new Set<number>(), new Set<number>()];
  for (const [position, each] of options.entries()) {
    const chosen = rarest(each, uses);
    if (chosen === undefined) others.add(position);
    for (const { place, field, gram } of chosen ?? []) {
      if (field === undefined) listIn(urls, gram).push(position);
      else {
        const lookups = fields.get(field) ?? { named: [], values: new Map() };
        fields.set(field, lookups);
        (gram === NO_GRAM ? lookups.named : listIn(lookups.values, gram)).push(position);
      }
      if (place === "query") queries.add(position);
      if (place === "line") lines.add(position);
    }
  }
  return { urls, queries: [...queries], fields, lines: [...lines], others: [...others] };
}

/** A text and the grams that it can be looked up by; of equally rare ones the first is taken. */
interface Text {
  readonly place: Trace["place"];
  /** Known by the last gram of its name. */
  readonly field: number | undefined;
  readonly grams: readonly number[];
}

/** Of a field: that it is there. */
const NO_GRAM = 0;
/** More of a text tells no more. */
const LONG = 32;

/** @returns none where there is a text that is too short to be looked up */
function optionsOf(requirement: Requirement, uses: Uses): readonly (readonly Text[])[] {
  if (!("anyOf" in requirement)) return [];
  const texts = requirement.anyOf.map(textOf);
  if (texts.some(({ grams }) => grams.length === 0)) return [];
  for (const { field, grams } of texts) for (const gram of grams) uses.add(field, gram);
  return [texts];
}

/** First what tells most where no other rule tells: the end of a text, but the beginning of a host name. */
function textOf(trace: Trace): Text {
  const { place, text } = trace;
  if (place === "host") return { place, field: undefined, grams: gramsOf(text.slice(0, LONG)) };
  const grams = gramsOf(text.slice(-LONG)).reverse();
  if (!("name" in trace)) return { place, field: undefined, grams };
  const field = lastGramOf(trace.name);
  // The end of a name tells only as much as it is long.
  const isKnown = field !== undefined && (place === "field" || gramsOf(trace.name).length > 0);
  return { place, field, grams: isKnown ? [NO_GRAM, ...grams] : [] };
}

interface Choice extends Omit<Text, "grams"> {
  readonly gram: number;
}

/** @param options of which one is enough; of each, a choice for every text is needed */
function rarest(options: readonly (readonly Text[])[], uses: Uses): readonly Choice[] | undefined {
  let best: readonly Choice[] | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const texts of options) {
    let sum = 0;
    const choices = texts.map(({ place, field, grams }) => {
      const gram = grams.reduce((rare, each) => (uses.of(field, each) < uses.of(field, rare) ? each : rare));
      sum += uses.of(field, gram);
      return { place, field, gram };
    });
    if (sum < least) [best, least] = [choices, sum];
  }
  return best;
}

/** How often a gram could be chosen; rather too often, where two of them have one entry. */
class Uses {
  readonly #counts = new Uint32Array(2 ** 15);

  add(field: number | undefined, gram: number): void {
    this.#counts[entryOf(field, gram)]!++;
  }

  of(field: number | undefined, gram: number): number {
    return this.#counts[entryOf(field, gram)]!;
  }
}

function entryOf(field = 0, gram: number): number {
  return Math.imul(Math.imul(field, 31) ^ gram, 0x9e3779b1) >>> 17;
}

function listIn(lists: Map<number, number[]>, gram: number): number[] {
  const list = lists.get(gram) ?? [];
  lists.set(gram, list);
  return list;
}
