// Waits until something may have changed in a folder: told by the file system where it does, else every half second.
import { type FSWatcher, watch } from "node:fs";

const POLL_MS = 500;

export class FolderChanges {
  readonly #watcher: FSWatcher | undefined;
  readonly #signal: AbortSignal | undefined;
  #changed = true;
  #wake: (() => void) | undefined;

  constructor(folder: string, signal?: AbortSignal) {
    this.#signal = signal;
    this.#watcher = this.#watch(folder);
    signal?.addEventListener("abort", this.#onChange);
  }

  /** Resolves at once when something has changed since the last time, or the signal has aborted. */
  async wait(): Promise<void> {
    if (!this.#changed && this.#signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#changed = false;
  }

  close(): void {
    this.#signal?.removeEventListener("abort", this.#onChange);
    this.#watcher?.close();
  }

  /** Network file systems, or too many watchers: then time has to tell. */
  #watch(folder: string): FSWatcher | undefined {
    try {
      return watch(folder, this.#onChange).on("error", () => {});
    } catch {
      return undefined;
    }
  }

  readonly #onChange = (): void => {
    this.#changed = true;
    this.#wake?.();
  };
}
