// What each frame of the peer's does (RFC 9113 section 6). Errors are thrown: a StreamError ends its stream here, a
// ConnectionError leaves through `FrameReader.read`.
import type { ConnectionCore } from "./connection-core.js";
import { ConnectionError, Http2Code, StreamError } from "./errors.js";
import type { FrameSink } from "./frame-reader.js";
import { Flag, FrameType, MAX_31_BITS } from "./frames.js";
import { HeaderBlockReader } from "./header-block.js";
import { IncomingMessages } from "./incoming-messages.js";
import { applySettings, parseSettings } from "./settings.js";

export class IncomingFrames implements FrameSink {
  readonly #core: ConnectionCore;
  readonly #blocks: HeaderBlockReader;
  readonly #messages: IncomingMessages;
  #settingsSeen = false;

  constructor(core: ConnectionCore) {
    this.#core = core;
    this.#blocks = new HeaderBlockReader(core.floods, core.options.maxHeaderListSize);
    this.#messages = new IncomingMessages(core);
  }

  frame(type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number): void {
    this.#checkOrder(type, flags, stream);
    try {
      this.#dispatch(type, flags, stream, bytes, start, end);
    } catch (error) {
      this.#streamFailed(error);
    }
  }

  dataBegin(stream: number, flags: number, length: number): void {
    this.#checkOrder(FrameType.DATA, flags, stream);
    checkStream("DATA", stream !== 0);
    try {
      this.#messages.dataBegin(stream, length, (flags & Flag.END_STREAM) !== 0);
    } catch (error) {
      this.#streamFailed(error);
    }
  }

  dataPadding(stream: number, length: number): void {
    this.#core.flow.discard(this.#core.streams.get(stream), length);
  }

  data(stream: number, piece: Buffer, endStream: boolean): void {
    try {
      this.#messages.data(stream, piece, endStream);
    } catch (error) {
      this.#streamFailed(error);
    }
  }

  #streamFailed(error: unknown): void {
    if (!(error instanceof StreamError)) throw error;
    this.#core.failStream(error);
  }

  #checkOrder(type: number, flags: number, stream: number): void {
    const open = this.#blocks.openStream;
    if (open !== 0 && (type !== FrameType.CONTINUATION || stream !== open)) {
      throw protocolError("a frame between those of a header block");
    }
    if (this.#settingsSeen) return;
    if (type !== FrameType.SETTINGS || (flags & Flag.ACK) !== 0)
      throw protocolError("the peer's first frame is not SETTINGS");
  }

  #dispatch(type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    switch (type) {
      case FrameType.HEADERS:
        checkStream("HEADERS", stream !== 0);
        this.#messages.headers(this.#blocks.headers(stream, flags, bytes, start, end));
        return;
      case FrameType.CONTINUATION:
        if (this.#blocks.openStream === 0) throw protocolError("CONTINUATION without HEADERS");
        this.#messages.headers(this.#blocks.continuation(flags, bytes, start, end));
        return;
      case FrameType.PRIORITY:
        checkStream("PRIORITY", stream !== 0);
        if (length !== 5) this.#priorityOfWrongLength(stream);
        return;
      case FrameType.RST_STREAM:
        checkStream("RST_STREAM", stream !== 0);
        checkLength("RST_STREAM", length === 4);
        this.#messages.reset(stream, bytes.readUInt32BE(start));
        return;
      case FrameType.SETTINGS:
        checkStream("SETTINGS", stream === 0);
        this.#settings(flags, bytes, start, end);
        return;
      case FrameType.PUSH_PROMISE:
        throw protocolError("PUSH_PROMISE, which was not allowed");
      case FrameType.PING:
        checkStream("PING", stream === 0);
        checkLength("PING", length === 8);
        this.#ping(flags, bytes.subarray(start, end));
        return;
      case FrameType.GOAWAY:
        checkStream("GOAWAY", stream === 0);
        checkLength("GOAWAY", length >= 8);
        this.#goaway(
          bytes.readUInt32BE(start) & MAX_31_BITS,
          bytes.readUInt32BE(start + 4),
          bytes.subarray(start + 8, end),
        );
        return;
      case FrameType.WINDOW_UPDATE:
        checkLength("WINDOW_UPDATE", length === 4);
        this.#windowUpdate(stream, bytes.readUInt32BE(start) & MAX_31_BITS);
        return;
      default:
      // Section 4.1: unknown types are read over.
    }
  }

  /** Deprecated, read over; but section 6.3 keeps its length. A stream that does not exist can't be reset. */
  #priorityOfWrongLength(stream: number): never {
    if (this.#core.isIdle(stream)) throw sizeError("PRIORITY");
    throw new StreamError(stream, Http2Code.FRAME_SIZE_ERROR, "a PRIORITY frame of a wrong length");
  }

  #settings(flags: number, bytes: Buffer, start: number, end: number): void {
    const core = this.#core;
    if ((flags & Flag.ACK) !== 0) {
      checkLength("SETTINGS", start === end);
      core.settingsAcknowledged();
      return;
    }
    const before = core.peer;
    core.peer = applySettings(before, parseSettings(bytes, start, end), !this.#settingsSeen, core.role);
    this.#settingsSeen = true;
    core.floods.count("settings");
    core.encoder.setMaxTableSize(core.peer.headerTableSize);
    const delta = core.peer.initialWindowSize - before.initialWindowSize;
    if (delta !== 0) for (const stream of core.streams.open) core.sender.shiftStream(stream, delta);
    core.writer.settingsAck();
    core.checkAnswers();
    core.handler.onSettings(core.peer);
  }

  #ping(flags: number, payload: Buffer): void {
    if ((flags & Flag.ACK) !== 0) {
      this.#core.handler.onPong(payload);
      return;
    }
    this.#core.floods.count("pings");
    this.#core.writer.ping(payload, true);
    this.#core.checkAnswers();
  }

  #goaway(lastStream: number, code: number, debugData: Buffer): void {
    const core = this.#core;
    // Never raised (section 6.8).
    core.peerLastProcessed = Math.min(core.peerLastProcessed, lastStream);
    core.handler.onGoaway(lastStream, code, debugData);
    if (core.role === "server") return;
    const unprocessed = [...core.streams.open].filter((stream) => stream.id > core.peerLastProcessed);
    for (const stream of unprocessed) {
      if (core.streams.get(stream.id) !== stream) continue;
      core.cutOff(stream);
      core.streams.abandon(stream.id);
      const failure = new StreamError(
        stream.id,
        Http2Code.REFUSED_STREAM,
        "the peer went away before it processed this",
      );
      core.handler.onReset(stream.id, failure.code, failure);
      core.handler.onClose(stream.id);
    }
  }

  #windowUpdate(id: number, increment: number): void {
    const core = this.#core;
    if (id === 0) {
      if (increment === 0) throw protocolError("WINDOW_UPDATE by nothing");
      core.sender.grow(increment);
      return;
    }
    const stream = core.streams.get(id);
    if (stream === undefined) {
      if (core.isIdle(id)) throw protocolError("WINDOW_UPDATE for a stream that is idle");
      return;
    }
    if (increment === 0) throw new StreamError(id, Http2Code.PROTOCOL_ERROR, "WINDOW_UPDATE by nothing");
    core.sender.growStream(stream, increment);
  }
}

function protocolError(message: string): ConnectionError {
  return new ConnectionError(Http2Code.PROTOCOL_ERROR, message);
}

function sizeError(name: string): ConnectionError {
  return new ConnectionError(Http2Code.FRAME_SIZE_ERROR, `a ${name} frame of a wrong length`);
}

function checkStream(name: string, right: boolean): void {
  if (!right) throw protocolError(`a ${name} frame on a wrong stream`);
}

function checkLength(name: string, right: boolean): void {
  if (!right) throw sizeError(name);
}
