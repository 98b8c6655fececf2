// How an exchange ends: whole, with an error that its client is told of or sees, or as a tunnel.
import type { ExchangeError } from "../../exchange/exchange.js";
import { Http2Code } from "../http2/errors.js";
import { failureAnswer } from "../own-answer.js";
import { ABANDONED } from "./failures.js";
import type { FlowState } from "./flow-state.js";

export class Ending {
  readonly #state: FlowState;
  readonly #onOver: () => void;

  /** @param onOver the flow has no part in it any more */
  constructor(state: FlowState, onOver: () => void) {
    this.#state = state;
    this.#onOver = onOver;
  }

  /** Both sides are complete. */
  finish(): void {
    const { over, capture, origin, client } = this.#state;
    if (over) return;
    this.leave();
    capture?.finish();
    origin?.release();
    client.exchangeOver();
  }

  /** Ends the exchange with an error: an answer of ours where the client has none yet, else a visible truncation. */
  fail(error: ExchangeError, http2Code?: number): void {
    const { over, tunnel, request, responseBegun, client } = this.#state;
    if (over) return;
    // RFC 8441 section 5: what breaks a TCP connection resets a stream that stands for one with CANCEL.
    const code = http2Code ?? (tunnel ? Http2Code.CANCEL : undefined);
    this.#breakOff(error, code);
    // A reset of an HTTP/2 stream passes as what it is between two peers that speak it.
    const passesReset = http2Code !== undefined && request.outgoing.http2 !== undefined;
    if (responseBegun || passesReset) client.abort(code);
    else this.#answer(error);
  }

  abandon(how: "close" | "reset"): void {
    const { over, client } = this.#state;
    if (over) return;
    this.#breakOff(ABANDONED);
    if (how === "close") client.close();
    else client.abort();
  }

  /** It goes on without its flow, or is over. */
  leave(): void {
    this.#state.over = true;
    this.#state.timer.stop();
    this.#onOver();
  }

  #breakOff(error: ExchangeError, http2Code?: number): void {
    const { cancelLease, origin, capture } = this.#state;
    this.leave();
    cancelLease?.();
    origin?.abort(http2Code);
    capture?.finish(error);
  }

  #answer(error: ExchangeError): void {
    const { client, request } = this.#state;
    const answer = failureAnswer(error);
    if (answer === undefined) {
      client.abort();
      return;
    }
    client.sendHead(answer.head);
    if (request.outgoing.method !== "HEAD") client.sendBody(answer.body, [answer.body]);
    client.sendEnd([]);
    client.flush();
    client.exchangeOver();
  }
}
