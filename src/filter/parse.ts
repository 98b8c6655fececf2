// Reads a filter as mitmproxy does (its grammar is in flowfilter.py, by pyparsing): words by juxtaposition bind last,
// `|` before them, then `&`, then `!`; `&` and `|` join only where they stand apart, else they are part of a word.
// What mitmproxy refuses is read where it can mean one thing only: `(~q)`, `~q|~e`, `(a b)`.
import { invalidFilter } from "./invalid.js";
import { nearOperators, OPERATORS } from "./operators.js";
import type { FilterNode } from "./syntax.js";
import { readValue, readWord, SPACE } from "./words.js";

const DEEPEST = 100;

/** @throws TrafficError FILTER_INVALID */
export function parseFilter(text: string): FilterNode {
  return new FilterParser(text).parse();
}

class FilterParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): FilterNode {
    this.#skipSpace();
    if (this.#ended) throw this.#error("it is empty", this.#at, "~all selects everything");
    const node = this.#sequence();
    if (!this.#ended) throw this.#error("no parenthesis is open here", this.#at);
    return node;
  }

  /** One or more alternatives side by side: all must hold. */
  #sequence(): FilterNode {
    const parts = [this.#or()];
    this.#skipSpace();
    while (!this.#ended && this.#char !== ")") {
      parts.push(this.#or());
      this.#skipSpace();
    }
    return parts.length === 1 ? parts[0]! : { type: "and", parts };
  }

  #or(): FilterNode {
    return this.#joined("|", "or", () => this.#and());
  }

  #and(): FilterNode {
    return this.#joined("&", "and", () => this.#not());
  }

  #joined(sign: string, type: "and" | "or", next: () => FilterNode): FilterNode {
    const parts = [next()];
    while (this.#takeSign(sign)) parts.push(next());
    return parts.length === 1 ? parts[0]! : { type, parts };
  }

  #not(): FilterNode {
    const from = this.#at;
    if (!this.#takeSign("!")) return this.#atom();
    if (++this.#depth > DEEPEST) throw this.#error("too many signs and parentheses in each other", from);
    const part = this.#not();
    this.#depth--;
    return { type: "not", part };
  }

  /** A sign with nothing behind it is a word, as in mitmproxy: `~u` of it. */
  #takeSign(sign: string): boolean {
    this.#skipSpace();
    if (this.#char !== sign) return false;
    const before = this.#at++;
    this.#skipSpace();
    if (!this.#ended && this.#char !== ")") return true;
    this.#at = before;
    return false;
  }

  #atom(): FilterNode {
    this.#skipSpace();
    if (this.#ended) throw this.#error("something is missing at the end", this.#at);
    if (this.#char === "(") return this.#parenthesis();
    if (this.#char === "~") return this.#operator();
    if (this.#char === ")") throw this.#error("something is missing before this parenthesis", this.#at);
    return this.#withArgument("u", "regex");
  }

  #parenthesis(): FilterNode {
    const from = this.#at++;
    if (++this.#depth > DEEPEST) throw this.#error("too many signs and parentheses in each other", from);
    const node = this.#sequence();
    this.#depth--;
    if (this.#char !== ")") throw this.#error("this parenthesis is not closed", from);
    this.#at++;
    return node;
  }

  #operator(): FilterNode {
    const from = this.#at++;
    const name = /^[A-Za-z]*/.exec(this.#text.slice(this.#at, this.#at + 20))![0];
    this.#at += name.length;
    const operator = OPERATORS.get(name);
    if (operator === undefined) throw this.#unknown(name, from);
    // mitmproxy wants white space here; a sign or a quote can't be anything else either.
    if (/[!-~]/.test(this.#char) && !/[()&|!'"]/.test(this.#char)) {
      throw this.#error(`after ~${name} comes a blank`, this.#at);
    }
    if (operator.argument === undefined) return { type: "condition", operator: name };
    return this.#withArgument(name, operator.argument.kind);
  }

  #withArgument(operator: string, kind: "regex" | "value"): FilterNode {
    this.#skipSpace();
    const word = kind === "regex" ? readWord(this.#text, this.#at) : readValue(this.#text, this.#at);
    if (word === undefined) throw this.#missing(operator);
    this.#at = word.end;
    return { type: "condition", operator, argument: word.text, offsets: word.offsets };
  }

  #missing(name: string): Error {
    if (/['"]/.test(this.#char)) return this.#error("this quote is not closed", this.#at);
    const { argument, example } = OPERATORS.get(name)!;
    const what = argument?.kind === "regex" ? "a regular expression" : "a value";
    const hint = this.#char === "(" ? "write quotes around what has parentheses" : `for example: ${example}`;
    return this.#error(`~${name} needs ${what}`, this.#at, hint);
  }

  #unknown(name: string, from: number): Error {
    const near = nearOperators(name).map((each) => `~${each}`);
    const hint = near.length === 0 ? "" : `did you mean ${near.join(" or ")}? `;
    return invalidFilter(
      this.#text,
      name === "" ? "an operator's name is missing" : `there is no operator ~${name}`,
      { start: from, end: this.#at },
      `${hint}\`trafficctl filters\` lists them all`,
    );
  }

  #error(problem: string, at: number, hint?: string): Error {
    return invalidFilter(this.#text, problem, { start: at, end: Math.min(at + 1, this.#text.length) }, hint);
  }

  #skipSpace(): void {
    while (SPACE.has(this.#char)) this.#at++;
  }

  get #char(): string {
    return this.#text[this.#at] ?? "";
  }

  get #ended(): boolean {
    return this.#at >= this.#text.length;
  }
}
