// One HTTP/2 connection (RFC 9113), as a server or as a client, without a socket: bytes in, callbacks and bytes out.
// It keeps what a recorder must not lose: the order of fields, duplicates, crumbs, 1xx, trailers, codes.
import type { RawHeaders } from "../../exchange/headers.js";
import { ConnectionCore, type Http2Role } from "./connection-core.js";
import { ConnectionError } from "./errors.js";
import { FrameReader } from "./frame-reader.js";
import { MAX_31_BITS } from "./frames.js";
import type { Http2Handler, Http2Output } from "./handler.js";
import type { HeaderField } from "./hpack/header-entry.js";
import { IncomingFrames } from "./incoming-frames.js";
import { completeOptions, type Http2Options } from "./options.js";
import type { PeerSettings } from "./settings.js";

export class Http2Connection {
  readonly #core: ConnectionCore;
  readonly #output: Http2Output;
  readonly #reader: FrameReader;
  #closed = false;
  #flushing = false;

  /** Writes the preface at once; `output.wantsFlush` is called from here already. */
  constructor(
    role: Http2Role,
    handler: Http2Handler,
    output: Http2Output,
    options: Partial<Http2Options> = {},
  ) {
    this.#output = output;
    this.#core = new ConnectionCore(role, handler, completeOptions(role, options), () => {
      if (!this.#flushing) this.#output.wantsFlush();
    });
    this.#reader = new FrameReader(new IncomingFrames(this.#core), {
      maxFrameSize: this.#core.options.maxFrameSize,
      expectsPreface: role === "server",
    });
    this.#core.start();
  }

  /** Streams that are open on either side. */
  get openStreams(): number {
    return this.#core.streams.openCount;
  }

  /** No more goes in or out: `close` was called, or the peer broke the protocol. */
  get closed(): boolean {
    return this.#closed;
  }

  get peerSettings(): PeerSettings {
    return this.#core.peer;
  }

  /** The client may open a stream: the peer's limit, its GOAWAY, ours and the identifiers allow it. */
  get canOpen(): boolean {
    const core = this.#core;
    return (
      !this.#closed &&
      core.role === "client" &&
      core.peerLastProcessed === Number.POSITIVE_INFINITY &&
      core.lastProcessed === Number.POSITIVE_INFINITY &&
      core.nextStream <= MAX_31_BITS &&
      core.streams.openCount < core.peer.maxConcurrentStreams
    );
  }

  /** Takes bytes of the peer's, cut anywhere. Views of them go to the handler. */
  receive(bytes: Buffer): void {
    if (this.#closed) return;
    try {
      this.#reader.read(bytes);
      if (!this.#closed) this.#core.sender.pump();
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#fail(error);
    }
  }

  /** Hands what waits to the output, unless that is full. */
  flush(): void {
    if (this.#flushing || this.#closed || this.#core.sender.blocked) return;
    this.#flushing = true;
    try {
      do {
        this.#writeOut();
        this.#core.sender.pump();
      } while (!this.#core.sender.blocked && this.#core.writer.pendingBytes > 0);
    } finally {
      this.#flushing = false;
    }
  }

  /** The output takes bytes again. */
  drained(): void {
    this.#core.sender.blocked = false;
    this.flush();
  }

  /**
   * Opens a stream (client).
   * @param neverIndexed fields of `headers`, by identity, to mark so; without it, those that commonly are
   * @returns its identifier, or undefined when `canOpen` is false
   */
  openStream(
    headers: RawHeaders,
    endStream: boolean,
    neverIndexed?: ReadonlySet<HeaderField>,
  ): number | undefined {
    if (!this.canOpen) return undefined;
    const core = this.#core;
    const id = core.nextStream;
    core.nextStream += 2;
    const stream = core.addStream(id);
    const method = headers.find(([name]) => name === ":method")?.[1];
    stream.isHead = method === "HEAD";
    stream.isConnect = method === "CONNECT";
    stream.localEnded = endStream;
    core.writer.headers(id, headers, endStream, neverIndexed);
    return id;
  }

  /** Sends a response's head, be it a 1xx one. Nothing is done for a stream that is no more, here and below. */
  sendHeaders(
    id: number,
    headers: RawHeaders,
    endStream: boolean,
    neverIndexed?: ReadonlySet<HeaderField>,
  ): void {
    const stream = this.#closed ? undefined : this.#core.streams.get(id);
    if (stream === undefined || stream.localEnded) return;
    this.#core.writer.headers(id, headers, endStream, neverIndexed);
    if (!endStream) return;
    stream.localEnded = true;
    this.#core.closeIfDone(stream);
  }

  /**
   * Sends data within the peer's windows; the rest waits, by reference.
   * @returns false when something waits: `onWritable` comes once it has left
   */
  sendData(id: number, data: Buffer, endStream: boolean): boolean {
    const stream = this.#closed ? undefined : this.#core.streams.get(id);
    if (stream === undefined || stream.endQueued || stream.localEnded) return true;
    return this.#core.sender.send(stream, data, endStream);
  }

  /** Ends this side with fields, after the data that waits. */
  sendTrailers(id: number, trailers: RawHeaders, neverIndexed?: ReadonlySet<HeaderField>): void {
    const stream = this.#closed ? undefined : this.#core.streams.get(id);
    if (stream === undefined || stream.endQueued || stream.localEnded) return;
    // An empty block would be a frame for nothing.
    if (trailers.length > 0) stream.trailers = { headers: trailers, neverIndexed };
    this.#core.sender.send(stream, EMPTY, true);
  }

  /** Cuts a stream off. On one that is complete: its data that was not consumed goes nowhere. */
  reset(id: number, code: number): void {
    const core = this.#core;
    if (this.#closed) return;
    const stream = core.streams.get(id);
    if (stream === undefined) {
      const complete = core.streams.withData(id);
      if (complete !== undefined) core.cutOff(complete);
      return;
    }
    core.cutOff(stream);
    core.writeReset(id, code);
    core.handler.onClose(id);
  }

  /** The handler has passed octets of `onData` on: the peer may send as many more. */
  consumed(id: number, octets: number): void {
    const stream = this.#closed ? undefined : this.#core.streams.withData(id);
    if (stream === undefined) return;
    this.#core.flow.consumed(stream, octets);
    if (stream.unconsumed === 0) this.#core.streams.forget(id);
  }

  /**
   * Says that no new streams are taken; those that are open go on.
   * @param lastStream the last stream of the peer's that is processed: by default the last that came; 2^31-1 warns of a
   * second GOAWAY to come (RFC 9113 section 6.8)
   */
  goaway(code: number, options: { lastStream?: number; debugData?: Buffer } = {}): void {
    if (this.#closed) return;
    const core = this.#core;
    const lastStream = Math.min(options.lastStream ?? core.lastPeerStream, core.lastProcessed, MAX_31_BITS);
    if (lastStream < MAX_31_BITS) core.lastProcessed = lastStream;
    core.writer.goaway(lastStream, code, options.debugData ?? EMPTY);
  }

  /** @param payload eight octets, which `onPong` gives back */
  ping(payload: Buffer): void {
    if (!this.#closed) this.#core.writer.ping(payload, false);
  }

  /** Drops everything, what waits for `flush` too; at most the callbacks of the frame at hand follow. */
  close(): void {
    this.#closed = true;
    this.#reader.stop();
  }

  #writeOut(): void {
    for (const piece of this.#core.writer.take()) {
      if (!this.#output.write(piece)) this.#core.sender.blocked = true;
    }
  }

  #fail(error: ConnectionError): void {
    const core = this.#core;
    const lastStream = Math.min(core.lastPeerStream, core.lastProcessed);
    core.writer.goaway(lastStream, error.code, Buffer.from(error.message, "latin1"));
    this.#writeOut();
    this.close();
    core.handler.onConnectionError(error);
  }
}

const EMPTY = Buffer.alloc(0);
