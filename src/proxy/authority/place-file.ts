// Small files put in place whole and exclusively, with the right mode from their first byte.
import { randomBytes } from "node:crypto";
import { chmod, link, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCode, TrafficError } from "../../errors.js";

const TEMPORARY = /^\.ca\.[0-9a-f]+\.tmp$/;
const OLD_MS = 60_000;
/** What link(2) says on a file system without hard links (FAT, some network and container mounts). */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Puts a file in place, unless there is one already.
 * @returns whether it was this call that did
 * @throws TrafficError CA_UNUSABLE, DISK_FULL
 */
export async function placeNew(path: string, content: string, mode: number): Promise<boolean> {
  const temporary = await writeTemporary(path, content, mode);
  try {
    await linkOrCreate(temporary, path, content, mode);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw unusable(path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function linkOrCreate(temporary: string, path: string, content: string, mode: number): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!NO_LINKS.has(systemCode(error) ?? "")) throw error;
    await createAndWrite(path, content, mode);
  }
}

/**
 * @returns the path of a new file beside `path`, on disk with its content
 * @throws TrafficError CA_UNUSABLE, DISK_FULL
 */
export async function writeTemporary(path: string, content: string, mode: number): Promise<string> {
  const temporary = join(dirname(path), `.ca.${randomBytes(8).toString("hex")}.tmp`);
  try {
    await createAndWrite(temporary, content, mode);
    return temporary;
  } catch (error) {
    await rm(temporary, { force: true });
    throw unusable(path, error);
  }
}

async function createAndWrite(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(content);
    // A link that outlives a power cut while the content does not would be an empty key.
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes what a killed process left: a second link to a key would outlive the key's deletion. */
export async function removeOldTemporaries(folder: string): Promise<void> {
  const names = await onDisk(folder, () => readdir(folder));
  for (const path of names.filter((name) => TEMPORARY.test(name)).map((name) => join(folder, name))) {
    const found = await stat(path).catch(() => undefined);
    // A young one may be in use by a process that makes the CA just now.
    if (found === undefined || Date.now() - found.mtimeMs < OLD_MS) continue;
    await onDisk(path, () => rm(path, { force: true }));
  }
}

/** @throws TrafficError CA_UNUSABLE when it is there and cannot be read */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw unusable(path, error);
  }
}

/** Takes the given permission bits away where they are set, and says so in a sentence. */
export async function closeToOthers(path: string, bits: number): Promise<string[]> {
  if (process.platform === "win32") return [];
  const { mode } = await onDisk(path, () => stat(path));
  if ((mode & bits) === 0) return [];
  const was = `${path} was open to other users (mode ${(mode & 0o777).toString(8)})`;
  try {
    await chmod(path, mode & 0o777 & ~bits);
    return [`${was}; it no longer is`];
  } catch {
    return [`${was}, and its mode could not be changed`];
  }
}

/** Runs one file operation; its failure as a TrafficError that names the path. */
export async function onDisk<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): TrafficError {
  const why = systemCode(cause) ?? String(cause);
  if (why === "ENOSPC" || why === "EDQUOT") {
    return new TrafficError("DISK_FULL", `no room to write ${path} (${why})`, {
      hint: "make room on that disk",
      cause,
    });
  }
  const hint = "check the rights on it, or choose another place with --home DIR";
  return new TrafficError("CA_UNUSABLE", `${path} cannot be used (${why})`, { hint, cause });
}
