// Builds an index, or goes on with one, in a file of its own that is put in place when it is whole. Two processes that
// build at once each make a whole one; the last to finish stays.
import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { FILE_MODE } from "../format.js";
import { createReadReport } from "../read-report.js";
import type { IndexFile } from "./index-file.js";
import { encodeHead, HEAD_LENGTH } from "./index-head.js";
import { type BlockPlace, encodeTail } from "./index-tail.js";
import { INDEX_FILE, isIndexFile } from "./layout.js";
import { logCheck } from "./log-check.js";
import { LogScan, type ScanOptions, type ScanState } from "./log-scan.js";
import { encodeChunk, PendingPlaces, type PlaceChunk, type PlaceStore } from "./message-places.js";

/** A builder that died this long ago left its file. */
const LEFT_BEHIND_MS = 60 * 60 * 1000;
const FLUSH_BYTES = 1024 * 1024;

/**
 * @param log the session's, open. @param old an index of this log to go on with.
 * @throws what writing throws (nothing is left then), SESSION_DAMAGED, the signal's reason.
 */
export async function writeIndex(
  folder: string,
  log: FileHandle,
  logPath: string,
  old: IndexFile | undefined,
  options: ScanOptions,
): Promise<void> {
  await removeLeftBehind(folder);
  const path = join(folder, INDEX_FILE);
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const output = await begin(temporary, old);
    try {
      await fill(output, log, logPath, old, options);
    } finally {
      await output.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

async function begin(temporary: string, old: IndexFile | undefined): Promise<IndexOutput> {
  const file = await open(temporary, "wx", FILE_MODE);
  if (old === undefined) return new IndexOutput(file, HEAD_LENGTH);
  const output = new IndexOutput(file, 0);
  // Off the open file: another process may have put its own in place.
  for await (const bytes of old.beforeTail()) {
    output.add(bytes);
    await output.flush(FLUSH_BYTES);
  }
  return output;
}

async function fill(
  output: IndexOutput,
  log: FileHandle,
  logPath: string,
  old: IndexFile | undefined,
  options: ScanOptions,
): Promise<void> {
  const blocks: BlockPlace[] = [...(old?.tail.blocks ?? [])];
  const state = stateAfter(old, output);
  const scan = new LogScan(log, logPath, state);
  for await (const block of scan.finished(options)) {
    blocks.push({ offset: output.add(block), length: block.length, rows: block.readUInt32LE(4) });
    await output.flush(FLUSH_BYTES);
  }
  const chains = state.pending.settle();
  const tail = encodeTail({
    indexedBytes: state.position,
    report: state.report,
    blocks,
    open: [...state.open],
    chains,
  });
  const tailOffset = output.add(tail);
  await output.flush(0);
  const check = await logCheck(log, state.position);
  await output.writeHead(encodeHead({ tailOffset, tailLength: tail.length, check }));
}

/** Where a pass goes on behind an index, or begins. @param places takes the places of messages it meets. */
export function stateAfter(index: IndexFile | undefined, places: PlaceStore): ScanState {
  if (index === undefined)
    return { position: 0, report: createReadReport(), open: new Map(), pending: new PendingPlaces(places) };
  const { indexedBytes, report, open, chains } = index.tail;
  return {
    position: indexedBytes,
    report: { ...report, damagedLines: [...report.damagedLines] },
    open: new Map(open),
    pending: new PendingPlaces(places, chains),
  };
}

/** Appends to a file in portions. */
class IndexOutput implements PlaceStore {
  readonly #file: FileHandle;
  /** Where what waits will stand. */
  #position: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(file: FileHandle, position: number) {
    this.#file = file;
    this.#position = position;
  }

  /** @returns where it will stand in the file. */
  add(part: Buffer | PlaceChunk): number {
    const bytes = Buffer.isBuffer(part) ? part : encodeChunk(part);
    const offset = this.#position + this.#waitingBytes;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    return offset;
  }

  /** Writes what waits when it is that much. */
  async flush(least: number): Promise<void> {
    if (this.#waitingBytes < least || this.#waitingBytes === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    await writeAll(this.#file, bytes, this.#position);
    this.#position += bytes.length;
  }

  async writeHead(bytes: Buffer): Promise<void> {
    await writeAll(this.#file, bytes, 0);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function removeLeftBehind(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name === INDEX_FILE || !isIndexFile(name)) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      (info) => Date.now() - info.mtimeMs,
      () => 0,
    );
    if (age > LEFT_BEHIND_MS) await unlink(path).catch(() => {});
  }
}
