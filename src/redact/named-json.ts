// The places in a JSON text that JSON pointers name, found in the text as it stands: formatting, numbers and the order of
// members stay, and of members of one name each is found, not only the last.

/** The steps of a JSON pointer (RFC 6901), unescaped; `*` is any name or index. */
export type PointerSteps = readonly string[];

export interface Place {
  readonly start: number;
  readonly end: number;
}

/** @param text valid JSON. @returns places in their order, none within another */
export function namedPlaces(text: string, pointers: readonly PointerSteps[]): Place[] {
  return new Walk(text, pointers).run();
}

interface Level {
  readonly object: boolean;
  /** The pointers that lead here. */
  readonly pointers: readonly PointerSteps[];
  index: number;
}

class Walk {
  readonly #places: Place[] = [];
  readonly #levels: Level[] = [];
  #at = 0;

  constructor(
    readonly text: string,
    readonly pointers: readonly PointerSteps[],
  ) {}

  run(): Place[] {
    this.#value(this.pointers);
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) this.#item(level);
    return this.#places;
  }

  /** The next member or item, or the end of the container. */
  #item(level: Level): void {
    const first = this.#next();
    if (first === "}" || first === "]") {
      this.#at++;
      this.#levels.pop();
      return;
    }
    if (first === ",") {
      this.#at++;
      level.index++;
      this.#next();
    }
    const name = level.object ? this.#name() : String(level.index);
    const depth = this.#levels.length - 1;
    this.#value(level.pointers.filter((steps) => steps[depth] === name || steps[depth] === "*"));
  }

  #name(): string {
    const start = this.#at;
    this.#at = stringEnd(this.text, start);
    const raw = this.text.slice(start, this.#at);
    // The colon.
    this.#next();
    this.#at++;
    return raw.includes("\\") ? String(JSON.parse(raw)) : raw.slice(1, -1);
  }

  #value(pointers: readonly PointerSteps[]): void {
    const first = this.#next();
    const depth = this.#levels.length;
    const isNamed = pointers.some(({ length }) => length === depth);
    if (!isNamed && pointers.length > 0 && (first === "{" || first === "[")) {
      this.#at++;
      this.#levels.push({ object: first === "{", pointers, index: 0 });
      return;
    }
    const start = this.#at;
    this.#at = valueEnd(this.text, start);
    if (isNamed) this.#places.push({ start, end: this.#at });
  }

  /** The next character that is no white space. */
  #next(): string {
    while (this.#at < this.text.length && this.text.charCodeAt(this.#at) <= 32) this.#at++;
    return this.text.charAt(this.#at);
  }
}

function valueEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const char = text.charAt(at);
    if (char === '"') at = stringEnd(text, at);
    else {
      if (char === "{" || char === "[") depth++;
      else if (char === "}" || char === "]") depth--;
      at++;
      if (depth === 0 && char !== "}" && char !== "]") at = bareEnd(text, at);
    }
  } while (depth > 0 && at < text.length);
  return at;
}

/** Of a number or a literal. */
function bareEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && !/[\s,\]}]/.test(text.charAt(at))) at++;
  return at;
}

function stringEnd(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === "\\" ? 2 : 1;
  return at + 1;
}
