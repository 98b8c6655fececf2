// Rules on live traffic: the proxy's port on one side, the evaluator on the other. An exchange keeps the set of rules that
// it began with, whatever is loaded meanwhile.
import { setTimeout } from "node:timers/promises";
import type { ExchangeId } from "../../exchange/id.js";
import type { Recording } from "../../exchange/recording.js";
import type {
  ExchangeIntervention,
  Intervention,
  InterventionHead,
  InterventionMessage,
  RequestOutcome,
  ResponseContinue,
  ResponseHead,
  ResponseInterest,
  ResponseOutcome,
  SyntheticResponse,
  Throttle,
  WebSocketData,
  WebSocketIntervention,
  WebSocketOutcome,
} from "../../proxy/intervention.js";
import type { Answer } from "../../rules/answer.js";
import type { Draft } from "../../rules/draft.js";
import { finishRequest, finishResponse } from "../../rules/finish.js";
import { BODY_LIMIT } from "../../rules/limits.js";
import type { RequestDraft } from "../../rules/request-draft.js";
import { beginExchange, type RuledExchange, type Surroundings } from "../../rules/ruled-exchange.js";
import type { RequestHead } from "../../rules/subject.js";
import type { RuleSet } from "../../rules/types.js";
import type { RecordingRedaction } from "./kept-out/redacted-recording.js";

/** Where exchanges wait that a `pause` action holds. It returns what is to happen, which may be something else by then. */
export interface Breakpoints {
  request(
    held: InterventionMessage<InterventionHead>,
    outcome: RequestOutcome,
    signal: AbortSignal,
  ): Promise<RequestOutcome>;
  response(
    held: InterventionMessage<ResponseHead> & { readonly request: InterventionHead },
    outcome: ResponseContinue,
    signal: AbortSignal,
  ): Promise<ResponseOutcome>;
}

export interface RuleInterventionOptions extends Surroundings {
  /** The rules of this moment. */
  readonly rules: () => RuleSet;
  /** Without it nothing is paused. */
  readonly breakpoints?: Breakpoints;
  /** Keeps out of the recording what rules say. */
  readonly redaction: RecordingRedaction;
  /** What could not be done to an exchange, or was done beyond what its rules say. */
  readonly onNotes?: (id: ExchangeId | undefined, notes: readonly string[]) => void;
}

export function createRuleIntervention(options: RuleInterventionOptions): Intervention {
  return {
    begin(head) {
      const exchange = beginExchange(options.rules(), ruleHead(head), options);
      return exchange === undefined ? undefined : new RuleIntervention(exchange, head, options);
    },
  };
}

function ruleHead({ id, method, url, httpVersion, headers, upgrade, client }: InterventionHead): RequestHead {
  const address = client.address.includes(":") ? `[${client.address}]` : client.address;
  return { id, method, url, httpVersion, headers, upgrade, client: `${address}:${client.port}` };
}

class RuleIntervention implements ExchangeIntervention {
  readonly requestBodyLimit: number;
  readonly webSocket?: WebSocketIntervention;
  readonly recording?: (recording: Recording) => Recording;
  readonly #exchange: RuledExchange;
  readonly #head: InterventionHead;
  readonly #options: RuleInterventionOptions;

  constructor(exchange: RuledExchange, head: InterventionHead, options: RuleInterventionOptions) {
    this.#exchange = exchange;
    this.#head = head;
    this.#options = options;
    this.requestBodyLimit = exchange.needsRequestBody ? BODY_LIMIT : 0;
    const { redaction } = options;
    if (exchange.mayKeepOut) {
      this.recording = (recording) => redaction.of(recording, () => exchange.keptOut);
    }
    if (exchange.mayConcernMessages) {
      this.webSocket = { messageLimit: BODY_LIMIT, message: (message) => this.#message(message) };
    }
  }

  get rules(): readonly string[] {
    return this.#exchange.acted.map(({ name }) => name);
  }

  get tags(): readonly string[] {
    return this.#exchange.marks.tags;
  }

  get skipRecording(): boolean {
    return this.#exchange.marks.skipRecording;
  }

  async request(
    message: InterventionMessage<InterventionHead>,
    signal: AbortSignal,
  ): Promise<RequestOutcome> {
    const { draft } = await this.#exchange.request(message.body);
    const planned = await requestOutcome(draft, message.head);
    this.#notes(draft.notes);
    await waited(draft, signal);
    const { breakpoints } = this.#options;
    const isHeld = draft.pause && breakpoints !== undefined;
    const outcome = isHeld ? await breakpoints.request(message, planned, signal) : planned;
    // Whoever held it may have decided otherwise.
    if (draft.answer === undefined || outcome !== planned) return outcome;
    return await this.#answered(draft.answer, draft.throttle, message.head, signal);
  }

  /** An answer of a rule, as the rules that look at responses leave it. */
  async #answered(
    answer: Answer,
    throttle: Throttle,
    { httpVersion }: InterventionHead,
    signal: AbortSignal,
  ): Promise<RequestOutcome> {
    const { draft } = await this.#exchange.answer(answer);
    const changed = await finishResponse(draft, undefined);
    this.#notes(draft.notes);
    await waited(draft, signal);
    if (draft.abort !== undefined) return { kind: "abort", how: draft.abort };
    const outcome = synthetic({ ...answer, ...changed }, { ...throttle, ...draft.throttle });
    const { breakpoints } = this.#options;
    if (!draft.pause || breakpoints === undefined) return outcome;
    const { status, reason = "", headers } = outcome;
    const body = Buffer.isBuffer(outcome.body) ? outcome.body : undefined;
    const head = { status, reason, headers, httpVersion };
    const decided = await breakpoints.response(
      { request: this.#head, head, body, tooLarge: body === undefined, trailers: [] },
      { kind: "continue" },
      signal,
    );
    return decided.kind === "abort" ? decided : { ...outcome, ...decided, kind: "respond" };
  }

  responseInterest(head: ResponseHead): ResponseInterest {
    const interest = this.#exchange.responseInterest(head);
    this.#notes(this.#exchange.notesOfAcceptance);
    return interest === "body" ? { bodyLimit: BODY_LIMIT } : interest;
  }

  async response(message: InterventionMessage<ResponseHead>, signal: AbortSignal): Promise<ResponseOutcome> {
    const { draft } = await this.#exchange.response(message.head, message.body);
    const { body, ...changed } = await finishResponse(draft, message.head);
    // A file in place of a response that came is not streamed: the port wants it whole.
    const bytes = body === undefined || Buffer.isBuffer(body) ? body : await body.bytes(BODY_LIMIT);
    this.#notes(draft.notes);
    await waited(draft, signal);
    if (draft.abort !== undefined) return { kind: "abort", how: draft.abort };
    const outcome: ResponseContinue = {
      kind: "continue",
      ...changed,
      ...(bytes === undefined ? {} : { body: bytes }),
      ...throttleOf(draft),
    };
    const { breakpoints } = this.#options;
    if (!draft.pause || breakpoints === undefined) return outcome;
    return await breakpoints.response({ ...message, request: this.#head }, outcome, signal);
  }

  #message({ direction, opcode, data }: WebSocketData): WebSocketOutcome {
    const draft = this.#exchange.message(direction, opcode, data);
    this.#notes(draft.notes);
    const inject = draft.injected.length === 0 ? {} : { inject: draft.injected };
    if (draft.dropped) return { kind: "drop", ...inject };
    return draft.data === data && draft.opcode === opcode
      ? { kind: "keep", ...inject }
      : { kind: "replace", opcode: draft.opcode, data: draft.data, ...inject };
  }

  end(): void {}

  #notes(notes: readonly string[]): void {
    if (notes.length > 0) this.#options.onNotes?.(this.#head.id, notes);
  }
}

async function requestOutcome(draft: RequestDraft, head: InterventionHead): Promise<RequestOutcome> {
  if (draft.abort !== undefined) return { kind: "abort", how: draft.abort };
  if (draft.answer !== undefined) return synthetic(draft.answer, draft.throttle);
  return { kind: "continue", ...(await finishRequest(draft, head)), ...throttleOf(draft) };
}

function synthetic({ status, reason, headers, body }: Answer, throttle: Throttle): SyntheticResponse {
  return {
    kind: "respond",
    status,
    reason,
    headers,
    ...(Buffer.isBuffer(body) ? { body } : { body: body.read(), length: body.size }),
    throttle,
  };
}

function throttleOf({ throttle }: Draft): { throttle?: Throttle } {
  return throttle.up === undefined && throttle.down === undefined ? {} : { throttle };
}

/** Ends early, and without an error, where the exchange is over before. */
async function waited({ delayMs }: Draft, signal: AbortSignal): Promise<void> {
  if (delayMs === 0) return;
  await setTimeout(delayMs, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
