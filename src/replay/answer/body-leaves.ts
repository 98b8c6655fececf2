// A request's body as a list of its smallest parts, by which two bodies are compared: values of JSON and of forms by
// their place, lines of text.
import { parseForm } from "../../content/query.js";
import { decodeText } from "../../content/text.js";
import { jsonText, parseJson } from "../compare/json-parse.js";
import { type PointerTest, pointerOf } from "../compare/pointers.js";

export interface Leaf {
  /** A JSON Pointer; `/3` for the third line of a text, "" for bytes. */
  readonly place: string;
  readonly value: string;
}

/** Bytes of a body that are compared; what is longer counts by what is held of it. */
export const COMPARED_BYTES = 8 * 1024 * 1024;

/**
 * @param content decoded
 * @param ignored places of JSON and forms that do not count
 */
export function* leavesOf(content: Buffer, contentType: string, ignored: PointerTest): Generator<Leaf> {
  if (content.length === 0) return;
  const text = decodeText(content, contentType)?.text;
  if (text === undefined) {
    yield { place: "", value: content.toString("latin1") };
    return;
  }
  const json = /^\s*[[{"]/.test(text) || /\bjson\b/i.test(contentType) ? parseJson(text) : undefined;
  if (json !== undefined) yield* jsonLeaves(json.value, [], ignored);
  else if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) yield* formLeaves(text, ignored);
  else yield* lineLeaves(text);
}

function* jsonLeaves(value: unknown, steps: readonly string[], ignored: PointerTest): Generator<Leaf> {
  if (ignored(steps)) return;
  const entries =
    typeof value === "object" && value !== null ? (Object.entries(value) as [string, unknown][]) : [];
  if (entries.length === 0) {
    yield { place: pointerOf(steps), value: jsonText(value) };
    return;
  }
  for (const [name, each] of entries) yield* jsonLeaves(each, [...steps, name], ignored);
}

function* formLeaves(text: string, ignored: PointerTest): Generator<Leaf> {
  const counts = new Map<string, number>();
  for (const { name, value } of parseForm(text)) {
    if (ignored([name])) continue;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    yield { place: count === 0 ? pointerOf([name]) : pointerOf([name, String(count)]), value };
  }
}

function* lineLeaves(text: string): Generator<Leaf> {
  for (const [at, line] of text.split("\n").entries()) yield { place: `/${at + 1}`, value: line };
}
