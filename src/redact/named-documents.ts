// Values that JSON pointers name, in what holds JSON: a document, a document a line, the data of events. Where a text that
// is no valid JSON may hold one of them all the same, it can't be told where it ends.

import { isJson } from "../content/json-tokens.js";
import type { KnownValues } from "./known-values.js";
import { REDACTED } from "./known-values.js";
import { namedPlaces, type PointerSteps } from "./named-json.js";

/** Before a document: a byte order mark, and what keeps it from being run as a script. */
const PREFIX = /^\ufeff?(?:\)\]\}',?\s*)?/;
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

  /** @returns undefined where it is no JSON and may hold a value that is named */
  inDocument(text: string): string | undefined {
    if (this.#pointers.length === 0) return text;
    const prefix = PREFIX.exec(text)?.[0] ?? "";
    const document = text.slice(prefix.length);
    if (isJson(document)) return prefix + this.#withoutValues(document);
    return this.#mayHold(document) ? undefined : text;
  }

  /** A line that can't be read and may hold such a value goes as a whole. */
  inLines(text: string): string {
    if (this.#pointers.length === 0) return text;
    return text.replace(LINE, (_, line: string, end: string) => {
      const mark = line.startsWith("\x1e") ? "\x1e" : "";
      const document = line.slice(mark.length);
      return mark + (document.trim() === "" ? document : this.#line(document)) + end;
    });
  }

  /** The data of an event is all its `data` lines (WHATWG HTML section 9.2.6); it becomes one line where it changes. */
  inEvents(text: string): string {
    if (this.#pointers.length === 0) return text;
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

/** Whether a text has a name that a pointer ends in; escapes may hide one. */
function namesTest(pointers: readonly PointerSteps[]): (text: string) => boolean {
  const names = pointers.map((steps) => steps.findLast((step) => step !== "*" && !/^\d+$/.test(step)));
  if (names.some((name) => name === undefined)) return (text) => /^\s*[[{"]/.test(text);
  return (text) => names.some((name) => name !== undefined && text.includes(name));
}
