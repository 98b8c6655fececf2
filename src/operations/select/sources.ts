// What a person names as the place of exchanges: sessions by name, `last`, `all`, session folders, logs, HAR files.
import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { TrafficError } from "../../errors.js";
import { findSession, isPath } from "../../session/find-session.js";
import { EXCHANGES_FILE, MANIFEST_FILE } from "../../session/format.js";
import { openRows, type RowsOptions } from "../../session/index/open-rows.js";
import type { Rows } from "../../session/rows.js";
import { sessionFolders } from "../../session/session-folders.js";

/** A place that exchanges are read from. */
export interface Source {
  /** What a person calls it: a session's name, or the path as it was given. */
  readonly label: string;
  /** Of the file that holds the exchanges; absolute. */
  readonly path: string;
  /** The session's folder; null where it is not a session's log. */
  readonly folder: string | null;
  open(options?: RowsOptions): Promise<Rows>;
}

export interface SourcesInput {
  /** As resolveHome gives it. */
  readonly home: string;
  /** Each a session's name, a unique beginning of one, `last`, `all`, or a path. */
  readonly sources: readonly string[];
  /** Opens a HAR file, `.har` or `.har.gz`. */
  readonly openHar?: (path: string, options: RowsOptions) => Promise<Rows>;
}

/**
 * @returns the sources in the order in which they were named, each once.
 * @throws SESSION_NOT_FOUND, SESSION_AMBIGUOUS, FILE_NOT_FOUND, HOME_UNUSABLE
 */
export async function findSources(input: SourcesInput): Promise<Source[]> {
  const found = new Map<string, Source>();
  for (const reference of input.sources) {
    for (const source of await sourcesOf(input, reference)) {
      if (!found.has(source.path)) found.set(source.path, source);
    }
  }
  return [...found.values()];
}

async function sourcesOf(input: SourcesInput, reference: string): Promise<Source[]> {
  if (reference === "all") {
    const folders = await sessionFolders(input.home);
    return folders.sort().map((folder) => sessionSource(folder, basename(folder)));
  }
  const isHar = /\.(?:har|har\.gz|zhar|zip)$/i.test(reference);
  if (isHar || /\.jsonl$/i.test(reference)) {
    const path = await fileAt(reference);
    return [isHar ? harSource(path, reference, input) : await logSource(path, reference)];
  }
  const folder = await findSession(input.home, reference);
  if (isPath(reference)) return [await logSource(join(folder, EXCHANGES_FILE), reference)];
  return [sessionSource(folder, basename(folder))];
}

async function fileAt(reference: string): Promise<string> {
  const path = resolve(reference);
  try {
    // A pipe would be read once only, and exchanges are read again for what is shown of them.
    if ((await stat(path)).isFile()) return await realpath(path);
  } catch (cause) {
    const hint = "sessions are named without an ending; `trafficctl sessions list` names them";
    throw new TrafficError("FILE_NOT_FOUND", `there is no file ${reference}`, { hint, cause });
  }
  throw new TrafficError("FILE_NOT_FOUND", `${reference} is not a file`);
}

function sessionSource(folder: string, label: string): Source {
  const path = join(folder, EXCHANGES_FILE);
  return { label, path, folder, open: (options) => openRows(path, options) };
}

/** An index is put beside a session's own log only: elsewhere a file of that name may be someone's. */
async function logSource(path: string, label: string): Promise<Source> {
  const folder = dirname(path);
  const manifest = await lstat(join(folder, MANIFEST_FILE)).catch(() => undefined);
  if (basename(path) === EXCHANGES_FILE && manifest?.isFile() === true) return sessionSource(folder, label);
  return { label, path, folder: null, open: (options) => openRows(path, { ...options, keepsIndex: false }) };
}

function harSource(path: string, label: string, { openHar }: SourcesInput): Source {
  if (openHar === undefined) throw new TrafficError("USAGE", `${label}: HAR files can't be read here`);
  return { label, path, folder: null, open: (options = {}) => openHar(path, options) };
}
