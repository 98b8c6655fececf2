// The end of an index file: where its blocks lie, and where the pass over the log stood, so that another goes on there.
import { crc32 } from "node:zlib";
import type { RawPlace } from "../line-splitter.js";
import type { ReadReport } from "../read-report.js";
import { ID_LENGTH } from "./layout.js";

/** An id takes four numbers' bytes. */
const ID_BYTES = 32;

export interface BlockPlace {
  readonly offset: number;
  readonly length: number;
  readonly rows: number;
}

export interface IndexTail {
  /** Bytes of the log that the index covers. */
  readonly indexedBytes: number;
  readonly report: ReadReport;
  readonly blocks: readonly BlockPlace[];
  readonly open: readonly (readonly [id: string, place: RawPlace])[];
  /** Of connections without a final line: the last of their messages' places. */
  readonly chains: readonly (readonly [id: string, last: number])[];
}

/** Numbers of eight bytes and ids; a checksum at the end. */
export function encodeTail({ indexedBytes, report, blocks, open, chains }: IndexTail): Buffer {
  const { lines, damaged, unknown, damagedLines } = report;
  const numbers = [indexedBytes, lines, damaged, unknown, damagedLines.length, blocks.length, open.length];
  numbers.push(chains.length, ...damagedLines);
  const places = blocks.flatMap(({ offset, length, rows }) => [offset, length, rows]);
  const bytes = Buffer.alloc(tailBytes(damagedLines.length, blocks.length, open.length, chains.length));
  let at = 0;
  const number = (value: number): void => {
    at = bytes.writeDoubleLE(value, at);
  };
  const id = (text: string): void => {
    bytes.write(text, at, ID_LENGTH, "latin1");
    at += ID_BYTES;
  };
  for (const value of numbers) number(value);
  for (const value of places) number(value);
  for (const [name, place] of open) {
    id(name);
    number(place.number);
    number(place.offset);
    number(place.length);
  }
  for (const [name, last] of chains) {
    id(name);
    number(last);
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(0, at)), at);
  return bytes;
}

function tailBytes(damagedLines: number, blocks: number, open: number, chains: number): number {
  const numbers = 8 + damagedLines + blocks * 3 + open * 3 + chains;
  return numbers * 8 + (open + chains) * ID_BYTES + 4;
}

/** @returns undefined for what is damaged. */
export function decodeTail(bytes: Buffer): IndexTail | undefined {
  const end = bytes.length - 4;
  if (end < 8 * 8 || crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) return undefined;
  let at = 0;
  const number = (): number => {
    at += 8;
    return bytes.readDoubleLE(at - 8);
  };
  const id = (): string => {
    at += ID_BYTES;
    return bytes.toString("latin1", at - ID_BYTES, at - ID_BYTES + ID_LENGTH);
  };
  const repeat = <T>(count: number, read: () => T): T[] => Array.from({ length: count }, read);
  const [indexedBytes, lines, damaged, unknown] = [number(), number(), number(), number()];
  const [named, blocks, open, chains] = [number(), number(), number(), number()];
  // Before memory is taken for a count that is none.
  if (bytes.length !== tailBytes(named, blocks, open, chains)) return undefined;
  return {
    indexedBytes,
    report: { lines, damaged, unknown, damagedLines: repeat(named, number), tornBytes: 0 },
    blocks: repeat(blocks, () => ({ offset: number(), length: number(), rows: number() })),
    open: repeat(open, () => [id(), { number: number(), offset: number(), length: number() }] as const),
    chains: repeat(chains, () => [id(), number()] as const),
  };
}
