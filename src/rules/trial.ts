// Rules tried on one exchange that goes nowhere: every check of every rule, who wins, what would happen, and which rule
// missed it most narrowly. What decides is the evaluator of the traffic; this only asks it and tells.
import { TrafficError } from "../errors.js";
import type { Verdict } from "../filter/subject.js";
import type { AbortHow } from "./draft.js";
import type { Barrier, Decision } from "./evaluate.js";
import { type ChangedRequest, type ChangedResponse, finishRequest, finishResponse } from "./finish.js";
import type { Check } from "./match.js";
import { type Miss, nearestMiss } from "./nearest-miss.js";
import { beginExchange, type Surroundings } from "./ruled-exchange.js";
import { type RequestHead, type ResponseHead, RuleSubject } from "./subject.js";
import type { Place, Rule, RuleSet } from "./types.js";

export interface TrialInput {
  readonly request: RequestHead;
  /** As on the wire. */
  readonly requestBody: Buffer;
  /** Without it, rules that ask about the response stay undecided, unless a rule answers. */
  readonly response?: { readonly head: ResponseHead; readonly body: Buffer } | undefined;
}

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

export interface TrialEffect {
  /** What goes on to the origin, as far as it is changed; undefined where nothing goes on. */
  readonly request: ChangedRequest | undefined;
  /** What the client gets, as far as it is known and changed. */
  readonly response: ChangedResponse | undefined;
  readonly abort: AbortHow | undefined;
  readonly delayMs: number;
  readonly pauses: readonly ("request" | "response")[];
  readonly tags: readonly string[];
  readonly recorded: boolean;
  readonly notes: readonly string[];
}

export async function tryRules(set: RuleSet, input: TrialInput, surroundings: Surroundings): Promise<Trial> {
  const decisions: Decision[] = [];
  const { effect, subject } = await carriedOut(set, input, surroundings, decisions);
  const reports = set.rules.map((rule) => reportOf(rule, subject, decisions, surroundings));
  return {
    rules: reports,
    acting: decisions.flatMap(({ acting }) => acting.map(({ name }) => name)),
    winner: decisions.map(({ end }) => end?.name).find((name) => name !== undefined),
    nearestMiss: nearestMiss(reports),
    effect,
  };
}

const UNCHANGED: TrialEffect = {
  request: {},
  response: {},
  abort: undefined,
  delayMs: 0,
  pauses: [],
  tags: [],
  recorded: true,
  notes: [],
};

async function carriedOut(
  set: RuleSet,
  { request: head, requestBody, response }: TrialInput,
  surroundings: Surroundings,
  decisions: Decision[],
): Promise<{ effect: TrialEffect; subject: RuleSubject }> {
  const exchange = beginExchange(set, head, surroundings);
  if (exchange === undefined) {
    return { effect: UNCHANGED, subject: new RuleSubject(head, [], surroundings.now().getTime()) };
  }
  const requested = await exchange.request(requestBody);
  decisions.push(requested.decision);
  const { draft } = requested;
  const ends = draft.answer !== undefined || draft.abort !== undefined;
  const effect = {
    ...UNCHANGED,
    request: ends ? undefined : await finishRequest(draft, head),
    abort: draft.abort,
    delayMs: draft.delayMs,
    pauses: draft.pause ? (["request"] as const) : [],
    tags: exchange.marks.tags,
    recorded: !exchange.marks.skipRecording,
    notes: draft.notes,
  };
  const responded =
    draft.answer !== undefined
      ? await exchange.answer(draft.answer)
      : response !== undefined && !ends && exchange.responseInterest(response.head) !== "none"
        ? await exchange.response(response.head, response.body)
        : undefined;
  if (responded === undefined) {
    return {
      effect: { ...effect, response: draft.abort === undefined ? {} : undefined },
      subject: requested.subject,
    };
  }
  decisions.push(responded.decision);
  const { draft: answer } = responded;
  const came = draft.answer === undefined ? response?.head : undefined;
  return {
    subject: responded.subject,
    effect: {
      ...effect,
      response: answer.abort === undefined ? await finishResponse(answer, came) : undefined,
      abort: answer.abort ?? effect.abort,
      delayMs: effect.delayMs + answer.delayMs,
      pauses: answer.pause ? [...effect.pauses, "response"] : effect.pauses,
      recorded: !exchange.marks.skipRecording,
      notes: [...effect.notes, ...answer.notes],
    },
  };
}

function reportOf(
  rule: Rule,
  subject: RuleSubject,
  decisions: readonly Decision[],
  { counts }: Surroundings,
): RuleReport {
  const { checks, matched, problem } = explained(rule, subject);
  const acts = decisions.some(({ acting }) => acting.includes(rule));
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
    outcome: outcomeOf(matched, acts, barrier ?? usedUp),
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
