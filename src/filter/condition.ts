// One condition of a filter: what it looks at, and how it answers.
import type { Pattern } from "./pattern.js";
import { type Subject, textOfBytes, type Verdict } from "./subject.js";

/** What is looked at beyond the facts. */
export interface Needs {
  readonly headers: boolean;
  readonly requestContent: boolean;
  readonly responseContent: boolean;
  readonly messages: boolean;
}

export interface Condition {
  readonly needs: Partial<Needs>;
  test(subject: Subject): Verdict;
  /** What it looked at, for a person; undefined: nothing to see. */
  saw(subject: Subject): string | undefined;
}

/** null: there is none; undefined: it can't be told. */
export type Source<T> = (subject: Subject) => T | null | undefined;

/** Holds where `holds` says so of the one value. */
export function valueCondition<T extends string | number | boolean>(
  source: Source<T>,
  holds: (value: T) => boolean,
): Condition {
  return {
    needs: {},
    test(subject) {
      const value = source(subject);
      if (value === undefined) return undefined;
      return value !== null && holds(value);
    },
    saw: (subject) => shown(source(subject)),
  };
}

export function verdictCondition(test: (subject: Subject) => Verdict): Condition {
  return { needs: {}, test, saw: () => undefined };
}

/** Holds where the pattern is in any of the texts. */
export function patternCondition(
  pattern: Pattern,
  sources: readonly Source<string>[],
  needs: Partial<Needs>,
): Condition {
  const saw = (subject: Subject): string => sources.map((source) => shown(source(subject))).join(", ");
  const [source] = sources;
  if (source !== undefined && sources.length === 1) {
    return { ...valueCondition(source, (text) => pattern.test(text)), needs };
  }
  return {
    needs,
    test(subject) {
      let verdict: Verdict = false;
      for (const each of sources) {
        const text = each(subject);
        if (text === undefined) verdict = undefined;
        else if (text !== null && pattern.test(text)) return true;
      }
      return verdict;
    },
    saw,
  };
}

/** Holds where the pattern is in any text of the list; a list that may still grow can't say that it holds in none. */
export function listCondition(
  pattern: Pattern,
  list: (subject: Subject) => readonly string[] | undefined,
  mayGrow: (subject: Subject) => boolean,
  needs: Partial<Needs> = {},
): Condition {
  return {
    needs,
    test(subject) {
      const texts = list(subject);
      if (texts === undefined) return undefined;
      for (const text of texts) if (pattern.test(text)) return true;
      return mayGrow(subject) ? undefined : false;
    },
    saw: (subject) => shown(list(subject)?.join(", ")),
  };
}

const LONGEST_SHOWN = 100;

function shown(value: string | number | boolean | null | undefined): string {
  if (value === undefined) return "not known yet";
  if (value === null) return "none";
  const text = String(value);
  if (text.length <= LONGEST_SHOWN) return textOfBytes(text);
  return `${textOfBytes(text.slice(0, LONGEST_SHOWN))}… (${text.length} characters)`;
}
