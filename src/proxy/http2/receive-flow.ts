// Flow control of what comes in (RFC 9113 section 5.2): the peer may send ahead of the consumer by a window for each
// stream and one for all of them; what the consumer has passed on is returned by WINDOW_UPDATE, half a window at a time.
import { ConnectionError, Http2Code, StreamError } from "./errors.js";
import type { FrameWriter } from "./frame-writer.js";
import { INITIAL_WINDOW } from "./frames.js";
import type { Stream } from "./stream.js";

export class ReceiveFlow {
  readonly #writer: FrameWriter;
  readonly #streamWindow: number;
  readonly #connectionWindow: number;
  /** Octets that the peer may still send on all streams. */
  #window: number;
  #unreturned = 0;
  /** Until the peer acknowledges our SETTINGS it may go by the initial window, where ours is smaller. */
  #initialWindow: number;

  constructor(writer: FrameWriter, windows: { stream: number; connection: number }) {
    this.#writer = writer;
    this.#streamWindow = windows.stream;
    this.#connectionWindow = Math.max(INITIAL_WINDOW, windows.connection);
    this.#window = this.#connectionWindow;
    this.#initialWindow = Math.max(INITIAL_WINDOW, windows.stream);
  }

  /** What a new stream may receive. */
  get initialWindow(): number {
    return this.#initialWindow;
  }

  /** Raises the connection's window, which SETTINGS can't (section 6.9.2). */
  start(): void {
    const increment = this.#connectionWindow - INITIAL_WINDOW;
    if (increment > 0) this.#writer.windowUpdate(0, increment);
  }

  /** The peer goes by our SETTINGS from here on. */
  settingsAcknowledged(streams: Iterable<Stream>): void {
    const delta = this.#streamWindow - this.#initialWindow;
    if (delta === 0) return;
    this.#initialWindow = this.#streamWindow;
    for (const stream of streams) stream.receiveWindow += delta;
  }

  /**
   * A DATA frame begins; what comes of it is then delivered or discarded.
   * @param stream undefined for one that is no more
   * @throws {ConnectionError|StreamError} when the peer sends more than it may
   */
  begin(stream: Stream | undefined, length: number): void {
    this.#window -= length;
    if (this.#window < 0) {
      throw new ConnectionError(
        Http2Code.FLOW_CONTROL_ERROR,
        "the peer sent more than the connection's window",
      );
    }
    if (stream === undefined) return;
    stream.receiveWindow -= length;
    if (stream.receiveWindow < 0) {
      throw new StreamError(
        stream.id,
        Http2Code.FLOW_CONTROL_ERROR,
        "the peer sent more than the stream's window",
      );
    }
  }

  /** Octets that no consumer gets: padding, and data of streams that are no more. */
  discard(stream: Stream | undefined, length: number): void {
    if (stream !== undefined) this.#return(stream, length);
    this.#returnToConnection(length);
  }

  deliver(stream: Stream, length: number): void {
    stream.unconsumed += length;
  }

  /** The consumer passed octets on. */
  consumed(stream: Stream, length: number): void {
    // Never more than was delivered, or the windows would grow beyond what was stated.
    const octets = Math.min(length, stream.unconsumed);
    stream.unconsumed -= octets;
    this.#return(stream, octets);
    this.#returnToConnection(octets);
  }

  /** The consumer wants no more of a stream: what it holds is the other streams' again. */
  release(stream: Stream): void {
    const octets = stream.unconsumed;
    stream.unconsumed = 0;
    this.#returnToConnection(octets);
  }

  #return(stream: Stream, length: number): void {
    stream.unreturned += length;
    if (stream.remoteEnded || stream.unreturned * 2 < this.#streamWindow) return;
    if (stream.unreturned === 0) return;
    this.#writer.windowUpdate(stream.id, stream.unreturned);
    stream.receiveWindow += stream.unreturned;
    stream.unreturned = 0;
  }

  #returnToConnection(length: number): void {
    this.#unreturned += length;
    if (this.#unreturned * 2 < this.#connectionWindow) return;
    this.#writer.windowUpdate(0, this.#unreturned);
    this.#window += this.#unreturned;
    this.#unreturned = 0;
  }
}
