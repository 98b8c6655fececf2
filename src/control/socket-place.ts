// Where a control socket may be: a path that the system takes, in a folder that nobody else can enter.
import { randomBytes } from "node:crypto";
import { lstat, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface SocketPlace {
  readonly path: string;
  /** Takes away what was made for it. */
  remove(): Promise<void>;
}

/** sockaddr_un holds 104 bytes on macOS and the BSDs, 108 on Linux, the closing zero included. */
const MAX_SOCKET_PATH_BYTES = 103;

/**
 * In the folder of its own where the path is short enough there; else in a new folder of the system's for temporary
 * files. The next one is for a file system that has no sockets.
 * @param folder where the socket belongs, which is private; undefined where it can't be
 */
export async function* socketPlaces(folder: string | undefined, name: string): AsyncGenerator<SocketPlace> {
  if (process.platform === "win32") {
    yield { path: `\\\\.\\pipe\\trafficctl-${randomBytes(16).toString("hex")}`, remove: async () => {} };
    return;
  }
  if (folder !== undefined) {
    const path = join(folder, `${name}.sock`);
    if (fits(path)) yield { path, remove: () => rm(path, { force: true }) };
  }
  for (const parent of new Set([tmpdir(), "/tmp"])) {
    if (!fits(join(parent, "trafficctl-XXXXXX", "control.sock"))) continue;
    // mkdtemp(3): new, and 0700.
    const made = await mkdtemp(join(parent, "trafficctl-"));
    yield { path: join(made, "control.sock"), remove: () => rm(made, { recursive: true, force: true }) };
  }
}

/**
 * Whether a socket's folder is this user's and closed to all others. What is said over it is not for everyone, and a
 * folder for temporary files is open to whoever comes first after one was cleaned away.
 */
export async function isPrivate(folder: string): Promise<boolean> {
  const user = process.getuid?.();
  if (user === undefined) return true;
  const info = await lstat(folder).catch(() => undefined);
  if (info === undefined || !info.isDirectory() || (info.mode & 0o077) !== 0) return false;
  return info.uid === user || user === 0;
}

/** @param path of a socket as an entry names it */
export async function isTrusted(path: string): Promise<boolean> {
  return process.platform === "win32" || (await isPrivate(dirname(path)));
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;
}
