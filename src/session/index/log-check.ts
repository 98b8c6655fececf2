// Tells whether a log still begins with what an index was made of. A log only ever grows, or is replaced as a whole
// (--max-exchanges, a copy, another tool), so its first and last indexed bytes say it: ids and times stand in both.
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

const WINDOW = 16 * 1024;
export const CHECK_LENGTH = 32;

/** @returns a hash of the first and the last of the log's first `length` bytes. */
export async function logCheck(file: FileHandle, length: number): Promise<Buffer> {
  const hash = createHash("sha256");
  const window = Math.min(WINDOW, length);
  for (const at of [0, length - window]) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(window), 0, window, at);
    hash.update(buffer.subarray(0, bytesRead));
  }
  return hash.digest();
}
