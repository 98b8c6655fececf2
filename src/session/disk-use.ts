// What a recording takes on disk, its limit, and why it ended when it did: --max-disk, a full disk, a broken one.
import { systemCode } from "../errors.js";
import type { RecordingStop } from "./manifest.js";

export class DiskUse {
  readonly #limit: number;
  readonly #onStop: (stop: RecordingStop) => void;
  #bytes = 0;
  #stop: RecordingStop | undefined;

  /** @param onStop called once, when nothing more can be kept. */
  constructor(limit: number, onStop: (stop: RecordingStop) => void) {
    this.#limit = limit;
    this.#onStop = onStop;
  }

  /** Why recording has ended, when it has. */
  get stop(): RecordingStop | undefined {
    return this.#stop;
  }

  /** Of lines and bodies. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns whether a body's bytes may be written; when they may not, recording has stopped. */
  takeBody(bytes: number, surplus: number): boolean {
    if (this.#stop !== undefined || !this.#fits(bytes, surplus)) return false;
    this.#bytes += bytes;
    return true;
  }

  /** @returns whether the line may be written; when it may not, recording has stopped. */
  allowsLine(line: string, surplus: number): boolean {
    if (this.#stop !== undefined) return false;
    // Three bytes a character is UTF-8's most: only near the limit is a line measured.
    if (this.#bytes - surplus + line.length * 3 <= this.#limit) return true;
    return this.#fits(Buffer.byteLength(line), surplus);
  }

  addLine(bytes: number): void {
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  failed(error: NodeJS.ErrnoException, path: string): void {
    const code = systemCode(error);
    const full = code === "ENOSPC" || code === "EDQUOT";
    const what = full ? "the disk is full" : "the session can't be written";
    this.#end(full ? "disk-full" : "io-error", `${what}: ${path}: ${error.message}`);
  }

  #fits(bytes: number, surplus: number): boolean {
    if (this.#bytes - surplus + bytes <= this.#limit) return true;
    this.#end("max-disk", `the session has reached its limit of ${this.#limit} bytes (--max-disk)`);
    return false;
  }

  #end(reason: RecordingStop["reason"], message: string): void {
    if (this.#stop !== undefined) return;
    this.#stop = { reason, message, time: new Date().toISOString() };
    this.#onStop(this.#stop);
  }
}
