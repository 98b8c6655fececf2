// The few file operations the recorder performs while traffic passes, as a port: tests put a full or broken disk
// behind it. Callbacks, not promises, as the writers are small state machines that go on from each callback.
import * as fs from "node:fs";
import { dirname } from "node:path";
import { systemCode } from "../errors.js";
import { FILE_MODE, FOLDER_MODE } from "./format.js";

export type FileSystem = Pick<typeof fs, "open" | "writev" | "close" | "ftruncate" | "unlink" | "mkdir">;

export const nodeFileSystem: FileSystem = fs;

const RETRY_MS = 20;

/** Makes a file, and its folder where that is missing; waits while too many files are open. */
export function createFile(
  fileSystem: FileSystem,
  path: string,
  flags: "wx" | "ax",
  done: (error: NodeJS.ErrnoException | null, fd: number) => void,
  madeFolder = false,
): void {
  fileSystem.open(path, flags, FILE_MODE, (error, fd) => {
    if (!error) return done(null, fd);
    const code = systemCode(error);
    if (code === "EMFILE" || code === "ENFILE") {
      // Another file or socket will close; meanwhile the backlog slows the traffic.
      setTimeout(() => createFile(fileSystem, path, flags, done, madeFolder), RETRY_MS);
    } else if (code === "ENOENT" && !madeFolder) {
      fileSystem.mkdir(dirname(path), { mode: FOLDER_MODE }, () =>
        createFile(fileSystem, path, flags, done, true),
      );
    } else done(error, -1);
  });
}

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
