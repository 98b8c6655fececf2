// One side's permessage-deflate stream, inflated piece by piece (RFC 7692 section 7.2.2), off the event loop.
import { createInflateRaw, type InflateRaw } from "node:zlib";
import type { DeflateParameters } from "./extensions.js";

/** What inflated bytes are poured into; while it is behind, inflating waits. A Recording is one. */
export interface InflateGate {
  readonly behind: boolean;
  onDrain(callback: () => void): void;
}

/** `stopped`: the output did not want more. `failed`: with zlib's reason. After both the side's context is lost. */
export type InflateResult =
  | { readonly kind: "done" | "stopped" }
  | { readonly kind: "failed"; readonly reason: string };

interface Run {
  piece: Buffer;
  readonly endsMessage: boolean;
  /** Takes inflated bytes; returns false to stop. */
  readonly output: (chunk: Buffer) => boolean;
  readonly done: (result: InflateResult) => void;
  /** Bytes the stream had consumed before this piece. */
  consumedBefore: number;
  written: boolean;
}

// What the sender took off the end of each message (RFC 7692 section 7.2.1).
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

// zlib can't compress raw deflate in a window of 2^8 and takes 2^9 instead, and peers built on it do so.
const SMALLEST_WINDOW_BITS = 9;

// A final block may take 2 bytes and costs a new zlib stream of some 60 KB: more of them in a message are an attack.
const MOST_FINAL_BLOCKS = 16;

/** Inflates the messages of one side, in order. The zlib stream is opened by the first piece. */
export class Inflater {
  readonly #parameters: DeflateParameters;
  readonly #gate: InflateGate;
  #stream: InflateRaw | null = null;
  #run: Run | null = null;
  #finalBlocks = 0;
  #waiting = false;

  constructor(parameters: DeflateParameters, gate: InflateGate) {
    this.#parameters = parameters;
    this.#gate = gate;
  }

  /**
   * Inflates one piece of a message, one at a time: the next after `done`, which is never called before `inflate`
   * has returned.
   *
   * @param output takes inflated bytes; returns false to stop the message
   */
  inflate(piece: Buffer, endsMessage: boolean, output: Run["output"], done: Run["done"]): void {
    const input = endsMessage ? Buffer.concat([piece, TAIL]) : piece;
    const run: Run = { piece: input, endsMessage, output, done, consumedBefore: 0, written: false };
    this.#run = run;
    this.#write(run);
  }

  /** Frees the zlib stream. A piece under way is given up without a call of `done`; a later one opens a new stream. */
  close(): void {
    this.#run = null;
    this.#dropStream();
  }

  #write(run: Run): void {
    this.#stream ??= this.#open();
    const stream = this.#stream;
    run.consumedBefore = stream.bytesWritten;
    stream.write(run.piece, (error) => {
      if (error || stream !== this.#stream) return;
      run.written = true;
      this.#drain();
    });
  }

  #open(): InflateRaw {
    const windowBits = Math.max(this.#parameters.windowBits, SMALLEST_WINDOW_BITS);
    const stream = createInflateRaw({ windowBits });
    stream.on("readable", () => this.#drain());
    stream.on("end", () => this.#finalBlock(stream));
    stream.on("error", (error: Error) => {
      if (stream === this.#stream) this.#give({ kind: "failed", reason: error.message });
    });
    return stream;
  }

  #drain(): void {
    const run = this.#run;
    const stream = this.#stream;
    if (run === null || stream === null || this.#waiting) return;
    for (;;) {
      if (this.#gate.behind) {
        this.#waiting = true;
        this.#gate.onDrain(() => {
          this.#waiting = false;
          this.#drain();
        });
        return;
      }
      const chunk: unknown = stream.read();
      if (!Buffer.isBuffer(chunk)) break;
      if (!run.output(chunk)) {
        this.#give({ kind: "stopped" });
        return;
      }
    }
    if (run.written) this.#give({ kind: "done" });
  }

  /**
   * A block marked as the last: the deflate stream ends there, and the message may go on with another (RFC 7692
   * section 7.2.3.4). The new one starts without context, as in Chrome and ws.
   */
  #finalBlock(stream: InflateRaw): void {
    if (stream !== this.#stream) return;
    const run = this.#run;
    const rest = run?.piece.subarray(stream.bytesWritten - run.consumedBefore);
    this.#dropStream();
    if (run === null || rest === undefined) return;
    if (rest.length <= (run.endsMessage ? TAIL.length : 0)) this.#give({ kind: "done" });
    else if (++this.#finalBlocks > MOST_FINAL_BLOCKS)
      this.#give({ kind: "failed", reason: "too many final blocks" });
    else {
      run.piece = rest;
      this.#write(run);
    }
  }

  #give(result: InflateResult): void {
    const run = this.#run;
    if (run === null) return;
    this.#run = null;
    if (result.kind !== "done") this.#dropStream();
    else if (run.endsMessage && !this.#parameters.contextTakeover) this.#stream?.reset();
    if (run.endsMessage || result.kind !== "done") this.#finalBlocks = 0;
    run.done(result);
  }

  #dropStream(): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.destroy();
  }
}
