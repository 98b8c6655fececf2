// Watches rule files and the files that they name: a saved file is applied at once, a broken one reported.
import { type FSWatcher, watch } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { TrafficError, toTrafficError } from "../errors.js";
import { loadRules, RulesInvalid } from "./load.js";
import type { RuleSet } from "./types.js";

/** Editors save in several steps, and some truncate first. */
const SETTLE_MS = 50;

export interface RuleWatch {
  /** Another set, in place of the one before. */
  loaded(set: RuleSet): void;
  /** The files are wrong, or gone: the set before stays. */
  failed(error: TrafficError): void;
}

/**
 * @param paths of the rule files; `loaded` is not called for what `set` has
 * @param set as loaded from them before
 */
export async function watchRules(
  paths: readonly string[],
  set: RuleSet,
  callbacks: RuleWatch,
): Promise<{ close(): void }> {
  const watcher = new RuleWatcher(paths, callbacks);
  await watcher.start(set.files);
  return watcher;
}

class RuleWatcher {
  readonly #paths: readonly string[];
  readonly #callbacks: RuleWatch;
  /** By folder. */
  readonly #watchers = new Map<string, FSWatcher>();
  /** By folder, the names in it that matter: files, and folders on the way to them, which may be made anew as well. */
  #names: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #files: ReadonlySet<string> = new Set();
  #stamp = "";
  #timer: NodeJS.Timeout | undefined;
  #loading = false;
  #again = false;
  #closed = false;

  constructor(paths: readonly string[], callbacks: RuleWatch) {
    this.#paths = paths;
    this.#callbacks = callbacks;
  }

  async start(files: readonly string[]): Promise<void> {
    await this.#watch(files);
    this.#stamp = await stampOf(this.#files);
    // What was saved between loading and watching would be missed.
    this.#changed();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #changed(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#reload(), SETTLE_MS);
  }

  async #reload(): Promise<void> {
    if (this.#loading) {
      this.#again = true;
      return;
    }
    this.#loading = true;
    try {
      await this.#loadIfChanged();
    } catch (error) {
      if (!this.#closed) this.#callbacks.failed(toTrafficError(error, "IO_FAILED"));
    } finally {
      this.#loading = false;
    }
    if (this.#again) {
      this.#again = false;
      this.#changed();
    }
  }

  async #loadIfChanged(): Promise<void> {
    await this.#watchFolders();
    const stamp = await stampOf(this.#files);
    if (stamp === this.#stamp || this.#closed) return;
    this.#stamp = stamp;
    const outcome = await loadRules(this.#paths).catch((error: unknown) =>
      toTrafficError(error, "IO_FAILED"),
    );
    if (this.#closed) return;
    const failed = outcome instanceof TrafficError;
    // Of files that could not be read whole, those of the set before may be what is put right.
    const files = !failed
      ? outcome.files
      : outcome instanceof RulesInvalid
        ? [...this.#files, ...outcome.files]
        : [...this.#files];
    await this.#watch(files);
    if (this.#closed) return;
    // Files that are new here have no place in the stamp yet, and may have changed while they were read.
    const now = await stampOf(this.#files, stamp);
    if (now !== stamp) this.#again = true;
    if (failed) this.#callbacks.failed(outcome);
    else this.#callbacks.loaded(outcome);
  }

  async #watch(files: readonly string[]): Promise<void> {
    const named = [...this.#paths.map((path) => resolve(path)), ...files];
    // A link's target changes in a folder of its own.
    const real = await Promise.all(named.map((path) => realpath(path).catch(() => path)));
    if (this.#closed) return;
    this.#files = new Set([...named, ...real]);
    const names = new Map<string, Set<string>>();
    for (const file of this.#files) {
      for (let path = file; dirname(path) !== path; path = dirname(path)) {
        const folder = dirname(path);
        names.set(folder, (names.get(folder) ?? new Set()).add(basename(path)));
      }
    }
    this.#names = names;
    await this.#watchFolders();
  }

  /** Those that are there now: each one on the way, as a checkout or a deployment makes them anew. */
  async #watchFolders(): Promise<void> {
    const folders = await Promise.all(
      [...this.#names.keys()].map(async (folder) => [folder, await isFolder(folder)] as const),
    );
    if (this.#closed) return;
    for (const folder of this.#watchers.keys()) if (!this.#names.has(folder)) this.#forget(folder);
    for (const [folder, isThere] of folders) {
      if (isThere && !this.#watchers.has(folder)) this.#watchFolder(folder);
    }
  }

  /** The folder, not the file: editors put another file in its place. */
  #watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name !== null && !this.#names.get(folder)?.has(name)) return;
        // What was watched by that name may be another folder now.
        if (name !== null) this.#forget(join(folder, name));
        this.#changed();
      });
      this.#watchers.set(folder, watcher);
      watcher.on("error", () => {
        watcher.close();
        if (this.#watchers.get(folder) === watcher) this.#watchers.delete(folder);
      });
    } catch {
      // Gone again, or not to be read: what is below it may be watched nevertheless.
    }
  }

  /** A folder and what is below it. */
  #forget(folder: string): void {
    for (const [path, watcher] of this.#watchers) {
      if (path !== folder && !path.startsWith(folder + sep)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}

/** Changes when one of the files does. */
async function stampOf(files: ReadonlySet<string>, before?: string): Promise<string> {
  const known =
    before === undefined ? undefined : new Set(before.split("\n").map((line) => line.split("\t", 1)[0]));
  const lines = await Promise.all(
    [...files].sort().map(async (path) => {
      if (known !== undefined && !known.has(path)) return "";
      const stats = await stat(path).catch(() => undefined);
      return stats === undefined
        ? `${path}\tmissing`
        : [path, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join("\t");
    }),
  );
  return lines.filter((line) => line !== "").join("\n");
}
