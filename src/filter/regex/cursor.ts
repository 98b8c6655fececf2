// Reads a pattern character by character, and knows where in the pattern's text each came from.
import { Mistake } from "../mistake.js";

export class Cursor {
  readonly #codes: number[] = [];
  /** Where each code begins in the text, and where the text ends. */
  readonly #offsets: number[] = [];
  #at = 0;

  /** @param bytes read the text's UTF-8 bytes instead of its characters */
  constructor(text: string, bytes: boolean) {
    let offset = 0;
    for (const character of text) {
      const codes = bytes ? Buffer.from(character) : [character.codePointAt(0)!];
      for (const code of codes) {
        this.#codes.push(code);
        this.#offsets.push(offset);
      }
      offset += character.length;
    }
    this.#offsets.push(offset);
  }

  get at(): number {
    return this.#at;
  }

  set at(position: number) {
    this.#at = position;
  }

  get ended(): boolean {
    return this.#at >= this.#codes.length;
  }

  /** The next code, or -1 at the end. */
  get next(): number {
    return this.#codes[this.#at] ?? -1;
  }

  /** The next character, or "" at the end. */
  get char(): string {
    return this.ended ? "" : String.fromCodePoint(this.next);
  }

  /** Takes one character. */
  take(): string {
    const { char } = this;
    this.#at++;
    return char;
  }

  /** Takes `text` if it comes next. */
  accept(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      if (this.#codes[this.#at + i] !== text.charCodeAt(i)) return false;
    }
    this.#at += text.length;
    return true;
  }

  /** Takes up to `most` characters that match. */
  takeWhile(expected: RegExp, most = Number.POSITIVE_INFINITY): string {
    let text = "";
    while (text.length < most && expected.test(this.char)) text += this.take();
    return text;
  }

  /** @param from position of the first character that the message is about; the last is the one before the cursor */
  error(message: string, from: number): Mistake {
    const start = this.#offsets[Math.min(from, this.#codes.length)]!;
    return new Mistake(message, start, this.#offsets[Math.min(this.#at, this.#codes.length)]!);
  }
}
