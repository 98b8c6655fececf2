// A set of blocks of four characters, asked for every fourth place of a text: any occurrence of a pattern of seven or
// more characters holds one such block whole. It says "perhaps" or "no", from one bit for each block.

const SMALLEST = 16;
/** A table of 2 MB. */
const LARGEST = 24;
/** Places for each block: with fewer, blocks of ordinary text are looked up in vain; with more, the table leaves the cache. */
const ROOM = 16;
const MIX = 0x9e3779b1;

export class BlockSet {
  /** Every block that was added: the table grows with them. */
  #blocks: Int32Array;
  #size = 0;
  #taken = 0;
  #bits: number;
  #table: Uint32Array;

  /** @param bits the table's size at first, as a power of two */
  constructor(bits = SMALLEST) {
    this.#bits = bits;
    this.#table = new Uint32Array(1 << (bits - 5));
    this.#blocks = new Int32Array(1 << (bits - 6));
  }

  add(block: number): void {
    if (this.#size === this.#blocks.length) {
      const larger = new Int32Array(this.#size * 2);
      larger.set(this.#blocks);
      this.#blocks = larger;
    }
    this.#blocks[this.#size++] = block;
    this.#set(block);
    if (this.#taken * ROOM <= 2 ** this.#bits || this.#bits === LARGEST) return;
    this.#bits++;
    this.#taken = 0;
    this.#table = new Uint32Array(1 << (this.#bits - 5));
    for (let at = 0; at < this.#size; at++) this.#set(this.#blocks[at]!);
  }

  has(block: number): boolean {
    const place = Math.imul(block, MIX) >>> (32 - this.#bits);
    return (this.#table[place >>> 5]! & (1 << (place & 31))) !== 0;
  }

  /**
   * Calls `perhaps` with the places of the bytes where a block of the set may stand.
   *
   * @returns true as soon as `perhaps` does
   */
  some(bytes: Uint8Array, perhaps: (place: number) => boolean): boolean {
    const lead = -bytes.byteOffset & 3;
    const count = (bytes.length - lead) >> 2;
    if (this.#size === 0 || count <= 0) return false;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + lead, count);
    const table = this.#table;
    const shift = 32 - this.#bits;
    for (let index = 0; index < count; index++) {
      const place = Math.imul(words[index]!, MIX) >>> shift;
      if ((table[place >>> 5]! & (1 << (place & 31))) !== 0 && perhaps(lead + index * 4)) return true;
    }
    return false;
  }

  #set(block: number): void {
    const place = Math.imul(block, MIX) >>> (32 - this.#bits);
    const bit = 1 << (place & 31);
    if ((this.#table[place >>> 5]! & bit) === 0) this.#taken++;
    this.#table[place >>> 5]! |= bit;
  }
}

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Four characters as memory holds them, of each its lower eight bits. */
export function blockOf(a: number, b: number, c: number, d: number): number {
  return IS_LITTLE_ENDIAN
    ? (a & 255) | ((b & 255) << 8) | ((c & 255) << 16) | (d << 24)
    : (d & 255) | ((c & 255) << 8) | ((b & 255) << 16) | (a << 24);
}
