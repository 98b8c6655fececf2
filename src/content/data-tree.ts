// What binary data formats hold, written in the diagnostic notation of CBOR (RFC 8949 section 8): JSON with byte strings
// (h'00ff'), tags (1(1700000000)) and keys of any kind.

export type DataTree =
  | string
  | { readonly kind: "array"; readonly items: readonly DataTree[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [DataTree, DataTree])[] }
  | { readonly kind: "tagged"; readonly tag: string; readonly item: DataTree };

/** Decoding stopped here: bytes that are not the format, that end early, or that nest too deep. */
export class DataFault extends Error {}

const LONGEST_BYTES = 256;

/** A byte string, cut after 256 bytes. */
export function bytesLiteral(bytes: Buffer): string {
  const hex = bytes.toString("hex", 0, LONGEST_BYTES);
  return bytes.length > LONGEST_BYTES ? `h'${hex}…' /${bytes.length} bytes/` : `h'${hex}'`;
}

export function numberLiteral(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

/** An item or entry a line, two spaces a level. */
function writeTree(tree: DataTree, indent = ""): string {
  if (typeof tree === "string") return tree;
  if (tree.kind === "tagged") return `${tree.tag}(${writeTree(tree.item, indent)})`;
  const inner = `${indent}  `;
  const lines =
    tree.kind === "array"
      ? tree.items.map((item) => writeTree(item, inner))
      : tree.entries.map(([key, value]) => `${writeTree(key, inner)}: ${writeTree(value, inner)}`);
  const [open, close] = tree.kind === "array" ? ["[", "]"] : ["{", "}"];
  return lines.length === 0
    ? `${open}${close}`
    : `${open}\n${inner}${lines.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** Reads bytes in order and keeps hostile input within bounds. */
export class DataReader {
  at = 0;
  readonly bytes: Buffer;
  #items = 0;
  #depth = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  take(size: number): Buffer {
    if (size > this.bytes.length - this.at)
      throw new DataFault(`it ends early, at byte ${this.bytes.length}`);
    const taken = this.bytes.subarray(this.at, this.at + size);
    this.at += size;
    return taken;
  }

  byte(): number {
    return this.take(1).readUInt8(0);
  }

  /** An unsigned integer of 1, 2, 4 or 8 bytes. */
  unsigned(size: number): bigint {
    const bytes = this.take(size);
    return size === 8 ? bytes.readBigUInt64BE(0) : BigInt(bytes.readUIntBE(0, size));
  }

  float(size: 4 | 8): number {
    return size === 8 ? this.take(8).readDoubleBE(0) : this.take(4).readFloatBE(0);
  }

  text(size: number): string {
    return JSON.stringify(this.take(size).toString("utf8"));
  }

  nested<T>(read: () => T): T {
    if (++this.#items > 50_000) throw new DataFault(`there are too many items, at byte ${this.at}`);
    if (++this.#depth > 64) throw new DataFault(`it nests too deep, at byte ${this.at}`);
    const result = read();
    this.#depth--;
    return result;
  }

  /** Reads `count` times; a count that the remaining bytes cannot hold is refused before anything is allocated. */
  repeat<T>(count: number, read: () => T): T[] {
    if (count > this.bytes.length - this.at)
      throw new DataFault(`it ends early, at byte ${this.bytes.length}`);
    const results: T[] = [];
    for (let index = 0; index < count; index++) results.push(read());
    return results;
  }
}

/** @returns the items that stand one after the other, as text; what came before a fault, and the fault. */
export function readAll(
  bytes: Buffer,
  read: (reader: DataReader) => DataTree,
): { text: string; problem?: string } {
  const reader = new DataReader(bytes);
  const items: string[] = [];
  try {
    while (reader.at < bytes.length) items.push(writeTree(read(reader)));
  } catch (error) {
    if (!(error instanceof DataFault)) throw error;
    return { text: items.join("\n"), problem: `Not all of it could be read: ${error.message}.` };
  }
  return { text: items.join("\n") };
}
