// Finds secrets in JSON by the names of its members, at any depth. It reads the text as it stands and marks places in
// it, so that formatting, order, duplicate names and numbers of any length stay; it takes anything that resembles
// JSON (comments, several documents in a row, JSONP, a torn end) and never fails.
import { findAssignments } from "./find-assignments.js";
import { decodeJson, encodeJson } from "./json-escapes.js";
import { holdsCode, inheritedGrade, isDocument, isWordPiece } from "./json-values.js";
import { countsThings, type Grade } from "./names.js";
import type { Scan } from "./scan.js";

const QUOTE = 34;
const BACKSLASH = 92;

/** A member under a name that says secret hands that on to what it holds, but for what tells about it. */
interface Level {
  readonly object: boolean;
  /** Grade of the nearest name above, and that name. */
  readonly grade: Grade;
  readonly name: string;
  /** Of `{"name": "Authorization", "value": "..."}`: the name, and the value where it came first. */
  pairName: string;
  pairValue: readonly [start: number, end: number] | null;
}

export const PAIR_NAMES = new Set("name key k header field param parameter Name Key id label".split(" "));
export const PAIR_VALUES = new Set(["value", "v", "val", "Value", "defaultValue"]);

export function findJson(scan: Scan, from: number, to: number): void {
  new JsonFinder(scan, from, to).run();
}

class JsonFinder {
  readonly #levels: Level[] = [];
  #level: Level = { object: false, grade: "none", name: "", pairName: "", pairValue: null };
  /** The member name that waits for its value, and what it says. */
  #name: string | null = null;
  #grade: Grade = "none";

  constructor(
    readonly scan: Scan,
    readonly from: number,
    readonly to: number,
  ) {}

  run(): void {
    const { text } = this.scan;
    let at = this.from;
    while (at < this.to) {
      const code = text.charCodeAt(at);
      if (code <= 32 || code === 44 || code === 58) at++;
      else if (code === QUOTE) at = this.#string(at);
      else if (code === 123 || code === 91) this.#open(text.charCodeAt(at++) === 123);
      else if (code === 125 || code === 93) {
        this.#close();
        at++;
      } else at = this.#bare(at);
    }
  }

  #open(object: boolean): void {
    const name = this.#name;
    const above = this.#level;
    const grade = name === null ? above.grade : this.#grade;
    const handedOn = grade === "none" || grade === "weak" ? inheritedGrade(above.grade, name) : grade;
    this.#levels.push(above);
    this.#level = { object, grade: handedOn, name: name ?? above.name, pairName: "", pairValue: null };
    this.#name = null;
  }

  #close(): void {
    this.#level = this.#levels.pop() ?? {
      object: false,
      grade: "none",
      name: "",
      pairName: "",
      pairValue: null,
    };
    this.#name = null;
  }

  /** @returns where to go on. */
  #string(quote: number): number {
    const { text } = this.scan;
    const start = quote + 1;
    let at = start;
    let marks = 0;
    for (; at < this.to; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        marks |= text.charCodeAt(at + 1) === 117 ? ESCAPED | UNICODE : ESCAPED;
        at++;
      } else if (code === 61 || code === 58) marks |= ASSIGNS;
      else if (code === 37) marks |= PERCENT;
    }
    const end = Math.min(at, this.to);
    let next = end + 1;
    while (next < this.to && text.charCodeAt(next) <= 32) next++;
    if (this.#level.object && this.#name === null && text.charCodeAt(next) === 58) {
      const { names } = this.scan.work;
      const { name, grade } =
        marks & ESCAPED ? names.at(...whole(decodeJson(text.slice(start, end)))) : names.at(text, start, end);
      this.#name = name;
      this.#grade = grade;
      return next + 1;
    }
    this.#value(start, end, marks);
    this.#name = null;
    return end + 1;
  }

  #value(start: number, end: number, marks: number): void {
    if (end === start) return;
    const { scan } = this;
    const name = this.#name;
    const level = this.#level;
    const grade = this.#gradeHere(name);
    if (grade !== "none" && !isWordPiece(scan.text, name, end)) {
      const raw = scan.text.slice(start, end);
      const value = marks & ESCAPED ? decodeJson(raw) : raw;
      // A whole document under such a name is looked into instead: it may hold everything else as well.
      if (!isDocument(value) && scan.graded(grade, name ?? level.name, start, end, "json", value)) return;
    }
    if (level.object && name !== null && this.#pair(name, start, end)) return;
    if (!level.object && grade === "none" && this.#listPair(start, end)) return;
    if (marks !== 0) this.#within(start, end, marks);
  }

  #gradeHere(name: string | null): Grade {
    if (name === null) return this.#level.grade;
    return this.#grade === "none" ? inheritedGrade(this.#level.grade, name) : this.#grade;
  }

  /** `{"name": "X-Api-Key", "value": "..."}`, in either order: HAR, Postman, environment variables. */
  #pair(name: string, start: number, end: number): boolean {
    const { scan } = this;
    const level = this.#level;
    if (PAIR_NAMES.has(name) && end - start < 100) {
      level.pairName = scan.text.slice(start, end);
      if (level.pairValue !== null) return this.#pairFound(...level.pairValue) && false;
    } else if (PAIR_VALUES.has(name)) {
      if (level.pairName !== "") return this.#pairFound(start, end);
      level.pairValue = [start, end];
    }
    return false;
  }

  /** `["X-Api-Key", "..."]`: header fields as a list of pairs. Lists of words look the same: only what looks random. */
  #listPair(start: number, end: number): boolean {
    const { scan } = this;
    const level = this.#level;
    const name = level.pairName;
    // Longer ones are data: looking each up in a long list of ids would cost more than all the rest.
    level.pairName = end - start <= 32 ? scan.text.slice(start, end) : "";
    if (name === "" || end - start < 5 || scan.work.names.of(name) === "none") return false;
    if (/^(?:set-)?cookie$/i.test(name)) return this.#pairCookie(name, start, end);
    return scan.graded("weak", name, start, end, "json", decodeJson(scan.text.slice(start, end)));
  }

  #pairCookie(name: string, start: number, end: number): boolean {
    const value = decodeJson(this.scan.text.slice(start, end));
    const cleaned = this.scan.work.headerValue(name, value);
    if (cleaned !== value) this.scan.rewrite(start, end, encodeJson(cleaned));
    return true;
  }

  #pairFound(start: number, end: number): boolean {
    const { scan } = this;
    const name = this.#level.pairName;
    const value = decodeJson(scan.text.slice(start, end));
    if (/^(?:set-)?cookie$/i.test(name)) return this.#pairCookie(name, start, end);
    return scan.field(name, start, end, "json", value);
  }

  /** What a string holds: JSON, a form, addresses, log lines. */
  #within(start: number, end: number, marks: number): void {
    const { scan } = this;
    if (marks & (ESCAPED | PERCENT)) {
      const raw = scan.text.slice(start, end);
      const first = raw.trimStart()[0];
      if (marks & UNICODE || ((first === "{" || first === "[" || first === "<") && raw.includes("\\"))) {
        const value = decodeJson(raw);
        const cleaned = scan.work.nested(value);
        if (cleaned !== value) scan.rewrite(start, end, encodeJson(cleaned));
        return;
      }
    }
    if (marks & ASSIGNS)
      findAssignments(scan, start, end, holdsCode(scan.text, start, end) ? "prose" : "text");
  }

  /** A number, a literal, or anything that JSON does not know. */
  #bare(start: number): number {
    const { text } = this.scan;
    let at = start + 1;
    while (at < this.to && !endsBare(text.charCodeAt(at))) at++;
    const name = this.#name;
    this.#name = null;
    const code = text.charCodeAt(start);
    if ((code >= 48 && code <= 57) || code === 45) this.#number(start, at, name);
    else if (name === null && at - start > 4) this.#word(start, at);
    return at;
  }

  #number(start: number, end: number, name: string | null): void {
    const grade = name === null ? this.#level.grade : this.#grade;
    if (grade !== "secret" || (name !== null && countsThings(name))) return;
    const raw = this.scan.text.slice(start, Math.min(end, start + 400));
    if (/\d{3}/.test(raw) && /^-?\d[\d.eE+-]*$/.test(raw))
      this.scan.secret(start, end, "json-number", raw, "weak");
  }

  /** JSONP, scripts and comments are stepped over word by word. */
  #word(start: number, end: number): void {
    const equals = this.scan.text.indexOf("=", start);
    if (equals !== -1 && equals < end) findAssignments(this.scan, start, end, "code");
  }
}

const ESCAPED = 1;
const UNICODE = 2;
const ASSIGNS = 4;
const PERCENT = 8;
/** `,` `:` `"`, brackets and blanks. */
function endsBare(code: number): boolean {
  return (
    code <= 34 || code === 44 || code === 58 || code === 91 || code === 93 || code === 123 || code === 125
  );
}

function whole(text: string): [text: string, start: number, end: number] {
  return [text, 0, text.length];
}
