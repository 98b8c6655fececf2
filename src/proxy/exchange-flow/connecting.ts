// Finds the origin of an exchange, or whoever stands in for it, and sends the request on.
import type { DialError, DialTarget } from "../dial.js";
import type { OriginListener } from "../ends.js";
import { leaseFor } from "../http2/extended-connect.js";
import type { RuledOrigin } from "../intervene/ruled-origin.js";
import type { Lease } from "../upstream.js";
import type { Ending } from "./ending.js";
import { CLIENT_ENDED, silence } from "./failures.js";
import type { FlowState } from "./flow-state.js";

export class Connecting {
  readonly #state: FlowState;
  readonly #ending: Ending;
  readonly #listener: OriginListener;

  /** @param listener gets what the origin sends */
  constructor(state: FlowState, ending: Ending, listener: OriginListener) {
    this.#state = state;
    this.#ending = ending;
    this.#listener = listener;
  }

  connect(): void {
    let called = false;
    const cancel = this.lease(this.#state.request.target, (error, lease) => {
      called = true;
      this.#state.cancelLease = undefined;
      if (lease === undefined) this.unreachable(error!);
      else this.#sendOn(lease);
    });
    if (!called) this.#state.cancelLease = cancel;
  }

  /** @param ruled undefined where nothing concerns this exchange */
  standIn(ruled: RuledOrigin | undefined): void {
    if (ruled === undefined) {
      this.connect();
      return;
    }
    this.#state.origin = ruled;
    this.#state.ruled = ruled;
    this.#state.passage.sendOn(ruled, this.#state.request.outgoing);
  }

  /** Like `Upstream.lease`. */
  lease(target: DialTarget, callback: (error: DialError | undefined, lease?: Lease) => void): () => void {
    const { services, request } = this.#state;
    return leaseFor(request.outgoing, services.upstream, target, request.client, callback);
  }

  connected({ end, dial }: Lease): void {
    this.#state.capture?.connected(end.endpoint, dial);
    this.#state.timer.start((ms) => this.#ending.fail(silence(ms)));
  }

  unreachable(error: DialError): void {
    this.#state.capture?.clock.dialFailed(error.times);
    this.#ending.fail({ code: error.code, message: error.message });
  }

  #sendOn(lease: Lease): void {
    const { passage, request } = this.#state;
    const origin = lease.end;
    this.#state.origin = origin;
    origin.attach(this.#listener);
    this.connected(lease);
    if (passage.clientLeft(origin)) {
      this.#ending.fail(CLIENT_ENDED);
      return;
    }
    if (passage.sendOn(origin, request.outgoing)) this.#state.capture?.requestSent();
  }
}
