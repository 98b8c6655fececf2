// Decodes header blocks (RFC 7541): every representation, with the dynamic table that the peer's encoder keeps.
import { CompressionError } from "./compression-error.js";
import { DynamicTable } from "./dynamic-table.js";
import { HeaderEntry, type HeaderField } from "./header-entry.js";
import { huffmanDecode } from "./huffman.js";
import { type Cursor, readInteger } from "./integer.js";
import { STATIC_LENGTH, STATIC_TABLE } from "./static-table.js";

/** What a header block held. */
export interface DecodedBlock {
  readonly entries: readonly HeaderEntry[];
  /** The fields (by identity) that came as "never indexed": whoever passes them on must not index them either. */
  readonly neverIndexed: ReadonlySet<HeaderField>;
  /** The list is larger than the limit: `entries` stop there, the tables are still right. */
  readonly tooLarge: boolean;
}

export const DEFAULT_TABLE_SIZE = 4096;

const NONE: ReadonlySet<HeaderField> = new Set();

export class HpackDecoder {
  readonly #maxListSize: number;
  readonly #table = new DynamicTable<HeaderEntry>(DEFAULT_TABLE_SIZE);
  /** What the peer's encoder may set its table to. */
  #maxTableSize = DEFAULT_TABLE_SIZE;
  /** Our limit fell below the table's size: the next block has to begin with a smaller size (section 4.2). */
  #mustShrink = false;

  /** @param maxListSize the largest header list, in octets as SETTINGS_MAX_HEADER_LIST_SIZE counts them */
  constructor(maxListSize: number) {
    this.#maxListSize = maxListSize;
  }

  /** Our SETTINGS_HEADER_TABLE_SIZE, from when the peer has to keep to it. */
  setMaxTableSize(size: number): void {
    this.#maxTableSize = size;
    this.#mustShrink = this.#table.capacity > size;
  }

  /** @throws {CompressionError} when the block can't be decoded; the decoder is of no use after that. */
  decode(bytes: Buffer, start: number, end: number): DecodedBlock {
    const cursor: Cursor = { bytes, position: start, end };
    this.#readSizeUpdates(cursor);
    const entries: HeaderEntry[] = [];
    let neverIndexed: Set<HeaderField> | undefined;
    let listSize = 0;
    while (cursor.position < end) {
      const first = bytes[cursor.position]!;
      let entry: HeaderEntry;
      if (first >= 0x80) entry = this.#entry(readInteger(cursor, 0x7f));
      else if (first >= 0x40) {
        entry = this.#readLiteral(cursor, 0x3f);
        this.#table.add(entry);
      } else if (first >= 0x20)
        throw new CompressionError("a table size update after the first header field");
      else {
        entry = this.#readLiteral(cursor, 0x0f);
        if (first >= 0x10) {
          neverIndexed ??= new Set();
          neverIndexed.add(entry.field);
        }
      }
      listSize += entry.size;
      // What is over the limit is not kept, so that a small block can't stand for a list of any size.
      if (listSize <= this.#maxListSize) entries.push(entry);
    }
    return { entries, neverIndexed: neverIndexed ?? NONE, tooLarge: listSize > this.#maxListSize };
  }

  #readSizeUpdates(cursor: Cursor): void {
    // Section 4.2: at most the smallest and the last of the changes since the previous block.
    for (let count = 0; cursor.position < cursor.end; count += 1) {
      if ((cursor.bytes[cursor.position]! & 0xe0) !== 0x20) break;
      if (count === 2) throw new CompressionError("more than two table size updates in one header block");
      const size = readInteger(cursor, 0x1f);
      if (size > this.#maxTableSize)
        throw new CompressionError("a table size update above SETTINGS_HEADER_TABLE_SIZE");
      this.#table.setCapacity(size);
      this.#mustShrink = false;
    }
    if (this.#mustShrink)
      throw new CompressionError("the table size update that the new limit asks for is missing");
  }

  #readLiteral(cursor: Cursor, mask: number): HeaderEntry {
    const index = readInteger(cursor, mask);
    const name = index === 0 ? readString(cursor) : this.#entry(index).field[0];
    return new HeaderEntry(name, readString(cursor));
  }

  #entry(index: number): HeaderEntry {
    const entry =
      index <= STATIC_LENGTH ? STATIC_TABLE[index - 1] : this.#table.get(index - STATIC_LENGTH - 1);
    if (entry === undefined) throw new CompressionError(`no header field has the index ${index}`);
    return entry;
  }
}

function readString(cursor: Cursor): string {
  const { bytes, end } = cursor;
  const coded = cursor.position < end && bytes[cursor.position]! >= 0x80;
  const length = readInteger(cursor, 0x7f);
  const start = cursor.position;
  if (length > end - start) throw new CompressionError("the header block ends inside a string");
  cursor.position = start + length;
  if (coded) return huffmanDecode(bytes, start, start + length);
  return bytes.toString("latin1", start, start + length);
}
