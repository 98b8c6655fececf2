// One message on its way into a stream. Its head and its last piece of data are held for a moment, so that the end of the
// stream goes with them and not in a frame of its own.
import type { RawHeaders } from "../../exchange/headers.js";
import type { Http2Connection } from "./connection.js";
import { trailersToHttp2 } from "./translate.js";

export class OutgoingMessage {
  readonly #connection: Http2Connection;
  /** Sends the head. @returns the stream, or undefined when none could be opened */
  readonly #sendHead: (endStream: boolean) => number | undefined;
  #stream: number | undefined;
  #headSent = false;
  #held: Buffer | undefined;
  #full = false;

  constructor(connection: Http2Connection, sendHead: (endStream: boolean) => number | undefined) {
    this.#connection = connection;
    this.#sendHead = sendHead;
  }

  data(data: readonly Buffer[]): void {
    for (const piece of data) {
      if (piece.length === 0) continue;
      this.#send();
      this.#held = piece;
    }
  }

  /** @param fields as either protocol has them */
  end(fields: RawHeaders): void {
    const trailers = trailersToHttp2(fields);
    if (trailers.length > 0) {
      this.#send();
      if (this.#stream !== undefined) this.#connection.sendTrailers(this.#stream, trailers);
      return;
    }
    const last = this.#held;
    this.#held = undefined;
    if (last === undefined && !this.#headSent) {
      this.#sendHeadNow(true);
      return;
    }
    this.#sendHeadNow(false);
    this.#sendData(last ?? EMPTY, true);
  }

  /** Hands over what is held. @returns false while the peer's windows or the socket are full. */
  flush(): boolean {
    this.#send();
    return !this.#full;
  }

  /** What did not fit has left. */
  writable(): void {
    this.#full = false;
  }

  #send(): void {
    this.#sendHeadNow(false);
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#sendData(held, false);
  }

  #sendHeadNow(endStream: boolean): void {
    if (this.#headSent) return;
    this.#headSent = true;
    this.#stream = this.#sendHead(endStream);
  }

  #sendData(data: Buffer, endStream: boolean): void {
    if (this.#stream === undefined) return;
    if (!this.#connection.sendData(this.#stream, data, endStream)) this.#full = true;
  }
}

const EMPTY = Buffer.alloc(0);
