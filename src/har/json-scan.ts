// Where a JSON value ends, found in its bytes without parsing it: chunk after chunk, strings passed over by a search
// for their quote. What stands between is checked by JSON.parse afterwards.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;

/** Bytes of a string that are looked at one by one: a call of indexOf costs as much as about 50 of them. */
const SHORT = 64;

export class ValueScanner {
  /** How deep the value is nested, at its deepest so far. */
  deepest = 0;
  /** Set: `scan` returns behind the string it is within, and clears it. */
  stopBehindString = false;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #begun = false;

  /** Where in the chunk that was scanned last the string that goes on begins; -1 where it began earlier. */
  stringStart = -1;

  /** Within a string of a list or an object, at the end of what was scanned. */
  get isInString(): boolean {
    return this.#inString && this.#depth > 0;
  }

  /** Begins with the next value. */
  reset(): void {
    this.deepest = 0;
    this.stopBehindString = false;
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#begun = false;
  }

  /**
   * @param from where the value begins, or goes on from the chunk before: no space, comma or closing bracket.
   * @returns the index after its last byte, or -1 when it goes on in the next chunk. A number or a word ends at the
   * byte that cannot belong to it.
   */
  scan(chunk: Buffer, from: number): number {
    const length = chunk.length;
    let at = from;
    let depth = this.#depth;
    this.stringStart = -1;
    while (at < length) {
      if (this.#inString) {
        at = this.#string(chunk, at);
        if (at === -1) break;
        if (depth === 0) return at;
        if (this.stopBehindString) {
          this.stopBehindString = false;
          this.#depth = depth;
          return at;
        }
        continue;
      }
      const byte = chunk[at]!;
      if (byte === QUOTE) {
        if (depth === 0 && this.#begun) return at;
        this.#begun = true;
        this.#inString = true;
        this.stringStart = at;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (depth === 0 && this.#begun) return at;
        this.#begun = true;
        depth++;
        if (depth > this.deepest) this.deepest = depth;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (depth === 0) return at;
        depth--;
        if (depth === 0) return at + 1;
      } else if (depth === 0) {
        if (this.#begun && (byte <= SPACE || byte === COMMA)) return at;
        this.#begun = true;
      }
      at++;
    }
    this.#depth = depth;
    return -1;
  }

  /** @returns the index after the closing quote, or -1. */
  #string(chunk: Buffer, from: number): number {
    const length = chunk.length;
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at++;
    }
    let short = Math.min(at + SHORT, length);
    for (;;) {
      while (at < short) {
        const byte = chunk[at++]!;
        if (byte === QUOTE) {
          this.#inString = false;
          return at;
        }
        if (byte === BACKSLASH) at++;
      }
      if (at >= length) {
        this.#escaped = at > length;
        return -1;
      }
      const quote = chunk.indexOf(QUOTE, at);
      const end = quote === -1 ? length : quote;
      const escaped = backslashes(chunk, at, end) % 2 === 1;
      if (quote === -1) {
        this.#escaped = escaped;
        return -1;
      }
      if (!escaped) {
        this.#inString = false;
        return quote + 1;
      }
      // Text with many escaped quotes (JSON in JSON) goes faster byte by byte.
      short = Math.min(quote + 1 + (quote - at < SHORT ? 8 * SHORT : SHORT), length);
      at = quote + 1;
    }
  }
}

/** How many stand right before `end`, not counting what lies before `from`. */
function backslashes(chunk: Buffer, from: number, end: number): number {
  let at = end;
  while (at > from && chunk[at - 1] === BACKSLASH) at--;
  return end - at;
}
