// The one evaluator: which rules act on an exchange, as far as it is known. Traffic, trial runs and recordings ask it.
import { TrafficError } from "../errors.js";
import type { Verdict } from "../filter/subject.js";
import type { RuleCounts } from "./counts.js";
import { keepsOut } from "./rule-traits.js";
import type { RuleSubject } from "./subject.js";
import type { Rule } from "./types.js";
import type { Chance } from "./values.js";

/** Why a rule that matches does not act. */
export type Barrier =
  | { readonly kind: "disabled" }
  | { readonly kind: "used-up"; readonly times: number }
  | { readonly kind: "chance"; readonly drawn: number; readonly probability: number };

export interface Decision {
  /** In order; the last one is terminal where `end` says so. */
  readonly acting: readonly Rule[];
  /** The rule that decides the exchange. */
  readonly end: Rule | undefined;
  /** Rules before the end whose match can't be told yet. */
  readonly waiting: readonly Rule[];
  /** Rules behind the end that keep something out of the recording: that they do all the same. */
  readonly keeping: readonly Rule[];
  /** Rules that match and don't act. */
  readonly barred: ReadonlyMap<Rule, Barrier>;
  /** What went wrong: a match that took too long holds nothing up; its rule does not act. */
  readonly problems: ReadonlyMap<Rule, TrafficError>;
}

export interface DecideOptions {
  readonly counts: RuleCounts;
  readonly chance: Chance;
  /** Told of each rule that acts before the next one is asked: what it says of the exchange, that one sees. */
  readonly onActing?: (rule: Rule) => void;
}

/**
 * Asks rules in their order, up to the first terminal one that acts. Nothing is counted: that is for whoever carries the
 * decision out.
 * @param rules in order
 */
export function decide(rules: readonly Rule[], subject: RuleSubject, options: DecideOptions): Decision {
  const acting: Rule[] = [];
  const waiting: Rule[] = [];
  const barred = new Map<Rule, Barrier>();
  const problems = new Map<Rule, TrafficError>();
  let end: Rule | undefined;
  for (const rule of rules) {
    if (!rule.enabled) continue;
    const verdict = tested(rule, subject, problems);
    if (verdict === undefined) waiting.push(rule);
    if (verdict !== true) continue;
    const barrier = barrierOf(rule, options);
    if (barrier !== undefined) {
      barred.set(rule, barrier);
      continue;
    }
    acting.push(rule);
    options.onActing?.(rule);
    if (rule.terminal) {
      end = rule;
      break;
    }
  }
  return { acting, end, waiting, keeping: keepingAfter(end, rules, subject), barred, problems };
}

/** Who decides an exchange does not decide what is recorded of it. Where it can't be told, it is kept out. */
function keepingAfter(end: Rule | undefined, rules: readonly Rule[], subject: RuleSubject): readonly Rule[] {
  if (end === undefined) return NONE;
  return rules
    .slice(rules.indexOf(end) + 1)
    .filter((rule) => rule.enabled && keepsOut(rule) && tested(rule, subject, undefined) !== false);
}

/**
 * The rules that may concern an exchange, by its request's head alone: fast, and without drawing or counting.
 * @returns an empty list where none does
 */
export function candidates(rules: readonly Rule[], subject: RuleSubject): readonly Rule[] {
  let found: Rule[] | undefined;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]!;
    if (!rule.enabled) continue;
    const verdict = tested(rule, subject, undefined);
    if (verdict === false) continue;
    found ??= [];
    found.push(rule);
    if (verdict === true && rule.terminal && rule.times === undefined && rule.probability === 1) {
      return [...found, ...keepingAfter(rule, rules, subject)];
    }
  }
  return found ?? NONE;
}

const NONE: readonly Rule[] = [];

function tested(rule: Rule, subject: RuleSubject, problems: Map<Rule, TrafficError> | undefined): Verdict {
  try {
    return rule.matcher.test(subject);
  } catch (error) {
    if (!(error instanceof TrafficError)) throw error;
    problems?.set(rule, error);
    // Asked for candidates, it stays one: the decision then says what is wrong.
    return problems === undefined ? undefined : false;
  }
}

function barrierOf(rule: Rule, { counts, chance }: DecideOptions): Barrier | undefined {
  if (rule.times !== undefined && counts.left(rule) <= 0) return { kind: "used-up", times: rule.times };
  if (rule.probability >= 1) return undefined;
  const drawn = chance.fraction();
  return drawn < rule.probability ? undefined : { kind: "chance", drawn, probability: rule.probability };
}
