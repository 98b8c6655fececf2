// Appends lines to a file in batches: one asynchronous write at a time, at the latest 25 ms after a line came.
// Lines are encoded into a buffer as they come, which costs a fifth of joining strings and encoding the batch.
import type { Backlog } from "./backlog.js";
import { type FileSystem, writeAll } from "./file-system.js";
import { FILE_MODE } from "./format.js";

/** With the write itself, well inside the 100 ms that a `kill -9` may cost. */
const DELAY_MS = 25;
const BUFFER_SIZE = 256 * 1024;
const SPARE_BUFFERS = 2;
const NEWLINE = 10;

export interface LineLogOptions {
  readonly path: string;
  /** Of `path`, opened for appending. */
  readonly fd: number;
  readonly fileSystem: FileSystem;
  readonly backlog: Backlog;
  /** Called once; `lost` lines that had been appended are not in the file. Nothing is written afterwards. */
  readonly onFailure: (error: NodeJS.ErrnoException, lost: number) => void;
}

export class LineLog {
  readonly #options: LineLogOptions;
  #fd: number;
  /** Bytes in the file. */
  #size = 0;
  #active: Buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE);
  #used = 0;
  #sealed: Buffer[] = [];
  readonly #spare: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The timer fired while a write was under way. */
  #due = false;
  #busy = false;
  #failed = false;
  #rewrite: (() => Promise<number>) | undefined;
  #idle: (() => void)[] = [];

  constructor(options: LineLogOptions) {
    this.#options = options;
    this.#fd = options.fd;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** @param line ends in a newline. @returns its bytes, or 0 when the log has failed. */
  append(line: string): number {
    if (this.#failed) return 0;
    // Three bytes a character is UTF-8's most; only a long line is measured.
    if (line.length * 3 > this.#active.length - this.#used) this.#makeRoom(line);
    const bytes = this.#active.write(line, this.#used, "utf8");
    this.#used += bytes;
    this.#options.backlog.add(bytes);
    if (this.#timer === undefined && !this.#due) this.#timer = setTimeout(this.#onTimer, DELAY_MS);
    return bytes;
  }

  /** Resolves when every line so far is in the file, or is lost. */
  flush(): Promise<void> {
    this.#start();
    if (!this.#busy) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /**
   * Lets `task` put another file in the log's place while lines that come meanwhile wait in memory.
   * @param task returns the size of the new file. When it throws, the log goes on with the old one.
   */
  rewrite(task: () => Promise<number>): void {
    this.#rewrite = task;
    this.#start();
  }

  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    this.#failed = true;
    await new Promise<void>((resolve) => this.#options.fileSystem.close(this.#fd, () => resolve()));
  }

  #makeRoom(line: string): void {
    const length = Buffer.byteLength(line);
    if (length <= this.#active.length - this.#used) return;
    this.#seal();
    if (length > this.#active.length) this.#active = Buffer.allocUnsafeSlow(length);
    this.#start();
  }

  #seal(): void {
    if (this.#used === 0) return;
    this.#sealed.push(this.#active.subarray(0, this.#used));
    this.#active = this.#spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_SIZE);
    this.#used = 0;
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#due = true;
    this.#start();
  };

  #start(): void {
    if (this.#busy || this.#failed) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = false;
    this.#seal();
    if (this.#sealed.length > 0) this.#write();
    else if (this.#rewrite !== undefined) this.#replace(this.#rewrite);
    else this.#reportIdle();
  }

  #write(): void {
    const batch = this.#sealed;
    this.#sealed = [];
    this.#busy = true;
    writeAll(this.#options.fileSystem, this.#fd, batch, (error, written) => {
      this.#size += written;
      this.#options.backlog.remove(totalLength(batch));
      if (error) return this.#fail(error, batch, written);
      for (const buffer of batch) this.#recycle(buffer);
      this.#next();
    });
  }

  /** Goes on at once only when something is due: a batch for every write that ends would be mostly small ones. */
  #next(): void {
    this.#busy = false;
    const due = this.#due || this.#sealed.length > 0 || this.#rewrite !== undefined || this.#idle.length > 0;
    if (due) this.#start();
  }

  #recycle(buffer: Buffer): void {
    if (buffer.buffer.byteLength === BUFFER_SIZE && this.#spare.length < SPARE_BUFFERS) {
      this.#spare.push(Buffer.from(buffer.buffer));
    }
  }

  #replace(task: () => Promise<number>): void {
    this.#rewrite = undefined;
    this.#busy = true;
    task().then(
      (size) => {
        const { fileSystem, path } = this.#options;
        fileSystem.open(path, "a", FILE_MODE, (error, fd) => {
          if (error) return this.#fail(error, [], 0);
          fileSystem.close(this.#fd, () => {});
          this.#fd = fd;
          this.#size = size;
          this.#next();
        });
      },
      () => this.#next(),
    );
  }

  /** Cuts off the line that was written in part, so that the file holds whole lines only. */
  #fail(error: NodeJS.ErrnoException, batch: readonly Buffer[], written: number): void {
    this.#seal();
    const waiting = this.#sealed;
    this.#sealed = [];
    this.#options.backlog.remove(totalLength(waiting));
    const bytes = Buffer.concat(batch);
    const whole = written === 0 ? 0 : bytes.lastIndexOf(NEWLINE, written - 1) + 1;
    const lost = countLines(bytes.subarray(whole)) + waiting.reduce((sum, part) => sum + countLines(part), 0);
    this.#failed = true;
    this.#options.fileSystem.ftruncate(this.#fd, this.#size - (written - whole), () => {
      this.#busy = false;
      this.#options.onFailure(error, lost);
      this.#reportIdle();
    });
  }

  #reportIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function totalLength(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
