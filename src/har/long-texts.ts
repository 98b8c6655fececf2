// The long texts of one entry: those of its two bodies stay where they are, any other is put back.
import type { LongText } from "./long-text.js";

/** By the strings that stand for them. */
export type LongTexts = ReadonlyMap<string, LongText>;

/** Of a text that is no body, such as a WebSocket message, more than this is not read. */
const MOST_IN_MEMORY = 32 << 20;

/** @param value what `json` is, parsed. @returns it with every text that does not stand in the place of a body. */
export function withOtherTexts(value: unknown, json: Buffer, texts: LongTexts): unknown {
  const bodies = new Set([
    at(value, "request", "postData", "text"),
    at(value, "response", "content", "text"),
  ]);
  if ([...texts.keys()].every((key) => bodies.has(key))) return value;
  return JSON.parse(json.toString("utf8"), (_, field: unknown) => {
    const text = typeof field === "string" ? texts.get(field) : undefined;
    if (text === undefined || bodies.has(field)) return field;
    return text.length > MOST_IN_MEMORY ? `(${text.length} bytes were too long to be read)` : text.text();
  });
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (object, key) => (typeof object === "object" && object !== null ? Reflect.get(object, key) : undefined),
    value,
  );
}
