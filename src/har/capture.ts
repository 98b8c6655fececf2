// One JSON value as it is cut out of the chunks that it spans. Texts too long to be held go to the spool meanwhile.
import { randomUUID } from "node:crypto";
import { ValueScanner } from "./json-scan.js";
import { LongText } from "./long-text.js";
import type { Spool } from "./spool.js";

export interface CaptureLimits {
  /** Bytes of the value, without what is spooled; nothing is held at all where it is 0. */
  readonly bytes: number;
  /** Levels of nesting. */
  readonly depth: number;
  /** Bytes from which on a text goes to the spool. */
  readonly text: number;
}

export interface Captured {
  readonly json: Buffer;
  /** The spooled texts, by the strings that stand for them in `json`. */
  readonly texts: ReadonlyMap<string, LongText>;
  /** A sentence: why the value is not fit to be read. */
  readonly unfit?: string;
}

export class ValueCapture {
  readonly #scanner = new ValueScanner();
  readonly #spool: Spool;
  #limits: CaptureLimits = { bytes: 0, depth: 0, text: 0 };
  #pieces: Buffer[] = [];
  #held = 0;
  #texts = new Map<string, LongText>();
  /** Bytes of the string that goes on into the next chunk. */
  #stringBytes = 0;
  /** Where in the spool the text that goes on begins. */
  #textStart: number | undefined;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  begin(limits: CaptureLimits): void {
    this.#limits = limits;
    this.#scanner.reset();
    this.#pieces = [];
    this.#held = 0;
    this.#textStart = undefined;
    if (this.#texts.size > 0) this.#texts = new Map();
  }

  /** @returns the index behind the value, or -1 when it goes on in the next chunk. */
  take(chunk: Buffer, from: number): number {
    let at = from;
    while (this.#textStart !== undefined) {
      at = this.#takeText(chunk, at, this.#textStart);
      if (at === -1) return -1;
    }
    const end = this.#scanner.scan(chunk, at);
    this.#hold(chunk.subarray(at, end === -1 ? chunk.length : end));
    if (end === -1 && this.#scanner.isInString) this.#noteString(chunk, at);
    return end;
  }

  get holdsText(): boolean {
    return this.#textStart !== undefined || this.#texts.size > 0;
  }

  result(): Captured {
    const [first] = this.#pieces;
    const json = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    const unfit = this.#unfit();
    this.#pieces = [];
    return { json, texts: this.#texts, ...(unfit === undefined ? {} : { unfit }) };
  }

  get #isTooLarge(): boolean {
    return this.#held > this.#limits.bytes;
  }

  #hold(piece: Buffer): void {
    this.#held += piece.length;
    if (this.#isTooLarge) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  #noteString(chunk: Buffer, at: number): void {
    const { stringStart } = this.#scanner;
    this.#stringBytes =
      stringStart === -1 ? this.#stringBytes + chunk.length - at : chunk.length - stringStart;
    if (this.#stringBytes > this.#limits.text && !this.#isTooLarge) this.#spoolString();
  }

  /** From here on, the string goes to the spool; so does what was held of it, without its quote. */
  #spoolString(): void {
    const held = Buffer.concat(this.#pieces);
    const start = held.length - this.#stringBytes;
    this.#textStart = this.#spool.position;
    this.#spool.write(held.subarray(start + 1));
    this.#pieces = [Buffer.from(held.subarray(0, start))];
    this.#held = start;
  }

  /** @returns the index behind the text, or -1 when it goes on. */
  #takeText(chunk: Buffer, at: number, start: number): number {
    this.#scanner.stopBehindString = true;
    const end = this.#scanner.scan(chunk, at);
    this.#spool.write(chunk.subarray(at, end === -1 ? chunk.length : end - 1));
    if (end === -1) return -1;
    this.#textStart = undefined;
    const placeholder = randomUUID();
    this.#texts.set(placeholder, new LongText(this.#spool, start, this.#spool.position - start));
    this.#hold(Buffer.from(`"${placeholder}"`));
    return end;
  }

  #unfit(): string | undefined {
    const { bytes, depth } = this.#limits;
    if (this.#isTooLarge) return `it has more than ${bytes} bytes, which is the most that is read`;
    const { deepest } = this.#scanner;
    return deepest > depth ? `it is nested ${deepest} levels deep; at most ${depth} are read` : undefined;
  }
}
