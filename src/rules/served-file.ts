// Files of a folder as bodies: opened when they are asked for, streamed, and never from outside of the folder, whatever
// symbolic links are in it.
import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { systemCode, TrafficError } from "../errors.js";

const PIECE = 64 * 1024;

export interface ServedFile {
  readonly path: string;
  readonly size: number;
  readonly modified: Date;
  /** Its bytes, `size` of them. @throws TrafficError IO_FAILED where the file has fewer by then */
  read(): AsyncGenerator<Buffer, void, void>;
  /** All of it; undefined where it is longer than the limit. */
  bytes(limit: number): Promise<Buffer | undefined>;
}

export type Lookup =
  | { readonly kind: "file"; readonly file: ServedFile }
  | { readonly kind: "folder" }
  | { readonly kind: "none" };

/**
 * @param root an absolute folder
 * @param segments as `segmentsOf` gives them
 */
export async function lookUp(root: string, segments: readonly string[]): Promise<Lookup> {
  const path = await below(root, segments);
  if (path === undefined) return { kind: "none" };
  // NONBLOCK: a named pipe would hold whoever opens it until someone writes.
  const handle = await openFile(path).catch(unless);
  if (handle === undefined) return { kind: "none" };
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) return { kind: "folder" };
    return stats.isFile()
      ? { kind: "file", file: servedFile(path, stats.size, stats.mtime) }
      : { kind: "none" };
  } finally {
    await handle.close();
  }
}

/** NONBLOCK: a named pipe would hold whoever opens it until someone writes. */
async function openFile(path: string): Promise<FileHandle> {
  return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
}

/** The real path, when it is the folder or below it. */
async function below(root: string, segments: readonly string[]): Promise<string | undefined> {
  const [realRoot, path] = await Promise.all([
    realpath(root).catch(unless),
    realpath(join(root, ...segments)).catch(unless),
  ]);
  if (realRoot === undefined || path === undefined) return undefined;
  const way = relative(realRoot, path);
  return way === ".." || way.startsWith(`..${sep}`) || way.includes(`${sep}..${sep}`) || isElsewhere(way)
    ? undefined
    : path;
}

/** On Windows `relative` gives an absolute path where the drives differ. */
function isElsewhere(way: string): boolean {
  return /^[a-z]:|^\\\\/i.test(way) && sep === "\\";
}

function servedFile(path: string, size: number, modified: Date): ServedFile {
  async function* read(): AsyncGenerator<Buffer, void, void> {
    const handle = await openFile(path);
    try {
      // No more than its size when it was looked up: that is what Content-Length says.
      for (let at = 0; at < size; ) {
        const buffer = Buffer.allocUnsafe(Math.min(PIECE, size - at));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) throw new TrafficError("IO_FAILED", `${path} became shorter while it was sent`);
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }
  return {
    path,
    size,
    modified,
    read,
    async bytes(limit) {
      if (size > limit) return undefined;
      const pieces: Buffer[] = [];
      for await (const piece of read()) pieces.push(piece);
      return Buffer.concat(pieces);
    },
  };
}

/** Not there, not allowed, a loop of links, a name too long: nothing to serve. */
function unless(error: unknown): undefined {
  if (
    ["ENOENT", "ENOTDIR", "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG", "EISDIR", "ENXIO", "EINVAL"].includes(
      systemCode(error) ?? "",
    )
  ) {
    return undefined;
  }
  throw error;
}
