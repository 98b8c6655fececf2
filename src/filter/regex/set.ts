// `[a-z_]`: sets of characters in Python patterns.
import type { Cursor } from "./cursor.js";
import { readEscape } from "./escapes.js";
import type { ClassItem, ClassNode } from "./syntax.js";

interface SetOptions {
  readonly bytes: boolean;
  readonly ascii: boolean;
  readonly fold: boolean;
}

/** @param cursor behind the bracket, which is at `from` @throws Mistake */
export function readSet(cursor: Cursor, from: number, options: SetOptions): ClassNode {
  const negated = cursor.accept("^");
  const items: ClassItem[] = [];
  do {
    items.push(readItem(cursor, from, options));
  } while (!cursor.accept("]"));
  return { type: "class", negated, items, fold: options.fold };
}

function readItem(cursor: Cursor, from: number, options: SetOptions): ClassItem {
  const start = cursor.at;
  const low = readOne(cursor, from, options);
  const dash = cursor.at;
  if (!cursor.accept("-")) return low;
  if (cursor.char === "]") {
    cursor.at = dash;
    return low;
  }
  const high = readOne(cursor, from, options);
  if ("category" in low || "category" in high)
    throw cursor.error("a range goes between two characters", start);
  if (high.high < low.low) throw cursor.error("the range is upside down", start);
  return { low: low.low, high: high.high };
}

function readOne(cursor: Cursor, from: number, { bytes, ascii }: SetOptions): ClassItem {
  if (cursor.ended) throw cursor.error("this set is not closed", from);
  const start = cursor.at;
  const code = cursor.next;
  if (cursor.take() !== "\\") return { low: code, high: code };
  const read = readEscape(cursor, start, { set: true, bytes });
  if ("category" in read) return { ...read, ascii };
  if ("code" in read) return { low: read.code, high: read.code };
  throw cursor.error("this has no meaning in a set", start);
}
