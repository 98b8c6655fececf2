// The few file operations the recorder performs while traffic passes, as a port: tests put a full or broken disk
// behind it. Callbacks, not promises, as the writers are small state machines that go on from each callback.
import * as fs from "node:fs";

export type FileSystem = Pick<typeof fs, "open" | "writev" | "close" | "ftruncate" | "unlink" | "mkdir">;

export const nodeFileSystem: FileSystem = fs;

/**
 * Writes every byte, however many calls it takes.
 * @param done called once, with the error that ended it (or null) and the bytes that were written.
 */
export function writeAll(
  fileSystem: FileSystem,
  fd: number,
  buffers: readonly Buffer[],
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
): void {
  let total = 0;
  const step = (rest: readonly Buffer[]): void => {
    fileSystem.writev(fd, rest, (error, written) => {
      if (error) return done(error, total);
      total += written;
      const left = skipBytes(rest, written);
      if (left.length === 0) return done(null, total);
      step(left);
    });
  };
  step(buffers);
}

function skipBytes(buffers: readonly Buffer[], count: number): Buffer[] {
  let skip = count;
  const left: Buffer[] = [];
  for (const buffer of buffers) {
    if (skip >= buffer.length) skip -= buffer.length;
    else {
      left.push(skip === 0 ? buffer : buffer.subarray(skip));
      skip = 0;
    }
  }
  return left;
}
