// The client's side of a flow: its request on the way to the origin, as fast as origin and recorder take it.
import type { RawHeaders } from "../../exchange/headers.js";
import type { Ending } from "./ending.js";
import { CLIENT_ENDED } from "./failures.js";
import type { FlowState } from "./flow-state.js";

export class ClientSide {
  readonly #state: FlowState;
  readonly #ending: Ending;

  constructor(state: FlowState, ending: Ending) {
    this.#state = state;
    this.#ending = ending;
  }

  body(wire: Buffer, data: readonly Buffer[]): void {
    const { over, capture, passage, timer } = this.#state;
    if (over) return;
    capture?.requestData(data);
    passage.body(wire, data);
    timer.restart();
  }

  end(trailers: RawHeaders): void {
    const { over, capture, passage } = this.#state;
    if (over) return;
    capture?.requestEnd(trailers);
    if (passage.end(trailers)) capture?.requestSent();
  }

  flush(): void {
    const { over, origin, client, capture } = this.#state;
    if (over || origin === undefined) return;
    if (!origin.flush()) client.pauseRequest();
    else if (capture?.behind === true) {
      client.pauseRequest();
      this.resume();
    }
    if (this.#state.responseEnded && this.#state.passage.ended) this.#ending.finish();
  }

  halfClosed(): void {
    const { over, passage, presence } = this.#state;
    if (over) return;
    presence.endedSide();
    passage.halfClose();
    const { origin } = this.#state;
    if (origin !== undefined && passage.clientLeft(origin)) this.#ending.fail(CLIENT_ENDED);
  }

  /** When the disk is slower than the network, not before the recorder has caught up. */
  resume(): void {
    const { over, capture, client } = this.#state;
    if (over) return;
    if (capture?.behind === true) capture.onReady(() => this.resume());
    else client.resumeRequest();
  }
}
