// Removes a session: the files a session is made of, one by one, and nothing else that may lie beside them.
import { lstat, readdir, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import { BODIES_FOLDER, EXCHANGES_FILE, MANIFEST_FILE } from "./format.js";
import { isIndexFile } from "./index/layout.js";

/** The manifest goes last: a deletion that was interrupted can be run again. */
const FILES = [
  `${EXCHANGES_FILE}.tmp`,
  EXCHANGES_FILE,
  "recover.lock",
  `${MANIFEST_FILE}.tmp`,
  MANIFEST_FILE,
];

/**
 * Links are removed, never followed.
 * @returns names of what was found in the folder besides the session, and stays there.
 * @throws IO_FAILED
 */
export async function deleteSessionFolder(folder: string): Promise<string[]> {
  try {
    await deleteBodies(join(folder, BODIES_FOLDER));
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (isIndexFile(entry.name) && !entry.isDirectory()) await unlinkIfThere(join(folder, entry.name));
    }
    for (const name of FILES) await unlinkIfThere(join(folder, name));
    const left = await readdir(folder);
    if (left.length === 0) await rmdir(folder);
    return left;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new TrafficError("IO_FAILED", `cannot delete ${folder}: ${message}`, { cause });
  }
}

async function deleteBodies(bodies: string): Promise<void> {
  const info = await lstat(bodies).catch(() => undefined);
  if (info === undefined) return;
  if (!info.isDirectory()) return await unlink(bodies);
  for (const entry of await readdir(bodies, { withFileTypes: true })) {
    if (!entry.isDirectory()) await unlinkIfThere(join(bodies, entry.name));
  }
  await rmdir(bodies).catch((error: unknown) => {
    // A folder of someone else's in it stays.
    if (systemCode(error) !== "ENOTEMPTY") throw error;
  });
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
