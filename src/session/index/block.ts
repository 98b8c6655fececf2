// A block of the index, read in place: numbers are views of its bytes, strings are made when they are asked for.
import { crc32 } from "node:zlib";
import type { ExchangeId } from "../../exchange/id.js";
import {
  BLOCK_HEAD,
  BLOCK_ROWS,
  BYTE,
  BYTES,
  columnBytes,
  FLAG,
  ID_LENGTH,
  NUMBER,
  NUMBERS,
  STRING,
  STRINGS,
} from "./layout.js";

export class Block {
  readonly rows: number;
  /** Columns one behind the other (layout.ts). */
  readonly numbers: Float64Array;
  readonly lengths: Uint32Array;
  readonly #refs: Uint16Array;
  readonly #bytes: Uint8Array;
  readonly #ids: Buffer;
  readonly #bounds: Uint32Array;
  readonly #text: Buffer;
  readonly #wide: boolean;
  #decoded: string | undefined;
  readonly #owned = new Map<number, string>();
  readonly #strings: (string | undefined)[];

  private constructor(bytes: Buffer, rows: number, strings: number) {
    this.rows = rows;
    const { buffer } = bytes;
    let at = bytes.byteOffset + BLOCK_HEAD;
    const next = (size: number): number => {
      const from = at;
      at += size;
      return from;
    };
    this.numbers = new Float64Array(buffer, next(rows * NUMBERS.length * 8), rows * NUMBERS.length);
    this.lengths = new Uint32Array(buffer, next(rows * 4), rows);
    this.#bounds = new Uint32Array(buffer, next((strings + 1) * 4), strings + 1);
    this.#refs = new Uint16Array(buffer, next(rows * STRINGS.length * 2), rows * STRINGS.length);
    this.#bytes = new Uint8Array(buffer, next(rows * BYTES.length), rows * BYTES.length);
    this.#ids = Buffer.from(buffer, next(rows * ID_LENGTH), rows * ID_LENGTH);
    this.#text = bytes.subarray(at - bytes.byteOffset);
    this.#wide = bytes.readUInt32LE(12) === 1;
    this.#strings = new Array(strings).fill(undefined);
  }

  /**
   * @param bytes of one block, at a multiple of 8 in their memory; the block goes on using them.
   * @returns undefined for what is none, or damaged.
   */
  static read(bytes: Buffer): Block | undefined {
    if (bytes.length < BLOCK_HEAD || crc32(bytes.subarray(4)) !== bytes.readUInt32LE(0)) return undefined;
    const rows = bytes.readUInt32LE(4);
    const strings = bytes.readUInt32LE(8);
    if (rows > BLOCK_ROWS || columnBytes(rows, strings) + bytes.readUInt32LE(16) !== bytes.length)
      return undefined;
    return new Block(bytes, rows, strings);
  }

  number(column: keyof typeof NUMBER, row: number): number {
    return this.numbers[NUMBER[column] * this.rows + row]!;
  }

  byte(column: keyof typeof BYTE, row: number): number {
    return this.#bytes[BYTE[column] * this.rows + row]!;
  }

  /** A part of the block's text: it keeps all of it in memory. */
  string(column: keyof typeof STRING, row: number): string {
    const ref = this.#refs[STRING[column] * this.rows + row]!;
    const known = this.#strings[ref];
    if (known !== undefined) return known;
    this.#decoded ??= this.#decode(0, this.#bounds.at(-1)!);
    const text = this.#decoded.slice(this.#bounds[ref]!, this.#bounds[ref + 1]!);
    this.#strings[ref] = text;
    return text;
  }

  id(row: number): ExchangeId {
    return this.#ids.toString("latin1", row * ID_LENGTH, (row + 1) * ID_LENGTH) as ExchangeId;
  }

  isOpen(row: number): boolean {
    return (this.byte("flags", row) & FLAG.open) !== 0;
  }

  /** The same text, for keeping: it refers to nothing of the block. */
  ownString(column: keyof typeof STRING, row: number): string {
    const ref = this.#refs[STRING[column] * this.rows + row]!;
    const known = this.#owned.get(ref);
    if (known !== undefined) return known;
    const text = this.#decode(this.#bounds[ref]!, this.#bounds[ref + 1]!);
    // Methods, types and hosts come again, URLs seldom: those few that do are kept as well.
    this.#owned.set(ref, text);
    return text;
  }

  #decode(from: number, to: number): string {
    return this.#wide
      ? this.#text.toString("utf16le", from * 2, to * 2)
      : this.#text.toString("latin1", from, to);
  }
}
