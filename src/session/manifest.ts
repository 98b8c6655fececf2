// Writing the manifest: what a session is, apart from its lines. Whole, when recording starts and when it stops.
import { open, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../errors.js";
import { FILE_MODE, MANIFEST_FILE } from "./format.js";
import type { Manifest, SessionCounts } from "./manifest-schema.js";

export type { Json, Manifest, RecordingStop, SessionCounts } from "./manifest-schema.js";

export const NO_COUNTS: SessionCounts = { exchanges: 0, messages: 0, errors: 0, bytes: 0, dropped: 0 };

/** Replaces the manifest in one step: a reader sees the old one or the new one. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const path = join(folder, MANIFEST_FILE);
  const temporary = `${path}.tmp`;
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  try {
    await writeFile(temporary, text, { mode: FILE_MODE });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    if (systemCode(error) !== "ENOSPC" && systemCode(error) !== "EDQUOT") throw error;
    await overwrite(path, text);
  }
}

/** On a full disk there is no room for a second file, but the old one's block takes the new text. */
async function overwrite(path: string, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  const file = await open(path, "r+");
  try {
    await file.write(bytes, 0, bytes.length, 0);
    await file.truncate(bytes.length);
  } finally {
    await file.close();
  }
}
