// The response's way: looked at by its head, held where a decision wants more of it, then sent on, as it came or changed.
import type { RawHeaders } from "../../exchange/headers.js";
import type { OriginFailure, OriginListener, OutgoingResponse } from "../ends.js";
import type { ResponseContinue, ResponseHead, ResponseInterest, ResponseOutcome } from "../intervention.js";
import { changedResponse } from "./changed-response.js";
import { checkedFields } from "./checked-fields.js";
import { HeldBody } from "./held-body.js";
import { ResponsePassage, type ResponseSource } from "./response-passage.js";
import type { RuledExchange } from "./ruled-exchange.js";

/** Held beyond what the decision was given; then the origin has to wait. */
const MORE_HELD_BYTES = 256 * 1024;

/** The connection that the response comes on, and what else it is told. */
export interface ResponseOrigin extends ResponseSource {
  drained(): void;
  /** The response is whole. */
  ended(): void;
  /** The rest of the response is not wanted. */
  cut(): void;
  /** An extended CONNECT was accepted. @returns what changes the bytes that come, where something does */
  tunnelOpened(): ((chunk: Buffer) => Buffer) | undefined;
}

export class ResponseSide implements OriginListener {
  readonly passage: ResponsePassage;
  readonly #exchange: RuledExchange;
  readonly #origin: ResponseOrigin;
  readonly #sent: { readonly method: string; readonly down: number | undefined; readonly continued: boolean };
  readonly #held = new HeldBody();
  #state: "waiting" | "holding" | "deciding" | "passing" | "discarding" = "waiting";
  #head: OutgoingResponse | undefined;
  /** Held bytes beyond which the body is too large, or the origin has to wait. */
  #bound = 0;
  #trailers: RawHeaders | undefined;
  #newTrailers: RawHeaders | undefined;
  #failure: OriginFailure | undefined;
  #hasPaused = false;
  #editTunnel: ((chunk: Buffer) => Buffer) | undefined;

  /** @param sent of the request that went on; `continued`: the client was told to continue already */
  constructor(
    exchange: RuledExchange,
    origin: ResponseOrigin,
    sent: { method: string; down: number | undefined; continued: boolean },
  ) {
    this.#exchange = exchange;
    this.#origin = origin;
    this.#sent = sent;
    this.passage = new ResponsePassage(exchange.flow, origin);
  }

  /** Whether a decision is awaited. */
  get isHeld(): boolean {
    return this.#state === "deciding";
  }

  originInformational(head: OutgoingResponse): void {
    if (head.status === 100 && this.#sent.continued) return;
    this.#exchange.flow.originInformational(head);
  }

  originHead(head: OutgoingResponse): "detach" | undefined {
    const { flow, acts, capture, request } = this.#exchange;
    flow.originAnswered();
    this.#head = head;
    const isTunnel = request.outgoing.protocol !== undefined && head.status < 300;
    if (head.status === 101 || isTunnel) {
      this.#state = "passing";
      // It passes as it came, whatever is wanted of it: what it decides is the record, and the messages that follow.
      this.#exchange.attempt(() => {
        acts.responseInterest(viewOf(head));
        if (acts.skipRecording) flow.discardRecording();
      });
      if (this.#exchange.isOver) return undefined;
      const answer = this.passage.begin(head, undefined);
      if (isTunnel) this.#editTunnel = this.#origin.tunnelOpened();
      return answer;
    }
    capture?.clock.responseArrived();
    let interest: ResponseInterest = "none";
    this.#exchange.attempt(() => {
      interest = acts.responseInterest(viewOf(head));
      this.#follow(interest);
    });
    return undefined;
  }

  originBody(wire: Buffer, data: readonly Buffer[]): void {
    if (this.#state === "passing") {
      if (this.#editTunnel === undefined) this.passage.body(wire, data);
      else for (const piece of data) this.#tunnelPiece(this.#editTunnel(piece));
    } else if (this.#state !== "discarding") {
      this.#held.push(wire, data);
      if (this.#state === "holding" && this.#held.bytes > this.#bound) this.#decide(undefined, true);
    }
  }

  originEnd(trailers: RawHeaders): void {
    this.#trailers = trailers;
    if (this.#state === "holding") this.#decide(this.#held.whole(), false);
    else if (this.#state === "passing") this.passage.end(this.#newTrailers ?? trailers);
    this.#origin.ended();
  }

  originFlush(): void {
    if (this.#state === "passing") this.passage.flush();
    else if (this.#state === "deciding" && this.#held.bytes > this.#bound) {
      this.#hasPaused = true;
      this.#origin.pause();
    }
  }

  originDrained(): void {
    this.#origin.drained();
  }

  originFailed(failure: OriginFailure): void {
    // One that is whole stays so, whatever becomes of its connection.
    if (this.#state === "deciding") {
      if (this.#trailers === undefined) this.#failure ??= failure;
    } else if (this.#state === "passing") this.passage.failed(failure);
    else if (this.#state !== "discarding") this.#exchange.flow.originFailed(failure);
  }

  #follow(interest: ResponseInterest): void {
    if (interest === "none") this.#pass({ kind: "continue" });
    else if (interest === "head") this.#decide(undefined, false);
    else {
      this.#state = "holding";
      this.#bound = interest.bodyLimit;
    }
  }

  #decide(body: Buffer | undefined, tooLarge: boolean): void {
    this.#state = "deciding";
    this.#bound = this.#held.bytes + MORE_HELD_BYTES;
    const { acts, capture } = this.#exchange;
    const since = performance.now();
    const message = { head: viewOf(this.#head!), body, tooLarge, trailers: this.#trailers ?? [] };
    this.#exchange.decide<ResponseOutcome>(
      (signal) => acts.response(message, signal),
      (outcome) => {
        capture?.clock.heldBack(performance.now() - since);
        if (outcome.kind === "continue") this.#pass(outcome);
        else this.#exchange.abort(outcome, () => this.#cut());
      },
    );
  }

  #pass(change: ResponseContinue): void {
    const came = this.#head!;
    const { outgoing } = this.#exchange.request;
    const down = change.throttle?.down ?? this.#sent.down;
    const throttled = down === undefined ? change : { ...change, throttle: { down } };
    const head = changedResponse(outgoing, this.#sent.method, came, throttled);
    this.#newTrailers = change.trailers === undefined ? undefined : checkedFields(change.trailers);
    this.#state = "passing";
    this.passage.begin(head, down);
    const [isBodiless, cameBodiless] = [head.framing.kind === "none", came.framing.kind === "none"];
    if (isBodiless && !cameBodiless) this.#replace(undefined);
    else if (!isBodiless && change.body !== undefined) this.#replace(change.body);
    else {
      for (const { wire, data } of this.#held.take()) this.passage.body(wire, data);
      if (this.#trailers !== undefined) this.passage.end(this.#newTrailers ?? this.#trailers);
    }
    this.passage.flush();
    if (this.#failure !== undefined) this.passage.failed(this.#failure);
    else if (this.#hasPaused) this.#origin.resume();
  }

  /** Another body, or none, in place of the one that came or is still coming. */
  #replace(body: Buffer | undefined): void {
    if (body !== undefined && body.length > 0) this.passage.body(body, [body]);
    // Those that came before it was decided say what the body does not (grpc-status); others are not waited for.
    const came = body === undefined ? undefined : this.#trailers;
    this.passage.end(this.#newTrailers ?? came ?? []);
    this.#cut();
  }

  #cut(): void {
    this.#state = "discarding";
    this.#held.take();
    this.#failure = undefined;
    this.#hasPaused = false;
    // The end of one without a body is on its way with its head.
    if (this.#trailers === undefined && this.#head?.framing.kind !== "none") this.#origin.cut();
  }

  #tunnelPiece(edited: Buffer): void {
    if (edited.length > 0) this.passage.body(edited, [edited]);
  }
}

function viewOf({ status, reason, httpVersion, headers }: OutgoingResponse): ResponseHead {
  return { status, reason, httpVersion, headers };
}
