// One exchange on its way through the proxy: the client's end on one side, the origin's on the other, the capture
// watching. Protocol adapters call it with what arrives; it knows no protocol itself.
import type { ClientEndpoint, ExchangeError } from "../exchange/exchange.js";
import { headerValue, headerValues, type RawHeaders } from "../exchange/headers.js";
import type { Capture } from "./capture.js";
import type { DialError, DialTarget } from "./dial.js";
import type {
  ClientEnd,
  OriginEnd,
  OriginFailure,
  OriginListener,
  OutgoingRequest,
  OutgoingResponse,
} from "./ends.js";
import type { ProxyHooks } from "./hooks.js";
import { failureAnswer } from "./own-answer.js";
import { openUpgradedTunnel } from "./upgraded-tunnel.js";
import type { Lease, Upstream } from "./upstream.js";

export interface FlowServices {
  readonly hooks: ProxyHooks;
  readonly upstream: Upstream;
  /** How long an origin may be silent before its response head. */
  readonly responseTimeoutMs: number;
  readonly flows: Set<ExchangeFlow>;
  /** Ends of tunnels that are open, each a function that closes it. */
  readonly tunnels: Set<() => void>;
}

export interface FlowRequest {
  readonly url: string;
  readonly outgoing: OutgoingRequest;
  readonly target: DialTarget;
  readonly client: ClientEndpoint;
}

/** Request bytes held while the origin is being connected; beyond this the client has to wait. */
const MAX_HELD_BYTES = 256 * 1024;

export class ExchangeFlow implements OriginListener {
  readonly #services: FlowServices;
  readonly #client: ClientEnd;
  readonly #request: FlowRequest;
  #capture: Capture | undefined;
  readonly #undecided: boolean;
  #origin: OriginEnd | undefined;
  #cancelLease: (() => void) | undefined;
  #held: { wire: Buffer; data: readonly Buffer[] }[] = [];
  #heldBytes = 0;
  #requestTrailers: RawHeaders = [];
  #requestEnded = false;
  #clientHalfClosed = false;
  #responseBegun = false;
  #responseEnded = false;
  #upgraded = false;
  #extensions: string | undefined;
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
    this.#capture = recording.capture;
    this.#undecided = recording.undecided;
    services.flows.add(this);
  }

  /** Connects to the origin; the callbacks below follow. */
  start(): void {
    let called = false;
    const cancel = this.#services.upstream.lease(
      this.#request.target,
      this.#request.client,
      (error, lease) => {
        called = true;
        this.#cancelLease = undefined;
        if (lease === undefined) this.#dialFailed(error!);
        else this.#connected(lease);
      },
    );
    if (!called) this.#cancelLease = cancel;
  }

  // The client's side.

  requestBody(wire: Buffer, data: readonly Buffer[]): void {
    if (this.#over) return;
    this.#capture?.requestData(data);
    if (this.#origin !== undefined) {
      this.#origin.sendBody(wire, data);
      this.#timer?.refresh();
      return;
    }
    this.#held.push({ wire, data });
    this.#heldBytes += wire.length;
    if (this.#heldBytes > MAX_HELD_BYTES) this.#client.pauseRequest();
  }

  requestEnd(trailers: RawHeaders): void {
    if (this.#over) return;
    this.#requestEnded = true;
    this.#requestTrailers = trailers;
    this.#capture?.requestEnd(trailers);
    if (this.#origin !== undefined) this.#sendRequestEnd(this.#origin);
  }

  /** What the client sent in one read has been handed over. */
  requestFlush(): void {
    if (this.#over || this.#origin === undefined) return;
    if (!this.#origin.flush() || this.#waitForRecording(() => this.#client.resumeRequest())) {
      this.#client.pauseRequest();
    }
    if (this.#responseEnded && this.#requestEnded) this.#finish();
  }

  /** The client ended its side after the request: passed on, since the origin alone knows what that means to it. */
  clientHalfClosed(): void {
    this.#clientHalfClosed = true;
    if (!this.#over) this.#origin?.halfClose();
  }

  clientDrained(): void {
    this.#origin?.resumeResponse();
  }

  /** @param http2Code of the reset with which the client left, where it did so */
  clientGone(message: string, http2Code?: number): void {
    this.#fail({ code: "client-closed", message }, http2Code);
  }

  clientMalformed(message: string): void {
    this.#fail({ code: "client-malformed", message });
  }

  // The origin's side.

  originInformational(head: OutgoingResponse): void {
    this.#capture?.informational({ status: head.status, reason: head.reason, headers: head.headers });
    this.#client.sendInformational(head);
  }

  originHead(head: OutgoingResponse): "detach" | undefined {
    clearTimeout(this.#timer);
    if (head.status === 101 && this.#request.outgoing.http2 !== undefined) {
      this.#fail({
        code: "origin-malformed",
        message: "the origin switched protocols, which HTTP/2 did not ask for",
      });
      return undefined;
    }
    this.#responseBegun = true;
    this.#decideRecording(head);
    this.#capture?.responseHead({ ...head, headersSize: head.bytes?.length ?? -1 });
    this.#client.sendHead(head);
    if (head.status !== 101) return undefined;
    this.#upgraded = true;
    this.#extensions = headerValues(head.headers, "sec-websocket-extensions").join(", ") || undefined;
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
    if (this.#requestEnded) this.#finish();
  }

  originFlush(): void {
    if (this.#upgraded) {
      this.#upgrade();
      return;
    }
    if (this.#over) return;
    if (!this.#client.flush() || this.#waitForRecording(() => this.#origin?.resumeResponse())) {
      this.#origin?.pauseResponse();
    }
  }

  originDrained(): void {
    this.#client.resumeRequest();
  }

  originFailed(failure: OriginFailure): void {
    // A response that is whole stays so, whatever becomes of the rest of the request.
    if (this.#responseEnded) {
      this.#finish();
      return;
    }
    // How a client that leaves looks from here: its half-close went to the origin, which then gave up.
    if (failure.kind === "closed" && this.#clientHalfClosed && !this.#responseBegun) {
      this.#fail({
        code: "client-closed",
        message: "the client ended its side, and the origin then did so too",
      });
      return;
    }
    const codes = { reset: "origin-reset", closed: "origin-closed", malformed: "origin-malformed" } as const;
    this.#fail({ code: codes[failure.kind], message: failure.message }, failure.http2Code);
  }

  /** trafficctl stops: what is under way ends as if cut off. */
  stop(): void {
    this.#fail({ code: "stopped", message: "trafficctl was stopped while this exchange was under way" });
  }

  #connected(lease: Lease): void {
    const origin = lease.end;
    this.#origin = origin;
    origin.attach(this);
    this.#capture?.connected(origin.endpoint, lease.dial);
    origin.sendHead(this.#request.outgoing);
    for (const { wire, data } of this.#held) origin.sendBody(wire, data);
    const wasHeld = this.#heldBytes > MAX_HELD_BYTES;
    this.#held = [];
    this.#startTimer();
    if (this.#requestEnded) this.#sendRequestEnd(origin);
    const more = origin.flush();
    if (this.#clientHalfClosed) origin.halfClose();
    if (wasHeld && more) this.#client.resumeRequest();
    else if (!more) this.#client.pauseRequest();
  }

  #sendRequestEnd(origin: OriginEnd): void {
    origin.sendEnd(this.#requestTrailers);
    this.#capture?.requestSent();
  }

  #startTimer(): void {
    this.#timer = setTimeout(() => {
      const seconds = this.#services.responseTimeoutMs / 1000;
      this.#fail({ code: "timeout", message: `the origin sent no response within ${seconds} s` });
    }, this.#services.responseTimeoutMs);
  }

  #decideRecording(head: OutgoingResponse): void {
    if (!this.#undecided || this.#capture === undefined) return;
    const { outgoing, url } = this.#request;
    const selection = this.#services.hooks.select({
      method: outgoing.method,
      url,
      requestHeaders: outgoing.headers,
      response: { status: head.status, headers: head.headers },
    });
    if (selection === "record") return;
    this.#capture.discard();
    this.#capture = undefined;
  }

  #upgrade(): void {
    this.#over = true;
    this.#leave();
    const origin = this.#origin!;
    this.#client.flush();
    const upgrade = headerValue(this.#request.outgoing.headers, "upgrade")?.toLowerCase();
    const end = openUpgradedTunnel({
      client: this.#client.detach(),
      origin: origin.detach(),
      capture: this.#capture,
      isWebSocket: upgrade === "websocket",
      extensions: this.#extensions,
      onClose: () => {
        origin.abort();
        this.#services.tunnels.delete(end);
      },
    });
    this.#services.tunnels.add(end);
  }

  #dialFailed(error: DialError): void {
    this.#capture?.dialFailed(error.times);
    this.#fail({ code: error.code, message: error.message });
  }

  /** Ends the exchange with an error: an answer of ours where the client has none yet, else a visible truncation. */
  #fail(error: ExchangeError, http2Code?: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#leave();
    this.#cancelLease?.();
    this.#origin?.abort(http2Code);
    this.#capture?.finish(error);
    // A reset of an HTTP/2 stream passes as what it is between two peers that speak it.
    const passesReset = http2Code !== undefined && this.#request.outgoing.http2 !== undefined;
    const answer = this.#responseBegun || passesReset ? undefined : failureAnswer(error);
    if (answer === undefined) {
      this.#client.abort(http2Code);
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

  /** The disk is slower than the network: reading stops until the recorder has caught up. */
  #waitForRecording(resume: () => void): boolean {
    const recording = this.#capture?.recording;
    if (recording === undefined || !recording.behind) return false;
    recording.onDrain(resume);
    return true;
  }
}
