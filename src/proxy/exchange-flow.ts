// One exchange on its way through the proxy: the client's end on one side, the origin's on the other, the capture
// watching. Protocol adapters call it with what arrives; it knows no protocol itself. Its parts are in exchange-flow/.
import type { ExchangeError } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { Capture } from "./capture.js";
import type { DialError, DialTarget } from "./dial.js";
import type { ClientEnd, OriginFailure, OutgoingResponse } from "./ends.js";
import { ClientSide } from "./exchange-flow/client-side.js";
import { Connecting } from "./exchange-flow/connecting.js";
import { Ending } from "./exchange-flow/ending.js";
import { STOPPED } from "./exchange-flow/failures.js";
import type { FlowRequest, FlowServices } from "./exchange-flow/flow-services.js";
import { FlowState } from "./exchange-flow/flow-state.js";
import { OriginAnswer } from "./exchange-flow/origin-answer.js";
import { intervene } from "./intervene/intervene.js";
import type { RuledFlow } from "./intervene/ruled-exchange.js";
import type { Lease } from "./upstream.js";

export class ExchangeFlow implements RuledFlow {
  readonly #state: FlowState;
  readonly #ending: Ending;
  readonly #connecting: Connecting;
  readonly #client: ClientSide;
  readonly #origin: OriginAnswer;

  constructor(
    services: FlowServices,
    client: ClientEnd,
    request: FlowRequest,
    recording: { capture: Capture | undefined; undecided: boolean },
  ) {
    this.#state = new FlowState(services, client, request, recording);
    this.#ending = new Ending(this.#state, () => services.flows.delete(this));
    this.#connecting = new Connecting(this.#state, this.#ending, this);
    this.#client = new ClientSide(this.#state, this.#ending);
    this.#origin = new OriginAnswer(this.#state, this.#ending);
    services.flows.add(this);
  }

  /** Connects to the origin, or to whoever stands in for it; the callbacks below follow. */
  start(): void {
    const { services, request, capture } = this.#state;
    const { intervention } = services.hooks;
    if (intervention === undefined) this.#connecting.connect();
    else intervene(intervention, request, capture, this, (ruled) => this.#connecting.standIn(ruled));
  }

  // The client's side.

  requestBody(wire: Buffer, data: readonly Buffer[]): void {
    this.#client.body(wire, data);
  }

  requestEnd(trailers: RawHeaders): void {
    this.#client.end(trailers);
  }

  /** What the client sent in one read has been handed over. */
  requestFlush(): void {
    this.#client.flush();
  }

  /** The client ended its side after the request. */
  clientHalfClosed(): void {
    this.#client.halfClosed();
  }

  clientDrained(): void {
    this.#origin.resume();
  }

  /** @param http2Code of the reset with which the client left, where it did so */
  clientGone(message: string, http2Code?: number): void {
    this.#ending.fail({ code: "client-closed", message }, http2Code);
  }

  clientMalformed(message: string): void {
    this.#ending.fail({ code: "client-malformed", message });
  }

  // The origin's side.

  originInformational(head: OutgoingResponse): void {
    this.#origin.informational(head);
  }

  originHead(head: OutgoingResponse): "detach" | undefined {
    return this.#origin.head(head);
  }

  originBody(wire: Buffer, data: readonly Buffer[]): void {
    this.#origin.body(wire, data);
  }

  originEnd(trailers: RawHeaders): void {
    this.#origin.end(trailers);
  }

  originFlush(): void {
    this.#origin.flush();
  }

  originDrained(): void {
    this.#client.resume();
  }

  originFailed(failure: OriginFailure): void {
    this.#origin.failed(failure);
  }

  // Whoever stands in for the origin: see RuledFlow.

  lease(target: DialTarget, callback: (error: DialError | undefined, lease?: Lease) => void): () => void {
    return this.#connecting.lease(target, callback);
  }

  originConnected(lease: Lease): void {
    this.#connecting.connected(lease);
  }

  originUnreachable(error: DialError): void {
    this.#connecting.unreachable(error);
  }

  originWaits(): void {
    this.#state.timer.restart();
  }

  originAnswered(): void {
    this.#state.timer.stop();
  }

  discardRecording(): void {
    this.#state.discardRecording();
  }

  // Its end.

  abandon(how: "close" | "reset"): void {
    this.#ending.abandon(how);
  }

  /** Ends the exchange with an error: an answer of ours where the client has none yet, else a visible truncation. */
  fail(error: ExchangeError, http2Code?: number): void {
    this.#ending.fail(error, http2Code);
  }

  /** trafficctl stops: what is under way ends as if cut off. */
  stop(): void {
    this.#ending.fail(STOPPED);
  }
}
