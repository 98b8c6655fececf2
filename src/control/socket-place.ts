// Where a control socket may be: a path that the system takes, in a folder that nobody else can enter.
import { randomBytes } from "node:crypto";
import { lstat, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

export interface SocketPlace {
  readonly path: string;
  /** Takes away what was made for it. */
  remove(): Promise<void>;
}

/** sockaddr_un holds 104 bytes on macOS and the BSDs, 108 on Linux, the closing zero included. */
const MAX_SOCKET_PATH_BYTES = 103;

export const SOCKET_SUFFIX = ".sock";
const TEMPORARY_PREFIX = "trafficctl-";
const TEMPORARY_NAME = "control.sock";

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
    const path = join(folder, `${name}${SOCKET_SUFFIX}`);
    if (fits(path)) yield { path, remove: () => rm(path, { force: true }) };
  }
  for (const parent of new Set([tmpdir(), "/tmp"])) {
    if (!fits(join(parent, `${TEMPORARY_PREFIX}XXXXXX`, TEMPORARY_NAME))) continue;
    // mkdtemp(3): new, and 0700.
    const made = await mkdtemp(join(parent, TEMPORARY_PREFIX));
    yield { path: join(made, TEMPORARY_NAME), remove: () => rm(made, { recursive: true, force: true }) };
  }
}

/** Whether a path is of a socket in a folder that was made for it. */
export function isTemporarySocket(path: string): boolean {
  return basename(path) === TEMPORARY_NAME && /^trafficctl-[A-Za-z0-9]{6}$/.test(basename(dirname(path)));
}

/**
 * Whether a folder is this user's and closed to all others. What is said over a socket is not for everyone.
 * @param owner of the home, whose folders root takes for its own
 */
export async function isPrivate(folder: string, owner?: number): Promise<boolean> {
  const user = process.getuid?.();
  if (user === undefined) return true;
  const info = await lstat(folder).catch(() => undefined);
  if (info === undefined || !info.isDirectory() || (info.mode & 0o077) !== 0) return false;
  return info.uid === user || (user === 0 && info.uid === (owner ?? info.uid));
}

/**
 * A folder for temporary files is open to whoever comes first after one was cleaned away: a socket there is trusted in a
 * folder of the user's own, or of whoever owns the entry that names it.
 * @param path of a socket as an entry names it @param folder that the entry is in
 */
export async function isTrusted(path: string, folder: string): Promise<boolean> {
  if (process.platform === "win32") return true;
  const owner = await lstat(folder).catch(() => undefined);
  return owner !== undefined && (await isPrivate(dirname(path), owner.uid));
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;
}
