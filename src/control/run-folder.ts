// The folder in which running proxies say where they are: `<home>/run`, one entry each. An entry's name is never used
// twice, so that cleaning up one that was left behind can't hit another.
import { randomBytes } from "node:crypto";
import { chmod, lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isPrivate } from "./socket-place.js";

const RUN_FOLDER = "run";
export const ENTRY_VERSION = 1;
export const ENTRY_SUFFIX = ".json";

/** What a running proxy tells about itself. */
export interface EntryFacts {
  readonly session: string;
  readonly sessionPath: string;
  readonly pid: number;
  /** Names this very run of the process (session/process-identity); null where the platform does not tell. */
  readonly start: string | null;
  readonly version: string;
  /** Where the proxy listens. */
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

export function runFolder(home: string): string {
  return join(home, RUN_FOLDER);
}

/** Makes the folder where it is missing, and closes it to others; a file system may have no way to do that. */
export async function privateRunFolder(
  home: string,
): Promise<{ path: string; name: string; isPrivate: boolean }> {
  const path = runFolder(home);
  await mkdir(path, { recursive: true, mode: 0o700 });
  // Through a link it would close a folder of another use.
  const isFolder = (await lstat(path)).isDirectory();
  if (isFolder && !(await isPrivate(path))) await chmod(path, 0o700).catch(() => {});
  // No session's name: that may be longer than a socket's whole path.
  return { path, name: randomBytes(6).toString("hex"), isPrivate: await isPrivate(path) };
}

export async function writeEntry(
  { path, name }: { readonly path: string; readonly name: string },
  facts: EntryFacts & { readonly socket: string },
): Promise<{ remove(): Promise<void> }> {
  const file = join(path, `${name}${ENTRY_SUFFIX}`);
  const entry = { v: ENTRY_VERSION, machine: hostname(), ...facts };
  await writeFile(file, `${JSON.stringify(entry)}\n`, { flag: "wx", mode: 0o600 });
  return { remove: () => rm(file, { force: true }) };
}
