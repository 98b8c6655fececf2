// Texts too long to be held: they wait in a temporary file, as they stood in the JSON, until their entry has been read.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrafficError } from "../errors.js";

/** One temporary file, made when the first text comes. Chunk-wise and synchronous: a megabyte takes less than one ms. */
export class Spool {
  #descriptor: number | undefined;
  #end = 0;

  /** @returns where the text will begin. */
  get position(): number {
    return this.#end;
  }

  write(bytes: Buffer): void {
    try {
      this.#descriptor ??= openUnnamed();
      for (let written = 0; written < bytes.length; ) {
        const count = writeSync(this.#descriptor, bytes, written, bytes.length - written, this.#end);
        written += count;
        this.#end += count;
      }
    } catch (cause) {
      throw new TrafficError("IO_FAILED", `cannot write a temporary file in ${tmpdir()}`, {
        hint: "TMPDIR names another folder",
        cause,
      });
    }
  }

  read(position: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    const count =
      this.#descriptor === undefined ? 0 : readSync(this.#descriptor, buffer, 0, length, position);
    return buffer.subarray(0, count);
  }

  /** Forgets the texts: the next is written over them. */
  reset(): void {
    this.#end = 0;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** Nobody else can open it, and it is gone with this process, however that ends. */
function openUnnamed(): number {
  const folder = mkdtempSync(join(tmpdir(), "trafficctl-"));
  try {
    return openSync(join(folder, "texts"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
