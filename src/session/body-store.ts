// Opens writers for bodies, and files for those that don't fit into a line.
import { join } from "node:path";
import type { ExchangeId } from "../exchange/id.js";
import type { BodyWriter, BodyWriterOptions } from "../exchange/recording.js";
import type { Backlog } from "./backlog.js";
import { BodyFile } from "./body-file.js";
import { BodyPack, type PackedBody } from "./body-pack.js";
import { type BodyTarget, StoredBodyWriter } from "./body-writer.js";
import type { DiskUse } from "./disk-use.js";
import type { FileSystem } from "./file-system.js";
import { bodyName, PACK_FILE } from "./format.js";
import { fileKey, type LineOrder } from "./line-order.js";

export interface BodyStoreOptions {
  readonly folder: string;
  readonly fileSystem: FileSystem;
  readonly backlog: Backlog;
  readonly disk: DiskUse;
  readonly order: LineOrder;
  /** False with --no-bodies. */
  readonly bodies: boolean;
  /** At the beginning. */
  readonly maxBody: number | undefined;
  /** Bytes on disk that are about to go, and so don't count against the limit. */
  readonly surplusBytes: () => number;
  /** False with --max-exchanges, and for `clear`: what goes has to be removable, so each body has a file of its own. */
  readonly packs: boolean;
}

/** Bodies that collect in memory until they are whole take this much together; beyond it they go to files at once. */
const MAX_COLLECTED = 32 * 1024 * 1024;

export class BodyStore {
  readonly #options: BodyStoreOptions;
  /** Files by the exchange that has not finished yet. */
  readonly #owners = new Map<ExchangeId, number>();
  #messages = 0;
  #collected = 0;
  #pack: BodyPack | undefined;
  /** Bytes to keep of each body; may change at any time. */
  maxBody: number | undefined;

  constructor(options: BodyStoreOptions) {
    this.#options = options;
    this.maxBody = options.maxBody;
  }

  get keepsBodies(): boolean {
    return this.#options.bodies && this.#options.disk.stop === undefined;
  }

  open(options: BodyWriterOptions): BodyWriter {
    return new StoredBodyWriter(this, options);
  }

  /** Whether something of an unfinished exchange is on disk, so that its line has to follow even after a stop. */
  hasFiles(id: ExchangeId): boolean {
    return this.#owners.has(id);
  }

  finished(id: ExchangeId): void {
    if (this.#owners.size > 0) this.#owners.delete(id);
  }

  /** @returns false when the bytes would pass the limit, or recording has stopped. */
  takeDisk(bytes: number): boolean {
    return this.#options.disk.takeBody(bytes, this.#options.surplusBytes());
  }

  /** @returns whether a body may hold so many bytes more in memory, to be packed when it is whole. */
  collect(bytes: number): boolean {
    if (!this.#options.packs || this.#collected + bytes > MAX_COLLECTED) return false;
    this.#collected += bytes;
    return true;
  }

  releaseCollected(bytes: number): void {
    this.#collected -= bytes;
  }

  /** Appends a whole body to the file that bodies share. @returns that file's name, and where the body is in it. */
  pack(id: ExchangeId, buffers: readonly Buffer[], bytes: number): { name: string; file: PackedBody } {
    const { folder, fileSystem, backlog, disk, order } = this.#options;
    const path = join(folder, PACK_FILE);
    this.#pack ??= new BodyPack({
      path,
      fileSystem,
      backlog,
      onFailure: (error) => disk.failed(error, path),
    });
    let key = "";
    const file = this.#pack.append(buffers, bytes, () => order.closed(key));
    key = fileKey({ file: PACK_FILE, offset: file.offset });
    order.addFile(key, id, file);
    this.#owners.set(id, (this.#owners.get(id) ?? 0) + 1);
    return { name: PACK_FILE, file };
  }

  async close(): Promise<void> {
    await this.#pack?.close();
  }

  openFile({ id, part }: BodyWriterOptions): BodyTarget {
    const { folder, fileSystem, backlog, disk, order } = this.#options;
    const name = bodyName(id, part === "message" ? `${++this.#messages}.message` : part);
    const path = join(folder, name);
    const file = new BodyFile({
      path,
      fileSystem,
      backlog,
      onFailure: (error) => disk.failed(error, path),
      onClosed: () => order.closed(name),
    });
    order.addFile(name, id, file);
    this.#owners.set(id, (this.#owners.get(id) ?? 0) + 1);
    return { file, name };
  }

  /** A body that had taken space on disk was given up before it was written. */
  releaseDisk(bytes: number): void {
    this.#options.disk.release(bytes);
  }

  /** A body's file was given up; `bytes` had been taken for it. */
  discarded(id: ExchangeId, bytes: number): void {
    this.#options.disk.release(bytes);
    const left = (this.#owners.get(id) ?? 0) - 1;
    if (left > 0) this.#owners.set(id, left);
    else this.#owners.delete(id);
  }
}
