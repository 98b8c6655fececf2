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

/** Where a line stands. */
export type RawPlace = Omit<RawLine, "bytes">;

export function placeOf({ number, offset, length }: RawLine): RawPlace {
  return { number, offset, length };
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

/** Where reading begins: behind a newline, after so many lines. */
export interface LineStart {
  readonly offset: number;
  readonly lines: number;
}

const BEGINNING: LineStart = { offset: 0, lines: 0 };

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
    for await (const lines of lineBatches(file, tail)) yield* lines;
  } finally {
    if (typeof source === "string") await file.close();
  }
}

/**
 * The lines in the portions in which the file is read, valid until the next portion is asked for. A promise for every
 * line would cost as much as parsing it.
 */
export async function* lineBatches(
  file: FileHandle,
  tail: Tail,
  start: LineStart = BEGINNING,
): AsyncGenerator<RawLine[], void, void> {
  let number = start.lines;
  let lineStart = start.offset;
  let position = start.offset;
  let pieces: Buffer[] = [];
  // The next portion is read while this one is looked at: a seventh less time for a log in the page cache. Into two
  // buffers that take turns: making one for each portion cost two thirds of the time in the kernel.
  let [buffer, other] = [Buffer.allocUnsafeSlow(READ_SIZE), Buffer.allocUnsafeSlow(READ_SIZE)];
  let reading = readPortion(file, buffer, position);
  try {
    for (;;) {
      const bytesRead = await reading;
      if (bytesRead === 0) break;
      reading = readPortion(file, other, position + bytesRead);
      const lines: RawLine[] = [];
      let from = 0;
      for (let at = find(buffer, 0, bytesRead); at !== -1; at = find(buffer, from, bytesRead)) {
        const length = position + at - lineStart;
        const whole = length <= LINE_LIMIT;
        const last = buffer.subarray(from, at);
        const bytes = whole ? (pieces.length === 0 ? last : Buffer.concat([...pieces, last])) : EMPTY;
        lines.push({ number: ++number, offset: lineStart, bytes, length });
        pieces = [];
        from = at + 1;
        lineStart = position + from;
      }
      position += bytesRead;
      if (from < bytesRead && position - lineStart <= LINE_LIMIT)
        pieces.push(Buffer.from(buffer.subarray(from, bytesRead)));
      else pieces = [];
      if (lines.length > 0) yield lines;
      [buffer, other] = [other, buffer];
    }
  } finally {
    // The file may be closed next.
    await reading.catch(() => {});
  }
  tail.length = position - lineStart;
  tail.bytes = Buffer.concat(pieces);
  tail.number = number + 1;
  tail.offset = lineStart;
}

function readPortion(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  const reading = file.read(buffer, 0, READ_SIZE, position).then(({ bytesRead }) => bytesRead);
  // Whoever waits for it meets the error; it may come before.
  reading.catch(() => {});
  return reading;
}

function find(buffer: Buffer, from: number, end: number): number {
  const at = buffer.indexOf(NEWLINE, from);
  return at === -1 || at >= end ? -1 : at;
}
