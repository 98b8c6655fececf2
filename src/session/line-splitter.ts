// Splits a file into lines as bytes, in bounded memory, with the number and the place of each.
import { type FileHandle, open } from "node:fs/promises";
import { LINE_LIMIT } from "./format.js";

const READ_SIZE = 256 * 1024;
const NEWLINE = 10;
const EMPTY = Buffer.alloc(0);

export interface RawLine {
  /** 1 for the first line. */
  readonly number: number;
  /** Where it begins in the file. */
  readonly offset: number;
  /** Without the newline; valid until the next line is asked for. Empty where the line passed the limit. */
  readonly bytes: Buffer;
  /** Its length, also of one that passed the limit. */
  readonly length: number;
}

/** What stands after the last newline: a line that is being written, or was torn, or only misses its newline. */
export interface Tail {
  length: number;
  /** Empty when it passes the limit. */
  bytes: Buffer;
  /** Number and place, as if it were a line. */
  number: number;
  offset: number;
}

export function createTail(): Tail {
  return { length: 0, bytes: EMPTY, number: 0, offset: 0 };
}

/** @param source a path, or an open file, which stays open. @param tail is filled in when the file has been read. */
export async function* splitLines(
  source: string | FileHandle,
  tail: Tail = createTail(),
): AsyncGenerator<RawLine, void, void> {
  const file = typeof source === "string" ? await open(source, "r") : source;
  try {
    let number = 0;
    let lineStart = 0;
    let position = 0;
    let pieces: Buffer[] = [];
    for (;;) {
      // A buffer of its own for each read: pieces of a long line refer to earlier ones.
      const buffer = Buffer.allocUnsafeSlow(READ_SIZE);
      const { bytesRead } = await file.read(buffer, 0, READ_SIZE, position);
      if (bytesRead === 0) break;
      let from = 0;
      for (let at = find(buffer, 0, bytesRead); at !== -1; at = find(buffer, from, bytesRead)) {
        const length = position + at - lineStart;
        const whole = length <= LINE_LIMIT;
        const last = buffer.subarray(from, at);
        const bytes = whole ? (pieces.length === 0 ? last : Buffer.concat([...pieces, last])) : EMPTY;
        yield { number: ++number, offset: lineStart, bytes, length };
        pieces = [];
        from = at + 1;
        lineStart = position + from;
      }
      position += bytesRead;
      if (from < bytesRead && position - lineStart <= LINE_LIMIT)
        pieces.push(buffer.subarray(from, bytesRead));
      else pieces = [];
    }
    tail.length = position - lineStart;
    tail.bytes = Buffer.concat(pieces);
    tail.number = number + 1;
    tail.offset = lineStart;
  } finally {
    if (typeof source === "string") await file.close();
  }
}

function find(buffer: Buffer, from: number, end: number): number {
  const at = buffer.indexOf(NEWLINE, from);
  return at === -1 || at >= end ? -1 : at;
}
