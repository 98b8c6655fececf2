// Reads WebSocket frames out of one direction's bytes, in any chunking (RFC 6455 section 5). It stops at the first
// frame that breaks the protocol, so that what it passes on is always well-formed.
import { unmask } from "./mask.js";

/** A frame's header, checked. */
export interface Frame {
  /** Within its direction, from 1. */
  readonly number: number;
  readonly fin: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv: number;
  /** 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  /** Bytes of payload, up to 2^53 - 1. */
  readonly length: number;
}

export interface FrameSink {
  frameStart(frame: Frame): void;
  /** Unmasked payload, at least once a frame (empty where the frame is). Nobody changes `piece` afterwards. */
  payload(piece: Buffer, endsFrame: boolean): void;
  /** Reading has stopped for good. `reason`: `frame 3: reserved opcode 5`. */
  malformed(reason: string): void;
}

/**
 * Which RSV bits are legal: none; RSV1 on the first frame of a message (RFC 7692); or any, because an extension
 * that is not known here was agreed on.
 */
export type RsvRule = "none" | "deflate" | "any";

const LONGEST_HEADER = 14;
const LONGEST_CONTROL_PAYLOAD = 125;
const EMPTY = Buffer.alloc(0);

/** One direction's frames. `push` never throws by itself and never changes a chunk. */
export class FrameReader {
  readonly #masked: boolean;
  readonly #rsvRule: RsvRule;
  readonly #sink: FrameSink;
  readonly #header = new Uint8Array(LONGEST_HEADER);
  readonly #key = new Uint8Array(4);
  #headerHave = 0;
  #headerNeed = 2;
  #frame: Frame | null = null;
  #position = 0;
  #count = 0;
  #inMessage = false;
  #stopped = false;

  /** @param masked whether this direction's frames must be masked: true from the client, false from the server */
  constructor(masked: boolean, rsvRule: RsvRule, sink: FrameSink) {
    this.#masked = masked;
    this.#rsvRule = rsvRule;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      at = this.#frame === null ? this.#readHeader(chunk, at) : this.#readPayload(this.#frame, chunk, at);
    }
  }

  /** Reads nothing from now on. */
  stop(): void {
    this.#stopped = true;
  }

  #readHeader(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      this.#header[this.#headerHave++] = chunk[at++]!;
      if (this.#headerHave === 2) this.#headerNeed = headerSize(this.#header[1]!);
      if (this.#headerHave === this.#headerNeed) {
        this.#startFrame();
        break;
      }
    }
    return at;
  }

  #startFrame(): void {
    const header = this.#header;
    const first = header[0]!;
    const masked = (header[1]! & 0x80) !== 0;
    const frame: Frame = {
      number: ++this.#count,
      fin: (first & 0x80) !== 0,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      length: payloadLength(header),
    };
    if (masked) for (let i = 0; i < 4; i++) this.#key[i] = header[this.#headerNeed - 4 + i]!;
    this.#headerHave = 0;
    this.#headerNeed = 2;
    this.#position = 0;

    const fault = this.#faultOf(frame, masked);
    if (fault !== undefined) {
      this.#stopped = true;
      this.#sink.malformed(`frame ${frame.number}: ${fault}`);
      return;
    }
    if (frame.opcode < 8) this.#inMessage = !frame.fin;
    this.#sink.frameStart(frame);
    if (frame.length === 0) this.#sink.payload(EMPTY, true);
    else this.#frame = frame;
  }

  #faultOf(frame: Frame, masked: boolean): string | undefined {
    const { opcode, rsv } = frame;
    if (opcode > 10 || (opcode > 2 && opcode < 8)) return `reserved opcode ${opcode}`;
    if (masked !== this.#masked)
      return masked ? "masked, though from the server" : "not masked, though from the client";
    if (rsv !== 0 && this.#rsvRule === "none") return "an RSV bit is set, but no extension was agreed on";
    if (rsv !== 0 && this.#rsvRule === "deflate") {
      if (rsv !== 4) return "RSV2 or RSV3 is set, which permessage-deflate does not use";
      if (opcode === 0 || opcode > 2) return "RSV1 is set on a frame that does not begin a message";
    }
    if (opcode >= 8) {
      if (!frame.fin) return "a control frame is fragmented";
      if (frame.length > LONGEST_CONTROL_PAYLOAD)
        return `a control frame of ${frame.length} bytes, more than 125`;
    } else if (opcode === 0 && !this.#inMessage) return "a continuation of no message";
    else if (opcode !== 0 && this.#inMessage) return "a new message inside a fragmented one";
    if (!Number.isSafeInteger(frame.length)) return "a payload length of 2^53 or more";
    return undefined;
  }

  #readPayload(frame: Frame, chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + frame.length - this.#position);
    const endsFrame = this.#position + end - at === frame.length;
    const piece = this.#pieceOf(chunk, at, end, endsFrame && frame.fin);
    this.#position += end - at;
    if (endsFrame) this.#frame = null;
    this.#sink.payload(piece, endsFrame);
    return end;
  }

  /**
   * A piece that may be kept. One of an unfinished message may be kept for long, so it must not hold on to memory
   * much larger than itself (Buffer's pool, a chunk full of other frames): a peer could make that of every byte.
   */
  #pieceOf(chunk: Buffer, at: number, end: number, endsMessage: boolean): Buffer {
    const view = chunk.subarray(at, end);
    if (!this.#masked && (endsMessage || view.length * 2 >= view.buffer.byteLength)) return view;
    const copy = endsMessage ? Buffer.allocUnsafe(view.length) : Buffer.allocUnsafeSlow(view.length);
    if (this.#masked) unmask(view, this.#key, this.#position, copy);
    else view.copy(copy);
    return copy;
  }
}

function headerSize(second: number): number {
  const length = second & 0x7f;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & 0x80) === 0 ? 0 : 4);
}

/** The payload's length; beyond 2^53 not exact, which is enough to tell that it is beyond. */
function payloadLength(header: Uint8Array): number {
  const short = header[1]! & 0x7f;
  if (short < 126) return short;
  let length = 0;
  for (let i = 2; i < (short === 126 ? 4 : 10); i++) length = length * 256 + header[i]!;
  return length;
}
