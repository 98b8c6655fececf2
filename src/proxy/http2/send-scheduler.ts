// Sends DATA within the peer's windows (RFC 9113 section 5.2). What does not fit waits, by reference, in its stream's
// queue; when there is room again, streams take turns, a frame each.
import { ConnectionError, Http2Code, StreamError } from "./errors.js";
import type { FrameWriter } from "./frame-writer.js";
import { INITIAL_WINDOW, MAX_31_BITS, MIN_MAX_FRAME_SIZE } from "./frames.js";
import type { Stream } from "./stream.js";

/** Octets framed ahead of the transport. More waits in the queues, where turns are taken. */
const MAX_FRAMED = 256 * 1024;
/** Larger frames would save nothing and make others wait. */
const MAX_DATA = MIN_MAX_FRAME_SIZE;

export interface SendEvents {
  /** This side's END_STREAM was written. */
  ended(stream: Stream): void;
  /** A queue that `send` said to wait for is empty, be it that the stream ends with it. */
  writable(stream: Stream): void;
}

export class SendScheduler {
  readonly #writer: FrameWriter;
  readonly #events: SendEvents;
  #window = INITIAL_WINDOW;
  /** Streams with something to send and a window to send it in, in the order of their turns. */
  readonly #turns = new Set<Stream>();
  /** The transport takes no more for now. */
  #blocked = false;

  constructor(writer: FrameWriter, events: SendEvents) {
    this.#writer = writer;
    this.#events = events;
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  set blocked(blocked: boolean) {
    this.#blocked = blocked;
  }

  /** @returns false when some of it waits */
  send(stream: Stream, data: Buffer, endStream: boolean): boolean {
    if (endStream) stream.endQueued = true;
    if (!stream.queue.empty) stream.queue.push(data);
    else {
      const sent = this.#sendNow(stream, data);
      if (sent < data.length) {
        stream.queue.push(sent === 0 ? data : data.subarray(sent));
        if (stream.sendWindow > 0) this.#turns.add(stream);
      } else this.#finish(stream);
    }
    stream.waiting = !stream.queue.empty;
    return !stream.waiting;
  }

  /** Sends what the windows and the transport allow. @returns whether anything was sent */
  pump(): boolean {
    let sent = false;
    for (const stream of this.#turns) {
      if (!this.#hasRoom()) break;
      this.#turns.delete(stream);
      sent = this.#takeTurn(stream) || sent;
    }
    return sent;
  }

  drop(stream: Stream): void {
    this.#turns.delete(stream);
    stream.queue.clear();
    stream.endQueued = false;
  }

  /** WINDOW_UPDATE of the connection. */
  grow(increment: number): void {
    this.#window += increment;
    if (this.#window > MAX_31_BITS) {
      throw new ConnectionError(
        Http2Code.FLOW_CONTROL_ERROR,
        "WINDOW_UPDATE makes the connection's window too large",
      );
    }
  }

  /** WINDOW_UPDATE of a stream. */
  growStream(stream: Stream, increment: number): void {
    stream.sendWindow += increment;
    if (stream.sendWindow > MAX_31_BITS) {
      throw new StreamError(
        stream.id,
        Http2Code.FLOW_CONTROL_ERROR,
        "WINDOW_UPDATE makes the stream's window too large",
      );
    }
    if (!stream.queue.empty && stream.sendWindow > 0) this.#turns.add(stream);
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE changed by so much, for each stream (section 6.9.2). */
  shiftStream(stream: Stream, delta: number): void {
    stream.sendWindow += delta;
    if (stream.sendWindow > MAX_31_BITS) {
      throw new ConnectionError(Http2Code.FLOW_CONTROL_ERROR, "SETTINGS make a stream's window too large");
    }
    if (stream.sendWindow <= 0) this.#turns.delete(stream);
    else if (!stream.queue.empty) this.#turns.add(stream);
  }

  #hasRoom(): boolean {
    return !this.#blocked && this.#window > 0 && this.#writer.pendingBytes < MAX_FRAMED;
  }

  /** One frame of a stream's queue; then it is the next one's turn. */
  #takeTurn(stream: Stream): boolean {
    const data = stream.queue.head;
    if (data === undefined) return false;
    const sent = this.#sendFrame(stream, data, 0, stream.queue.last);
    stream.queue.advance(sent);
    if (!stream.queue.empty) {
      if (stream.sendWindow > 0) this.#turns.add(stream);
    } else this.#emptied(stream);
    return sent > 0;
  }

  #emptied(stream: Stream): void {
    const waited = stream.waiting;
    stream.waiting = false;
    if (waited) this.#events.writable(stream);
    // The handler may have sent more, or cut the stream off.
    if (stream.queue.empty) this.#finish(stream);
  }

  #sendNow(stream: Stream, data: Buffer): number {
    let sent = 0;
    while (sent < data.length && this.#hasRoom() && stream.sendWindow > 0) {
      sent += this.#sendFrame(stream, data, sent, true);
    }
    return sent;
  }

  /** @param last nothing is queued behind this data. @returns the octets sent of it */
  #sendFrame(stream: Stream, data: Buffer, from: number, last: boolean): number {
    const length = Math.min(data.length - from, MAX_DATA, this.#window, stream.sendWindow);
    if (length <= 0) return 0;
    const ends = last && from + length === data.length && stream.endQueued && stream.trailers === undefined;
    const whole = from === 0 && length === data.length;
    this.#writer.data(stream.id, whole ? data : data.subarray(from, from + length), ends);
    this.#window -= length;
    stream.sendWindow -= length;
    if (ends) stream.localEnded = true;
    return length;
  }

  /** The queue is empty: the end, where it was asked for, unless it went with the last data. */
  #finish(stream: Stream): void {
    if (!stream.endQueued) return;
    if (!stream.localEnded) {
      stream.localEnded = true;
      const { trailers } = stream;
      if (trailers === undefined) this.#writer.data(stream.id, EMPTY, true);
      else this.#writer.headers(stream.id, trailers.headers, true, trailers.neverIndexed);
    }
    this.#events.ended(stream);
  }
}

const EMPTY = Buffer.alloc(0);
