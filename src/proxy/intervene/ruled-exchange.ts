// What the two sides of a ruled exchange share: the intervention, the flow that it is part of, and its decisions.
import type { ExchangeError } from "../../exchange/exchange.js";
import type { Capture } from "../capture.js";
import type { DialError, DialTarget } from "../dial.js";
import type { OriginListener } from "../ends.js";
import type { FlowRequest } from "../exchange-flow/flow-services.js";
import type { ExchangeIntervention, InterventionAbort, InterventionHead } from "../intervention.js";
import type { Lease } from "../upstream.js";
import { UnsendableError } from "./checked-fields.js";

/** What a flow does for whoever stands in for its origin; implemented by ExchangeFlow. */
export interface RuledFlow extends OriginListener {
  /** Like `Upstream.lease`. */
  lease(target: DialTarget, callback: (error: DialError | undefined, lease?: Lease) => void): () => void;
  /** There is a connection; from now on the origin may be silent for so long. */
  originConnected(lease: Lease): void;
  originUnreachable(error: DialError): void;
  /** The silence begins anew. */
  originWaits(): void;
  /** The origin has answered, whatever becomes of that. */
  originAnswered(): void;
  /** Ends the exchange without an answer. */
  abandon(how: "close" | "reset"): void;
  discardRecording(): void;
  fail(error: ExchangeError): void;
  clientGone(message: string): void;
}

const OVER = "the exchange is over";

export class RuledExchange {
  readonly acts: ExchangeIntervention;
  readonly flow: RuledFlow;
  readonly request: FlowRequest;
  readonly head: InterventionHead;
  readonly capture: Capture | undefined;
  readonly #over = new AbortController();

  constructor(
    acts: ExchangeIntervention,
    flow: RuledFlow,
    about: { request: FlowRequest; head: InterventionHead; capture: Capture | undefined },
  ) {
    this.acts = acts;
    this.flow = flow;
    this.request = about.request;
    this.head = about.head;
    this.capture = about.capture;
    this.capture?.intervened(acts);
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Asks for an outcome, and applies it unless the exchange is over by then. What throws on the way ends the exchange. */
  decide<Outcome>(
    ask: (signal: AbortSignal) => Outcome | Promise<Outcome>,
    apply: (outcome: Outcome) => void,
  ): void {
    const settle = (outcome: Outcome): void => {
      if (this.isOver) return;
      this.attempt(() => {
        if (this.acts.skipRecording) this.flow.discardRecording();
        apply(outcome);
      });
    };
    this.attempt(() => {
      const outcome = ask(this.#over.signal);
      if (outcome instanceof Promise) outcome.then(settle, (error: unknown) => this.failed(error));
      else settle(outcome);
    });
  }

  attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.failed(error);
    }
  }

  /** @param onTimeout the client gets no answer, and waits */
  abort({ how }: InterventionAbort, onTimeout: () => void): void {
    if (how === "timeout") onTimeout();
    else this.flow.abandon(how);
  }

  failed(error: unknown): void {
    if (this.isOver) return;
    const message = error instanceof Error ? error.message : String(error);
    const what = error instanceof UnsendableError ? "a rule can't be carried out" : "a rule failed";
    this.flow.fail({ code: "internal", message: `${what}: ${message}` });
  }

  /** However it ended. Only the first call counts. */
  end(): void {
    if (this.isOver) return;
    // Without a reason Node makes an exception with its stack, for each exchange.
    this.#over.abort(OVER);
    try {
      this.acts.end();
    } catch (error) {
      // A defect there is told of like any other, and does not cost the exchange its record.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
