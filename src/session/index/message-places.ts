// Where a connection's WebSocket messages stand in the log: chunks of places, each with a reference to the one before.
// So neither building nor reading holds more than a chunk of a connection, however long it lasts.
import { crc32 } from "node:zlib";

export interface PlaceChunk {
  /** Reference of the chunk before this one; 0 where this is the first. */
  readonly previous: number;
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
}

/** Takes chunks; a reference is never 0. */
export interface PlaceStore {
  add(chunk: PlaceChunk): number;
}

/** Messages in a chunk. */
const CHUNK = 256;
const HEAD = 16;
const ENTRY = 12;
/** Enough for any chunk. */
export const CHUNK_BYTES = HEAD + CHUNK * ENTRY;

/** Places of messages whose connection has no final line yet. */
export class PendingPlaces {
  readonly #store: PlaceStore;
  readonly #pending = new Map<string, { previous: number; offsets: number[]; lengths: number[] }>();

  constructor(store: PlaceStore, chains: Iterable<readonly [id: string, last: number]> = []) {
    this.#store = store;
    for (const [id, last] of chains) this.#pending.set(id, { previous: last, offsets: [], lengths: [] });
  }

  add(id: string, offset: number, length: number): void {
    let chunk = this.#pending.get(id);
    if (chunk === undefined) {
      chunk = { previous: 0, offsets: [], lengths: [] };
      this.#pending.set(id, chunk);
    }
    chunk.offsets.push(offset);
    chunk.lengths.push(length);
    if (chunk.offsets.length < CHUNK) return;
    this.#pending.set(id, { previous: this.#store.add(chunk), offsets: [], lengths: [] });
  }

  /** @returns the reference of the connection's last chunk, 0 where it has none; it is forgotten here. */
  take(id: string): number {
    const chunk = this.#pending.get(id);
    if (chunk === undefined) return 0;
    this.#pending.delete(id);
    return chunk.offsets.length === 0 ? chunk.previous : this.#store.add(chunk);
  }

  /** Stores every chunk, and keeps only the references. */
  settle(): [id: string, last: number][] {
    const chains = [...this.#pending.keys()].map((id): [string, number] => [id, this.take(id)]);
    for (const [id, last] of chains) this.#pending.set(id, { previous: last, offsets: [], lengths: [] });
    return chains;
  }
}

/** References are negative, those into an index file positive: one chain may begin there and go on here. */
export class MemoryPlaces implements PlaceStore {
  readonly #chunks: PlaceChunk[] = [];

  add(chunk: PlaceChunk): number {
    return -this.#chunks.push(chunk);
  }

  get(reference: number): PlaceChunk | undefined {
    return this.#chunks[-reference - 1];
  }
}

export function encodeChunk({ previous, offsets, lengths }: PlaceChunk): Buffer {
  const bytes = Buffer.alloc(HEAD + offsets.length * ENTRY);
  bytes.writeUInt32LE(offsets.length, 4);
  bytes.writeDoubleLE(previous, 8);
  offsets.forEach((offset, i) => {
    bytes.writeDoubleLE(offset, HEAD + i * ENTRY);
    bytes.writeUInt32LE(lengths[i]!, HEAD + i * ENTRY + 8);
  });
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

/** @param bytes begin with a chunk. @returns undefined where they don't, or it is damaged. */
export function decodeChunk(bytes: Buffer): PlaceChunk | undefined {
  if (bytes.length < HEAD) return undefined;
  const count = bytes.readUInt32LE(4);
  const length = HEAD + count * ENTRY;
  if (length > bytes.length || crc32(bytes.subarray(4, length)) !== bytes.readUInt32LE(0)) return undefined;
  const offsets: number[] = [];
  const lengths: number[] = [];
  for (let at = HEAD; at < length; at += ENTRY) {
    offsets.push(bytes.readDoubleLE(at));
    lengths.push(bytes.readUInt32LE(at + 8));
  }
  return { previous: bytes.readDoubleLE(8), offsets, lengths };
}
