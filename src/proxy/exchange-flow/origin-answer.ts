// The origin's side of a flow: its response on the way to the client, as fast as client and recorder take it.
import type { RawHeaders } from "../../exchange/headers.js";
import type { OriginFailure, OutgoingResponse } from "../ends.js";
import { Http2Code } from "../http2/errors.js";
import type { Ending } from "./ending.js";
import { originError, UNASKED_SWITCH } from "./failures.js";
import type { FlowState } from "./flow-state.js";
import { isWanted } from "./selection.js";
import { switchProtocols } from "./upgrade.js";

export class OriginAnswer {
  readonly #state: FlowState;
  readonly #ending: Ending;
  /** The 101 after which both connections become a tunnel. */
  #switched: OutgoingResponse | undefined;

  constructor(state: FlowState, ending: Ending) {
    this.#state = state;
    this.#ending = ending;
  }

  informational(head: OutgoingResponse): void {
    const { capture, client } = this.#state;
    capture?.informational({ status: head.status, reason: head.reason, headers: head.headers });
    client.sendInformational(head);
  }

  head(head: OutgoingResponse): "detach" | undefined {
    const state = this.#state;
    const { outgoing } = state.request;
    state.timer.stop();
    if (head.status === 101 && outgoing.http2 !== undefined) {
      this.#ending.fail(UNASKED_SWITCH);
      return undefined;
    }
    state.responseBegun = true;
    state.tunnel = outgoing.protocol !== undefined && head.status < 300;
    if (state.undecided) this.#decideRecording(head);
    state.capture?.responseHead({ ...head, headersSize: head.bytes?.length ?? -1 });
    state.client.sendHead(head);
    if (head.status !== 101) return undefined;
    this.#switched = head;
    return "detach";
  }

  body(wire: Buffer, data: readonly Buffer[]): void {
    const { capture, client } = this.#state;
    capture?.responseData(data);
    client.sendBody(wire, data);
  }

  end(trailers: RawHeaders): void {
    const state = this.#state;
    state.capture?.responseEnd(trailers);
    state.client.sendEnd(trailers);
    state.client.flush();
    state.responseEnded = true;
    if (state.passage.ended) this.#ending.finish();
  }

  flush(): void {
    if (this.#switched !== undefined) {
      this.#upgrade(this.#switched);
      return;
    }
    const { over, client, origin, capture, presence } = this.#state;
    if (over) return;
    presence.sent();
    if (!client.flush()) origin?.pauseResponse();
    else if (capture?.behind === true) {
      origin?.pauseResponse();
      this.resume();
    }
  }

  failed(failure: OriginFailure): void {
    const { tunnel, responseEnded, responseBegun, presence } = this.#state;
    // A response that is whole stays so, whatever becomes of the rest of the request; but half a tunnel is none.
    const cut = tunnel && failure.http2Code !== Http2Code.NO_ERROR;
    if (responseEnded && !cut) this.#ending.finish();
    else this.#ending.fail(originError(failure, presence.hasLeft, responseBegun), failure.http2Code);
  }

  /** When the disk is slower than the network, not before the recorder has caught up. */
  resume(): void {
    const { over, capture, origin } = this.#state;
    if (over) return;
    if (capture?.behind === true) capture.onReady(() => this.resume());
    else origin?.resumeResponse();
  }

  #decideRecording(head: OutgoingResponse): void {
    const { capture, services, request } = this.#state;
    if (capture !== undefined && !isWanted(services.hooks, request, head)) this.#state.discardRecording();
  }

  #upgrade(response: OutgoingResponse): void {
    const { services, client, origin, capture, ruled, request } = this.#state;
    this.#ending.leave();
    const between = { client, origin: origin!, capture, editor: ruled?.editor };
    switchProtocols(services, between, request.outgoing, response);
  }
}
