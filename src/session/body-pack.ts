// One append-only file for the middle-sized bodies of a session. A file of its own for each would cost more than the
// whole exchange: creating, closing and naming one took 50 to 200 microseconds on ext4, appending 100 KB takes 40.
import type { Backlog } from "./backlog.js";
import { createFile, type FileSystem, writeAll } from "./file-system.js";
import type { StoredFile } from "./line-order.js";

export interface BodyPackOptions {
  readonly path: string;
  readonly fileSystem: FileSystem;
  readonly backlog: Backlog;
  /** Called once when the pack could not be written any further. */
  readonly onFailure: (error: NodeJS.ErrnoException) => void;
}

/** One body in the pack. */
export interface PackedBody extends StoredFile {
  readonly offset: number;
}

interface Entry {
  readonly offset: number;
  readonly buffers: readonly Buffer[];
  readonly bytes: number;
  readonly onSettled: () => void;
  stored: number;
  failed: boolean;
  closed: boolean;
}

export class BodyPack {
  readonly #options: BodyPackOptions;
  #fd: number | undefined;
  #queue: Entry[] = [];
  #end = 0;
  #busy = false;
  #failed = false;
  #onClosed: (() => void) | undefined;

  constructor(options: BodyPackOptions) {
    this.#options = options;
  }

  /** @param onSettled called once, when the bytes are on disk or lost. */
  append(buffers: readonly Buffer[], bytes: number, onSettled: () => void): PackedBody {
    const entry: Entry = {
      offset: this.#end,
      buffers,
      bytes,
      onSettled,
      stored: 0,
      failed: false,
      closed: false,
    };
    this.#end += bytes;
    this.#options.backlog.add(bytes);
    this.#queue.push(entry);
    if (!this.#busy) this.#step();
    return asStoredFile(entry);
  }

  /** Resolves when everything is written and the file is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#onClosed = resolve;
      if (!this.#busy) this.#step();
    });
  }

  #step(): void {
    this.#busy = false;
    if (this.#queue.length === 0) {
      if (this.#onClosed !== undefined) this.#closeFile(this.#onClosed);
    } else if (this.#failed) this.#lose(this.#queue.splice(0));
    else if (this.#fd === undefined) this.#open();
    else this.#write(this.#fd);
  }

  #open(): void {
    this.#busy = true;
    createFile(this.#options.fileSystem, this.#options.path, "ax", (error, fd) => {
      if (error) return this.#fail(error);
      this.#fd = fd;
      this.#step();
    });
  }

  #write(fd: number): void {
    const batch = this.#queue;
    this.#queue = [];
    this.#busy = true;
    writeAll(
      this.#options.fileSystem,
      fd,
      batch.flatMap(({ buffers }) => buffers),
      (error) => {
        if (error) {
          this.#lose(batch);
          this.#fail(error);
          return;
        }
        for (const entry of batch) this.#settle(entry, entry.bytes);
        this.#step();
      },
    );
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#failed = true;
    this.#options.onFailure(error);
    this.#step();
  }

  #lose(entries: readonly Entry[]): void {
    for (const entry of entries) {
      entry.failed = true;
      this.#settle(entry, 0);
    }
    if (!this.#busy) this.#step();
  }

  #settle(entry: Entry, stored: number): void {
    entry.stored = stored;
    entry.closed = true;
    this.#options.backlog.remove(entry.bytes);
    entry.onSettled();
  }

  #closeFile(done: () => void): void {
    this.#onClosed = undefined;
    if (this.#fd === undefined) done();
    else this.#options.fileSystem.close(this.#fd, () => done());
  }
}

function asStoredFile(entry: Entry): PackedBody {
  return {
    offset: entry.offset,
    get stored() {
      return entry.stored;
    },
    get failed() {
      return entry.failed;
    },
    get closed() {
      return entry.closed;
    },
    discarded: false,
    // It is whole when it is appended, and what is appended stays.
    end: () => {},
    discard: () => {},
  };
}
