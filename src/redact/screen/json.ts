// Whether findJson may find anything in a part of a body: the same walk over bytes, with names judged where they stand.
// It keeps less than the finder does, and says "perhaps" where that is not enough.
import { findAssignments } from "../find-assignments.js";
import { decodeJson } from "../json-escapes.js";
import { holdsCode } from "../json-values.js";
import type { Grade } from "../names.js";
import { mayBeAssignment, mayHoldAssignments } from "./assignments.js";
import { copyOfBytes, scratch, unescapeJson } from "./decoded-bytes.js";
import { Pairs, ROLES, roleOf } from "./json-pairs.js";
import { isPlain } from "./plain.js";
import { finds, type Screened } from "./probe.js";

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const DEEPEST = 512;

const ESCAPED = 1;
const ASSIGNS = 2;
const PERCENT = 4;
const UNICODE = 8;
const CLASSES = new Uint8Array(256);
CLASSES[QUOTE] = 1;
CLASSES[BACKSLASH] = 2;
CLASSES[COLON] = 3;
CLASSES[61] = 3;
CLASSES[37] = 4;
/** Where a number, a literal or a word ends. */
const ENDS_BARE = new Uint8Array(256);
for (let code = 0; code <= 34; code++) ENDS_BARE[code] = 1;
for (const char of ",:[]{}") ENDS_BARE[char.charCodeAt(0)] = 1;

export function mayHoldInJson(screened: Screened, from: number, to: number): boolean {
  return new JsonScreen(screened).mayHold(from, to);
}

/** For many documents in one body, one after the other. */
export class JsonScreen {
  readonly #bytes: Buffer;
  #to = 0;
  #depth = 0;
  readonly #objects = new Uint8Array(DEEPEST);
  /** Of each depth that was reached. */
  readonly #pairs: Pairs[] = [];
  /** A list under a name such as `key`: what it holds is judged by that. */
  readonly #graded = new Uint8Array(DEEPEST);
  #named = false;
  #name = 0;
  #nameEnd = 0;
  #nameIsEscaped = false;
  #grade: Grade = "none";
  #suspect = false;

  constructor(readonly screened: Screened) {
    this.#bytes = screened.bytes;
  }

  mayHold(from: number, to: number): boolean {
    this.#to = to;
    this.#suspect = false;
    this.#named = false;
    this.#depth = 0;
    this.#clearOuter();
    return this.#run(from);
  }

  #clearOuter(): void {
    this.#objects[0] = 0;
    this.#graded[0] = 0;
    this.#pairs[0]?.clear();
  }

  #run(from: number): boolean {
    const bytes = this.#bytes;
    const to = this.#to;
    let at = from;
    while (at < to && !this.#suspect) {
      const code = bytes[at]!;
      if (code <= 32 || code === 44 || code === COLON) at++;
      else if (code === QUOTE) at = this.#string(at + 1);
      else if (code === 123 || code === 91) {
        this.#open(code === 123);
        at++;
      } else if (code === 125 || code === 93) {
        if (this.#depth > 0) this.#depth--;
        else this.#clearOuter();
        this.#named = false;
        at++;
      } else at = this.#bare(at);
    }
    return this.#suspect;
  }

  #open(object: boolean): void {
    const above = this.#graded[this.#depth]!;
    let graded = 0;
    if (this.#named) {
      if (this.#grade === "secret") this.#suspect = true;
      if (this.#grade === "maybe") graded = 1;
    } else graded = above;
    if (++this.#depth >= DEEPEST) {
      this.#suspect = true;
      this.#depth--;
    }
    this.#objects[this.#depth] = object ? 1 : 0;
    this.#pairs[this.#depth]?.clear();
    this.#graded[this.#depth] = graded;
    this.#named = false;
  }

  /** @returns where to go on. */
  #string(start: number): number {
    const bytes = this.#bytes;
    const to = this.#to;
    let at = start;
    let marks = 0;
    let mark = 0;
    for (; at < to; at++) {
      const kind = CLASSES[bytes[at]!]!;
      if (kind === 0) continue;
      if (kind === 1) break;
      if (kind === 2) {
        marks |= bytes[at + 1] === 117 ? ESCAPED | UNICODE : ESCAPED;
        at++;
      } else if (kind === 3) {
        if (mark === 0) mark = at;
        marks |= ASSIGNS;
      } else marks |= PERCENT;
    }
    const end = Math.min(at, to);
    let next = end + 1;
    while (next < to && bytes[next]! <= 32) next++;
    if (!this.#named && bytes[next] === COLON && this.#objects[this.#depth] === 1) {
      this.#named = true;
      this.#name = start;
      this.#nameEnd = end;
      this.#nameIsEscaped = (marks & ESCAPED) !== 0;
      const { names } = this.screened.work;
      this.#grade =
        marks & ESCAPED
          ? names.of(decodeJson(bytes.toString("utf8", start, end)))
          : names.inBytes(bytes, start, end);
      return next + 1;
    }
    if (end > start) this.#value(start, end, marks, mark);
    this.#named = false;
    return end + 1;
  }

  #value(start: number, end: number, marks: number, mark: number): void {
    const depth = this.#depth;
    const grade = this.#named ? this.#grade : this.#graded[depth] === 1 ? "maybe" : "none";
    if (grade !== "none" && this.#isSecret(grade, start, end)) this.#suspect = true;
    const pairs = this.#pairsHere();
    const isPart =
      this.#objects[depth] === 1
        ? this.#named && pairs.member(this.#role(), start, end)
        : pairs.item(start, end);
    if (isPart) this.#suspect = true;
    if (marks !== 0 && this.#mayHoldWithin(start, end, marks, mark)) this.#suspect = true;
  }

  #pairsHere(): Pairs {
    const depth = this.#depth;
    let pairs = this.#pairs[depth];
    // Depths are reached one after the other, but not every one holds a string.
    while (pairs === undefined) {
      this.#pairs.push(new Pairs(this.screened));
      pairs = this.#pairs[depth];
    }
    return pairs;
  }

  #isSecret(grade: Grade, start: number, end: number): boolean {
    // The name above a list decides only about labels in responses: without it, more is taken for a secret.
    const name = this.#named ? decodeJson(this.#bytes.toString("utf8", this.#name, this.#nameEnd)) : "";
    const value = decodeJson(this.#bytes.toString("utf8", start, end));
    return finds(value, this.screened, (scan) => scan.graded(grade, name, 0, value.length, "json", value));
  }

  /** What the member at hand is in a pair of name and value. */
  #role(): ReturnType<typeof roleOf> {
    return this.#nameIsEscaped
      ? roleOf(decodeJson(this.#bytes.toString("utf8", this.#name, this.#nameEnd)))
      : ROLES.at(this.#bytes, this.#name, this.#nameEnd);
  }

  #mayHoldWithin(start: number, end: number, marks: number, mark: number): boolean {
    const bytes = this.#bytes;
    if (marks & (ESCAPED | PERCENT)) {
      const first = this.#firstOf(start, end);
      if (marks & UNICODE || ((first === 123 || first === 91 || first === 60) && marks & ESCAPED))
        return this.#mayHoldNested(start, end);
    }
    if (!(marks & ASSIGNS)) return false;
    let at = mark;
    for (; at < end; at++) {
      const code = bytes[at]!;
      if ((code === COLON || code === 61) && mayBeAssignment(this.screened, at, start, end, "text")) break;
    }
    if (at >= end) return false;
    // A script in a string has names before nearly every mark: the finder has another measure for it.
    const text = bytes.toString("utf8", start, end);
    const style = holdsCode(text, 0, text.length) ? "prose" : "text";
    return finds(text, this.screened, (scan) => findAssignments(scan, 0, text.length, style));
  }

  #mayHoldNested(start: number, end: number): boolean {
    const { screened } = this;
    const room = scratch(end - start);
    const length = unescapeJson(this.#bytes, start, end, room, 0);
    if (length === -1) return true;
    screened.lookWithin("json");
    if (screened.plainIsNothing && isPlain(room, 0, length)) return false;
    return screened.nested(copyOfBytes(room, length), "json");
  }

  /** The first character that is no white space; that may be one beyond ASCII, behind which anything may stand. */
  #firstOf(start: number, end: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (at < end && bytes[at]! <= 32) at++;
    if (bytes[at]! < 128) return bytes[at]!;
    return bytes
      .toString("utf8", at, Math.min(end, at + 300))
      .trimStart()
      .charCodeAt(0);
  }

  #bare(start: number): number {
    const bytes = this.#bytes;
    let at = start + 1;
    while (at < this.#to && ENDS_BARE[bytes[at]!] === 0) at++;
    const named = this.#named;
    this.#named = false;
    const code = bytes[start]!;
    if ((code >= 48 && code <= 57) || code === 45) {
      const grade = named ? this.#grade : "none";
      if (grade === "secret" && at - start >= 3) this.#suspect = true;
    } else if (!named && at - start > 4) {
      if (mayHoldAssignments(this.screened, start, at, "code")) this.#suspect = true;
    }
    return at;
  }
}
