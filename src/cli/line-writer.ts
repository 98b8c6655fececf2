// Writes many lines to stdout or stderr without ever stopping the process for a slow reader: process.stdout blocks on a
// pipe that nobody reads, and with it every connection. Lines collect for a moment and leave in one asynchronous write.
import { write } from "node:fs";
import { systemCode } from "../errors.js";

/** Lines wait this long for more; a person does not see it, and at 10,000 exchanges/s it saves as many system calls. */
const COLLECT_MS = 5;
/** A reader that is this far behind loses lines: they are counted. The session has everything all the same. */
const MAX_WAITING = 16 * 1024 * 1024;
const RETRY_MS = 10;

export interface LineWriterOptions {
  /** 1 or 2. */
  readonly fd: number;
  /** The reader has gone (EPIPE); nothing more will be written. */
  readonly onReaderGone?: () => void;
}

export class LineWriter {
  readonly #options: LineWriterOptions;
  #waiting = "";
  #timer: NodeJS.Timeout | undefined;
  #busy = false;
  #gone = false;
  #lost = 0;
  #onIdle: (() => void)[] = [];

  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  /** Lines that a slow reader did not get. */
  get lost(): number {
    return this.#lost;
  }

  write(text: string): void {
    if (this.#gone) return;
    if (this.#waiting.length > MAX_WAITING) {
      this.#lost++;
      return;
    }
    this.#waiting += text;
    if (!this.#busy) this.#timer ??= setTimeout(() => this.#flush(), COLLECT_MS);
  }

  /** Resolves when all is written, the reader has gone, or `limitMs` is over: a reader that never reads holds nobody up. */
  async close(limitMs: number): Promise<void> {
    if (!this.#busy) this.#flush();
    if (!this.#busy) return;
    let limit: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => this.#onIdle.push(resolve)),
      new Promise<void>((resolve) => {
        limit = setTimeout(resolve, limitMs);
      }),
    ]);
    clearTimeout(limit);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting === "") {
      for (const resolve of this.#onIdle.splice(0)) resolve();
      return;
    }
    const bytes = Buffer.from(this.#waiting, "utf8");
    this.#waiting = "";
    this.#busy = true;
    this.#send(bytes);
  }

  #send(bytes: Buffer): void {
    write(this.#options.fd, bytes, (error, written) => {
      if (error === null && written === bytes.length) {
        this.#busy = false;
        this.#flush();
      } else if (error === null) this.#send(bytes.subarray(written));
      // A descriptor that someone set to non-blocking (a terminal shared with another program).
      else if (systemCode(error) === "EAGAIN") setTimeout(() => this.#send(bytes), RETRY_MS);
      else this.#stop();
    });
  }

  #stop(): void {
    this.#gone = true;
    this.#busy = false;
    this.#waiting = "";
    this.#options.onReaderGone?.();
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
