// Finds the proxies that run: by their entries, and by whether anyone listens. Entries whose proxy is gone are removed.
import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import net from "node:net";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { systemCode, TrafficError } from "../errors.js";
import { removeEntry, removeFile, removeSocket } from "./leftovers.js";
import { ENTRY_SUFFIX, ENTRY_VERSION, type EntryFacts, runFolder } from "./run-folder.js";
import { isTrusted, SOCKET_SUFFIX } from "./socket-place.js";

/** Where to look, and what tells whether a process still runs. */
export interface ControlHome {
  /** The home folder, as resolveHome gives it. */
  readonly home: string;
  readonly isAlive: (process: { readonly pid: number; readonly start: string | null }) => Promise<boolean>;
}

export interface ProxyEntry extends EntryFacts {
  readonly socket: string;
}

const entrySchema = z.object({
  v: z.literal(ENTRY_VERSION),
  machine: z.string(),
  session: z.string(),
  sessionPath: z.string(),
  pid: z.number().int().positive(),
  start: z.string().nullable(),
  version: z.string(),
  url: z.string(),
  startedAt: z.string(),
  socket: z.string(),
});

/** Long enough for an entry to be written, and for what listens to write it. */
const NEW_MS = 60_000;
const CONNECT_LIMIT_MS = 1_000;

/** @returns those that listen, the oldest first. @throws TrafficError HOME_UNUSABLE */
export async function runningProxies(where: ControlHome): Promise<ProxyEntry[]> {
  const folder = runFolder(where.home);
  const files = await readdir(folder, { withFileTypes: true }).catch((cause: unknown): Dirent[] => {
    if (systemCode(cause) === "ENOENT") return [];
    throw new TrafficError("HOME_UNUSABLE", `cannot read ${folder} (${systemCode(cause)})`, { cause });
  });
  // Nothing else is opened: a pipe would never be read to its end.
  const names = files.filter((file) => file.isFile() || file.isSocket()).map(({ name }) => name);
  const entries = files.filter((file) => file.isFile() && file.name.endsWith(ENTRY_SUFFIX));
  const found = await Promise.all(entries.map(({ name }) => inspect(join(folder, name), where)));
  const orphans = names.filter((name) => isOrphan(name, names)).map((name) => join(folder, name));
  await Promise.all(orphans.map(removeOrphan));
  return found
    .filter((entry) => entry !== undefined)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt) || a.session.localeCompare(b.session));
}

/**
 * @param reference a session's name, a beginning of one that no other running one has, `last`, or the path of its
 * folder; undefined: the only one that runs
 * @throws TrafficError NOT_RUNNING, SESSION_AMBIGUOUS
 */
export function chooseProxy(running: readonly ProxyEntry[], reference: string | undefined): ProxyEntry {
  if (reference === undefined) {
    if (running.length > 1) throw ambiguous(`${running.length} proxies are running`, running);
    return running[0] ?? notRunning("no proxy is running", running);
  }
  if (reference === "last") return running.at(-1) ?? notRunning("no proxy is running", running);
  const exact = running.filter(
    ({ session, sessionPath }) => session === reference || sessionPath === resolve(reference),
  );
  // Two of one name: the first one's session was deleted under it, and the name taken anew.
  if (exact.length > 0) return exact.at(-1)!;
  const begun = reference === "" ? [] : running.filter(({ session }) => session.startsWith(reference));
  if (begun.length > 1) throw ambiguous(`${begun.length} running sessions begin with '${reference}'`, begun);
  return begun[0] ?? notRunning(`no proxy is recording session '${reference}'`, running);
}

/** @returns the entry of a proxy that listens; what was left behind is removed. */
async function inspect(path: string, where: ControlHome): Promise<ProxyEntry | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const value = parseJson(text);
  if (value === undefined) {
    // Torn by a crash; a new one is still being written.
    if (await isOld(path)) await removeFile(path);
    return undefined;
  }
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success || !(await isTrusted(parsed.data.socket, dirname(path)))) {
    if (parsed.success && (await isGone(parsed.data, where))) await removeFile(path);
    return undefined;
  }
  const entry = parsed.data;
  if (await isListening(entry.socket)) return entry;
  if (await isGone(entry, where)) await removeEntry(path, entry.socket);
  return undefined;
}

/** A process of another machine that shares the home can't be seen from here. */
async function isGone(entry: z.infer<typeof entrySchema>, { isAlive }: ControlHome): Promise<boolean> {
  return entry.machine === hostname() && !(await isAlive(entry));
}

/** A socket whose server died before it had written its entry. */
function isOrphan(name: string, names: readonly string[]): boolean {
  return name.endsWith(SOCKET_SUFFIX) && !names.includes(`${basename(name, SOCKET_SUFFIX)}${ENTRY_SUFFIX}`);
}

async function removeOrphan(path: string): Promise<void> {
  if ((await isOld(path)) && !(await isListening(path))) await removeSocket(path);
}

async function isOld(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > NEW_MS;
}

/** A process that is suspended, or has too many waiting, still listens. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    const done = (answer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done(true), CONNECT_LIMIT_MS);
    socket.once("connect", () => done(true));
    socket.once("error", (error) =>
      done(!["ECONNREFUSED", "ENOENT", "ENOTSOCK"].includes(systemCode(error) ?? "")),
    );
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notRunning(problem: string, running: readonly ProxyEntry[]): never {
  throw new TrafficError("NOT_RUNNING", problem, {
    hint:
      running.length === 0
        ? "`trafficctl record` starts one"
        : `running: ${running.map(({ session }) => session).join(", ")}`,
  });
}

function ambiguous(problem: string, candidates: readonly ProxyEntry[]): TrafficError {
  return new TrafficError("SESSION_AMBIGUOUS", problem, {
    hint: `name one: ${candidates.map(({ session }) => session).join(", ")}`,
  });
}
