// Hands messages to the recording in the order in which they were complete on the wire, in both directions together,
// although compressed ones are only readable later than that.
import type { Body } from "../../exchange/body.js";
import type { ExchangeId } from "../../exchange/id.js";
import type { Recording } from "../../exchange/recording.js";
import type { WebSocketMessage } from "../../exchange/websocket-message.js";
import type { Backlog } from "./backlog.js";
import { Queue } from "./queue.js";

/** What is known of a message when its last frame has passed. */
export interface CompleteMessage {
  readonly direction: "send" | "receive";
  readonly opcode: number;
  readonly compressed: boolean;
}

interface Place {
  readonly seq: number;
  readonly time: string;
  readonly message: CompleteMessage;
  body: Body | null;
  held: number;
}

// A place and its message, next to the body's bytes; estimated.
const PLACE_BYTES = 300;

export interface MessageOrderOptions {
  readonly exchange: ExchangeId;
  readonly recording: Recording;
  readonly backlog: Backlog;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export class MessageOrder {
  readonly #options: MessageOrderOptions;
  readonly #places = new Queue<Place>();
  #count = 0;
  #lastMs = Number.NaN;
  #lastTime = "";
  #whenEmpty: (() => void) | null = null;

  constructor(options: MessageOrderOptions) {
    this.#options = options;
  }

  /** Messages that were complete so far. */
  get count(): number {
    return this.#count;
  }

  /** Records a message whose body is known: at once, or behind those that are waited for. */
  record(message: CompleteMessage, body: Body): void {
    const place: Place = { seq: ++this.#count, time: this.#time(), message, body, held: 0 };
    if (this.#places.isEmpty) this.#record(place, body);
    else {
      place.held = PLACE_BYTES + bytesInMemory(body);
      this.#enqueue(place);
    }
  }

  /** Keeps the place of a message whose body comes later. @returns what to call with the body, once. */
  reserve(message: CompleteMessage): (body: Body) => void {
    const place: Place = { seq: ++this.#count, time: this.#time(), message, body: null, held: PLACE_BYTES };
    this.#enqueue(place);
    return (body) => {
      place.body = body;
      const more = bytesInMemory(body);
      place.held += more;
      this.#options.backlog.add(more);
      this.#advance();
    };
  }

  /** Calls back once, when every message so far is recorded. */
  whenEmpty(callback: () => void): void {
    if (this.#places.isEmpty) callback();
    else this.#whenEmpty = callback;
  }

  #enqueue(place: Place): void {
    this.#options.backlog.add(place.held);
    this.#places.push(place);
  }

  #advance(): void {
    let freed = 0;
    for (
      let place = this.#places.peek();
      place !== undefined && place.body !== null;
      place = this.#places.peek()
    ) {
      this.#places.shift();
      freed += place.held;
      this.#record(place, place.body);
    }
    if (freed > 0) this.#options.backlog.remove(freed);
    if (this.#places.isEmpty && this.#whenEmpty !== null) {
      const callback = this.#whenEmpty;
      this.#whenEmpty = null;
      callback();
    }
  }

  #record(place: Place, body: Body): void {
    const { direction, opcode, compressed } = place.message;
    const { exchange, recording } = this.#options;
    const { seq, time } = place;
    const message: WebSocketMessage = compressed
      ? { exchange, seq, time, direction, opcode, compressed, body }
      : { exchange, seq, time, direction, opcode, body };
    recording.message(message);
  }

  // Many messages share a millisecond; toISOString would be a good part of a small one's cost.
  #time(): string {
    const ms = this.#options.now();
    if (ms !== this.#lastMs) {
      this.#lastMs = ms;
      this.#lastTime = new Date(ms).toISOString();
    }
    return this.#lastTime;
  }
}

function bytesInMemory(body: Body): number {
  if (body.kind === "text") return body.text.length;
  return body.kind === "base64" ? body.base64.length : 0;
}
