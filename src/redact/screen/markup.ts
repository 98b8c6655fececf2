// Whether findMarkup may find anything in a body: the same steps from tag to tag, over bytes. Where a tag is written in a
// way that takes more than a glance, it says "perhaps".
import { ByteMemo } from "../byte-memo.js";
import { DESCRIBING, decodeMarkup, HOLDING, isLoose, NAMED_TEXT, NAMING } from "../find-markup.js";
import type { Grade } from "../names.js";
import { mayHoldAssignments } from "./assignments.js";
import { mayHoldInJson } from "./json.js";
import { finds, type Screened } from "./probe.js";

const LESS = 60;
const MORE = 62;
const EQUALS = 61;
const QUOTE = 34;
const APOSTROPHE = 39;
const SLASH = 47;

const IN_TAG_NAME = marks("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:.-", 1);
const TAG_NAME_LIMIT = 81;
/** 1 ends the name of an attribute; 2 may be white space or not. */
const ENDS_NAME = marks(" \t\n\r\f\v=>\"'/<", 1);
const ENDS_VALUE = marks(" \t\n\r\f\v>\"'", 1);
for (const table of [ENDS_NAME, ENDS_VALUE])
  for (let code = 0; code < 256; code++) if ((code < 32 && table[code] === 0) || code >= 127) table[code] = 2;

/** What an attribute is, by its name without prefix. */
const IS_NAMING = 1;
const IS_HOLDING = 2;
const IS_LOOSE = 4;
const IS_DESCRIBING = 8;
const IS_TYPE = 16;
const ATTRIBUTES = new ByteMemo((name) => {
  const lower = name.toLowerCase();
  return (
    (NAMING.has(lower) ? IS_NAMING : 0) |
    (HOLDING.has(lower) ? IS_HOLDING : 0) |
    (isLoose(name) ? IS_LOOSE : 0) |
    (DESCRIBING.test(name) ? IS_DESCRIBING : 0) |
    (lower === "type" ? IS_TYPE : 0)
  );
});

const IS_NAMED_TEXT = 1;
const IS_KEY = 2;
const IS_SCRIPT = 4;
const IS_STYLE = 8;
const ELEMENTS = new ByteMemo(
  (name) =>
    (NAMED_TEXT.test(name) ? IS_NAMED_TEXT : 0) |
    (/^key$/i.test(name) ? IS_KEY : 0) |
    (/^script$/i.test(name) ? IS_SCRIPT : 0) |
    (/^style$/i.test(name) ? IS_STYLE : 0),
);

export function mayHoldInMarkup(screened: Screened, from: number, to: number): boolean {
  return new MarkupScreen(screened, to).run(from);
}

class MarkupScreen {
  readonly #bytes: Buffer;
  /** Of the tag at hand. */
  #hasLabel = false;
  #hasHolder = false;
  #suspect = false;

  constructor(
    readonly screened: Screened,
    readonly to: number,
  ) {
    this.#bytes = screened.bytes;
  }

  run(from: number): boolean {
    const { to } = this;
    let at = this.#next(from);
    while (at < to && !this.#suspect) {
      const nameEnd = this.#tagName(at + 1);
      at = nameEnd === 0 ? this.#next(at + 1) : this.#element(at + 1, nameEnd);
    }
    return this.#suspect;
  }

  #next(from: number): number {
    let at = from;
    while (at < this.to && this.#bytes[at] !== LESS) at++;
    return at;
  }

  #tagName(start: number): number {
    const bytes = this.#bytes;
    const first = bytes[start] ?? 0;
    if (!((first | 32) >= 97 && (first | 32) <= 122) && first !== 95) return 0;
    let end = start + 1;
    while (end < bytes.length && end - start < TAG_NAME_LIMIT && IN_TAG_NAME[bytes[end]!] === 1) end++;
    return end;
  }

  /** @returns where markup goes on. */
  #element(start: number, nameEnd: number): number {
    const bytes = this.#bytes;
    this.#hasLabel = false;
    this.#hasHolder = false;
    const tagEnd = this.#attributes(nameEnd);
    if (this.#suspect) return this.to;
    const local = afterPrefix(bytes, start, nameEnd);
    const kind = ELEMENTS.at(bytes, local, nameEnd);
    const mayBeNamed = this.#hasLabel && (this.#hasHolder || (kind & IS_NAMED_TEXT) !== 0);
    if (mayBeNamed || kind & IS_KEY) this.#suspect = true;
    const textEnd = this.#next(tagEnd);
    this.#text(local, nameEnd, tagEnd, textEnd);
    if (!(kind & (IS_SCRIPT | IS_STYLE))) return textEnd;
    const word = kind & IS_SCRIPT ? "script" : "style";
    const end = closing(bytes, word, tagEnd, this.to);
    if (kind & IS_SCRIPT) this.#script(tagEnd, end);
    return this.#next(end + 1);
  }

  /** @returns behind the tag. */
  #attributes(from: number): number {
    const bytes = this.#bytes;
    const { to } = this;
    let at = from;
    while (at < to && !this.#suspect) {
      const code = bytes[at]!;
      if (code <= 32 || code === SLASH || code === QUOTE || code === APOSTROPHE || code === EQUALS) {
        at++;
        continue;
      }
      if (code === MORE) return at + 1;
      if (code === LESS) return at;
      const name = at;
      while (at < to && ENDS_NAME[bytes[at]!] === 0) at++;
      const nameEnd = at;
      if (at < to && ENDS_NAME[bytes[at]!] === 2) this.#suspect = true;
      let start = at;
      while (start < to && bytes[start]! <= 32) start++;
      if (bytes[start] !== EQUALS) continue;
      start++;
      while (start < to && bytes[start]! <= 32) start++;
      const quote = bytes[start] ?? 0;
      if (quote === QUOTE || quote === APOSTROPHE) {
        let end = start + 1;
        while (end < to && bytes[end] !== quote) end++;
        if (end >= to) this.#suspect = true;
        else {
          this.#attribute(name, nameEnd, start + 1, end);
          at = end + 1;
        }
        continue;
      }
      let end = start;
      while (end < to && ENDS_VALUE[bytes[end]!] === 0) end++;
      if (end >= to || ENDS_VALUE[bytes[end]!] === 2) this.#suspect = true;
      if (end === start) continue;
      this.#attribute(name, nameEnd, start, end);
      at = end;
    }
    return at;
  }

  #attribute(name: number, nameEnd: number, start: number, end: number): void {
    const { screened } = this;
    const bytes = this.#bytes;
    const { names } = screened.work;
    const local = afterPrefix(bytes, name, nameEnd);
    const kind = ATTRIBUTES.at(bytes, local, nameEnd);
    if (kind & IS_HOLDING) this.#hasHolder = true;
    if (kind & IS_NAMING && names.inBytes(bytes, start, end) !== "none") this.#hasLabel = true;
    if (kind & IS_TYPE && /^password$/i.test(bytes.toString("latin1", start, end))) this.#hasLabel = true;
    if (end === start) return;
    const grade = kind & IS_DESCRIBING ? "none" : names.inBytes(bytes, local, nameEnd);
    if (grade !== "none" && this.#isSecret(grade, local, nameEnd, start, end)) this.#suspect = true;
    if (!(kind & IS_LOOSE)) return;
    const may = beginsJson(bytes, start, end)
      ? screened.nested(decodeMarkup(bytes.toString("utf8", start, end)), "markup")
      : mayHoldAssignments(screened, start, end, "text");
    if (may) this.#suspect = true;
  }

  #isSecret(grade: Grade, name: number, nameEnd: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const value = decodeMarkup(bytes.toString("utf8", start, end));
    const field = bytes.toString("utf8", name, nameEnd);
    return finds(value, this.screened, (scan) => scan.graded(grade, field, 0, value.length, "xml", value));
  }

  #text(local: number, nameEnd: number, start: number, textEnd: number): void {
    const { screened } = this;
    const bytes = this.#bytes;
    let from = start;
    let end = textEnd;
    while (from < end && bytes[from]! <= 32) from++;
    if (bytes[textEnd + 1] === 33 && bytes.toString("latin1", textEnd, textEnd + 9) === "<![CDATA[") {
      if (from < end && bytes[from]! >= 128) this.#suspect = true;
      if (from === end) {
        from = textEnd + 9;
        const close = bytes.indexOf("]]>", from);
        end = close === -1 || close > this.to ? this.to : close;
        while (from < end && bytes[from]! <= 32) from++;
      }
    }
    while (end > from && bytes[end - 1]! <= 32) end--;
    if (from >= end) return;
    const grade = screened.work.names.inBytes(bytes, local, nameEnd);
    if (grade !== "none" && this.#isSecret(grade, local, nameEnd, from, end)) this.#suspect = true;
    const first = bytes[from];
    if ((first === 123 || first === 91) && bytes.subarray(from, end).includes(58)) {
      if (mayHoldInJson(screened, from, end)) this.#suspect = true;
    } else if (mayHoldAssignments(screened, from, end, "prose")) this.#suspect = true;
  }

  #script(start: number, end: number): void {
    // The finder looks at so many characters.
    const head = this.#bytes.toString("utf8", start, start + 600).slice(0, 200);
    const may = /^\s*[[{]/.test(head)
      ? mayHoldInJson(this.screened, start, end)
      : mayHoldAssignments(this.screened, start, end, "code");
    if (may) this.#suspect = true;
  }
}

/** Whether a bracket or brace comes first, behind white space. */
function beginsJson(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start]!;
  if (first > 32 && first < 127) return first === 123 || first === 91;
  return /^\s*[[{]/.test(bytes.toString("utf8", start, end));
}

function afterPrefix(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === 58) return at + 1;
  return start;
}

function closing(bytes: Buffer, word: string, from: number, to: number): number {
  for (let at = bytes.indexOf("</", from); at !== -1 && at < to; at = bytes.indexOf("</", at + 2))
    if (bytes.toString("latin1", at + 2, at + 2 + word.length).toLowerCase() === word) return at;
  return to;
}

function marks(characters: string, mark: number): Uint8Array {
  const table = new Uint8Array(256);
  for (const char of characters) table[char.charCodeAt(0)] = mark;
  return table;
}
