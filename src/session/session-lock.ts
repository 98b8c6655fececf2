// Keeps two recoveries of one session apart, with a file that names the process that holds it.
import { readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import { FILE_MODE } from "./format.js";
import { isAlive, ownIdentity, type ProcessIdentity } from "./process-identity.js";

const LOCK_FILE = "recover.lock";

/** Runs `task` while nobody else holds the session. @throws SESSION_BUSY */
export async function withSessionLock<T>(folder: string, task: () => Promise<T>): Promise<T> {
  const path = join(folder, LOCK_FILE);
  if (!(await take(path))) {
    // Left by a recovery that died, or in use.
    const holder = await readHolder(path);
    if (holder !== undefined && (await isAlive(holder))) throw busy(folder, holder.pid);
    await unlink(path).catch(() => {});
    if (!(await take(path))) throw busy(folder);
  }
  try {
    return await task();
  } finally {
    await unlink(path).catch(() => {});
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(await ownIdentity()), { flag: "wx", mode: FILE_MODE });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof value !== "object" || value === null || !("pid" in value) || typeof value.pid !== "number") {
      return undefined;
    }
    const start = "start" in value && typeof value.start === "string" ? value.start : null;
    return { pid: value.pid, start };
  } catch {
    return undefined;
  }
}

function busy(folder: string, pid?: number): TrafficError {
  const who = pid === undefined ? "another process" : `process ${pid}`;
  return new TrafficError("SESSION_BUSY", `${who} is recovering ${folder}`, {
    hint: "wait until it has ended",
  });
}
