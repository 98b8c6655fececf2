// The outer structure of zstd (RFC 8878 section 3.1): frames and blocks, so that a stream can be cut at its blocks and
// a frame that asks for too much memory is refused before anything is allocated. Also frames that store only.
import { DecodeFault } from "./native-stage.js";

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const LARGEST_BLOCK = 128 * 1024;

/** RFC 9659 allows 8 MB on the web; zstd's own decoder goes to 128 MB. */
const LARGEST_WINDOW = 128 * 1024 * 1024;

type Awaited = "magic" | "header" | "block" | "skippable";

/** Cuts a zstd stream at the ends of its blocks. */
export class ZstdFrames {
  /** Bytes of the current frame's window: what one block costs the decoder at most. */
  window = 0;
  #awaits: Awaited = "magic";
  #head = Buffer.alloc(0);
  #need = 4;
  #skip = 0;
  #checksum = false;

  /** Whether the input may end here. */
  get complete(): boolean {
    return this.#awaits === "magic" && this.#head.length === 0 && this.#skip === 0;
  }

  /**
   * @returns the piece in parts, each with at most one block's end in it.
   * @throws DecodeFault for what is not zstd, or a window above 128 MB.
   */
  *split(piece: Buffer): Generator<Buffer> {
    let start = 0;
    let position = 0;
    while (position < piece.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, piece.length - position);
        this.#skip -= skipped;
        position += skipped;
        if (this.#skip === 0) {
          yield piece.subarray(start, position);
          start = position;
        }
        continue;
      }
      const taken = Math.min(this.#need - this.#head.length, piece.length - position);
      this.#head = Buffer.concat([this.#head, piece.subarray(position, position + taken)]);
      position += taken;
      if (this.#head.length === this.#need) this.#step();
    }
    if (start < position) yield piece.subarray(start, position);
  }

  #step(): void {
    const head = this.#head;
    if (this.#awaits === "magic") this.#magic(head.readUInt32LE(0));
    else if (this.#awaits === "header") this.#header(head);
    else if (this.#awaits === "block") this.#block(head.readUIntLE(0, 3));
    else {
      this.#skip = head.readUInt32LE(4);
      this.#expect("magic", 4);
    }
  }

  #magic(magic: number): void {
    if (magic === MAGIC) this.#expect("header", 5, true);
    else if ((magic & ~0xf) >>> 0 === SKIPPABLE) this.#expect("skippable", 8, true);
    else throw new DecodeFault("not a zstd frame", false);
  }

  #block(block: number): void {
    const isLast = (block & 1) === 1;
    const kind = (block >> 1) & 3;
    if (kind === 3) throw new DecodeFault("reserved zstd block type", false);
    this.#skip = (kind === 1 ? 1 : block >> 3) + (isLast && this.#checksum ? 4 : 0);
    if (isLast) this.#expect("magic", 4);
    else this.#expect("block", 3);
  }

  #header(head: Buffer): void {
    const descriptor = head.readUInt8(4);
    const single = (descriptor & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const sizeField = descriptor >> 6;
    const sizeBytes = sizeField === 0 ? (single ? 1 : 0) : 1 << sizeField;
    const length = 5 + (single ? 0 : 1) + dictionary + sizeBytes;
    if (head.length < length) {
      this.#expect("header", length, true);
      return;
    }
    this.window = single
      ? contentSize(head.subarray(length - sizeBytes, length))
      : windowSize(head.readUInt8(5));
    if (this.window > LARGEST_WINDOW) {
      throw new DecodeFault(`zstd window of ${this.window} bytes is more than 128 MB`, false);
    }
    this.#checksum = (descriptor & 4) !== 0;
    this.#expect("block", 3);
  }

  #expect(awaits: Awaited, need: number, keep = false): void {
    this.#awaits = awaits;
    this.#need = need;
    if (!keep) this.#head = Buffer.alloc(0);
  }
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(field: Buffer): number {
  if (field.length === 8) return Number(field.readBigUInt64LE(0));
  return field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0);
}

/** A valid zstd frame that holds `bytes` uncompressed: what Node 20, which has no zstd, can write. */
export function storeAsZstd(bytes: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32LE(MAGIC, 0);
  // An 8 byte content size, no dictionary, no checksum; a window of 8 MB, which everybody accepts (RFC 9659).
  header.writeUInt8(0xc0, 4);
  header.writeUInt8((23 - 10) << 3, 5);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes.length), 0);
  const parts: Buffer[] = [header.subarray(0, 6), size];
  for (let start = 0; start === 0 || start < bytes.length; start += LARGEST_BLOCK) {
    const block = bytes.subarray(start, start + LARGEST_BLOCK);
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | (start + LARGEST_BLOCK >= bytes.length ? 1 : 0), 0, 3);
    parts.push(head, block);
  }
  return Buffer.concat(parts);
}
