// The streams of a connection by their identifiers, and what is remembered of those that ended.
import type { Stream } from "./stream.js";

/** Streams we reset whose frames may still be under way; the oldest are forgotten. */
const MAX_REMEMBERED = 4096;

export class StreamTable {
  readonly #open = new Map<number, Stream>();
  /** Complete, but the handler has not passed all of their data on. */
  readonly #unconsumed = new Map<number, Stream>();
  readonly #abandoned = new Set<number>();

  get openCount(): number {
    return this.#open.size;
  }

  get open(): Iterable<Stream> {
    return this.#open.values();
  }

  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  /** A stream, open or complete, with data that the handler still holds. */
  withData(id: number): Stream | undefined {
    return this.#open.get(id) ?? this.#unconsumed.get(id);
  }

  add(stream: Stream): void {
    this.#open.set(stream.id, stream);
  }

  /** Both sides ended it. */
  complete(stream: Stream): void {
    this.#open.delete(stream.id);
    if (stream.unconsumed > 0) this.#unconsumed.set(stream.id, stream);
  }

  /** The handler passed everything of a complete stream on, or wants no more of it. */
  forget(id: number): void {
    this.#unconsumed.delete(id);
  }

  /** Nothing more is to come of it for the handler. */
  remove(id: number): void {
    this.#open.delete(id);
    this.#unconsumed.delete(id);
  }

  /** This side gave the stream up: frames that were under way are to be read over (RFC 9113 section 5.1, closed). */
  abandon(id: number): void {
    this.#abandoned.add(id);
    if (this.#abandoned.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#abandoned) {
      this.#abandoned.delete(oldest);
      break;
    }
  }

  wasAbandoned(id: number): boolean {
    return this.#abandoned.has(id);
  }
}
