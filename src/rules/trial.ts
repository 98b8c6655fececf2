// Rules tried on one exchange that goes nowhere: every check of every rule, who wins, what would happen, and which rule
// missed it most narrowly. What decides is the evaluator of the traffic; this only asks it and tells.
import { TrafficError } from "../errors.js";
import type { Verdict } from "../filter/subject.js";
import type { Barrier, Decision } from "./evaluate.js";
import type { Check } from "./match.js";
import { type Miss, nearestMiss } from "./nearest-miss.js";
import type { Surroundings } from "./ruled-exchange.js";
import type { RuleSubject } from "./subject.js";
import { type CarriedOut, carryOut, type TrialEffect, type TrialInput } from "./trial-run.js";
import type { Place, Rule, RuleSet } from "./types.js";

export type { TrialEffect, TrialInput } from "./trial-run.js";

type RuleOutcome =
  | "acts"
  | "no-match"
  | "not-eligible" // it matches, but is disabled, used up, or chance was against it
  | "not-reached" // it matches, but a rule before it decides
  | "undecided"; // it asks for what is not known here

interface RuleReport {
  readonly name: string;
  readonly priority: number;
  readonly place: Place | undefined;
  readonly checks: readonly Check[];
  readonly matched: Verdict;
  readonly eligible: boolean;
  readonly barrier: Barrier | undefined;
  readonly outcome: RuleOutcome;
  readonly does: readonly string[];
  /** What it could not look at: a pattern that took too long. */
  readonly problem: string | undefined;
}

export interface Trial {
  /** In the order in which they are asked. */
  readonly rules: readonly RuleReport[];
  readonly acting: readonly string[];
  /** The rule that decides the exchange; undefined where it goes to the origin and back. */
  readonly winner: string | undefined;
  /** Of the rules that do not match, the one with the fewest checks that fail. */
  readonly nearestMiss: Miss | undefined;
  readonly effect: TrialEffect;
}

/** A trial, and what becomes of messages then. */
export interface Tried {
  readonly trial: Trial;
  readonly webSocket: CarriedOut["webSocket"];
}

export async function tryRules(set: RuleSet, input: TrialInput, surroundings: Surroundings): Promise<Trial> {
  return (await tryWithMessages(set, input, surroundings)).trial;
}

/** As `tryRules`, for whoever has messages of a WebSocket to try the rules on as well. */
export async function tryWithMessages(
  set: RuleSet,
  input: TrialInput,
  surroundings: Surroundings,
): Promise<Tried> {
  const { effect, subject, decisions, webSocket } = await carryOut(set, input, surroundings);
  const reports = set.rules.map((rule) => reportOf(rule, subject, decisions, surroundings));
  const trial = {
    rules: reports,
    acting: decisions.flatMap(({ acting }) => acting.map(({ name }) => name)),
    winner: decisions.map(({ end }) => end?.name).find((name) => name !== undefined),
    nearestMiss: nearestMiss(reports),
    effect,
  };
  return { trial, webSocket };
}

function reportOf(
  rule: Rule,
  subject: RuleSubject,
  decisions: readonly Decision[],
  { counts }: Surroundings,
): RuleReport {
  const { checks, matched, problem } = explained(rule, subject);
  const acts = decisions.some(({ acting }) => acting.includes(rule));
  // Told last of all: what a tag of a later rule says came too late for it.
  const waits = decisions.at(-1)?.waiting.includes(rule) === true;
  const barrier = rule.enabled
    ? decisions.map(({ barred }) => barred.get(rule)).find((each) => each !== undefined)
    : ({ kind: "disabled" } as const);
  const usedUp =
    rule.times !== undefined && !acts && counts.left(rule) <= 0
      ? ({ kind: "used-up", times: rule.times } as const)
      : undefined;
  return {
    name: rule.name,
    priority: rule.priority,
    place: rule.place,
    checks,
    matched,
    eligible: (barrier ?? usedUp) === undefined,
    barrier: barrier ?? usedUp,
    outcome: waits ? "undecided" : outcomeOf(matched, acts, barrier ?? usedUp),
    does: rule.actions.map(({ does }) => does),
    problem,
  };
}

function outcomeOf(matched: Verdict, acts: boolean, barrier: Barrier | undefined): RuleOutcome {
  if (acts) return "acts";
  if (matched === undefined) return "undecided";
  if (!matched) return "no-match";
  return barrier === undefined ? "not-reached" : "not-eligible";
}

function explained(
  rule: Rule,
  subject: RuleSubject,
): { checks: readonly Check[]; matched: Verdict; problem: string | undefined } {
  try {
    return { checks: rule.matcher.explain(subject), matched: rule.matcher.test(subject), problem: undefined };
  } catch (error) {
    if (!(error instanceof TrafficError)) throw error;
    return { checks: [], matched: undefined, problem: error.message };
  }
}
