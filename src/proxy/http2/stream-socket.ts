// A stream of HTTP/2 that has become a tunnel (RFC 8441 section 5), as if it were the connection that it stands for.
import { Duplex } from "node:stream";
import type { OriginFailure, OriginSide } from "../ends.js";
import { Http2Code } from "./errors.js";

/** What is left of the stream's end once its head has passed. */
type StreamEnd = Pick<
  OriginSide,
  "sendBody" | "sendEnd" | "flush" | "pauseResponse" | "resumeResponse" | "abort" | "release"
>;

export class StreamSocket extends Duplex {
  readonly #stream: StreamEnd;
  /** A write that waits for the peer's window. */
  #written: (() => void) | undefined;
  #gone = false;

  constructor(stream: StreamEnd) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
  }

  // From the stream.

  received(data: Buffer): void {
    if (!this.push(data)) this.#stream.pauseResponse();
  }

  endReceived(): void {
    this.push(null);
  }

  drained(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  failed({ message, http2Code }: OriginFailure): void {
    this.#gone = true;
    // Section 8.1 of RFC 9113: an orderly way to say that no more is wanted.
    if (http2Code === Http2Code.NO_ERROR) this.destroy();
    else this.destroy(new Error(message));
  }

  // As a connection: see TunnelSocket.

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  override _read(): void {
    this.#stream.resumeResponse();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#stream.sendBody(chunk, [chunk]);
    if (this.#stream.flush()) done();
    else this.#written = done;
  }

  override _final(done: () => void): void {
    this.#stream.sendEnd([]);
    this.#stream.flush();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#gone) {
      this.#gone = true;
      if (this.readableEnded && this.writableFinished) this.#stream.release();
      else this.#stream.abort(Http2Code.CANCEL);
    }
    done(error);
  }
}
