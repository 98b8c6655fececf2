// Where the sessions of a home folder are. Reads as little as it takes: every command that names a session comes by.
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import { isSessionId } from "../exchange/id.js";
import { MANIFEST_FILE, SESSIONS_FOLDER } from "./format.js";

/** @returns paths of the session folders of a home folder. Links are not followed. */
export async function sessionFolders(home: string): Promise<string[]> {
  const sessions = join(home, SESSIONS_FOLDER);
  try {
    const entries = await readdir(sessions, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && isSessionId(entry.name))
      .map((entry) => join(sessions, entry.name));
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return [];
    throw new TrafficError("HOME_UNUSABLE", `cannot read ${sessions}`, { cause });
  }
}

/** @returns the folder of the session that was started last. */
export async function newestSession(home: string): Promise<string | undefined> {
  let newest: { folder: string; createdAt: string } | undefined;
  for (const folder of await sessionFolders(home)) {
    const createdAt = (await createdAtOf(folder)) ?? (await madeAt(folder)).toISOString();
    if (newest === undefined || createdAt > newest.createdAt) newest = { folder, createdAt };
  }
  return newest?.folder;
}

/** When the folder was made: what a session without a manifest has. */
export async function madeAt(folder: string): Promise<Date> {
  const info = await lstat(folder);
  // Not every file system knows when something was made.
  return info.birthtimeMs > 0 ? info.birthtime : info.mtime;
}

/** Only this of the manifest: its schema takes 100 ms to load. */
async function createdAtOf(folder: string): Promise<string | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, MANIFEST_FILE), "utf8"));
    if (typeof value !== "object" || value === null || !("createdAt" in value)) return undefined;
    const { createdAt } = value;
    return typeof createdAt === "string" && TIME.test(createdAt) ? createdAt : undefined;
  } catch {
    return undefined;
  }
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
