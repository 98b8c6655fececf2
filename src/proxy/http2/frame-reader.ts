// Cuts the bytes of a connection into frames. DATA passes piece by piece as it arrives, without a copy; other frames
// are small and are put together first where a read ended inside one.
import { ConnectionError, Http2Code } from "./errors.js";
import { CLIENT_PREFACE, Flag, FRAME_HEAD, FrameType, MAX_31_BITS } from "./frames.js";

/** Takes the frames in their order. What it throws ends `read`. */
export interface FrameSink {
  /** A whole frame other than DATA; its payload is `bytes` from `start` to `end`, valid during the call. */
  frame(type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number): void;
  /** A DATA frame begins. @param length its payload with padding, which is what flow control counts */
  dataBegin(stream: number, flags: number, length: number): void;
  /** The padding of the DATA frame that began. @param length with the octet that tells it */
  dataPadding(stream: number, length: number): void;
  /** Data of the frame that began: a view. @param endStream the frame is complete with it and ends the stream */
  data(stream: number, piece: Buffer, endStream: boolean): void;
}

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxFrameSize: number;
  readonly #head = Buffer.alloc(FRAME_HEAD);
  #headFilled = 0;
  #prefaceLeft: number;
  #stopped = false;

  // A frame other than DATA that a read ended in.
  #payload: Buffer | undefined;
  #payloadFilled = 0;
  #type = 0;
  #flags = 0;
  #stream = 0;

  // A DATA frame under way.
  #inData = false;
  #needsPadLength = false;
  #dataLeft = 0;
  #padLeft = 0;

  constructor(sink: FrameSink, options: { maxFrameSize: number; expectsPreface: boolean }) {
    this.#sink = sink;
    this.#maxFrameSize = options.maxFrameSize;
    this.#prefaceLeft = options.expectsPreface ? CLIENT_PREFACE.length : 0;
  }

  /** Whatever else is read is dropped, from within a callback too. */
  stop(): void {
    this.#stopped = true;
    this.#payload = undefined;
  }

  /** @throws {ConnectionError} where the bytes can't be frames, and whatever the sink throws */
  read(bytes: Buffer): void {
    let at = this.#prefaceLeft > 0 ? this.#readPreface(bytes) : 0;
    while (at < bytes.length && !this.#stopped) {
      if (this.#inData) at = this.#readData(bytes, at);
      else if (this.#payload !== undefined) at = this.#fillPayload(this.#payload, bytes, at);
      else if (this.#headFilled === 0 && bytes.length - at >= FRAME_HEAD) {
        at = this.#begin(bytes, at, bytes, at + FRAME_HEAD);
      } else {
        const taken = bytes.copy(this.#head, this.#headFilled, at, at + FRAME_HEAD - this.#headFilled);
        this.#headFilled += taken;
        at += taken;
        if (this.#headFilled < FRAME_HEAD) return;
        this.#headFilled = 0;
        at = this.#begin(this.#head, 0, bytes, at);
      }
    }
  }

  #readPreface(bytes: Buffer): number {
    const from = CLIENT_PREFACE.length - this.#prefaceLeft;
    const length = Math.min(this.#prefaceLeft, bytes.length);
    if (bytes.compare(CLIENT_PREFACE, from, from + length, 0, length) !== 0) {
      throw new ConnectionError(Http2Code.PROTOCOL_ERROR, "the client did not begin with the HTTP/2 preface");
    }
    this.#prefaceLeft -= length;
    return length;
  }

  /** Takes a frame's head, and its payload where that is here already. @returns where the next thing begins */
  #begin(head: Buffer, headAt: number, bytes: Buffer, at: number): number {
    const length = (head[headAt]! << 16) | (head[headAt + 1]! << 8) | head[headAt + 2]!;
    const type = head[headAt + 3]!;
    const flags = head[headAt + 4]!;
    const stream = head.readUInt32BE(headAt + 5) & MAX_31_BITS;
    if (length > this.#maxFrameSize) {
      throw new ConnectionError(Http2Code.FRAME_SIZE_ERROR, `a frame of ${length} octets exceeds the limit`);
    }
    if (type === FrameType.DATA) {
      this.#beginData(stream, flags, length);
      return length === 0 && !this.#stopped ? this.#readData(bytes, at) : at;
    }
    if (bytes.length - at >= length) {
      this.#sink.frame(type, flags, stream, bytes, at, at + length);
      return at + length;
    }
    this.#type = type;
    this.#flags = flags;
    this.#stream = stream;
    this.#payload = Buffer.allocUnsafeSlow(length);
    this.#payloadFilled = 0;
    return at;
  }

  #fillPayload(payload: Buffer, bytes: Buffer, at: number): number {
    const taken = bytes.copy(payload, this.#payloadFilled, at);
    this.#payloadFilled += taken;
    if (this.#payloadFilled === payload.length) {
      this.#payload = undefined;
      this.#sink.frame(this.#type, this.#flags, this.#stream, payload, 0, payload.length);
    }
    return at + taken;
  }

  #beginData(stream: number, flags: number, length: number): void {
    this.#stream = stream;
    this.#flags = flags;
    this.#needsPadLength = (flags & Flag.PADDED) !== 0;
    if (this.#needsPadLength && length === 0) {
      throw new ConnectionError(
        Http2Code.FRAME_SIZE_ERROR,
        "a padded DATA frame without the length of its padding",
      );
    }
    this.#dataLeft = length;
    this.#padLeft = 0;
    this.#inData = true;
    this.#sink.dataBegin(stream, flags, length);
  }

  #readData(bytes: Buffer, from: number): number {
    let at = from;
    if (this.#needsPadLength) {
      const padding = bytes[at]!;
      at += 1;
      if (padding >= this.#dataLeft) {
        throw new ConnectionError(Http2Code.PROTOCOL_ERROR, "a DATA frame has more padding than payload");
      }
      this.#needsPadLength = false;
      this.#dataLeft -= padding + 1;
      this.#padLeft = padding;
      this.#sink.dataPadding(this.#stream, padding + 1);
    }
    const available = bytes.length - at;
    const length = Math.min(this.#dataLeft, available);
    const padding = Math.min(this.#padLeft, available - length);
    this.#dataLeft -= length;
    this.#padLeft -= padding;
    const complete = this.#dataLeft === 0 && this.#padLeft === 0;
    this.#inData = !complete;
    if (complete || length > 0) {
      const endStream = complete && (this.#flags & Flag.END_STREAM) !== 0;
      this.#sink.data(this.#stream, bytes.subarray(at, at + length), endStream);
    }
    return at + length + padding;
  }
}
