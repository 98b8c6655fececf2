// Takes away what proxies that have ended left behind: an entry, its socket, and the folder that was made for that. An
// entry is a text that a crash or a stranger may have written, so that nothing goes but a socket in a place of our own.
import { lstat, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ENTRY_SUFFIX } from "./run-folder.js";
import { isTemporarySocket, SOCKET_SUFFIX } from "./socket-place.js";

/** What can't be removed stays. @param path of the entry @param socket as the entry names it */
export async function removeEntry(path: string, socket: string): Promise<void> {
  if (process.platform !== "win32" && isItsSocket(path, socket)) {
    await removeSocket(socket);
    const folder = dirname(socket);
    // Only where it is empty.
    if (folder !== dirname(path)) await rmdir(folder).catch(() => {});
  }
  await removeFile(path);
}

export async function removeSocket(path: string): Promise<void> {
  const info = await lstat(path).catch(() => undefined);
  if (info?.isSocket() === true) await removeFile(path);
}

/** A home that can't be written to (EACCES, EROFS) can still be read. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}

function isItsSocket(entry: string, socket: string): boolean {
  const beside = join(dirname(entry), `${basename(entry, ENTRY_SUFFIX)}${SOCKET_SUFFIX}`);
  return socket === beside || isTemporarySocket(socket);
}
