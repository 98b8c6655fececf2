// A request on its way from the client to the origin, held as long as there is no connection to send it on.
import type { RawHeaders } from "../../exchange/headers.js";
import type { ClientEnd, OriginSide, OutgoingRequest } from "../ends.js";

/** Held of a body; beyond this the client has to wait. */
const MAX_HELD_BYTES = 256 * 1024;

interface BodyPart {
  readonly wire: Buffer;
  readonly data: readonly Buffer[];
}

export class RequestPassage {
  readonly #client: ClientEnd;
  #origin: OriginSide | undefined;
  #held: BodyPart[] | undefined;
  #heldBytes = 0;
  #trailers: RawHeaders | undefined;
  #clientHalfClosed = false;

  constructor(client: ClientEnd) {
    this.#client = client;
  }

  /** The whole request came. */
  get ended(): boolean {
    return this.#trailers !== undefined;
  }

  body(wire: Buffer, data: readonly Buffer[]): void {
    if (this.#origin !== undefined) {
      this.#origin.sendBody(wire, data);
      return;
    }
    this.#held ??= [];
    this.#held.push({ wire, data });
    this.#heldBytes += wire.length;
    if (this.#heldBytes > MAX_HELD_BYTES) this.#client.pauseRequest();
  }

  /** @returns whether all of it has been handed over */
  end(trailers: RawHeaders): boolean {
    this.#trailers = trailers;
    if (this.#origin === undefined) return false;
    this.#origin.sendEnd(trailers);
    return true;
  }

  /** The client ended its side after the request: passed on, since the origin alone knows what that means to it. */
  halfClose(): void {
    this.#clientHalfClosed = true;
    this.#origin?.halfClose?.();
  }

  /**
   * The client ended its side, and this origin can't be told so. Nearly always it has left, which no write of ours would
   * find out as long as the origin is silent; nginx, Envoy and mitmproxy take every end for that.
   */
  clientLeft(origin: OriginSide): boolean {
    return this.#clientHalfClosed && origin.halfClose === undefined;
  }

  /** Sends the head and what came since. @returns whether that is all of the request */
  sendOn(origin: OriginSide, head: OutgoingRequest): boolean {
    const wasFull = this.#heldBytes > MAX_HELD_BYTES;
    this.#origin = origin;
    origin.sendHead(head);
    if (this.#held !== undefined) this.#sendHeld(origin, this.#held);
    if (this.#trailers !== undefined) origin.sendEnd(this.#trailers);
    const more = origin.flush();
    if (this.#clientHalfClosed) origin.halfClose?.();
    if (!more) this.#client.pauseRequest();
    else if (wasFull) this.#client.resumeRequest();
    return this.ended;
  }

  #sendHeld(origin: OriginSide, held: readonly BodyPart[]): void {
    for (const { wire, data } of held) origin.sendBody(wire, data);
    this.#held = undefined;
    this.#heldBytes = 0;
  }
}
