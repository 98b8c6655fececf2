// The texts that a stream gave in pieces, as deltas.ts joins them, from bytes: the strings at the same path of its events,
// once for each stream within the stream and once for all of them, and what is no JSON.
import { ByteMemo } from "../byte-memo.js";
import { looksLikeEvent } from "../deltas.js";
import { STREAM_DEPTH, TELLS_STREAMS } from "../json-strings.js";
import { GrowingText } from "./growing-text.js";
import { eachEvent, eachLine } from "./stream-lines.js";

export type StreamForm = "events" | "lines";

interface Visitor {
  /** The data of one event, in JSON. */
  json(start: number, end: number): void;
  /** Whether strings under this name are not joined. */
  isApart(name: string): boolean;
}

/** All texts of the stream, one after the other; null where half a character stands in one of them. */
export function joinedTexts(bytes: Buffer, form: StreamForm): Buffer | null {
  const texts = textsOf(bytes, form, { json: () => {}, isApart: () => false });
  return texts === null ? null : Buffer.concat(texts.flatMap((text) => [text, BETWEEN]));
}

const BETWEEN = Buffer.from("\n");

/** @returns null where half a character stands in a text. */
export function textsOf(bytes: Buffer, form: StreamForm, visitor: Visitor): Buffer[] | null {
  return new StreamTexts(bytes, visitor).run(form);
}

interface Name {
  readonly text: string;
  readonly tellsStreams: boolean;
}

const NAMES = new ByteMemo<Name>((text) => ({ text, tellsStreams: TELLS_STREAMS.test(text) }));

/** A path within the events, with the texts that stood there. */
interface Path {
  steps: Map<string | number, Path> | null;
  /** The first stream and its text: hardly any path has more. */
  stream: string;
  text: GrowingText | null;
  others: Map<string, GrowingText> | null;
  /** Of all streams, once there is a second one. */
  whole: GrowingText | null;
}

interface Container {
  readonly above: Container | null;
  readonly path: Path;
  readonly object: boolean;
  stream: string;
  items: number;
}

class StreamTexts {
  readonly #root = newPath();
  readonly #texts: GrowingText[] = [];
  /** What is no JSON. */
  readonly #plain: GrowingText;
  /** The strings of one event: in which container, at which path, from where to where. */
  #strung = 0;
  readonly #containers: Container[] = [];
  readonly #paths: Path[] = [];
  readonly #places: number[] = [];

  constructor(
    readonly bytes: Buffer,
    readonly visitor: Visitor,
  ) {
    this.#plain = this.#newText(false);
  }

  run(form: StreamForm): Buffer[] | null {
    const event = (start: number, end: number): void => this.#event(start, end);
    if (form === "lines") eachLine(this.bytes, event);
    else eachEvent(this.bytes, event, (lines) => this.#lines(lines));
    const texts: Buffer[] = [];
    for (const text of this.#texts) {
      const joined = text.joined();
      if (joined === null) return null;
      if (joined.length > 0) texts.push(joined);
    }
    return texts;
  }

  /** An event whose data came in several lines. */
  #lines(lines: readonly number[]): void {
    const together = this.#newText(false);
    for (let at = 0; at < lines.length; at += 2) {
      if (at > 0) together.addByte(10);
      together.add(lines[at]!, lines[at + 1]!);
    }
    if (looksLikeEvent(this.#head(lines[0]!, this.bytes.length))) return;
    for (let at = 0; at < lines.length; at += 2) this.#plain.add(lines[at]!, lines[at + 1]!);
  }

  #event(start: number, end: number): void {
    if (start >= end) return;
    if (!this.#looksLikeEvent(start, end)) {
      this.#plain.add(start, end);
      return;
    }
    this.#strings(start, end);
    this.visitor.json(start, end);
  }

  #looksLikeEvent(start: number, end: number): boolean {
    const { bytes } = this;
    if (bytes[start] === 123 && bytes[start + 1] === 34 && start + 2 < end) return true;
    return looksLikeEvent(this.#head(start, end));
  }

  #head(start: number, end: number): string {
    return this.bytes.toString("utf8", start, Math.min(end, start + 800)).slice(0, 200);
  }

  /** The same steps as those of JsonStrings. */
  #strings(from: number, to: number): void {
    const { bytes } = this;
    let container: Container = { above: null, path: this.#root, object: false, stream: "", items: 0 };
    let name: Name | null = null;
    let at = from;
    while (at < to) {
      const code = bytes[at]!;
      if (code === 34) {
        const end = endOfString(bytes, at + 1, to);
        let next = end + 1;
        while (next < to && bytes[next]! <= 32) next++;
        if (container.object && name === null && bytes[next] === 58) {
          name = NAMES.at(bytes, at + 1, end);
          at = next + 1;
          continue;
        }
        if (name?.tellsStreams === true && isShort(bytes, at, end))
          container.stream += `${name.text}=${bytes.toString("utf8", at, end)};`;
        else if (name === null || !this.visitor.isApart(name.text)) {
          const number = this.#strung++;
          this.#containers[number] = container;
          this.#paths[number] = stepTo(container.path, name?.text ?? container.items);
          this.#places[2 * number] = at + 1;
          this.#places[2 * number + 1] = end;
        }
        name = null;
        at = end + 1;
      } else if (code === 123 || code === 91) {
        const path = stepTo(container.path, name?.text ?? container.items);
        container = { above: container, path, object: code === 123, stream: "", items: 0 };
        name = null;
        at++;
      } else if (code === 125 || code === 93) {
        container = container.above ?? container;
        name = null;
        at++;
      } else if (code === 44) {
        container.items++;
        name = null;
        at++;
      } else if (code >= 48 && code <= 57 && name?.tellsStreams === true) {
        const start = at;
        while (at < start + 12 && isDigit(bytes[at]!)) at++;
        container.stream += `${name.text}=${bytes.toString("latin1", start, at)};`;
      } else at++;
    }
    this.#keepStrings();
  }

  #keepStrings(): void {
    for (let at = 0; at < this.#strung; at++) {
      const path = this.#paths[at]!;
      const stream = streamOf(this.#containers[at]!);
      const [start, end] = [this.#places[2 * at]!, this.#places[2 * at + 1]!];
      const text = this.#textOf(path, stream);
      text.add(start, end);
      path.whole?.add(start, end);
    }
    this.#strung = 0;
  }

  #textOf(path: Path, stream: string): GrowingText {
    if (path.text === null) {
      path.text = this.#newText(true);
      path.stream = stream;
    }
    if (path.stream === stream) return path.text;
    path.whole ??= this.#copyOf(path.text);
    path.others ??= new Map();
    let text = path.others.get(stream);
    if (text === undefined) {
      text = this.#newText(true);
      path.others.set(stream, text);
    }
    return text;
  }

  #newText(isJson: boolean): GrowingText {
    const text = new GrowingText(this.bytes, isJson);
    this.#texts.push(text);
    return text;
  }

  #copyOf(other: GrowingText): GrowingText {
    const text = other.copy();
    this.#texts.push(text);
    return text;
  }
}

function newPath(): Path {
  return { steps: null, stream: "", text: null, others: null, whole: null };
}

function stepTo(path: Path, step: string | number): Path {
  path.steps ??= new Map();
  let next = path.steps.get(step);
  if (next === undefined) {
    next = newPath();
    path.steps.set(step, next);
  }
  return next;
}

function streamOf(container: Container): string {
  let stream = "";
  let depth = 0;
  for (let at: Container | null = container; at !== null && depth < STREAM_DEPTH; at = at.above, depth++)
    stream += at.stream;
  return stream;
}

function endOfString(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== 34) at += bytes[at] === 92 ? 2 : 1;
  return Math.min(at, to);
}

/** Fewer than a hundred characters. */
function isShort(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < 100) return true;
  return end - start < 300 && bytes.toString("utf8", start, end).length < 100;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
