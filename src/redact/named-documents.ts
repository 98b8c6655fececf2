// Values that JSON pointers name, in what holds JSON: a document, a document a line, the data of events. Where a text that
// is no valid JSON may hold one of them all the same, it can't be told where it ends.

import { isJson } from "../content/json-tokens.js";
import type { Form } from "./find-content.js";
import type { KnownValues } from "./known-values.js";
import { REDACTED } from "./known-values.js";
import { namedPlaces, type PointerSteps } from "./named-json.js";

/** Before a document: a byte order mark, and what keeps it from being run as a script, or makes it run. */
const PREFIX =
  /^[\s\ufeff]*(?:\)\]\}',?|for\s*\(;;\);?|while\s*\((?:1|true)\);?|(?:\/\*\*\/)?\s*(?:typeof [^&]{1,200}&&\s*)?[\w$.]{1,200}\s*\()?/;
/** Behind one that is the argument of a call (JSONP). */
const CALL_END = /\)\s*;?\s*$/;
const LINE = /([^\r\n]*)(\r\n|\r|\n|$)/g;

export class JsonParts {
  readonly #pointers: readonly PointerSteps[];
  readonly #known: KnownValues;
  readonly #mayHold: (text: string) => boolean;

  constructor(pointers: readonly PointerSteps[], known: KnownValues) {
    this.#pointers = pointers;
    this.#known = known;
    this.#mayHold = namesTest(pointers);
  }

  /** @returns undefined where a value that is named may stand in it, and it can't be told where */
  inText(text: string, form: Form, isText: boolean): string | undefined {
    if (this.#pointers.length === 0) return text;
    const document = this.#inDocument(text);
    if (document !== undefined) return document;
    if (form === "events") return this.#inEvents(text);
    if (form === "lines") return this.#inLines(text);
    return form === "json" && (!isText || this.#mayHold(text)) ? undefined : text;
  }

  /** Whether a text in whatever coding has a name that a pointer ends in. */
  mayHold(text: string): boolean {
    return this.#pointers.length > 0 && this.#mayHold(text);
  }

  /** @returns undefined where it is no JSON */
  #inDocument(text: string): string | undefined {
    const prefix = PREFIX.exec(text)?.[0] ?? "";
    const suffix = prefix.endsWith("(") ? (CALL_END.exec(text.slice(-200))?.[0] ?? "") : "";
    const document = text.slice(prefix.length, text.length - suffix.length);
    if (!/^\s*(?:[[{"\d-]|true|false|null)/.test(document) || !isJson(document)) return undefined;
    return prefix + this.#withoutValues(document) + suffix;
  }

  /** A line that can't be read and may hold such a value goes as a whole, with those that seem to be the rest of it. */
  #inLines(text: string): string {
    let isBroken = false;
    return text.replace(LINE, (_, line: string, end: string) => {
      const mark = line.startsWith("\x1e") ? "\x1e" : "";
      const document = line.slice(mark.length);
      if (document.trim() === "") return line + end;
      isBroken = !isJson(document)
        ? isBroken || this.#mayHold(document)
        : isBroken && !/^\s*[[{]/.test(document);
      return mark + (isBroken ? REDACTED : this.#line(document)) + end;
    });
  }

  /** The data of an event is all its `data` lines (WHATWG HTML section 9.2.6); it becomes one line where it changes. */
  #inEvents(text: string): string {
    const pieces: string[] = [];
    let data: DataLine[] = [];
    const finish = (): void => {
      const before = data.map(({ value }) => value).join("\n");
      const after = this.#line(before);
      if (after !== before) {
        for (const { at } of data) pieces[at] = "";
        pieces[data[0]!.at] = `data: ${after.replace(/[\r\n]+/g, " ")}${data[0]!.end}`;
      }
      data = [];
    };
    for (const [whole, line = "", end = ""] of text.matchAll(LINE)) {
      const value = /^\ufeff?data(?:: ?(.*))?$/s.exec(line);
      if (value !== null) data.push({ at: pieces.length, value: value[1] ?? "", end });
      else if (line === "" && data.length > 0) finish();
      pieces.push(whole);
    }
    return pieces.join("");
  }

  #line(document: string): string {
    if (isJson(document)) return this.#withoutValues(document);
    return this.#mayHold(document) ? REDACTED : document;
  }

  #withoutValues(document: string): string {
    const pieces: string[] = [];
    let done = 0;
    for (const { start, end } of namedPlaces(document, this.#pointers)) {
      this.#learn(JSON.parse(document.slice(start, end)));
      pieces.push(document.slice(done, start), `"${REDACTED}"`);
      done = end;
    }
    return done === 0 ? document : [...pieces, document.slice(done)].join("");
  }

  #learn(value: unknown): void {
    const open = [value];
    while (open.length > 0) {
      const one = open.pop();
      if (typeof one === "string" || typeof one === "number") this.#known.add(String(one));
      else if (typeof one === "object" && one !== null)
        for (const each of Object.values(one)) open.push(each);
    }
  }
}

/** A line of an event's data: its place among the lines, and how it ends. */
interface DataLine {
  readonly at: number;
  readonly value: string;
  readonly end: string;
}

/** Whether a text has a name that a pointer ends in, with escapes or without. */
function namesTest(pointers: readonly PointerSteps[]): (text: string) => boolean {
  const names = pointers.map((steps) => steps.findLast((step) => step !== "*" && !/^\d+$/.test(step)));
  if (names.some((name) => name === undefined)) return (text) => /^\s*[[{"]/.test(text);
  const has = (text: string): boolean => names.some((name) => name !== undefined && text.includes(name));
  return (text) => has(text) || (text.includes("\\") && has(unescaped(text)));
}

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|(.))/gis, (_, code: string | undefined, other: string) =>
    code === undefined ? other : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
