// The strings in a JSON text with their paths, for joining what a stream gave in pieces.

interface Container {
  readonly above: Container | null;
  readonly path: number;
  readonly object: boolean;
  /** What tells this stream from parallel ones: the values of `index`, `type` and the like. */
  stream: string;
  items: number;
}

type Visit = (path: number, stream: string, start: number, end: number, name: string) => void;

/** Names of what tells one of several streams from the others. */
export const TELLS_STREAMS =
  /^(?:index|(?:output|content|choice|item|tool|part|summary)_?index|type|event|item_?id|channel|stream)$/i;

export class JsonStrings {
  readonly #paths = new Map<string, number>();

  /** Calls `visit` for every string value, with the number of its path: equal for equal paths over all texts. */
  visit(text: string, from: number, to: number, visit: Visit): void {
    const found: { container: Container; path: number; start: number; end: number; name: string }[] = [];
    let container: Container = { above: null, path: 0, object: false, stream: "", items: 0 };
    let name: string | null = null;
    let at = from;
    while (at < to) {
      const char = text[at]!;
      if (char === '"') {
        const end = endOfString(text, at + 1, to);
        let next = end + 1;
        while (next < to && text.charCodeAt(next) <= 32) next++;
        if (container.object && name === null && text[next] === ":") {
          name = text.slice(at + 1, end);
          at = next + 1;
          continue;
        }
        const key = name ?? "";
        if (TELLS_STREAMS.test(key) && end - at < 100) container.stream += `${key}=${text.slice(at, end)};`;
        else {
          const path = this.#path(container.path, name ?? container.items);
          found.push({ container, path, start: at + 1, end, name: key });
        }
        name = null;
        at = end + 1;
      } else if (char === "{" || char === "[") {
        const path = this.#path(container.path, name ?? container.items);
        container = { above: container, path, object: char === "{", stream: "", items: 0 };
        name = null;
        at++;
      } else if (char === "}" || char === "]") {
        container = container.above ?? container;
        name = null;
        at++;
      } else if (char === ",") {
        container.items++;
        name = null;
        at++;
      } else if (char >= "0" && char <= "9" && name !== null && TELLS_STREAMS.test(name)) {
        const number = /\d{1,12}/y;
        number.lastIndex = at;
        const digits = number.exec(text)?.[0] ?? char;
        container.stream += `${name}=${digits};`;
        at += digits.length;
      } else at++;
    }
    for (const each of found) visit(each.path, streamOf(each.container), each.start, each.end, each.name);
  }

  #path(above: number, step: string | number): number {
    const key = `${above}${typeof step === "number" ? "#" : "."}${step}`;
    let path = this.#paths.get(key);
    if (path === undefined) {
      path = this.#paths.size + 1;
      this.#paths.set(key, path);
    }
    return path;
  }
}

function endOfString(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return Math.min(at, to);
}

/** Deeper than this, containers tell nothing about the stream. */
export const STREAM_DEPTH = 8;

function streamOf(container: Container): string {
  let stream = "";
  let depth = 0;
  for (let at: Container | null = container; at !== null && depth < STREAM_DEPTH; at = at.above, depth++)
    stream += at.stream;
  return stream;
}
