// Takes one body as it passes and decides where it is kept: in the line, in a file, cut off, or not at all.
import { isUtf8 } from "node:buffer";
import { type Body, EMPTY_BODY, type Truncation } from "../exchange/body.js";
import type { BodyWriter, BodyWriterOptions } from "../exchange/recording.js";
import type { BodyFile } from "./body-file.js";
import type { BodyStore } from "./body-store.js";
import { CHUNKS_LIMIT, INLINE_LIMIT } from "./format.js";

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
    if (this.#target === undefined) return;
    this.#target.file.discard();
    this.#store.discarded(this.#options.id, this.#kept);
    this.#target = undefined;
  }

  #keep(chunk: Buffer): void {
    if (this.#target === undefined && this.#staysInline(chunk.length)) {
      this.#kept += chunk.length;
      this.#collected.push(chunk);
      return;
    }
    if (!this.#store.takeDisk(this.#target === undefined ? this.#kept + chunk.length : chunk.length)) {
      this.#truncated = "disk";
      return;
    }
    this.#kept += chunk.length;
    if (this.#target === undefined) {
      this.#target = this.#store.openFile(this.#options);
      for (const earlier of this.#collected) this.#target.file.write(earlier);
      this.#collected = [];
    }
    this.#target.file.write(chunk);
  }

  #staysInline(more: number): boolean {
    return this.#options.streamingSince === undefined && this.#kept + more <= INLINE_LIMIT;
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
    const [first] = this.#collected;
    const bytes =
      this.#collected.length === 1 && first !== undefined ? first : Buffer.concat(this.#collected);
    this.#collected = [];
    if (isUtf8(bytes)) return { kind: "text", size, text: bytes.toString("utf8") };
    return { kind: "base64", size, base64: bytes.toString("base64") };
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
