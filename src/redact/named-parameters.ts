// Named parameters in `name=value&name=value`: of an address, a form, addresses within a header field.
import { type Parameter, parseForm, parseQuery } from "../content/query.js";
import { type KnownValues, REDACTED } from "./known-values.js";

type Named = (name: string) => boolean;

/** A range of a text, behind the `=`. */
interface Place {
  readonly start: number;
  readonly end: number;
}

export class NamedParameters {
  readonly #isNamed: Named;
  readonly #known: KnownValues;

  constructor(isNamed: Named, known: KnownValues) {
    this.#isNamed = isNamed;
    this.#known = known;
  }

  /** Of its query, and of its fragment: `#access_token=…`, `#/path?code=…`. */
  inAddress(text: string): string {
    const places = parseQuery(text).flatMap((parameter) => this.#place(parameter, 0));
    const fragment = text.indexOf("#");
    if (fragment !== -1) places.push(...this.#places(text.slice(fragment + 1), fragment + 1));
    return this.#without(text, places);
  }

  inForm(text: string): string {
    return this.#without(text, this.#places(text, 0));
  }

  /** A form in the coding `text/plain`, or what stands like one in a text: a parameter a line. */
  inLines(text: string): string {
    const places: Place[] = [];
    for (const { 0: line, index } of text.matchAll(/[^\r\n]+/g)) places.push(...this.#places(line, index));
    return this.#without(text, places);
  }

  /** Those of addresses in a header field: Location, Referer, Link. */
  inField(value: string): string {
    if (!value.includes("=")) return value;
    return value.replace(IN_FIELD, (whole: string, mark: string, name: string, rest: string) => {
      if (rest === "" || !this.#isNamed(decoded(name))) return whole;
      this.#learn(rest);
      return `${mark}${name}=${REDACTED}`;
    });
  }

  #places(text: string, offset: number): Place[] {
    return parseForm(text).flatMap((parameter) => this.#place(parameter, offset));
  }

  /** From a named one on all up to the next `&`: what stands in it is not told apart any further. */
  #place({ name, rawName, rawValue, start, end }: Parameter, offset: number): Place[] {
    if (rawValue === null || rawValue === "") return [];
    const at = (value: number): Place[] => [{ start: offset + value, end: offset + end }];
    // A blank or a byte order mark before it is not always taken for a part of the name.
    if (this.#isNamed(name) || this.#isNamed(name.trim())) return at(start + rawName.length + 1);
    // `;` once stood for `&`; a second `?` is a character like any other, but not to everyone.
    const raw = `${rawName}=${rawValue}`;
    if (!/[;?]/.test(raw)) return [];
    for (const { 0: whole, 1: inner = "", index } of raw.matchAll(/[;?]([^=;?]+)=/g)) {
      const value = index + whole.length;
      if (value < raw.length && this.#isNamed(decoded(inner))) return at(start + value);
    }
    return [];
  }

  #without(text: string, places: readonly Place[]): string {
    if (places.length === 0) return text;
    const pieces: string[] = [];
    let done = 0;
    for (const { start, end } of places) {
      this.#learn(text.slice(start, end));
      pieces.push(text.slice(done, start), REDACTED);
      done = end;
    }
    return [...pieces, text.slice(done)].join("");
  }

  #learn(raw: string): void {
    this.#known.add(decoded(raw));
    if (raw.includes("+")) this.#known.add(decoded(raw.replaceAll("+", "%2B")));
  }
}

/** No `;`: in fields it is what comes before a parameter of the field itself. */
const IN_FIELD = /([?&#])([^=?&#;\s"'<>]{1,200})=([^&#\s"'<>]*)/g;

function decoded(raw: string): string {
  return parseForm(`x=${raw.replaceAll("&", "%26")}`)[0]?.value ?? raw;
}
