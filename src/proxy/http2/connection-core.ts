// What the parts of a connection share: its tables, windows and counters, and how a stream ends.
import type { StreamError } from "./errors.js";
import { FloodGuard } from "./floods.js";
import { FrameWriter } from "./frame-writer.js";
import type { Http2Handler } from "./handler.js";
import { DEFAULT_TABLE_SIZE, HpackDecoder } from "./hpack/decoder.js";
import { HpackEncoder } from "./hpack/encoder.js";
import { type Http2Options, initialSettings } from "./options.js";
import { ReceiveFlow } from "./receive-flow.js";
import { SendScheduler } from "./send-scheduler.js";
import { INITIAL_PEER_SETTINGS, type PeerSettings } from "./settings.js";
import { Stream } from "./stream.js";
import { StreamTable } from "./stream-table.js";

export type Http2Role = "server" | "client";

export class ConnectionCore {
  readonly role: Http2Role;
  readonly handler: Http2Handler;
  readonly options: Http2Options;
  readonly floods: FloodGuard;
  readonly encoder = new HpackEncoder();
  readonly decoder: HpackDecoder;
  readonly writer: FrameWriter;
  readonly sender: SendScheduler;
  readonly flow: ReceiveFlow;
  readonly streams = new StreamTable();
  peer: PeerSettings = INITIAL_PEER_SETTINGS;
  /** The last stream that the peer opened. */
  lastPeerStream = 0;
  /** The next stream of ours. */
  nextStream = 1;
  /** The last stream of the peer's that our GOAWAY lets be processed. */
  lastProcessed = Number.POSITIVE_INFINITY;
  /** The last stream of ours that the peer's GOAWAY lets be processed. */
  peerLastProcessed = Number.POSITIVE_INFINITY;

  constructor(role: Http2Role, handler: Http2Handler, options: Http2Options, onPending: () => void) {
    this.role = role;
    this.handler = handler;
    this.options = options;
    this.floods = new FloodGuard(options.floods, options.clock);
    this.decoder = new HpackDecoder(options.maxHeaderListSize);
    this.writer = new FrameWriter(this.encoder, onPending);
    this.flow = new ReceiveFlow(this.writer, {
      stream: options.streamWindow,
      connection: options.connectionWindow,
    });
    this.sender = new SendScheduler(this.writer, {
      ended: (stream) => this.closeIfDone(stream),
      writable: (stream) => this.handler.onWritable(stream.id),
    });
  }

  /** Writes what a connection begins with (RFC 9113 section 3.4). */
  start(): void {
    if (this.role === "client") this.writer.preface();
    this.writer.settings(initialSettings(this.role, this.options));
    this.flow.start();
    // A larger table may be used as soon as the peer has read our SETTINGS, a smaller one must be once it says so.
    if (this.options.headerTableSize > DEFAULT_TABLE_SIZE)
      this.decoder.setMaxTableSize(this.options.headerTableSize);
  }

  settingsAcknowledged(): void {
    if (this.options.headerTableSize < DEFAULT_TABLE_SIZE)
      this.decoder.setMaxTableSize(this.options.headerTableSize);
    this.flow.settingsAcknowledged(this.streams.open);
  }

  addStream(id: number): Stream {
    const stream = new Stream(id, { receive: this.flow.initialWindow, send: this.peer.initialWindowSize });
    this.streams.add(stream);
    return stream;
  }

  /** Did this side or the peer ever use the identifier? */
  isIdle(id: number): boolean {
    const ours = (id % 2 === 1) === (this.role === "client");
    return ours ? id >= this.nextStream : id > this.lastPeerStream;
  }

  /** Both sides said their end. */
  closeIfDone(stream: Stream): void {
    if (!stream.localEnded || !stream.remoteEnded || this.streams.get(stream.id) !== stream) return;
    this.streams.complete(stream);
    this.handler.onClose(stream.id);
  }

  /** The stream is no more, for whatever reason; its data goes nowhere. */
  cutOff(stream: Stream): void {
    this.sender.drop(stream);
    this.flow.release(stream);
    this.streams.remove(stream.id);
  }

  /** This side gives a stream up. */
  writeReset(id: number, code: number): void {
    this.writer.reset(id, code);
    this.streams.abandon(id);
  }

  /** The peer broke a rule within a stream. */
  failStream(error: StreamError): void {
    const stream = this.streams.get(error.stream);
    if (stream !== undefined) this.cutOff(stream);
    this.writeReset(error.stream, error.code);
    this.countReset();
    this.handler.onReset(error.stream, error.code, error);
    if (stream !== undefined) this.handler.onClose(stream.id);
  }

  /** A client's resets make a server work for nothing; a server can only reset what was asked of it. */
  countReset(): void {
    if (this.role === "server") this.floods.count("resets");
    this.checkAnswers();
  }

  /** Answers pile up only where the transport is full. */
  checkAnswers(): void {
    if (this.sender.blocked) this.floods.checkAnswers(this.writer.pendingAnswers);
  }
}
