// A text that is put together from places in a body.
import { unescapeJson } from "./decoded-bytes.js";

const SMALLEST = 64;
const EMPTY = Buffer.alloc(0);

export class GrowingText {
  #out: Buffer = EMPTY;
  #length = 0;
  #pieces = 0;
  /** Of the first piece, as long as all others are like it: an id that every event repeats is no text in pieces. */
  #start = 0;
  #end = 0;
  #areEqual = true;
  #isBroken = false;

  /** @param isJson pieces are the inside of JSON strings */
  constructor(
    readonly bytes: Buffer,
    readonly isJson: boolean,
  ) {
    if (!isJson) this.#areEqual = false;
  }

  add(start: number, end: number): void {
    if (this.#areEqual) {
      if (this.#pieces === 0) {
        this.#start = start;
        this.#end = end;
      }
      if (this.#isLikeFirst(start, end)) {
        this.#pieces++;
        return;
      }
      this.#areEqual = false;
      for (let piece = 0; piece < this.#pieces; piece++) this.#append(this.#start, this.#end);
    }
    this.#append(start, end);
  }

  addByte(byte: number): void {
    this.#reserve(1);
    this.#out[this.#length++] = byte;
  }

  copy(): GrowingText {
    const copy = new GrowingText(this.bytes, this.isJson);
    copy.#out = Buffer.from(this.#out);
    copy.#length = this.#length;
    copy.#pieces = this.#pieces;
    copy.#start = this.#start;
    copy.#end = this.#end;
    copy.#areEqual = this.#areEqual;
    copy.#isBroken = this.#isBroken;
    return copy;
  }

  /** The text, empty where its pieces are all alike; null where half a character stands in it. */
  joined(): Buffer | null {
    return this.#isBroken ? null : this.#out.subarray(0, this.#length);
  }

  #isLikeFirst(start: number, end: number): boolean {
    const { bytes } = this;
    if (end - start !== this.#end - this.#start) return false;
    for (let at = start, first = this.#start; at < end; at++, first++)
      if (bytes[at] !== bytes[first]) return false;
    return true;
  }

  #append(start: number, end: number): void {
    if (this.#isBroken) return;
    this.#reserve(end - start);
    if (this.isJson) {
      const length = unescapeJson(this.bytes, start, end, this.#out, this.#length);
      if (length === -1) this.#isBroken = true;
      else this.#length = length;
    } else {
      this.bytes.copy(this.#out, this.#length, start, end);
      this.#length += end - start;
    }
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(SMALLEST, needed, 2 * this.#out.length));
    this.#out.copy(larger, 0, 0, this.#length);
    this.#out = larger;
  }
}
