// Opens writers for bodies, and files for those that don't fit into a line.
import { join } from "node:path";
import type { ExchangeId } from "../exchange/id.js";
import type { BodyWriter, BodyWriterOptions } from "../exchange/recording.js";
import type { Backlog } from "./backlog.js";
import { BodyFile } from "./body-file.js";
import { type BodyTarget, StoredBodyWriter } from "./body-writer.js";
import type { DiskUse } from "./disk-use.js";
import type { FileSystem } from "./file-system.js";
import { bodyName } from "./format.js";
import type { LineOrder } from "./line-order.js";

export interface BodyStoreOptions {
  readonly folder: string;
  readonly fileSystem: FileSystem;
  readonly backlog: Backlog;
  readonly disk: DiskUse;
  readonly order: LineOrder;
  /** False with --no-bodies. */
  readonly bodies: boolean;
  readonly maxBody: number | undefined;
  /** Bytes on disk that are about to go, and so don't count against the limit. */
  readonly surplusBytes: () => number;
}

export class BodyStore {
  readonly #options: BodyStoreOptions;
  /** Files by the exchange that has not finished yet. */
  readonly #owners = new Map<ExchangeId, number>();
  #messages = 0;

  constructor(options: BodyStoreOptions) {
    this.#options = options;
  }

  get maxBody(): number | undefined {
    return this.#options.maxBody;
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

  /** A body's file was given up; `bytes` had been taken for it. */
  discarded(id: ExchangeId, bytes: number): void {
    this.#options.disk.release(bytes);
    const left = (this.#owners.get(id) ?? 0) - 1;
    if (left > 0) this.#owners.set(id, left);
    else this.#owners.delete(id);
  }
}
