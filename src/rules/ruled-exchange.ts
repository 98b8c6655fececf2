// One exchange under rules: asks the evaluator with the request and with the response, lets the actions act, and keeps
// what they said of the exchange. It knows no proxy: traffic, trial runs and recordings go through it alike.

import { TrafficError } from "../errors.js";
import { act, noteOf } from "./act.js";
import { actOnMessage } from "./act-on-message.js";
import type { KeptOut } from "./acting.js";
import type { Answer } from "./answer.js";
import type { RuleCounts } from "./counts.js";
import type { Draft, Marks } from "./draft.js";
import { candidates, type Decision, decide } from "./evaluate.js";
import { contentOf, textOf } from "./held-content.js";
import { possibleRules } from "./index-rules.js";
import { BODY_LIMIT } from "./limits.js";
import { type DataOpcode, type Direction, MessageDraft } from "./message-draft.js";
import { RequestDraft } from "./request-draft.js";
import { ResponseDraft } from "./response-draft.js";
import {
  actsOnMessages,
  changesTraffic,
  holdsResponse,
  isAcceptance,
  isEventStream,
  keepsOut,
} from "./rule-traits.js";
import { type RequestHead, type ResponseHead, RuleSubject } from "./subject.js";
import type { Rule, RuleSet } from "./types.js";
import type { Chance, Values } from "./values.js";

export interface Surroundings {
  readonly counts: RuleCounts;
  readonly chance: Chance;
  readonly now: () => Date;
}

/** What is known of how rules fared with one message. */
export interface Step<Of extends Draft> {
  readonly draft: Of;
  readonly decision: Decision;
  /** What was looked at, for `explain`. */
  readonly subject: RuleSubject;
}

/** @returns undefined where no rule concerns a request with this head. @param set stays the one it began with */
export function beginExchange(
  set: RuleSet,
  head: RequestHead,
  surroundings: Surroundings,
): RuledExchange | undefined {
  const possible = possibleRules(set, head);
  if (possible.length === 0) return undefined;
  const tags: string[] = [];
  const now = surroundings.now();
  const subject = new RuleSubject(head, tags, now.getTime());
  const rules = candidates(possible, subject);
  if (rules.length === 0) return undefined;
  return new RuledExchange(rules, head, { tags, skipRecording: false }, now, surroundings);
}

export class RuledExchange {
  readonly marks: Marks;
  readonly #head: RequestHead;
  readonly #now: Date;
  readonly #surroundings: Surroundings;
  readonly #acted: Rule[] = [];
  /** All that may concern it, in order. */
  readonly #all: readonly Rule[];
  /** Those whose match can't be told yet. */
  #rules: readonly Rule[];
  /** Those of which it could not be told, and those behind the one that decided: what they keep out is kept out. */
  readonly #untold: Rule[] = [];
  #content: string | undefined;
  #values: Values;
  /** Of those that acted, the ones for messages. */
  #onMessages: readonly Rule[] | undefined;
  #notesOfAcceptance: readonly string[] = [];

  constructor(
    rules: readonly Rule[],
    head: RequestHead,
    marks: Marks,
    now: Date,
    surroundings: Surroundings,
  ) {
    this.#all = rules;
    this.#rules = rules;
    this.#head = head;
    this.#now = now;
    this.marks = marks;
    this.#surroundings = surroundings;
    this.#values = this.#valuesWith(undefined);
  }

  /** Rules that acted so far, in order. */
  get acted(): readonly Rule[] {
    return this.#acted;
  }

  /** Whether a rule that may act keeps something out of the recording. */
  get mayKeepOut(): boolean {
    return this.#all.some(keepsOut);
  }

  /**
   * What is kept out of the recording, as far as it is known. A rule of which it could not be told whether it matches
   * counts as one that acts: rather too much is kept out than too little.
   */
  get keptOut(): { readonly parts: readonly KeptOut[]; readonly isFinal: boolean } {
    const parts = [...this.#acted, ...this.#untold, ...this.#rules].flatMap((rule) =>
      rule.actions.flatMap(({ keepsOut }) => keepsOut ?? []),
    );
    return { parts, isFinal: !this.#rules.some(keepsOut) };
  }

  get needsRequestBody(): boolean {
    return this.#rules.some((rule) => rule.needsRequestBody);
  }

  /** @param body as on the wire; undefined where it was not held. Once. */
  async request(body: Buffer | undefined): Promise<Step<RequestDraft>> {
    const { method, url, headers, httpVersion } = this.#head;
    const draft = new RequestDraft({ method, url, headers, httpVersion, body }, this.marks);
    if (body !== undefined && this.needsRequestBody) {
      this.#content = await contentOf(body, headers);
      this.#values = this.#valuesWith(await textOf(body, headers));
    }
    const subject = this.#subject(undefined, undefined);
    const decision = this.#decide(subject);
    this.#count(decision, draft.notes);
    await act(decision.acting, draft, this.#values, (action) => [action.request, action.once]);
    this.#rules = decision.waiting;
    return { draft, decision, subject };
  }

  /** What there is to say since `responseInterest` took a response as `accepted`. */
  get notesOfAcceptance(): readonly string[] {
    return this.#notesOfAcceptance;
  }

  /** What a response with this head is wanted for. One that accepts a WebSocket is taken as `accepted`. */
  responseInterest(head: ResponseHead): "none" | "head" | "body" {
    if (isAcceptance(this.#head, head)) {
      this.#notesOfAcceptance = this.accepted(head).draft.notes;
      return "none";
    }
    if (this.#rules.length > 0) {
      const subject = this.#subject(head, undefined);
      this.#rules = this.#rules.filter((rule) => this.#mayHold(rule, subject));
    }
    const changing = this.#acted.filter((rule) =>
      rule.actions.some(({ response }) => response !== undefined),
    );
    if (this.#rules.length === 0 && changing.length === 0) return "none";
    const concerned = [...this.#rules, ...changing];
    if (concerned.some((rule) => rule.needsResponseBody)) return "body";
    return !isEventStream(head) && concerned.some(holdsResponse) ? "body" : "head";
  }

  /** @param body as on the wire; undefined where it was not held. Once. */
  async response(head: ResponseHead, body: Buffer | undefined): Promise<Step<ResponseDraft>> {
    const wanted = this.#rules.some((rule) => rule.matcher.needsResponseContent);
    const content = body !== undefined && wanted ? await contentOf(body, head.headers) : undefined;
    return await this.#respond(head, body, content);
  }

  /** The answer of a rule, as the rules that look at responses leave it. */
  async answer(answer: Answer): Promise<Step<ResponseDraft>> {
    const { status, reason, headers, body } = answer;
    const wanted = this.#rules.some((rule) => rule.matcher.needsResponseContent);
    const bytes = Buffer.isBuffer(body) ? body : wanted ? await body.bytes(BODY_LIMIT) : undefined;
    const content = bytes === undefined ? undefined : await contentOf(bytes, headers);
    const head: ResponseHead = { status, reason, headers, httpVersion: this.#head.httpVersion };
    const step = await this.#respond(head, body, content);
    step.draft.answer ??= answer;
    return step;
  }

  /**
   * The origin accepted a WebSocket, or another protocol: the connection is open, and rules whose match is told only now
   * can act on its messages and its record. Instead of `response`.
   */
  accepted(head: ResponseHead): Step<ResponseDraft> {
    const draft = new ResponseDraft({ ...head, body: undefined }, this.marks);
    const before = this.#acted.filter(({ actions }) =>
      actions.some(({ response }) => response !== undefined),
    );
    const subject = this.#subject(head, undefined);
    const decision = this.#decide(subject);
    this.#count(decision, draft.notes);
    for (const { name } of [...before, ...decision.acting.filter(changesTraffic)]) {
      draft.notes.push(
        `${name}: a connection that its origin has accepted stays as it is, but for messages and the record`,
      );
    }
    this.#leaveUntold(decision, draft.notes);
    this.#rules = [];
    return { draft, decision, subject };
  }

  /** Whether a rule that may act has something to do with messages. */
  get mayConcernMessages(): boolean {
    return this.#all.some(actsOnMessages);
  }

  /** What becomes of one message of a WebSocket. */
  message(direction: Direction, opcode: DataOpcode, data: Buffer): MessageDraft {
    const draft = new MessageDraft(direction, opcode, data);
    this.#onMessages ??= this.#inOrder().filter(actsOnMessages);
    actOnMessage(this.#onMessages, draft);
    return draft;
  }

  async #respond(
    head: ResponseHead,
    body: Answer["body"] | undefined,
    content: string | undefined,
  ): Promise<Step<ResponseDraft>> {
    let draft = new ResponseDraft({ ...head, body }, this.marks);
    const subject = this.#subject(head, content);
    const decision = this.#decide(subject);
    this.#count(decision, draft.notes);
    await act(decision.acting, draft, this.#values, (action) => [action.once]);
    for (const rule of decision.acting.filter(({ actions }) =>
      actions.some(({ request }) => request !== undefined),
    )) {
      draft.notes.push(`${rule.name}: its match was told by the response only; the request had gone by then`);
    }
    if (draft.answer !== undefined) draft = replaced(draft, draft.answer, this.#head.httpVersion);
    this.#leaveUntold(decision, draft.notes);
    await act(this.#inOrder(), draft, this.#values, (action) => [action.response]);
    this.#rules = [];
    return { draft, decision, subject };
  }

  #subject(response: ResponseHead | undefined, responseContent: string | undefined): RuleSubject {
    const rest = { response, requestContent: this.#content, responseContent };
    return new RuleSubject(this.#head, this.marks.tags, this.#now.getTime(), rest);
  }

  #decide(subject: RuleSubject): Decision {
    const { counts, chance } = this.#surroundings;
    return decide(this.#rules, subject, { counts, chance, onActing: (rule) => this.#mark(rule) });
  }

  #mark({ actions }: Rule): void {
    const { marks } = this;
    for (const { tags = [], skipsRecording } of actions) {
      for (const tag of tags) if (!marks.tags.includes(tag)) marks.tags.push(tag);
      marks.skipRecording ||= skipsRecording === true;
    }
  }

  /** Rules that acted, in the order in which they are asked. */
  #inOrder(): readonly Rule[] {
    const acted = new Set(this.#acted);
    return this.#all.filter((rule) => acted.has(rule));
  }

  #leaveUntold({ waiting }: Decision, notes: string[]): void {
    for (const rule of waiting) {
      this.#untold.push(rule);
      notes.push(`${rule.name}: it can't be told whether it matches: a body was not at hand, or too large`);
    }
  }

  #count(decision: Decision, notes: string[]): void {
    for (const [rule, error] of decision.problems) {
      this.#untold.push(rule);
      notes.push(noteOf(rule, error));
    }
    this.#untold.push(...decision.keeping);
    for (const rule of decision.barred.keys()) this.#surroundings.counts.matched(rule, false);
    for (const rule of decision.acting) this.#surroundings.counts.matched(rule, true);
    this.#acted.push(...decision.acting);
    this.#onMessages = undefined;
  }

  #mayHold(rule: Rule, subject: RuleSubject): boolean {
    try {
      return rule.matcher.test(subject) !== false;
    } catch (error) {
      if (error instanceof TrafficError) return true;
      throw error;
    }
  }

  #valuesWith(text: string | undefined): Values {
    const { method, url, headers } = this.#head;
    const { chance, counts } = this.#surroundings;
    return { method, url, headers, text, now: this.#now, chance, count: (name) => counts.next(name) };
  }
}

/** What was said beside the answer stays said. */
function replaced(draft: ResponseDraft, answer: Answer, httpVersion: string): ResponseDraft {
  const next = new ResponseDraft({ ...answer, httpVersion }, draft.marks);
  next.notes.push(...draft.notes);
  next.delayMs = draft.delayMs;
  next.throttle = draft.throttle;
  next.answer = answer;
  return next;
}
