// A body that waits in memory until it is known what of it may be recorded. Nothing of it reaches the disk before.
import type { Body, Truncation } from "../../../exchange/body.js";
import type { BodyWriter, BodyWriterOptions, Recording } from "../../../exchange/recording.js";
import { BODY_LIMIT } from "../../../rules/limits.js";
import { CHUNKS_LIMIT } from "../../../session/format.js";
import type { PassedBody } from "./exchange-redaction.js";

/** 128 MB: what all bodies that wait may hold together. */
const HELD_LIMIT = 128 * 1024 * 1024;

/** Shared by all exchanges of a recording. */
export class HeldBytes {
  #held = 0;

  /** @returns false where there is no room */
  take(bytes: number): boolean {
    if (this.#held + bytes > HELD_LIMIT) return false;
    this.#held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}

/** What becomes of a body, as far as it is known by now. */
export type Fate = "wait" | "pass" | "left-out";

export class HeldBody implements BodyWriter {
  readonly #options: BodyWriterOptions;
  readonly #recording: Recording;
  readonly #room: HeldBytes;
  readonly #fate: () => Fate;
  #chunks: Buffer[] = [];
  #size = 0;
  #heldBytes = 0;
  #isBeyond = false;
  #times: (readonly [ms: number, bytes: number])[] | undefined;
  #truncated: Truncation | undefined;
  /** Where it goes since it was known that all of it may be recorded, and what it became there. */
  #target: BodyWriter | undefined;
  #ended: Body | undefined;

  constructor(options: BodyWriterOptions, recording: Recording, room: HeldBytes, fate: () => Fate) {
    this.#options = options;
    this.#recording = recording;
    this.#room = room;
    this.#fate = fate;
    if (options.streamingSince !== undefined) this.#times = [];
  }

  write(chunk: Buffer): void {
    if (this.#target === undefined && !this.#isBeyond && this.#fate() === "pass") this.#pass();
    if (this.#target !== undefined) {
      this.#target.write(chunk);
      return;
    }
    this.#size += chunk.length;
    this.#noteTime(chunk.length);
    if (this.#isBeyond) return;
    const mayWait = this.#fate() !== "left-out" && this.#size <= BODY_LIMIT && this.#room.take(chunk.length);
    if (!mayWait) {
      this.#drop();
      this.#isBeyond = true;
      return;
    }
    this.#heldBytes += chunk.length;
    this.#chunks.push(chunk);
  }

  /** @returns what stands for it until `store`, where it still waits */
  end(truncated?: Truncation): Body {
    if (this.#target !== undefined) {
      this.#ended = this.#target.end(truncated);
      return this.#ended;
    }
    this.#truncated = truncated;
    return this.#described({ kind: this.#size === 0 ? "empty" : "omitted", size: this.#size });
  }

  discard(): void {
    this.#target?.discard();
    this.#drop();
  }

  /** Bytes so far; 0 of one that is no longer held. */
  get size(): number {
    return this.#target === undefined ? this.#size : 0;
  }

  /** Undefined of one that is no longer held. After `end`. */
  get passed(): PassedBody | undefined {
    if (this.#target !== undefined || this.#size === 0) return undefined;
    return {
      bytes: this.#isBeyond ? undefined : Buffer.concat(this.#chunks),
      chunks: this.#times,
    };
  }

  /** Nothing of it is recorded but its size. */
  leaveOut(): Body {
    this.#drop();
    return this.#described({ kind: "omitted", size: this.#size });
  }

  /** Hands it on. @param as what is recorded in its place; undefined: as it passed */
  store(as?: {
    readonly bytes: Buffer;
    readonly chunks: Body["chunks"];
    readonly decoded: Body["decoded"];
  }): Body {
    if (this.#ended !== undefined) return this.#ended;
    if (this.#size === 0) return this.#described({ kind: "empty", size: 0 });
    if (as === undefined && this.#isBeyond) return this.leaveOut();
    const { id, part } = this.#options;
    const writer = this.#recording.openBody({ id, part });
    for (const chunk of as === undefined ? this.#chunks : [as.bytes]) writer.write(chunk);
    this.#drop();
    const { size: _stored, ...stored } = writer.end(this.#truncated);
    const { chunks, decoded } = as ?? { chunks: this.#times };
    return {
      ...stored,
      size: this.#size,
      ...(chunks === undefined ? {} : { chunks }),
      ...(decoded === undefined ? {} : { decoded }),
    };
  }

  #pass(): void {
    this.#target = this.#recording.openBody(this.#options);
    for (const chunk of this.#chunks) this.#target.write(chunk);
    this.#drop();
  }

  #drop(): void {
    this.#room.release(this.#heldBytes);
    this.#heldBytes = 0;
    this.#chunks = [];
  }

  #noteTime(bytes: number): void {
    if (this.#times === undefined || this.#times.length >= CHUNKS_LIMIT) return;
    const ms = performance.now() - (this.#options.streamingSince ?? 0);
    this.#times.push([Math.round(ms * 100) / 100, bytes]);
  }

  #described(body: Body): Body {
    return this.#truncated === undefined ? body : { ...body, truncated: this.#truncated };
  }
}
