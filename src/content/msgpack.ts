// MessagePack (the specification of 2013 with timestamps) as diagnostic text.
import {
  bytesLiteral,
  DataFault,
  type DataReader,
  type DataTree,
  numberLiteral,
  readAll,
} from "./data-tree.js";

/** Never throws; several values one after the other are lines. */
export function decodeMsgpack(bytes: Buffer): { text: string; problem?: string } {
  return readAll(bytes, readItem);
}

function readItem(reader: DataReader): DataTree {
  return reader.nested(() => readByFormat(reader, reader.byte()));
}

function readByFormat(reader: DataReader, format: number): DataTree {
  if (format < 0x80) return `${format}`;
  if (format < 0x90) return map(reader, format & 0x0f);
  if (format < 0xa0) return array(reader, format & 0x0f);
  if (format < 0xc0) return reader.text(format & 0x1f);
  if (format >= 0xe0) return `${format - 0x100}`;
  if (format === 0xc0) return "null";
  if (format === 0xc2) return "false";
  if (format === 0xc3) return "true";
  if (format <= 0xc6 && format >= 0xc4) return bytesLiteral(reader.take(size(reader, format - 0xc4)));
  if (format >= 0xc7 && format <= 0xc9) return extension(reader, size(reader, format - 0xc7));
  if (format === 0xca) return numberLiteral(reader.float(4));
  if (format === 0xcb) return numberLiteral(reader.float(8));
  if (format >= 0xcc && format <= 0xcf) return `${reader.unsigned(1 << (format - 0xcc))}`;
  if (format >= 0xd0 && format <= 0xd3) return signed(reader, 1 << (format - 0xd0));
  if (format >= 0xd4 && format <= 0xd8) return extension(reader, 1 << (format - 0xd4));
  if (format >= 0xd9 && format <= 0xdb) return reader.text(size(reader, format - 0xd9));
  if (format === 0xdc || format === 0xdd) return array(reader, size(reader, format - 0xdb));
  if (format === 0xde || format === 0xdf) return map(reader, size(reader, format - 0xdd));
  throw new DataFault(`0x${format.toString(16)} means nothing, at byte ${reader.at - 1}`);
}

/** @param power of 1, 2 or 4 bytes. */
function size(reader: DataReader, power: number): number {
  return Number(reader.unsigned(1 << power));
}

function signed(reader: DataReader, bytes: number): string {
  return `${BigInt.asIntN(bytes * 8, reader.unsigned(bytes))}`;
}

function array(reader: DataReader, count: number): DataTree {
  return { kind: "array", items: reader.repeat(count, () => readItem(reader)) };
}

function map(reader: DataReader, count: number): DataTree {
  return { kind: "map", entries: reader.repeat(count, () => [readItem(reader), readItem(reader)] as const) };
}

function extension(reader: DataReader, length: number): DataTree {
  const type = reader.take(1).readInt8(0);
  const content = reader.take(length);
  const time = type === -1 ? timestamp(content) : null;
  return {
    kind: "tagged",
    tag: time === null ? `ext ${type}` : "timestamp",
    item: time ?? bytesLiteral(content),
  };
}

function timestamp(content: Buffer): string | null {
  let seconds: number;
  let nanoseconds = 0;
  if (content.length === 4) seconds = content.readUInt32BE(0);
  else if (content.length === 8) {
    const packed = content.readBigUInt64BE(0);
    nanoseconds = Number(packed >> 34n);
    seconds = Number(packed & 0x3ffffffffn);
  } else if (content.length === 12) {
    nanoseconds = content.readUInt32BE(0);
    seconds = Number(content.readBigInt64BE(4));
  } else return null;
  const date = new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6));
  return Number.isNaN(date.getTime()) ? null : JSON.stringify(date.toISOString());
}
