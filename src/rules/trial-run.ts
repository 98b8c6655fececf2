// Carries out what rules decide on an exchange that goes nowhere, step by step as traffic goes, and says what comes of it.
import { headerValue, type RawHeaders } from "../exchange/headers.js";
import type { KeptOut } from "./acting.js";
import type { AbortHow } from "./draft.js";
import type { Decision } from "./evaluate.js";
import { type ChangedRequest, type ChangedResponse, finishRequest, finishResponse } from "./finish.js";
import type { ResponseDraft } from "./response-draft.js";
import { isAcceptance } from "./rule-traits.js";
import { beginExchange, type RuledExchange, type Step, type Surroundings } from "./ruled-exchange.js";
import { type RequestHead, type ResponseHead, RuleSubject } from "./subject.js";
import { framedRequest, framedResponse } from "./trial-framing.js";
import type { RuleSet } from "./types.js";

export interface TrialInput {
  readonly request: RequestHead;
  /** As on the wire; undefined where it is not at hand, or too large to be held. */
  readonly requestBody: Buffer | undefined;
  /** Without it, rules that ask about the response stay undecided, unless a rule answers. */
  readonly response?: { readonly head: ResponseHead; readonly body: Buffer | undefined } | undefined;
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
  /** Of what is recorded. */
  readonly keptOut: readonly KeptOut[];
  readonly notes: readonly string[];
}

export interface CarriedOut {
  readonly effect: TrialEffect;
  readonly subject: RuleSubject;
  readonly decisions: readonly Decision[];
  /** The WebSocket that came about, where a rule may concern its messages. */
  readonly webSocket: Pick<RuledExchange, "message"> | undefined;
}

const UNCHANGED: TrialEffect = {
  request: {},
  response: {},
  abort: undefined,
  delayMs: 0,
  pauses: [],
  tags: [],
  recorded: true,
  keptOut: [],
  notes: [],
};

export async function carryOut(
  set: RuleSet,
  { request: head, requestBody, response }: TrialInput,
  surroundings: Surroundings,
): Promise<CarriedOut> {
  const exchange = beginExchange(set, head, surroundings);
  if (exchange === undefined) {
    const subject = new RuleSubject(head, [], surroundings.now().getTime());
    return { effect: UNCHANGED, subject, decisions: [], webSocket: undefined };
  }
  const requested = await exchange.request(requestBody);
  const { draft } = requested;
  const ends = draft.answer !== undefined || draft.abort !== undefined;
  const accepted =
    ends || response === undefined || !isAcceptance(head, response.head) ? undefined : response;
  const webSocket =
    accepted !== undefined && head.upgrade === "websocket" && exchange.mayConcernMessages
      ? exchange
      : undefined;
  const changed = ends ? undefined : framedRequest(await finishRequest(draft, head), head, requestBody);
  const effect: TrialEffect = {
    ...UNCHANGED,
    request: changed === undefined || webSocket === undefined ? changed : notCompressed(changed, head),
    abort: draft.abort,
    delayMs: draft.delayMs,
    pauses: draft.pause ? ["request"] : [],
    tags: exchange.marks.tags,
    notes: draft.notes,
  };
  const nextStep = async (): Promise<Step<ResponseDraft> | undefined> => {
    if (accepted !== undefined) return exchange.accepted(accepted.head);
    if (draft.answer !== undefined) return await exchange.answer(draft.answer);
    if (ends || response === undefined) return undefined;
    const isOfInterest = exchange.responseInterest(response.head) !== "none";
    return isOfInterest ? await exchange.response(response.head, response.body) : undefined;
  };
  const responseOf = async (last: ResponseDraft | undefined): Promise<ChangedResponse | undefined> => {
    if ((last ?? draft).abort !== undefined) return undefined;
    if (accepted !== undefined) return webSocket === undefined ? {} : notCompressed({}, accepted.head);
    const came = draft.answer === undefined ? response : undefined;
    return framedResponse(last === undefined ? {} : await finishResponse(last, came?.head), head, came);
  };
  const step = await nextStep();
  const last = step?.draft;
  const responded = await responseOf(last);
  return {
    webSocket,
    subject: (step ?? requested).subject,
    decisions: [requested.decision, ...(step === undefined ? [] : [step.decision])],
    effect: {
      ...effect,
      response: responded,
      abort: last?.abort ?? effect.abort,
      delayMs: effect.delayMs + (last?.delayMs ?? 0),
      pauses: last?.pause === true ? [...effect.pauses, "response"] : effect.pauses,
      recorded: !exchange.marks.skipRecording,
      keptOut: exchange.keptOut.parts,
      notes: [...effect.notes, ...(last?.notes ?? [])],
    },
  };
}

const EXTENSIONS = "sec-websocket-extensions";

/** As in traffic: messages that rules may change are not compressed, so that no extension is offered, and none agreed on. */
function notCompressed<Of extends { readonly headers?: RawHeaders }>(
  changed: Of,
  { headers }: { readonly headers: RawHeaders },
): Of {
  const fields = changed.headers ?? headers;
  if (headerValue(fields, EXTENSIONS) === undefined) return changed;
  return { ...changed, headers: fields.filter(([name]) => name.toLowerCase() !== EXTENSIONS) };
}
