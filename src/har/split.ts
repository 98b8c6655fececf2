// A HAR's bytes into its parts, as they come: the fields of `log` and, one by one, its entries. Any order of keys; no
// more in memory than one part. Pure: bytes in, parts out.
import { type Captured, type CaptureLimits, ValueCapture } from "./capture.js";
import type { LongText } from "./long-text.js";
import type { Spool } from "./spool.js";

/** Either the JSON text of a part or why there is none. */
export type RawPart =
  | {
      readonly kind: "entry";
      readonly number: number;
      readonly json: Buffer;
      /** The texts that wait in the spool, by the strings that stand for them in the JSON. */
      readonly texts: ReadonlyMap<string, LongText>;
    }
  | { readonly kind: "field"; readonly key: string; readonly json: Buffer }
  /** `number`: of the entry, from 1. */
  | { readonly kind: "dropped"; readonly number?: number; readonly key?: string; readonly why: string }
  | { readonly kind: "fault"; readonly number?: number; readonly message: string };

export interface SplitLimits {
  readonly entry: CaptureLimits;
  /** Of another field of `log`: all pages, say. */
  readonly field: CaptureLimits;
}

/** `over`: nothing more is looked at. */
type State = "document" | "root" | "log" | "entries" | "after" | "over";
type Expect = "value" | "key" | "colon" | "comma";

const WHITESPACE = new Set([0x20, 0x0a, 0x0d, 0x09]);
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const QUOTE = 0x22;

type Target = "key" | "root" | "field" | "entry";

const KEY: CaptureLimits = { bytes: 4096, depth: 0, text: Number.POSITIVE_INFINITY };
/** Passed over, whatever its size. */
const ROOT: CaptureLimits = { bytes: 0, depth: 0, text: Number.POSITIVE_INFINITY };

export class HarSplitter {
  /** Keys of the outermost object, the first few: they tell what a file is that has no `log`. */
  readonly rootKeys: string[] = [];
  /** What the document begins with, for the same purpose. */
  firstByte: number | undefined;
  hasLog = false;
  hasEntries = false;
  /** Set when `log.entries` is there and is not a list. */
  entriesAreNoList = false;
  entries = 0;
  /** Bytes seen so far. */
  offset = 0;

  readonly #limits: Readonly<Record<Target, CaptureLimits>>;
  readonly #capture: ValueCapture;
  #state: State = "document";
  #expect: Expect = "value";
  #key = "";
  #target: Target | undefined;
  #parts: RawPart[] = [];

  constructor(limits: SplitLimits, spool: Spool) {
    this.#limits = { ...limits, key: KEY, root: ROOT };
    this.#capture = new ValueCapture(spool);
  }

  /** Whether the part that goes on has texts in the spool. */
  get holdsText(): boolean {
    return this.#target !== undefined && this.#capture.holdsText;
  }

  /** @returns the parts that end in this chunk. They may share its memory. */
  push(chunk: Buffer): RawPart[] {
    this.#parts = [];
    let at = 0;
    while (at < chunk.length && this.#state !== "over") {
      if (this.#target !== undefined) {
        const end = this.#capture.take(chunk, at);
        if (end === -1) break;
        this.#finish(this.#target);
        at = end;
        continue;
      }
      const byte = chunk[at]!;
      if (WHITESPACE.has(byte)) at++;
      else at = this.#token(byte, at);
    }
    this.offset += chunk.length;
    return this.#parts;
  }

  /** @returns what is wrong with how the document ended. */
  end(): RawPart[] {
    this.#parts = [];
    if (this.#state === "after" || this.#state === "over") return [];
    if (this.#target === "entry") {
      const number = this.entries;
      this.#fault(`the file ends within entry ${number}, after ${this.offset} bytes`, number);
    } else if (this.firstByte === OPEN_BRACE) {
      this.#fault(`the file ends too early, after ${this.offset} bytes and ${this.entries} entries`);
    }
    return this.#parts;
  }

  /** Takes a byte of the structure. @returns where to go on. */
  #token(byte: number, at: number): number {
    switch (this.#state) {
      case "document":
        this.firstByte = byte;
        if (byte !== OPEN_BRACE) {
          this.#state = "over";
          return at;
        }
        this.#open("root");
        return at + 1;
      case "root":
      case "log":
        return this.#member(byte, at);
      case "entries":
        return this.#element(byte, at);
      case "over":
        return at;
      case "after":
        this.#fault("something follows after the end of the HAR; it was passed over");
        this.#state = "over";
        return at;
    }
  }

  #member(byte: number, at: number): number {
    if (byte === CLOSE_BRACE) {
      this.#close();
      return at + 1;
    }
    if (this.#expect === "key" && byte === QUOTE) this.#begin("key");
    else if (this.#expect === "colon" && byte === COLON) this.#expect = "value";
    else if (this.#expect === "comma" && byte === COMMA) this.#expect = "key";
    else if (this.#expect === "value") return this.#value(byte, at);
    else if (byte !== COMMA) {
      this.#fault(`this is not JSON: ${named(byte)} where a ${this.#expect} should be`);
      // On to the next thing that looks like a key, so that entries behind the fault are still found.
      this.#expect = byte === QUOTE ? "key" : this.#expect;
      return byte === QUOTE ? at : at + 1;
    }
    return this.#target === undefined ? at + 1 : at;
  }

  #value(byte: number, at: number): number {
    if (byte === COMMA || byte === COLON || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      this.#fault(`this is not JSON: ${named(byte)} where the value of \`${this.#key}\` should be`);
      this.#expect = "comma";
      return byte === COLON || byte === CLOSE_BRACKET ? at + 1 : at;
    }
    if (this.#state === "root") {
      if (this.#key === "log" && byte === OPEN_BRACE) {
        if (this.hasLog) this.#fault("`log` is there twice; both were read");
        this.hasLog = true;
        this.#open("log");
        return at + 1;
      }
      this.#begin("root");
      return at;
    }
    if (this.#key === "entries") {
      if (this.hasEntries) this.#fault("`log.entries` is there twice; both were read");
      this.hasEntries = true;
      if (byte === OPEN_BRACKET) {
        this.#state = "entries";
        this.#expect = "value";
        return at + 1;
      }
      this.entriesAreNoList = true;
    }
    this.#begin("field");
    return at;
  }

  #element(byte: number, at: number): number {
    if (byte === CLOSE_BRACKET) {
      this.#state = "log";
      this.#expect = "comma";
      return at + 1;
    }
    if (byte === COMMA) return at + 1;
    if (byte === CLOSE_BRACE || byte === COLON) {
      this.#fault(`this is not JSON: ${named(byte)} between two entries`);
      return at + 1;
    }
    this.entries++;
    this.#begin("entry");
    return at;
  }

  #open(state: "root" | "log"): void {
    this.#state = state;
    this.#expect = "key";
  }

  #close(): void {
    this.#state = this.#state === "log" ? "root" : "after";
    this.#expect = "comma";
  }

  #begin(target: Target): void {
    this.#target = target;
    this.#capture.begin(this.#limits[target]);
  }

  #finish(target: Target): void {
    const captured = this.#capture.result();
    this.#target = undefined;
    this.#expect = target === "key" ? "colon" : "comma";
    if (target === "key") this.#key = this.#readKey(captured.json);
    else if (target === "entry") this.#entryEnded(captured);
    else if (target === "field") this.#fieldEnded(captured);
  }

  #readKey(json: Buffer): string {
    let key = "";
    try {
      const parsed: unknown = JSON.parse(json.toString("utf8"));
      if (typeof parsed === "string") key = parsed;
    } catch {
      this.#fault("this is not JSON: a key that cannot be read");
    }
    if (this.#state === "root" && this.rootKeys.length < 20) this.rootKeys.push(key);
    return key;
  }

  #entryEnded({ json, texts, unfit }: Captured): void {
    const number = this.entries;
    this.#parts.push(
      unfit === undefined ? { kind: "entry", number, json, texts } : { kind: "dropped", number, why: unfit },
    );
    if (this.#state === "entries") this.#expect = "value";
  }

  #fieldEnded({ json, unfit }: Captured): void {
    const key = this.#key;
    if (key === "entries") return;
    this.#parts.push(
      unfit === undefined ? { kind: "field", key, json } : { kind: "dropped", key, why: unfit },
    );
  }

  #fault(message: string, number?: number): void {
    this.#parts.push({ kind: "fault", message, ...(number === undefined ? {} : { number }) });
  }
}

function named(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `\`${String.fromCharCode(byte)}\`` : `the byte ${byte}`;
}
