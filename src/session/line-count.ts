// Counts what a log holds without parsing it: what the manifest does not say while recording goes on, or after a crash.
import type { FileHandle } from "node:fs/promises";
import { systemCode } from "../errors.js";
import { lineHasError, lineType } from "./line-peek.js";
import { createTail, splitLines } from "./line-splitter.js";

export interface LineCounts {
  readonly exchanges: number;
  readonly messages: number;
  readonly errors: number;
  /** Of whole lines, newlines included. */
  readonly bytes: number;
  /** After the last whole line. */
  readonly tornBytes: number;
}

/** A missing log counts as an empty one. */
export async function countLines(source: string | FileHandle): Promise<LineCounts> {
  const counts = { exchanges: 0, messages: 0, errors: 0, bytes: 0 };
  const add = (line: Buffer, length: number): void => {
    counts.bytes += length;
    const type = lineType(line);
    if (type === "exchange") counts.exchanges++;
    if (type === "exchange" && lineHasError(line)) counts.errors++;
    if (type === "websocket-message") counts.messages++;
  };
  const tail = createTail();
  try {
    for await (const { bytes, length } of splitLines(source, tail)) add(bytes, length + 1);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  if (!isWhole(tail.bytes)) return { ...counts, tornBytes: tail.length };
  add(tail.bytes, tail.length);
  return { ...counts, tornBytes: 0 };
}

/** Whether a line without its newline is complete: no part of an object's JSON is itself JSON. */
function isWhole(line: Buffer): boolean {
  if (line.length === 0) return false;
  try {
    JSON.parse(line.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}
