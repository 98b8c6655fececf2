// Puts header blocks together (RFC 9113 section 4.3): HEADERS and the CONTINUATION frames that must follow at once.
import { ConnectionError, Http2Code } from "./errors.js";
import type { FloodGuard } from "./floods.js";
import { Flag } from "./frames.js";

/** A block that is complete: `bytes` from `start` to `end`. */
export interface HeaderBlock {
  readonly stream: number;
  readonly endStream: boolean;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

export class HeaderBlockReader {
  readonly #floods: FloodGuard;
  readonly #maxOctets: number;
  #stream = 0;
  #endStream = false;
  #fragments: Buffer[] = [];
  #octets = 0;

  /** @param maxOctets of a block that needs CONTINUATION frames */
  constructor(floods: FloodGuard, maxOctets: number) {
    this.#floods = floods;
    this.#maxOctets = maxOctets;
  }

  /** The stream whose block is under way, or 0: nothing but its CONTINUATION may come. */
  get openStream(): number {
    return this.#stream;
  }

  /** A HEADERS frame. @returns the block when it is complete with it */
  headers(stream: number, flags: number, bytes: Buffer, start: number, end: number): HeaderBlock | undefined {
    let from = start;
    let to = end;
    if ((flags & Flag.PADDED) !== 0) {
      if (from >= to) throw tooShort();
      const padding = bytes[from]!;
      from += 1;
      to -= padding;
      if (to < from)
        throw new ConnectionError(Http2Code.PROTOCOL_ERROR, "a HEADERS frame has more padding than payload");
    }
    if ((flags & Flag.PRIORITY) !== 0) {
      // Deprecated (section 5.3.2): read over.
      from += 5;
      if (to < from) throw tooShort();
    }
    const endStream = (flags & Flag.END_STREAM) !== 0;
    if ((flags & Flag.END_HEADERS) !== 0) return { stream, endStream, bytes, start: from, end: to };
    this.#stream = stream;
    this.#endStream = endStream;
    this.#fragments = [];
    this.#octets = 0;
    this.#keep(bytes, from, to);
    return undefined;
  }

  /** A CONTINUATION frame of the open block. @returns the block when it is complete with it */
  continuation(flags: number, bytes: Buffer, start: number, end: number): HeaderBlock | undefined {
    this.#keep(bytes, start, end);
    if ((flags & Flag.END_HEADERS) === 0) return undefined;
    const block = Buffer.concat(this.#fragments);
    const stream = this.#stream;
    this.#stream = 0;
    this.#fragments = [];
    return { stream, endStream: this.#endStream, bytes: block, start: 0, end: block.length };
  }

  /** Copies, since the bytes of one read must not stay alive for a fragment of theirs. */
  #keep(bytes: Buffer, start: number, end: number): void {
    this.#octets += end - start;
    this.#floods.checkContinuations(this.#fragments.length, this.#octets, this.#maxOctets);
    this.#fragments.push(Buffer.from(bytes.subarray(start, end)));
  }
}

function tooShort(): ConnectionError {
  return new ConnectionError(Http2Code.FRAME_SIZE_ERROR, "a HEADERS frame is too short for its flags");
}
