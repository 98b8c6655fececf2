// One body written to a file of its own while it arrives: what has collected goes out in one writev while the next
// pieces come. Everything is asynchronous; opening and closing in this thread would save 10 of the about 70
// microseconds a 100 KB body costs, and stop all traffic on a slow disk.
import type { Backlog } from "./backlog.js";
import { createFile, type FileSystem, writeAll } from "./file-system.js";

export interface BodyFileOptions {
  readonly path: string;
  readonly fileSystem: FileSystem;
  readonly backlog: Backlog;
  /** Called once when the file could not be written any further. */
  readonly onFailure: (error: NodeJS.ErrnoException) => void;
  /** Called once when the file is closed (or could not be made) and all its bytes are on disk or lost. */
  readonly onClosed: () => void;
}

export class BodyFile {
  readonly #options: BodyFileOptions;
  #fd: number | undefined;
  #queue: Buffer[] = [];
  #queued = 0;
  #stored = 0;
  #busy = false;
  #ended = false;
  #discarded = false;
  #failed = false;
  #closed = false;

  constructor(options: BodyFileOptions) {
    this.#options = options;
  }

  /** Bytes that are on disk. */
  get stored(): number {
    return this.#stored;
  }

  /** Whether bytes were lost to a disk error. */
  get failed(): boolean {
    return this.#failed;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get discarded(): boolean {
    return this.#discarded;
  }

  write(chunk: Buffer): void {
    if (this.#failed || this.#ended) return;
    this.#queue.push(chunk);
    this.#queued += chunk.length;
    this.#options.backlog.add(chunk.length);
    if (!this.#busy) this.#step();
  }

  end(): void {
    this.#ended = true;
    if (!this.#busy) this.#step();
  }

  /** Removes the file, whatever state it is in. */
  discard(): void {
    this.#discarded = true;
    this.#forget();
    if (this.#closed) this.#options.fileSystem.unlink(this.#options.path, () => {});
    else this.end();
  }

  #step(): void {
    this.#busy = false;
    if (this.#closed) return;
    if (this.#queue.length > 0) {
      if (this.#fd === undefined) this.#open();
      else this.#write(this.#fd);
    } else if (this.#ended) this.#close();
  }

  #open(): void {
    this.#busy = true;
    createFile(this.#options.fileSystem, this.#options.path, "wx", (error, fd) => {
      if (error) return this.#fail(error);
      this.#fd = fd;
      this.#step();
    });
  }

  #write(fd: number): void {
    const batch = this.#queue;
    const bytes = this.#queued;
    this.#queue = [];
    this.#queued = 0;
    this.#busy = true;
    writeAll(this.#options.fileSystem, fd, batch, (error, written) => {
      this.#stored += written;
      this.#options.backlog.remove(bytes);
      if (error) this.#fail(error);
      else this.#step();
    });
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#failed = true;
    this.#forget();
    this.#options.onFailure(error);
    this.#step();
  }

  #forget(): void {
    this.#options.backlog.remove(this.#queued);
    this.#queue = [];
    this.#queued = 0;
  }

  #close(): void {
    const { fileSystem, path } = this.#options;
    this.#busy = true;
    const done = (): void => {
      this.#closed = true;
      this.#options.onClosed();
    };
    const finish = (): void => {
      if (this.#discarded) fileSystem.unlink(path, done);
      else done();
    };
    if (this.#fd === undefined) done();
    else fileSystem.close(this.#fd, finish);
  }
}
