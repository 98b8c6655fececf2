// What a session's files take, by their sizes.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { BODIES_FOLDER, EXCHANGES_FILE, MANIFEST_FILE } from "./format.js";
import { INDEX_FILE } from "./index/layout.js";

/** Bytes of every file of a session. */
export async function diskUse(folder: string): Promise<number> {
  const names = [MANIFEST_FILE, EXCHANGES_FILE, INDEX_FILE];
  const own = await Promise.all(names.map((name) => fileSize(join(folder, name))));
  return own.reduce((sum, size) => sum + size, await bodiesSize(folder));
}

/** Bytes of a session's body files. */
export async function bodiesSize(folder: string): Promise<number> {
  const bodies = join(folder, BODIES_FOLDER);
  const names = await readdir(bodies).catch(() => []);
  let total = 0;
  for (const name of names) total += await fileSize(join(bodies, name));
  return total;
}

/** @returns 0 for a file that is not there. */
export async function fileSize(path: string): Promise<number> {
  return lstat(path).then(
    (info) => info.size,
    () => 0,
  );
}
