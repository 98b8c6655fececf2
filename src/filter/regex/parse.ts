// Python's regular expression syntax (docs.python.org/3/library/re.html), as mitmproxy's filters take it.
import { Cursor } from "./cursor.js";
import { readEscape } from "./escapes.js";
import { readFlags, type State } from "./inline-flags.js";
import { readSet } from "./set.js";
import type { Regex, RegexFlags, RegexNode } from "./syntax.js";

const DEEPEST = 100;
const MOST_REPEATS = 65_535;

/** @param bytes a pattern over bytes: its own UTF-8, and case and `\w` of ASCII only @throws Mistake */
export function parseRegex(text: string, flags: RegexFlags, bytes: boolean): Regex {
  return new RegexParser(new Cursor(text, bytes), flags, bytes).parse();
}

class RegexParser {
  readonly #cursor: Cursor;
  readonly #bytes: boolean;
  readonly #names = new Map<string, number>();
  readonly #open = new Set<number>();
  readonly #referenced = new Set<number>();
  #groups = 0;
  #depth = 0;
  #state: State;

  constructor(cursor: Cursor, flags: RegexFlags, bytes: boolean) {
    this.#cursor = cursor;
    this.#bytes = bytes;
    this.#state = { ...flags, verbose: false, ascii: bytes };
  }

  parse(): Regex {
    const root = this.#either(true);
    const { at } = this.#cursor;
    if (this.#cursor.accept(")")) throw this.#cursor.error("no parenthesis is open here", at);
    return { root, referenced: this.#referenced, bytes: this.#bytes };
  }

  #either(top = false): RegexNode {
    const options = [this.#sequence(top)];
    while (this.#cursor.accept("|")) options.push(this.#sequence(false));
    return options.length === 1 ? options[0]! : { type: "either", options };
  }

  #sequence(top: boolean): RegexNode {
    const items: RegexNode[] = [];
    const cursor = this.#cursor;
    while (!cursor.ended && cursor.char !== "|" && cursor.char !== ")") {
      if (this.#state.verbose && this.#skipBlank()) continue;
      const from = cursor.at;
      const repeat = this.#repeatCount();
      if (repeat !== undefined) {
        items.push(this.#repeated(items.pop(), repeat, from));
        continue;
      }
      const node = this.#atom(top && items.length === 0);
      if (node !== undefined) items.push(node);
    }
    return items.length === 1 ? items[0]! : { type: "sequence", items };
  }

  /** White space and comments of `(?x)`. */
  #skipBlank(): boolean {
    const cursor = this.#cursor;
    if (cursor.takeWhile(/^[ \t\n\r\f\v]$/) !== "") return true;
    if (!cursor.accept("#")) return false;
    while (!cursor.ended && cursor.take() !== "\n");
    return true;
  }

  #repeatCount(): { min: number; max: number } | undefined {
    const cursor = this.#cursor;
    if (cursor.accept("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (cursor.accept("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (cursor.accept("?")) return { min: 0, max: 1 };
    const from = cursor.at;
    if (!cursor.accept("{")) return undefined;
    const low = cursor.takeWhile(/^[0-9]$/);
    const comma = cursor.accept(",");
    const high = comma ? cursor.takeWhile(/^[0-9]$/) : low;
    // Python takes a brace that counts nothing as itself.
    if ((low === "" && !comma) || !cursor.accept("}")) {
      cursor.at = from;
      return undefined;
    }
    const min = Number(low);
    const max = high === "" ? Number.POSITIVE_INFINITY : Number(high);
    if (max < min) throw cursor.error("the smaller number comes first", from);
    if (min > MOST_REPEATS || (max > MOST_REPEATS && max !== Number.POSITIVE_INFINITY)) {
      throw cursor.error(`at most ${MOST_REPEATS} repetitions`, from);
    }
    return { min, max };
  }

  #repeated(node: RegexNode | undefined, count: { min: number; max: number }, from: number): RegexNode {
    const cursor = this.#cursor;
    if (node === undefined || node.type === "assertion") throw cursor.error("nothing to repeat", from);
    if (node.type === "repeat") throw cursor.error("repeated twice", from);
    const mode = cursor.accept("?") ? "lazy" : cursor.accept("+") ? "possessive" : "greedy";
    return { type: "repeat", node, ...count, mode };
  }

  /** @returns undefined for what matches nothing: comments and global flags. */
  #atom(first: boolean): RegexNode | undefined {
    const cursor = this.#cursor;
    const { ignoreCase: fold, multiline, dotAll, ascii } = this.#state;
    const from = cursor.at;
    const char = cursor.char;
    if (char === "(") return this.#group(first);
    const code = cursor.next;
    cursor.take();
    switch (char) {
      case ".":
        return { type: "any", newlines: dotAll };
      case "^":
        return { type: "assertion", what: multiline ? "line-start" : "text-start", ascii };
      case "$":
        return { type: "assertion", what: multiline ? "line-end" : "before-last-newline", ascii };
      case "[":
        return readSet(cursor, from, { bytes: this.#bytes, ascii, fold });
      case "\\":
        return this.#escape(from);
      default:
        return { type: "char", code, fold };
    }
  }

  #escape(from: number): RegexNode {
    const { ignoreCase: fold, ascii } = this.#state;
    const read = readEscape(this.#cursor, from, { set: false, bytes: this.#bytes });
    if ("code" in read) return { type: "char", code: read.code, fold };
    if ("assertion" in read) return { type: "assertion", what: read.assertion, ascii };
    if ("group" in read) return this.#backreference(read.group, from);
    return { type: "class", negated: false, items: [{ ...read, ascii }], fold };
  }

  #backreference(index: number | undefined, from: number): RegexNode {
    if (index === undefined || index < 1 || index > this.#groups)
      throw this.#cursor.error("there is no such group before this place", from);
    if (this.#open.has(index)) throw this.#cursor.error("this group has not ended here", from);
    this.#referenced.add(index);
    return { type: "backreference", index };
  }

  #group(first: boolean): RegexNode | undefined {
    const cursor = this.#cursor;
    const from = cursor.at;
    cursor.take();
    if (!cursor.accept("?")) return this.#capture(from);
    if (cursor.accept("P")) return this.#named(from);
    if (cursor.accept(":")) return { type: "group", index: undefined, node: this.#inside(from) };
    if (cursor.accept(">")) return { type: "atomic", node: this.#inside(from) };
    if (cursor.accept("#")) {
      while (!cursor.ended && cursor.char !== ")") cursor.take();
      if (!cursor.accept(")")) throw cursor.error("this comment does not end", from);
      return undefined;
    }
    for (const [sign, ahead, negated] of LOOKS) {
      if (cursor.accept(sign)) return { type: "look", ahead, negated, node: this.#inside(from) };
    }
    if (cursor.accept("(")) throw cursor.error("(?(...)...) conditions are not supported", from);
    if (cursor.accept("<")) throw cursor.error("Python writes named groups as (?P<name>...)", from);
    return this.#flagged(from, first);
  }

  #flagged(from: number, first: boolean): RegexNode | undefined {
    const cursor = this.#cursor;
    const before = this.#state;
    const { state, scoped } = readFlags(cursor, from, before, this.#bytes);
    this.#state = state;
    if (!scoped) {
      if (!first) throw cursor.error("flags for the whole pattern belong at its start", from);
      return undefined;
    }
    const node = this.#inside(from);
    this.#state = before;
    return { type: "group", index: undefined, node };
  }

  #named(from: number): RegexNode {
    const cursor = this.#cursor;
    if (cursor.accept("=")) {
      const name = this.#name(")", from);
      return this.#backreference(this.#names.get(name), from);
    }
    if (!cursor.accept("<")) throw cursor.error("(?P<name>...) or (?P=name) expected", from);
    const name = this.#name(">", from);
    if (this.#names.has(name)) throw cursor.error(`a second group '${name}'`, from);
    this.#names.set(name, this.#groups + 1);
    return this.#capture(from);
  }

  #name(end: string, from: number): string {
    const name = this.#cursor.takeWhile(/^[\p{L}\p{N}_]$/u);
    if (!/^[\p{L}_]/u.test(name) || !this.#cursor.accept(end))
      throw this.#cursor.error("a group's name is made of letters, digits and _", from);
    return name;
  }

  #capture(from: number): RegexNode {
    const index = ++this.#groups;
    this.#open.add(index);
    const node = this.#inside(from);
    this.#open.delete(index);
    return { type: "group", index, node };
  }

  #inside(from: number): RegexNode {
    const cursor = this.#cursor;
    if (++this.#depth > DEEPEST) throw cursor.error(`more than ${DEEPEST} groups in each other`, from);
    const node = this.#either();
    this.#depth--;
    if (!cursor.accept(")")) throw cursor.error("this parenthesis is not closed", from);
    return node;
  }
}

const LOOKS = [
  ["=", true, false],
  ["!", true, true],
  ["<=", false, false],
  ["<!", false, true],
] as const;
