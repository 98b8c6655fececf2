// Writes a Python pattern as a JavaScript one that gives the same answers. JavaScript's own `.`, `^`, `$`, `\s`, `\b`
// and case rules differ, so none of them is relied on: each becomes the set or the assertion that Python means.
import { bytesOf, casesOf } from "./characters.js";
import { type CharSet, pairs } from "./sets.js";
import type { ClassItem, ClassNode, Regex, RegexNode } from "./syntax.js";

export interface JavaScriptPattern {
  readonly source: string;
  readonly flags: string;
}

const WORD = "\\p{L}\\p{N}_";
const SPACE =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u{1680}\\u{2000}-\\u{200a}\\u{2028}\\u{2029}\\u{202f}\\u{205f}\\u{3000}";
const ASCII = { d: "0-9", w: "0-9A-Za-z_", s: "\\t-\\r\\x20" } as const;
const TEXT = { d: "\\p{Nd}", w: WORD, s: SPACE } as const;

export function emitRegex(regex: Regex): JavaScriptPattern {
  const byFlag = foldsByFlag(regex);
  const writer = new Writer(regex, byFlag);
  return { source: writer.write(regex.root), flags: (byFlag ? "i" : "") + (regex.bytes ? "" : "v") };
}

/** Whether one `i` for the whole pattern says the same as ignoring case at each place. */
function foldsByFlag({ root, bytes }: Regex): boolean {
  let folds = false;
  let same = true;
  visit(root, (node) => {
    if (node.type !== "char" && node.type !== "class") return;
    if (node.type === "char" && !bytes && !hasCase(node.code)) return;
    if (node.fold) folds = true;
    else same = false;
    // JavaScript ignores the case of latin-1 letters too, which over bytes are pieces of UTF-8.
    if (bytes && (node.type === "char" ? node.code > 0x7f : !wholeBeyondAscii(bytesOf(node)))) same = false;
  });
  return folds && same;
}

function wholeBeyondAscii(set: CharSet): boolean {
  const beyond = pairs(set).filter(([, high]) => high > 0x7f);
  return beyond.length === 0 || (beyond.length === 1 && beyond[0]![0] <= 0x80 && beyond[0]![1] === 0xff);
}

function hasCase(code: number): boolean {
  return casesOf(code).length > 1;
}

function visit(node: RegexNode, see: (node: RegexNode) => void): void {
  see(node);
  if (node.type === "sequence") for (const item of node.items) visit(item, see);
  else if (node.type === "either") for (const option of node.options) visit(option, see);
  else if ("node" in node) visit(node.node, see);
}

class Writer {
  readonly #regex: Regex;
  readonly #byFlag: boolean;
  #atomics = 0;

  constructor(regex: Regex, byFlag: boolean) {
    this.#regex = regex;
    this.#byFlag = byFlag;
  }

  write(node: RegexNode): string {
    switch (node.type) {
      case "char":
        return this.#char(node.code, node.fold);
      case "any":
        return node.newlines ? "[\\s\\S]" : "[^\\n]";
      case "class":
        return this.#class(node);
      case "assertion":
        return this.#assertion(node);
      case "sequence":
        return node.items
          .map((item) => (item.type === "either" ? `(?:${this.write(item)})` : this.write(item)))
          .join("");
      case "either":
        return node.options.map((option) => this.write(option)).join("|");
      case "group":
        return this.#group(node);
      case "repeat": {
        const once = `(?:${this.write(node.node)})${count(node.min, node.max)}`;
        if (node.mode === "possessive") return this.#atomic(once);
        return node.mode === "lazy" ? `${once}?` : once;
      }
      case "backreference":
        return `\\k<g${node.index}>`;
      case "look":
        return `(?:(?${node.ahead ? "" : "<"}${node.negated ? "!" : "="}${this.write(node.node)}))`;
      case "atomic":
        return this.#atomic(this.write(node.node));
    }
  }

  /** JavaScript has no atomic groups, but a lookahead gives nothing back either. */
  #atomic(source: string): string {
    const name = `a${++this.#atomics}`;
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
  }

  #group({ index, node }: Extract<RegexNode, { type: "group" }>): string {
    const captured = index !== undefined && this.#regex.referenced.has(index);
    return `(?${captured ? `<g${index}>` : ":"}${this.write(node)})`;
  }

  #char(code: number, fold: boolean): string {
    if (!fold || this.#byFlag) return literal(code);
    const cases = this.#regex.bytes && code > 0x7f ? [code] : casesOf(code);
    const kept = this.#regex.bytes ? cases.filter((each) => each <= 0xff) : cases;
    return kept.length === 1 ? literal(code) : `[${kept.map(literal).join("")}]`;
  }

  #class(node: ClassNode): string {
    if (this.#regex.bytes) return ranges(bytesOf(node));
    const items = node.items.map((item) => this.#item(item, node.fold && !this.#byFlag)).join("");
    return `[${node.negated ? "^" : ""}${items}]`;
  }

  #item(item: ClassItem, unfold: boolean): string {
    if ("category" in item) {
      const set = (item.ascii ? ASCII : TEXT)[item.category];
      return item.negated ? `[^${set}]` : set;
    }
    const { low, high } = item;
    const range = low === high ? literal(low) : `${literal(low)}-${literal(high)}`;
    return unfold ? range + otherCases(low, high) : range;
  }

  #assertion({ what, ascii }: Extract<RegexNode, { type: "assertion" }>): string {
    const word = `[${(ascii ? ASCII : TEXT).w}]`;
    switch (what) {
      case "text-start":
        return "^";
      case "text-end":
        return "$";
      case "before-last-newline":
        return "(?=\\n?$)";
      case "line-start":
        return "(?:^|(?<=\\n))";
      case "line-end":
        return "(?=\\n|$)";
      case "boundary":
        return this.#regex.bytes ? "\\b" : `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
      case "no-boundary":
        return this.#regex.bytes ? "\\B" : `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
    }
  }
}

/** Where case is ignored in one part of a pattern only; a range of more than an alphabet's size has both anyway. */
function otherCases(low: number, high: number): string {
  let text = "";
  for (let code = low; code <= Math.min(high, low + 255); code++) {
    for (const other of casesOf(code)) if (other < low || other > high) text += literal(other);
  }
  return text;
}

function count(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
  if (min === 0 && max === 1) return "?";
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

/** An empty set takes nothing, `[]`, as in JavaScript. */
function ranges(set: CharSet): string {
  const parts = pairs(set).map(([low, high]) =>
    low === high ? literal(low) : `${literal(low)}-${literal(high)}`,
  );
  return `[${parts.join("")}]`;
}

function literal(code: number): string {
  const char = String.fromCodePoint(code);
  if (/[0-9A-Za-z_]/.test(char)) return char;
  const hex = code.toString(16);
  return code <= 0xff ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
}
