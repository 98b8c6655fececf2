// Reads the messages of one direction of an HTTP/1 connection: bytes in any pieces in; heads, body parts and ends out.
// Every byte is handed on as a view of what was received, so that it can be forwarded as it came.
import type { RawHeaders } from "../../exchange/headers.js";
import { ChunkedDecoder } from "./chunked.js";
import type { Framing } from "./framing.js";
import { MAX_HEAD_BYTES } from "./head.js";
import { MalformedMessage } from "./malformed.js";

export interface MessageHandler<Head> {
  /**
   * A head is complete.
   * @returns the framing of its body; `informational` when another head of the same message follows (1xx);
   * `detach` when what follows is no longer HTTP (101, CONNECT): the reader stops, `takeRest` has the bytes.
   */
  onHead(head: Head): Framing | "informational" | "detach";
  /** @param wire the bytes as they came, chunk framing included; @param data views of the body's data in them. */
  onBody(wire: Buffer, data: readonly Buffer[]): void;
  onEnd(trailers: RawHeaders): void;
}

const NO_TRAILERS: RawHeaders = [];
const NOTHING = Buffer.alloc(0);

type State =
  | { readonly kind: "head" }
  | { readonly kind: "length"; remaining: number }
  | { readonly kind: "chunked"; readonly decoder: ChunkedDecoder }
  | { readonly kind: "close" }
  /** The message is complete; the next one waits for `next()`. */
  | { readonly kind: "complete" }
  | { readonly kind: "detached" };

const HEAD: State = { kind: "head" };
const UNTIL_CLOSE: State = { kind: "close" };
const COMPLETE: State = { kind: "complete" };
const DETACHED: State = { kind: "detached" };

export class MessageReader<Head> {
  readonly #parse: (bytes: Buffer) => Head;
  readonly #handler: MessageHandler<Head>;
  /** Old origins end lines with a bare line feed; a client that does is refused (RFC 9112 section 2.2). */
  readonly #bareLineFeeds: boolean;
  #state: State = HEAD;
  #rest: Buffer = NOTHING;
  /** How much of `#rest` holds no end of a head, so that a slow head is not searched again from its start. */
  #searched = 0;
  #running = false;

  constructor(
    parse: (bytes: Buffer) => Head,
    handler: MessageHandler<Head>,
    options: { bareLineFeeds: boolean },
  ) {
    this.#parse = parse;
    this.#handler = handler;
    this.#bareLineFeeds = options.bareLineFeeds;
  }

  /** Bytes that were received and not yet handed on. */
  get restLength(): number {
    return this.#rest.length;
  }

  /** A head has begun and is not complete. */
  get midHead(): boolean {
    return this.#state.kind === "head" && this.#rest.length > 0;
  }

  /** True between messages: a connection that ends here ends cleanly. */
  get betweenMessages(): boolean {
    return this.#state.kind === "complete" || (this.#state.kind === "head" && this.#rest.length === 0);
  }

  /** @throws MalformedMessage; the reader is then of no further use. */
  feed(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#run();
  }

  /** Lets the next message be read, once the exchange of the one before is over. @throws MalformedMessage */
  next(): void {
    if (this.#state.kind !== "complete") return;
    this.#state = HEAD;
    this.#searched = 0;
    this.#run();
  }

  /** The peer will send no more. @returns whether the message under way was complete. */
  endOfInput(): "complete" | "truncated" {
    if (this.#state.kind === "close") {
      this.#state = COMPLETE;
      this.#handler.onEnd(NO_TRAILERS);
      return "complete";
    }
    return this.betweenMessages || this.#state.kind === "detached" ? "complete" : "truncated";
  }

  /** Takes what was received after a detaching head. */
  takeRest(): Buffer {
    const rest = this.#rest;
    this.#rest = NOTHING;
    this.#state = DETACHED;
    return rest;
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#step());
    } finally {
      this.#running = false;
    }
  }

  /** @returns whether another step may be possible with what is at hand. */
  #step(): boolean {
    if (this.#rest.length === 0) return false;
    switch (this.#state.kind) {
      case "head":
        return this.#readHead();
      case "length":
        return this.#readLength(this.#state);
      case "chunked":
        return this.#readChunked(this.#state.decoder);
      case "close": {
        const wire = this.#rest;
        this.#rest = NOTHING;
        this.#handler.onBody(wire, [wire]);
        return false;
      }
      case "complete":
      case "detached":
        return false;
    }
  }

  #readHead(): boolean {
    this.#skipBlankLines();
    const end = this.#findHeadEnd();
    // However the network cut it: a head that comes in one piece is as bounded as one that comes in many.
    if ((end === -1 ? this.#rest.length : end) > MAX_HEAD_BYTES) {
      throw new MalformedMessage(`a head of more than ${MAX_HEAD_BYTES / 1024} KB`, 431);
    }
    if (end === -1) {
      if (!this.#bareLineFeeds) this.#refuseBareLineFeed();
      this.#searched = Math.max(0, this.#rest.length - 3);
      return false;
    }
    const bytes = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(end);
    this.#searched = 0;
    this.#begin(this.#handler.onHead(this.#parse(bytes)));
    return true;
  }

  /** RFC 9112 section 2.2: empty lines before a start line are ignored. */
  #skipBlankLines(): void {
    let start = 0;
    while (this.#rest[start] === 13 && this.#rest[start + 1] === 10) start += 2;
    if (start > 0) {
      this.#rest = this.#rest.subarray(start);
      this.#searched = 0;
    }
  }

  /** A head with bare line feeds may never have the end that is looked for: its sender would wait for ever. */
  #refuseBareLineFeed(): void {
    let lineFeed = this.#rest.indexOf(10, this.#searched);
    while (lineFeed !== -1) {
      if (this.#rest[lineFeed - 1] !== 13) throw new MalformedMessage("a bare line feed in a head");
      lineFeed = this.#rest.indexOf(10, lineFeed + 1);
    }
  }

  #findHeadEnd(): number {
    if (!this.#bareLineFeeds) {
      const end = this.#rest.indexOf("\r\n\r\n", this.#searched, "latin1");
      return end === -1 ? -1 : end + 4;
    }
    // LF CRLF is also how CRLF CRLF ends; LF LF counts where it comes first.
    const mixed = this.#rest.indexOf("\n\r\n", this.#searched, "latin1");
    const end = mixed === -1 ? -1 : mixed + 3;
    const scope = end === -1 ? this.#rest : this.#rest.subarray(0, end);
    const bare = scope.indexOf("\n\n", this.#searched, "latin1");
    return bare === -1 ? end : bare + 2;
  }

  #begin(framing: Framing | "informational" | "detach"): void {
    if (framing === "informational") {
      this.#state = HEAD;
      return;
    }
    if (framing === "detach") {
      this.#state = DETACHED;
      return;
    }
    switch (framing.kind) {
      case "none":
        this.#complete(NO_TRAILERS);
        return;
      case "length":
        this.#state = { kind: "length", remaining: framing.length };
        return;
      case "chunked":
        this.#state = { kind: "chunked", decoder: new ChunkedDecoder() };
        return;
      case "close":
        this.#state = UNTIL_CLOSE;
        return;
    }
  }

  #readLength(state: { remaining: number }): boolean {
    const wire = this.#rest.length <= state.remaining ? this.#rest : this.#rest.subarray(0, state.remaining);
    this.#rest = wire.length === this.#rest.length ? NOTHING : this.#rest.subarray(wire.length);
    state.remaining -= wire.length;
    this.#handler.onBody(wire, [wire]);
    if (state.remaining === 0) this.#complete(NO_TRAILERS);
    return true;
  }

  #readChunked(decoder: ChunkedDecoder): boolean {
    const data: Buffer[] = [];
    const end = decoder.push(this.#rest, 0, data);
    const wire = end === this.#rest.length ? this.#rest : this.#rest.subarray(0, end);
    this.#rest = end === this.#rest.length ? NOTHING : this.#rest.subarray(end);
    this.#handler.onBody(wire, data);
    if (decoder.done) this.#complete(decoder.trailers);
    return true;
  }

  #complete(trailers: RawHeaders): void {
    // First the state, since the handler may call next() at once.
    this.#state = COMPLETE;
    this.#handler.onEnd(trailers);
  }
}
