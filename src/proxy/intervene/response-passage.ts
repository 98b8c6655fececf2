// A response on its way to the flow, as fast as the client takes it or a throttle lets it.
import type { RawHeaders } from "../../exchange/headers.js";
import type { OriginFailure, OriginListener, OutgoingResponse } from "../ends.js";
import { PacedBody } from "./paced-body.js";

/** Where the response comes from: a connection, or an answer of ours. */
export interface ResponseSource {
  pause(): void;
  resume(): void;
}

export class ResponsePassage {
  readonly #listener: OriginListener;
  readonly #source: ResponseSource;
  #paced: PacedBody | undefined;

  constructor(listener: OriginListener, source: ResponseSource) {
    this.#listener = listener;
    this.#source = source;
  }

  /** @param down bytes of the body a second; undefined: as they come */
  begin(head: OutgoingResponse, down: number | undefined): "detach" | undefined {
    if (down !== undefined) this.#paced = this.#pacedBody(down);
    const answer = this.#listener.originHead(head);
    // The head is not held back with the body.
    if (this.#paced !== undefined) this.#listener.originFlush();
    return answer;
  }

  body(wire: Buffer, data: readonly Buffer[]): void {
    if (this.#paced === undefined) this.#listener.originBody(wire, data);
    else this.#paced.push(data);
  }

  end(trailers: RawHeaders): void {
    this.#afterBody(() => this.#listener.originEnd(trailers));
  }

  failed(failure: OriginFailure): void {
    this.#afterBody(() => this.#listener.originFailed(failure));
  }

  /** What was read in one go has been handed over. */
  flush(): void {
    if (this.#paced === undefined) this.#listener.originFlush();
    else if (this.#paced.full) this.#source.pause();
  }

  /** The client takes no more for now. */
  pause(): void {
    (this.#paced ?? this.#source).pause();
  }

  resume(): void {
    (this.#paced ?? this.#source).resume();
  }

  stop(): void {
    this.#paced?.stop();
  }

  #pacedBody(bytesPerSecond: number): PacedBody {
    const emit = (piece: Buffer): void => {
      this.#listener.originBody(piece, [piece]);
      this.#listener.originFlush();
    };
    return new PacedBody(bytesPerSecond, emit, () => this.#source.resume());
  }

  #afterBody(callback: () => void): void {
    if (this.#paced === undefined) callback();
    else this.#paced.end(callback);
  }
}
