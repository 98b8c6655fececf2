// A rule and a set of them, compiled and unchangeable. What counts while they run is apart (counts.ts).
import type { Acting, ActionName } from "./acting.js";
import type { Matcher } from "./match.js";

/** Where in a file something is: lines and columns from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface RuleAction extends Acting {
  readonly name: ActionName;
  readonly terminal: boolean;
}

export interface Rule {
  readonly name: string;
  /** Lower first; rules of one priority in the order of their files. */
  readonly priority: number;
  readonly enabled: boolean;
  /** It acts at most so often; undefined: without end. */
  readonly times: number | undefined;
  /** 0 to 1. */
  readonly probability: number;
  readonly matcher: Matcher;
  /** At most one is terminal, and that is the last. */
  readonly actions: readonly RuleAction[];
  readonly terminal: boolean;
  /** Bodies that the match or the actions look at. */
  readonly needsRequestBody: boolean;
  readonly needsResponseBody: boolean;
  /** Undefined for a rule that is in no file. */
  readonly place: Place | undefined;
  /** Two rules of the same text are the same rule: its counts go on when a file is read again. */
  readonly text: string;
}

export interface RuleSet {
  /** In the order in which they are asked. */
  readonly rules: readonly Rule[];
  /** Absolute paths of the files that were read: rules and bodies. */
  readonly files: readonly string[];
}

export const NO_RULES: RuleSet = { rules: [], files: [] };

/** @param rules in the order of their files */
export function ruleSetOf(rules: readonly Rule[], files: readonly string[]): RuleSet {
  // Sorting is stable.
  return { rules: [...rules].sort((a, b) => a.priority - b.priority), files: [...new Set(files)] };
}

/** The same set with one rule enabled or disabled; undefined where there is no rule of that name. */
export function withEnabled(set: RuleSet, name: string, enabled: boolean): RuleSet | undefined {
  if (!set.rules.some((rule) => rule.name === name)) return undefined;
  return { ...set, rules: set.rules.map((rule) => (rule.name === name ? { ...rule, enabled } : rule)) };
}
