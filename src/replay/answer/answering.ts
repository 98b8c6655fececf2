// Answers every request that the proxy takes from a recording: an intervention that never lets one go on, unless a miss
// is to.
import type {
  ExchangeIntervention,
  Intervention,
  InterventionHead,
  InterventionMessage,
  RequestOutcome,
} from "../../proxy/intervention.js";
import { type AnswerIndex, type Wanted, WEBSOCKET } from "./answer-index.js";
import { AnswerMaker, type AnswerOptions, type AnswerServices } from "./answer-maker.js";

/** Of a request's body so much is waited for, to compare it; one that is longer is matched by its head. */
const REQUEST_BYTES = 8 * 1024 * 1024;

export class Answering implements Intervention {
  readonly #index: AnswerIndex;
  readonly #options: AnswerOptions;
  readonly #maker: AnswerMaker;

  constructor(index: AnswerIndex, options: AnswerOptions, services: AnswerServices) {
    this.#index = index;
    this.#options = options;
    this.#maker = new AnswerMaker(index, options, services);
  }

  begin(head: InterventionHead): ExchangeIntervention {
    const isWebSocket = head.upgrade === "websocket";
    const isHere = this.#options.isHere(head.url);
    const wanted: Wanted = {
      method: isWebSocket ? WEBSOCKET : head.method,
      url: head.url,
      anyHost: this.#options.ignoreHost || isHere,
    };
    const endpoints = this.#index.find(wanted);
    // Nothing is asked of the body of one that passes: it may never end.
    const passes =
      endpoints.length === 0 && (this.#options.miss === "pass" || this.#options.miss === "record");
    return new AnsweredExchange(
      (message, signal) => this.#maker.answer({ wanted, endpoints, isHere, message, signal }),
      isWebSocket || passes ? 0 : REQUEST_BYTES,
    );
  }
}

type Answer = (
  message: InterventionMessage<InterventionHead>,
  signal: AbortSignal,
) => Promise<{ readonly outcome: RequestOutcome; readonly isRecorded: boolean }>;

class AnsweredExchange implements ExchangeIntervention {
  readonly requestBodyLimit: number;
  readonly rules: readonly string[] = [];
  readonly tags: readonly string[] = [];
  readonly #answer: Answer;
  readonly #over = new AbortController();
  #isRecorded = false;

  constructor(answer: Answer, requestBodyLimit: number) {
    this.#answer = answer;
    this.requestBodyLimit = requestBodyLimit;
  }

  get skipRecording(): boolean {
    return !this.#isRecorded;
  }

  async request(message: InterventionMessage<InterventionHead>): Promise<RequestOutcome> {
    // Its own signal: that of the decision does not outlast it, and the body goes on at its pace.
    const { outcome, isRecorded } = await this.#answer(message, this.#over.signal);
    this.#isRecorded = isRecorded;
    return outcome;
  }

  responseInterest(): "none" {
    return "none";
  }

  response(): { readonly kind: "continue" } {
    return { kind: "continue" };
  }

  end(): void {
    this.#over.abort();
  }
}
