// Reading an index file. Whatever is not as it should be makes it no index: it is built anew.
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { FileWindow } from "../file-window.js";
import { Block } from "./block.js";
import { decodeHead, HEAD_LENGTH } from "./index-head.js";
import { decodeTail, type IndexTail } from "./index-tail.js";
import { INDEX_FILE } from "./layout.js";
import { logCheck } from "./log-check.js";
import { CHUNK_BYTES, decodeChunk, type PlaceChunk } from "./message-places.js";

const COPY_BYTES = 1024 * 1024;

/** A part of an index can't be read; built anew, it can. */
export class IndexDamaged extends Error {
  override readonly name = "IndexDamaged";
}

export class IndexFile {
  readonly tail: IndexTail;
  /** Where the tail begins: everything before it stays as it is when the index grows. */
  readonly tailOffset: number;
  readonly #file: FileHandle;
  readonly #chunks: FileWindow;
  #reading: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, tail: IndexTail, tailOffset: number) {
    this.#file = file;
    this.#chunks = new FileWindow(file);
    this.tail = tail;
    this.tailOffset = tailOffset;
  }

  /**
   * @param log the session's, open.
   * @returns undefined where there is none, or none of this log as it is now. Never rejects for what is in the file.
   */
  static async open(folder: string, log: FileHandle): Promise<IndexFile | undefined> {
    // Not through a link; and a named pipe must not hold us up.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const file = await open(join(folder, INDEX_FILE), flags).catch(() => undefined);
    if (file === undefined) return undefined;
    try {
      const index = await IndexFile.#read(file, log);
      if (index === undefined) await file.close();
      return index;
    } catch {
      await file.close();
      return undefined;
    }
  }

  static async #read(file: FileHandle, log: FileHandle): Promise<IndexFile | undefined> {
    const { size } = await file.stat();
    const head = decodeHead(await readAt(file, 0, HEAD_LENGTH));
    if (head === undefined || head.tailOffset + head.tailLength !== size) return undefined;
    const tail = decodeTail(await readAt(file, head.tailOffset, head.tailLength));
    if (tail === undefined || tail.indexedBytes > (await log.stat()).size) return undefined;
    if (!head.check.equals(await logCheck(log, tail.indexedBytes))) return undefined;
    return new IndexFile(file, tail, head.tailOffset);
  }

  /** @throws IndexDamaged */
  async block(number: number): Promise<Block> {
    const place = this.tail.blocks[number];
    if (place === undefined) throw new RangeError(`there is no block ${number}`);
    // Of its own memory, as the block goes on using it; and aligned.
    const block = Block.read(await readAt(this.#file, place.offset, place.length));
    if (block?.rows !== place.rows) throw new IndexDamaged(`block ${number} is damaged`);
    return block;
  }

  /** @throws IndexDamaged */
  async chunk(reference: number): Promise<PlaceChunk> {
    // One after the other, from a window: chunks of connections that ended one after the other stand together.
    const reading = this.#reading.then(async () => {
      const near = this.#chunks.get(reference, CHUNK_BYTES);
      return decodeChunk(near ?? (await this.#chunks.load(reference, CHUNK_BYTES)));
    });
    this.#reading = reading.then(
      () => {},
      () => {},
    );
    const chunk = await reading;
    if (chunk === undefined) throw new IndexDamaged(`the message places at ${reference} are damaged`);
    return chunk;
  }

  /** Gives what stands before the tail, in portions. */
  async *beforeTail(): AsyncGenerator<Buffer, void, void> {
    for (let at = 0; at < this.tailOffset; at += COPY_BYTES) {
      yield await readAt(this.#file, at, Math.min(COPY_BYTES, this.tailOffset - at));
    }
  }

  async close(): Promise<void> {
    await this.#reading;
    await this.#chunks.settle();
    await this.#file.close();
  }
}

/** @returns fewer bytes where the file ends before. */
async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  return bytesRead === length ? buffer : buffer.subarray(0, bytesRead);
}
