// The request's way: held until it is decided what becomes of it, then sent on as fast as the origin takes it or a throttle
// lets it; or read over, where no origin is to get it.
import type { RawHeaders } from "../../exchange/headers.js";
import type { OriginSide, OutgoingRequest } from "../ends.js";
import type { RequestContinue } from "../intervention.js";
import { checkedFields } from "./checked-fields.js";
import { HeldBody } from "./held-body.js";
import { PacedBody } from "./paced-body.js";

/** Held beyond what the decision was given; then the client has to wait. */
const MORE_HELD_BYTES = 256 * 1024;

export interface RequestSideEvents {
  /** There is room again. */
  drained(): void;
  /** All of it has been handed to the origin. */
  sent(): void;
  /** Some of it has: the origin can't have been waited for since. */
  progressed(): void;
}

export class RequestSide {
  readonly #events: RequestSideEvents;
  readonly #held = new HeldBody();
  #mode: "hold" | "pass" | "discard" = "hold";
  /** Held bytes beyond which the client waits. */
  #bound = Number.POSITIVE_INFINITY;
  #wasFull = false;
  #origin: OriginSide | undefined;
  #paced: PacedBody | undefined;
  #trailers: RawHeaders | undefined;
  #newTrailers: RawHeaders | undefined;
  #halfClosed = false;
  #sent = false;

  constructor(events: RequestSideEvents) {
    this.#events = events;
  }

  /** Bytes that are held, framing included. */
  get heldBytes(): number {
    return this.#held.bytes;
  }

  /** The client sent all of it. */
  get ended(): boolean {
    return this.#trailers !== undefined;
  }

  get trailers(): RawHeaders {
    return this.#trailers ?? [];
  }

  /** The origin was sent all that it is to get. */
  get sent(): boolean {
    return this.#sent;
  }

  body(wire: Buffer, data: readonly Buffer[]): void {
    if (this.#mode === "hold") this.#held.push(wire, data);
    else if (this.#mode === "pass") this.#send(wire, data);
  }

  end(trailers: RawHeaders): void {
    this.#trailers = trailers;
    if (this.#mode === "pass") this.#sendEnd();
  }

  /** The client ended its side, and the origin can't be told so: it is taken for one that left. */
  get clientLeft(): boolean {
    return this.#halfClosed && this.#origin !== undefined && this.#origin.halfClose === undefined;
  }

  /** The client ended its side: said to the origin, after the request. @returns false where that can't be said */
  halfClose(): boolean {
    this.#halfClosed = true;
    if (this.#sent) this.#origin?.halfClose?.();
    return !this.clientLeft;
  }

  /** @returns false: the client has to wait for `drained` */
  flush(): boolean {
    if (this.#mode === "discard") return true;
    const hasRoom = this.#mode === "hold" ? this.#held.bytes <= this.#bound : this.#flushOrigin();
    if (!hasRoom) this.#wasFull = true;
    return hasRoom;
  }

  /** The body that is there, in one piece. */
  whole(): Buffer {
    return this.#held.whole();
  }

  /** What the decision needs is there: not much more is taken before it. */
  deciding(): void {
    this.#bound = this.#held.bytes + MORE_HELD_BYTES;
  }

  /** @throws UnsendableError */
  sendOn(origin: OriginSide, head: OutgoingRequest, change: RequestContinue): void {
    this.#newTrailers = change.trailers === undefined ? undefined : checkedFields(change.trailers);
    this.#origin = origin;
    if (change.throttle?.up !== undefined) this.#paced = this.#pacedBody(origin, change.throttle.up);
    origin.sendHead(head);
    const { body } = change;
    const held = this.#held.take();
    this.#mode = "pass";
    if (body === undefined) for (const { wire, data } of held) this.#send(wire, data);
    else if (body.length > 0) this.#send(body, [body]);
    if (body !== undefined || this.ended) this.#sendEnd();
    const hasRoom = this.#flushOrigin();
    if (body !== undefined) this.#mode = "discard";
    if (hasRoom || body !== undefined) this.#drained();
  }

  /** No origin is to get it: what comes is read over. */
  discard(): void {
    this.#mode = "discard";
    this.#held.take();
    this.#drained();
  }

  /** The origin takes more. */
  originDrained(): void {
    if (this.#paced === undefined) this.#drained();
    else this.#paced.resume();
  }

  stop(): void {
    this.#mode = "discard";
    this.#held.take();
    this.#paced?.stop();
  }

  #send(wire: Buffer, data: readonly Buffer[]): void {
    if (this.#paced === undefined) this.#origin?.sendBody(wire, data);
    else this.#paced.push(data);
  }

  #sendEnd(): void {
    const finish = (): void => {
      this.#origin?.sendEnd(this.#newTrailers ?? this.trailers);
      if (this.#paced !== undefined) this.#origin?.flush();
      this.#sent = true;
      this.#events.sent();
      if (this.#halfClosed) this.#origin?.halfClose?.();
    };
    if (this.#paced === undefined) finish();
    else this.#paced.end(finish);
  }

  #flushOrigin(): boolean {
    const origin = this.#origin;
    if (origin === undefined) return true;
    const hasRoom = origin.flush();
    return this.#paced === undefined ? hasRoom : !this.#paced.full;
  }

  #drained(): void {
    if (!this.#wasFull) return;
    this.#wasFull = false;
    this.#events.drained();
  }

  #pacedBody(origin: OriginSide, bytesPerSecond: number): PacedBody {
    const emit = (piece: Buffer): void => {
      origin.sendBody(piece, [piece]);
      this.#events.progressed();
      if (!origin.flush()) paced.pause();
    };
    const paced = new PacedBody(bytesPerSecond, emit, () => this.#drained());
    return paced;
  }
}
