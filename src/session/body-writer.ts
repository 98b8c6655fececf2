// Takes one body as it passes and decides where it is kept: in the line, in a file, cut off, or not at all.
import { isUtf8 } from "node:buffer";
import { type Body, EMPTY_BODY, type Truncation } from "../exchange/body.js";
import type { BodyWriter, BodyWriterOptions } from "../exchange/recording.js";
import type { BodyFile } from "./body-file.js";
import type { BodyStore } from "./body-store.js";
import { CHUNKS_LIMIT, INLINE_LIMIT, PACK_LIMIT } from "./format.js";

/** A file a body goes to, and its name relative to the session's folder. */
export interface BodyTarget {
  readonly file: BodyFile;
  readonly name: string;
}

export class StoredBodyWriter implements BodyWriter {
  readonly #store: BodyStore;
  readonly #options: BodyWriterOptions;
  #size = 0;
  #kept = 0;
  #collected: Buffer[] = [];
  #target: BodyTarget | undefined;
  /** Bytes counted against memory while they wait to be packed. */
  #collectedBytes = 0;
  #onDisk = false;
  #truncated: Truncation | undefined;
  readonly #omitted: boolean;
  #chunks: (readonly [ms: number, bytes: number])[] | undefined;
  #chunksTruncated = false;

  constructor(store: BodyStore, options: BodyWriterOptions) {
    this.#store = store;
    this.#options = options;
    this.#omitted = !store.keepsBodies;
    if (options.streamingSince !== undefined) this.#chunks = [];
  }

  write(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#size += chunk.length;
    if (this.#chunks !== undefined) this.#noteChunk(this.#chunks, chunk.length);
    if (this.#omitted || this.#truncated !== undefined) return;
    const limit = this.#store.maxBody;
    const room = limit === undefined ? chunk.length : limit - this.#kept;
    if (room >= chunk.length) this.#keep(chunk);
    else {
      if (room > 0) this.#keep(chunk.subarray(0, room));
      this.#truncated ??= "max-body";
    }
  }

  end(truncated?: Truncation): Body {
    this.#target?.file.end();
    if (this.#size === 0 && truncated === undefined && this.#chunks === undefined) return EMPTY_BODY;
    return { ...this.#content(), ...this.#extras(truncated) };
  }

  discard(): void {
    this.#collected = [];
    this.#truncated = "aborted";
    this.#forgetCollected();
    if (this.#target !== undefined) {
      this.#target.file.discard();
      this.#store.discarded(this.#options.id, this.#kept);
      this.#target = undefined;
    } else if (this.#onDisk) this.#store.releaseDisk(this.#kept);
  }

  #keep(chunk: Buffer): void {
    const kept = this.#kept + chunk.length;
    const inline = this.#options.streamingSince === undefined && kept <= INLINE_LIMIT;
    if (!inline && !this.#store.takeDisk(this.#onDisk ? chunk.length : kept)) {
      this.#truncated = "disk";
      return;
    }
    if (!inline) this.#onDisk = true;
    this.#kept = kept;
    if (this.#target !== undefined) this.#target.file.write(chunk);
    else if (inline || this.#collects(kept)) this.#collected.push(chunk);
    else this.#spill(chunk);
  }

  /** Whether the body may still wait in memory, to be packed when it is whole. */
  #collects(kept: number): boolean {
    if (this.#options.streamingSince !== undefined || kept > PACK_LIMIT) return false;
    if (!this.#store.collect(kept - this.#collectedBytes)) return false;
    this.#collectedBytes = kept;
    return true;
  }

  /** From here on the body has a file of its own. */
  #spill(chunk: Buffer): void {
    this.#target = this.#store.openFile(this.#options);
    for (const earlier of this.#collected) this.#target.file.write(earlier);
    this.#target.file.write(chunk);
    this.#collected = [];
    this.#forgetCollected();
  }

  #forgetCollected(): void {
    this.#store.releaseCollected(this.#collectedBytes);
    this.#collectedBytes = 0;
  }

  #noteChunk(chunks: (readonly [number, number])[], bytes: number): void {
    if (chunks.length >= CHUNKS_LIMIT) {
      this.#chunksTruncated = true;
      return;
    }
    const since = this.#options.streamingSince ?? 0;
    chunks.push([Math.round((performance.now() - since) * 100) / 100, bytes]);
  }

  #content(): Body {
    const size = this.#size;
    if (size === 0) return EMPTY_BODY;
    if (this.#omitted) return { kind: "omitted", size };
    if (this.#target !== undefined) {
      const { file, name } = this.#target;
      return { kind: "file", size, file: name, stored: file.failed ? file.stored : this.#kept };
    }
    if (this.#onDisk) return this.#packed(size);
    const [first] = this.#collected;
    const bytes =
      this.#collected.length === 1 && first !== undefined ? first : Buffer.concat(this.#collected);
    this.#collected = [];
    if (isUtf8(bytes)) return { kind: "text", size, text: bytes.toString("utf8") };
    return { kind: "base64", size, base64: bytes.toString("base64") };
  }

  #packed(size: number): Body {
    const { name, file } = this.#store.pack(this.#options.id, this.#collected, this.#kept);
    this.#collected = [];
    this.#forgetCollected();
    return { kind: "file", size, file: name, offset: file.offset, stored: this.#kept };
  }

  #extras(
    truncated: Truncation | undefined,
  ): Partial<Pick<Body, "truncated" | "chunks" | "chunksTruncated">> {
    const reason = this.#target?.file.failed ? "disk" : (this.#truncated ?? truncated);
    return {
      ...(reason === undefined ? {} : { truncated: reason }),
      ...(this.#chunks === undefined ? {} : { chunks: this.#chunks }),
      ...(this.#chunksTruncated ? { chunksTruncated: true as const } : {}),
    };
  }
}
