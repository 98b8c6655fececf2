// CBOR (RFC 8949) as its diagnostic notation.
import {
  bytesLiteral,
  DataFault,
  type DataReader,
  type DataTree,
  numberLiteral,
  readAll,
} from "./data-tree.js";

/** Never throws; the items of a CBOR sequence (RFC 8742) are lines. */
export function decodeCbor(bytes: Buffer): { text: string; problem?: string } {
  return readAll(bytes, readItem);
}

const BREAK = 0xff;
const INDEFINITE = 31;

function readItem(reader: DataReader): DataTree {
  return reader.nested(() => {
    const initial = reader.byte();
    const major = initial >> 5;
    const info = initial & 0x1f;
    if (major === 7) return simple(reader, info);
    if (info === INDEFINITE) return indefinite(reader, major);
    const argument = readArgument(reader, info);
    return definite(reader, major, argument);
  });
}

function readArgument(reader: DataReader, info: number): bigint {
  if (info < 24) return BigInt(info);
  if (info < 28) return reader.unsigned(1 << (info - 24));
  throw new DataFault(`a reserved length, at byte ${reader.at - 1}`);
}

function definite(reader: DataReader, major: number, argument: bigint): DataTree {
  if (major === 0) return `${argument}`;
  if (major === 1) return `${-1n - argument}`;
  if (major === 2) return bytesLiteral(reader.take(Number(argument)));
  if (major === 3) return reader.text(Number(argument));
  if (major === 4) return { kind: "array", items: reader.repeat(Number(argument), () => readItem(reader)) };
  if (major === 5) return { kind: "map", entries: reader.repeat(Number(argument), () => readEntry(reader)) };
  return { kind: "tagged", tag: `${argument}`, item: readItem(reader) };
}

function readEntry(reader: DataReader): readonly [DataTree, DataTree] {
  return [readItem(reader), readItem(reader)];
}

function indefinite(reader: DataReader, major: number): DataTree {
  if (major === 2 || major === 3) {
    const pieces: Buffer[] = [];
    // Each piece is a definite string of the same type (section 3.2.3).
    for (let initial = reader.byte(); initial !== BREAK; initial = reader.byte()) {
      if (initial >> 5 !== major) throw new DataFault(`a piece of another type, at byte ${reader.at - 1}`);
      pieces.push(reader.take(Number(readArgument(reader, initial & 0x1f))));
    }
    const whole = Buffer.concat(pieces);
    return major === 2 ? bytesLiteral(whole) : JSON.stringify(whole.toString("utf8"));
  }
  if (major === 4) return { kind: "array", items: untilBreak(reader, () => readItem(reader)) };
  if (major === 5) return { kind: "map", entries: untilBreak(reader, () => readEntry(reader)) };
  throw new DataFault(`an endless number, at byte ${reader.at - 1}`);
}

function untilBreak<T>(reader: DataReader, read: () => T): T[] {
  const results: T[] = [];
  while (reader.bytes[reader.at] !== BREAK) results.push(read());
  reader.at++;
  return results;
}

function simple(reader: DataReader, info: number): DataTree {
  if (info === 20) return "false";
  if (info === 21) return "true";
  if (info === 22) return "null";
  if (info === 23) return "undefined";
  if (info < 20) return `simple(${info})`;
  if (info === 24) return `simple(${reader.byte()})`;
  if (info === 25) return numberLiteral(half(Number(reader.unsigned(2))));
  if (info === 26) return numberLiteral(reader.float(4));
  if (info === 27) return numberLiteral(reader.float(8));
  throw new DataFault(`0x${(0xe0 | info).toString(16)} means nothing here, at byte ${reader.at - 1}`);
}

/** IEEE 754 binary16 (appendix D). */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
