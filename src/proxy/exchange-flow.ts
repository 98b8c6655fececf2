// One exchange on its way through the proxy: the client's end on one side, the origin's on the other, the capture
// watching. Protocol adapters call it with what arrives; it knows no protocol itself.
import type { ExchangeError } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { Capture } from "./capture.js";
import type { DialError, DialTarget } from "./dial.js";
import type { ClientEnd, OriginFailure, OriginSide, OutgoingResponse } from "./ends.js";
import {
  ABANDONED,
  CLIENT_ENDED,
  originError,
  STOPPED,
  silence,
  UNASKED_SWITCH,
} from "./exchange-flow/failures.js";
import type { FlowRequest, FlowServices } from "./exchange-flow/flow-services.js";
import { RequestPassage } from "./exchange-flow/request-passage.js";
import { isWanted } from "./exchange-flow/selection.js";
import { switchProtocols } from "./exchange-flow/upgrade.js";
import { Http2Code } from "./http2/errors.js";
import { leaseExtendedConnect } from "./http2/extended-connect.js";
import { intervene } from "./intervene/intervene.js";
import type { RuledFlow } from "./intervene/ruled-exchange.js";
import type { RuledOrigin } from "./intervene/ruled-origin.js";
import { failureAnswer } from "./own-answer.js";
import type { Lease } from "./upstream.js";

export class ExchangeFlow implements RuledFlow {
  readonly #services: FlowServices;
  readonly #client: ClientEnd;
  readonly #request: FlowRequest;
  #capture: Capture | undefined;
  readonly #undecided: boolean;
  #origin: OriginSide | undefined;
  /** The same, where an intervention concerns this exchange. */
  #ruled: RuledOrigin | undefined;
  #cancelLease: (() => void) | undefined;
  readonly #passage: RequestPassage;
  #responseBegun = false;
  #responseEnded = false;
  /** The 101 after which both connections become a tunnel. */
  #switched: OutgoingResponse | undefined;
  /** An extended CONNECT was accepted: what follows either way is no message, but a tunnel in two streams. */
  #tunnel = false;
  #over = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    services: FlowServices,
    client: ClientEnd,
    request: FlowRequest,
    recording: { capture: Capture | undefined; undecided: boolean },
  ) {
    this.#services = services;
    this.#client = client;
    this.#request = request;
    this.#passage = new RequestPassage(client);
    this.#capture = recording.capture;
    this.#undecided = recording.undecided;
    services.flows.add(this);
  }

  /** Connects to the origin, or to whoever stands in for it; the callbacks below follow. */
  start(): void {
    const { hooks } = this.#services;
    if (hooks.intervention === undefined) this.#connect();
    else intervene(hooks.intervention, this.#request, this.#capture, this, (ruled) => this.#standIn(ruled));
  }

  // The client's side.

  requestBody(wire: Buffer, data: readonly Buffer[]): void {
    if (this.#over) return;
    this.#capture?.requestData(data);
    this.#passage.body(wire, data);
    this.#timer?.refresh();
  }

  requestEnd(trailers: RawHeaders): void {
    if (this.#over) return;
    this.#capture?.requestEnd(trailers);
    if (this.#passage.end(trailers)) this.#capture?.requestSent();
  }

  /** What the client sent in one read has been handed over. */
  requestFlush(): void {
    if (this.#over || this.#origin === undefined) return;
    if (!this.#origin.flush()) this.#client.pauseRequest();
    else if (this.#capture?.behind === true) {
      this.#client.pauseRequest();
      this.#resumeRequest();
    }
    if (this.#responseEnded && this.#passage.ended) this.#finish();
  }

  /** The client ended its side after the request. */
  clientHalfClosed(): void {
    if (this.#over) return;
    this.#passage.halfClose();
    if (this.#origin !== undefined && this.#passage.clientLeft(this.#origin)) this.fail(CLIENT_ENDED);
  }

  clientDrained(): void {
    this.#resumeResponse();
  }

  /** @param http2Code of the reset with which the client left, where it did so */
  clientGone(message: string, http2Code?: number): void {
    this.fail({ code: "client-closed", message }, http2Code);
  }

  clientMalformed(message: string): void {
    this.fail({ code: "client-malformed", message });
  }

  // The origin's side.

  originInformational(head: OutgoingResponse): void {
    this.#capture?.informational({ status: head.status, reason: head.reason, headers: head.headers });
    this.#client.sendInformational(head);
  }

  originHead(head: OutgoingResponse): "detach" | undefined {
    clearTimeout(this.#timer);
    const { outgoing } = this.#request;
    if (head.status === 101 && outgoing.http2 !== undefined) {
      this.fail(UNASKED_SWITCH);
      return undefined;
    }
    this.#responseBegun = true;
    this.#tunnel = outgoing.protocol !== undefined && head.status < 300;
    if (this.#undecided) this.#decideRecording(head);
    this.#capture?.responseHead({ ...head, headersSize: head.bytes?.length ?? -1 });
    this.#client.sendHead(head);
    if (head.status !== 101) return undefined;
    this.#switched = head;
    return "detach";
  }

  originBody(wire: Buffer, data: readonly Buffer[]): void {
    this.#capture?.responseData(data);
    this.#client.sendBody(wire, data);
  }

  originEnd(trailers: RawHeaders): void {
    this.#capture?.responseEnd(trailers);
    this.#client.sendEnd(trailers);
    this.#client.flush();
    this.#responseEnded = true;
    if (this.#passage.ended) this.#finish();
  }

  originFlush(): void {
    if (this.#switched !== undefined) {
      this.#upgrade(this.#switched);
      return;
    }
    if (this.#over) return;
    if (!this.#client.flush()) this.#origin?.pauseResponse();
    else if (this.#capture?.behind === true) {
      this.#origin?.pauseResponse();
      this.#resumeResponse();
    }
  }

  originDrained(): void {
    this.#resumeRequest();
  }

  originFailed(failure: OriginFailure): void {
    // A response that is whole stays so, whatever becomes of the rest of the request; but half a tunnel is none.
    const cut = this.#tunnel && failure.http2Code !== Http2Code.NO_ERROR;
    if (this.#responseEnded && !cut) this.#finish();
    else {
      const clientLeft = this.#passage.clientHalfClosed && !this.#responseBegun;
      this.fail(originError(failure, clientLeft), failure.http2Code);
    }
  }

  /** trafficctl stops: what is under way ends as if cut off. */
  stop(): void {
    this.fail(STOPPED);
  }

  // Whoever stands in for the origin: see RuledFlow.

  lease(target: DialTarget, callback: (error: DialError | undefined, lease?: Lease) => void): () => void {
    const { upstream } = this.#services;
    const { outgoing, client } = this.#request;
    return outgoing.protocol === undefined
      ? upstream.lease(target, client, callback)
      : leaseExtendedConnect(upstream, target, client, callback);
  }

  originConnected({ end, dial }: Lease): void {
    this.#capture?.connected(end.endpoint, dial);
    this.#startTimer();
  }

  originUnreachable(error: DialError): void {
    this.#capture?.clock.dialFailed(error.times);
    this.fail({ code: error.code, message: error.message });
  }

  originWaits(): void {
    this.#timer?.refresh();
  }

  originAnswered(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  abandon(how: "close" | "reset"): void {
    if (this.#over) return;
    this.#end(ABANDONED);
    if (how === "close") this.#client.close();
    else this.#client.abort();
  }

  discardRecording(): void {
    this.#capture?.discard();
    this.#capture = undefined;
  }

  #connect(): void {
    let called = false;
    const cancel = this.lease(this.#request.target, (error, lease) => {
      called = true;
      this.#cancelLease = undefined;
      if (lease === undefined) this.originUnreachable(error!);
      else this.#connected(lease);
    });
    if (!called) this.#cancelLease = cancel;
  }

  /** @param ruled undefined where nothing concerns this exchange */
  #standIn(ruled: RuledOrigin | undefined): void {
    if (ruled === undefined) {
      this.#connect();
      return;
    }
    this.#origin = ruled;
    this.#ruled = ruled;
    this.#passage.sendOn(ruled, this.#request.outgoing);
  }

  #connected(lease: Lease): void {
    const origin = lease.end;
    this.#origin = origin;
    origin.attach(this);
    this.originConnected(lease);
    if (this.#passage.clientLeft(origin)) {
      this.fail(CLIENT_ENDED);
      return;
    }
    if (this.#passage.sendOn(origin, this.#request.outgoing)) this.#capture?.requestSent();
  }

  /** When the disk is slower than the network, not before the recorder has caught up. */
  #resumeRequest(): void {
    if (this.#over) return;
    if (this.#capture?.behind === true) this.#capture.onReady(() => this.#resumeRequest());
    else this.#client.resumeRequest();
  }

  #resumeResponse(): void {
    if (this.#over) return;
    if (this.#capture?.behind === true) this.#capture.onReady(() => this.#resumeResponse());
    else this.#origin?.resumeResponse();
  }

  #startTimer(): void {
    const { responseTimeoutMs } = this.#services;
    this.#timer = setTimeout(() => this.fail(silence(responseTimeoutMs)), responseTimeoutMs);
  }

  #decideRecording(head: OutgoingResponse): void {
    if (this.#capture !== undefined && !isWanted(this.#services.hooks, this.#request, head))
      this.discardRecording();
  }

  #upgrade(response: OutgoingResponse): void {
    this.#over = true;
    this.#leave();
    const { editor } = this.#ruled ?? {};
    const between = { client: this.#client, origin: this.#origin!, capture: this.#capture, editor };
    switchProtocols(this.#services, between, this.#request.outgoing, response);
  }

  /** Ends the exchange with an error: an answer of ours where the client has none yet, else a visible truncation. */
  fail(error: ExchangeError, http2Code?: number): void {
    if (this.#over) return;
    // RFC 8441 section 5: what breaks a TCP connection resets a stream that stands for one with CANCEL.
    const code = http2Code ?? (this.#tunnel ? Http2Code.CANCEL : undefined);
    this.#end(error, code);
    // A reset of an HTTP/2 stream passes as what it is between two peers that speak it.
    const passesReset = http2Code !== undefined && this.#request.outgoing.http2 !== undefined;
    if (this.#responseBegun || passesReset) this.#client.abort(code);
    else this.#answer(error);
  }

  #end(error: ExchangeError, http2Code?: number): void {
    this.#over = true;
    this.#leave();
    this.#cancelLease?.();
    this.#origin?.abort(http2Code);
    this.#capture?.finish(error);
  }

  #answer(error: ExchangeError): void {
    const answer = failureAnswer(error);
    if (answer === undefined) {
      this.#client.abort();
      return;
    }
    this.#client.sendHead(answer.head);
    if (this.#request.outgoing.method !== "HEAD") this.#client.sendBody(answer.body, [answer.body]);
    this.#client.sendEnd([]);
    this.#client.flush();
    this.#client.exchangeOver();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#leave();
    this.#capture?.finish();
    this.#origin?.release();
    this.#client.exchangeOver();
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#services.flows.delete(this);
  }
}
