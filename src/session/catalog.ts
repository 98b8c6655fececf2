// What sessions there are, and in which state. Reads only: a recording may be under way in another process.
import { lstat } from "node:fs/promises";
import { basename, join } from "node:path";
import { bodiesSize, fileSize } from "./disk-size.js";
import { EXCHANGES_FILE, MANIFEST_FILE } from "./format.js";
import { countLines } from "./line-count.js";
import { NO_COUNTS } from "./manifest.js";
import { type Manifest, readManifest, type SessionCounts } from "./manifest-schema.js";
import { isAlive } from "./process-identity.js";
import { madeAt, sessionFolders } from "./session-folders.js";

/** `crashed`: the recorder is gone and has not said goodbye; `recover` completes such a session. */
export type SessionState = "recording" | "stopped" | "crashed";

export interface SessionInfo {
  /** The folder's name. */
  readonly id: string;
  readonly path: string;
  readonly state: SessionState;
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly counts: SessionCounts;
  /** Bytes of an unfinished last line; with `recording` one that is being written. */
  readonly tornBytes: number;
  /** Absent where it is missing or damaged; `problem` says which. */
  readonly manifest?: Manifest;
  readonly problem?: string;
}

/** A recorder writes its manifest within milliseconds of making the folder. */
const STARTING_MS = 5000;
/** Sessions looked at side by side. */
const PARALLEL = 8;

/** @returns the sessions of a home folder, oldest first; none where there is no such folder. */
export async function listSessionInfos(home: string): Promise<SessionInfo[]> {
  const folders = await sessionFolders(home);
  const infos: SessionInfo[] = [];
  for (let i = 0; i < folders.length; i += PARALLEL) {
    infos.push(...(await Promise.all(folders.slice(i, i + PARALLEL).map((folder) => sessionInfo(folder)))));
  }
  return infos.sort((a, b) => compare(a.createdAt, b.createdAt) || compare(a.id, b.id));
}

/** @param folder of a session; counts are read off its lines unless its manifest has the final ones. */
export async function sessionInfo(folder: string): Promise<SessionInfo> {
  const { manifest, problem } = await tryManifest(folder);
  const facts = { id: basename(folder), path: folder };
  const createdAt = manifest?.createdAt ?? (await madeAt(folder)).toISOString();
  const known = manifest === undefined ? {} : { manifest };
  const trouble = problem === undefined ? {} : { problem };
  const state = await sessionState(folder, manifest);
  if (manifest !== undefined && state === "stopped") {
    const { endedAt, counts } = manifest;
    return { ...facts, ...known, state, createdAt, endedAt, counts, tornBytes: 0 };
  }
  const { tornBytes, ...lines } = await countLines(join(folder, EXCHANGES_FILE));
  const bytes = lines.bytes + (await bodiesSize(folder));
  const counts = { ...lines, bytes, dropped: manifest?.counts.dropped ?? NO_COUNTS.dropped };
  return { ...facts, ...known, ...trouble, state, createdAt, endedAt: null, counts, tornBytes };
}

/** @param manifest undefined where there is none that can be read. */
export async function sessionState(folder: string, manifest: Manifest | undefined): Promise<SessionState> {
  if (manifest === undefined) {
    const hasManifest = (await fileSize(join(folder, MANIFEST_FILE))) > 0;
    return !hasManifest && Date.now() - (await lstat(folder)).mtimeMs < STARTING_MS ? "recording" : "crashed";
  }
  if (manifest.endedAt !== null) return "stopped";
  return (await isAlive(manifest.process)) ? "recording" : "crashed";
}

async function tryManifest(folder: string): Promise<{ manifest?: Manifest; problem?: string }> {
  try {
    const manifest = await readManifest(folder);
    return manifest === undefined ? { problem: "it has no manifest" } : { manifest };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
