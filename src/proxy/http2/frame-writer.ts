// Writes frames side by side into few, larger buffers. Large DATA goes by reference, between two of them.
import type { RawHeaders } from "../../exchange/headers.js";
import { CLIENT_PREFACE, Flag, FRAME_HEAD, FrameType, MIN_MAX_FRAME_SIZE } from "./frames.js";
import type { HpackEncoder } from "./hpack/encoder.js";
import type { HeaderField } from "./hpack/header-entry.js";
import type { SettingPair } from "./settings.js";

/** Up to here a copy costs less than a buffer of its own does on its way through a TLS socket. */
const COPIED_DATA = 4096;
/** What begins small stays small on a connection that has little to say. */
const MIN_CHUNK = 1024;
const MAX_CHUNK = 32_768;

export class FrameWriter {
  readonly #encoder: HpackEncoder;
  readonly #onPending: () => void;
  #chunk = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #chunkSize = MIN_CHUNK;
  #ready: Buffer[] = [];
  #readyBytes = 0;
  /** Frames that answer the peer's and wait since the last `take`. */
  #answers = 0;

  /** @param onPending called when bytes wait and none did before */
  constructor(encoder: HpackEncoder, onPending: () => void) {
    this.#encoder = encoder;
    this.#onPending = onPending;
  }

  get pendingBytes(): number {
    return this.#readyBytes + this.#end - this.#start;
  }

  get pendingAnswers(): number {
    return this.#answers;
  }

  /** @returns what waits, in order; it is the caller's now */
  take(): Buffer[] {
    this.#seal();
    const ready = this.#ready;
    this.#ready = [];
    this.#readyBytes = 0;
    this.#answers = 0;
    return ready;
  }

  preface(): void {
    const at = this.#reserve(CLIENT_PREFACE.length);
    this.#end = at + CLIENT_PREFACE.copy(this.#chunk, at);
  }

  /** @param data at most a frame's worth */
  data(stream: number, data: Buffer, endStream: boolean): void {
    const flags = endStream ? Flag.END_STREAM : 0;
    if (data.length <= COPIED_DATA) {
      const at = this.#frame(data.length, FrameType.DATA, flags, stream);
      data.copy(this.#chunk, at);
      return;
    }
    const at = this.#reserve(FRAME_HEAD);
    this.#end = this.#writeHead(at, data.length, FrameType.DATA, flags, stream);
    this.#seal();
    this.#ready.push(data);
    this.#readyBytes += data.length;
  }

  headers(
    stream: number,
    headers: RawHeaders,
    endStream: boolean,
    neverIndexed: ReadonlySet<HeaderField> | undefined,
  ): void {
    const flags = endStream ? Flag.END_STREAM : 0;
    const bound = this.#encoder.bound(headers);
    if (bound > MIN_MAX_FRAME_SIZE) {
      this.#largeHeaders(stream, headers, flags, neverIndexed, bound);
      return;
    }
    const at = this.#reserve(FRAME_HEAD + bound);
    this.#end = this.#encoder.encode(headers, neverIndexed, this.#chunk, at + FRAME_HEAD);
    const length = this.#end - at - FRAME_HEAD;
    this.#writeHead(at, length, FrameType.HEADERS, flags | Flag.END_HEADERS, stream);
  }

  reset(stream: number, code: number): void {
    this.#answers += 1;
    const at = this.#frame(4, FrameType.RST_STREAM, 0, stream);
    this.#chunk.writeUInt32BE(code, at);
  }

  windowUpdate(stream: number, increment: number): void {
    const at = this.#frame(4, FrameType.WINDOW_UPDATE, 0, stream);
    this.#chunk.writeUInt32BE(increment, at);
  }

  settings(pairs: readonly SettingPair[]): void {
    let at = this.#frame(pairs.length * 6, FrameType.SETTINGS, 0, 0);
    for (const [id, value] of pairs) {
      at = this.#chunk.writeUInt16BE(id, at);
      at = this.#chunk.writeUInt32BE(value, at);
    }
  }

  settingsAck(): void {
    this.#answers += 1;
    this.#frame(0, FrameType.SETTINGS, Flag.ACK, 0);
  }

  /** @param payload eight octets */
  ping(payload: Buffer, ack: boolean): void {
    if (ack) this.#answers += 1;
    const at = this.#frame(8, FrameType.PING, ack ? Flag.ACK : 0, 0);
    payload.copy(this.#chunk, at);
  }

  goaway(lastStream: number, code: number, debugData: Buffer): void {
    const at = this.#frame(8 + debugData.length, FrameType.GOAWAY, 0, 0);
    this.#chunk.writeUInt32BE(lastStream, at);
    this.#chunk.writeUInt32BE(code, at + 4);
    debugData.copy(this.#chunk, at + 8);
  }

  /** More than one frame, perhaps: HEADERS, then CONTINUATION with nothing in between. */
  #largeHeaders(
    stream: number,
    headers: RawHeaders,
    flags: number,
    neverIndexed: ReadonlySet<HeaderField> | undefined,
    bound: number,
  ): void {
    const block = Buffer.allocUnsafeSlow(bound);
    const length = this.#encoder.encode(headers, neverIndexed, block, 0);
    for (let from = 0; from === 0 || from < length; from += MIN_MAX_FRAME_SIZE) {
      const to = Math.min(length, from + MIN_MAX_FRAME_SIZE);
      const type = from === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
      const end = to === length ? Flag.END_HEADERS : 0;
      const at = this.#frame(to - from, type, (from === 0 ? flags : 0) | end, stream);
      block.copy(this.#chunk, at, from, to);
    }
  }

  /** Makes a frame. @returns where its payload goes in the chunk */
  #frame(length: number, type: number, flags: number, stream: number): number {
    const at = this.#reserve(FRAME_HEAD + length);
    this.#end = at + FRAME_HEAD + length;
    return this.#writeHead(at, length, type, flags, stream);
  }

  #writeHead(at: number, length: number, type: number, flags: number, stream: number): number {
    const chunk = this.#chunk;
    chunk[at] = length >>> 16;
    chunk[at + 1] = length >>> 8;
    chunk[at + 2] = length;
    chunk[at + 3] = type;
    chunk[at + 4] = flags;
    chunk[at + 5] = stream >>> 24;
    chunk[at + 6] = stream >>> 16;
    chunk[at + 7] = stream >>> 8;
    chunk[at + 8] = stream;
    return at + FRAME_HEAD;
  }

  /** @returns where the chunk has room for so many octets */
  #reserve(length: number): number {
    if (this.pendingBytes === 0) this.#onPending();
    if (this.#chunk.length - this.#end < length) {
      // Filled before anybody took it: the next one holds more.
      if (this.#end > this.#start) this.#chunkSize = Math.min(MAX_CHUNK, this.#chunkSize * 2);
      this.#seal();
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(this.#chunkSize, length));
      this.#start = 0;
      this.#end = 0;
    }
    return this.#end;
  }

  /** What the chunk holds so far becomes a buffer of its own; it may be held by a socket for long. */
  #seal(): void {
    if (this.#end === this.#start) return;
    const piece = this.#chunk.subarray(this.#start, this.#end);
    this.#ready.push(piece);
    this.#readyBytes += piece.length;
    this.#start = this.#end;
  }
}
