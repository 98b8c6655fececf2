// The first bytes of an index file: what it is, of which version, where its tail lies, and what its log began with.
import { crc32 } from "node:zlib";
import { INDEX_VERSION } from "./layout.js";
import { CHECK_LENGTH } from "./log-check.js";

export interface IndexHead {
  readonly tailOffset: number;
  readonly tailLength: number;
  /** See log-check.ts. */
  readonly check: Buffer;
}

export const HEAD_LENGTH = 64;
const MAGIC = Buffer.from("tctlidx\n");

export function encodeHead({ tailOffset, tailLength, check }: IndexHead): Buffer {
  const bytes = Buffer.alloc(HEAD_LENGTH);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(INDEX_VERSION, 8);
  bytes.writeUInt32LE(tailLength, 12);
  bytes.writeDoubleLE(tailOffset, 16);
  check.copy(bytes, 24, 0, CHECK_LENGTH);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, HEAD_LENGTH - 4)), HEAD_LENGTH - 4);
  return bytes;
}

/** @returns undefined for another file, another version, or damage. */
export function decodeHead(bytes: Buffer): IndexHead | undefined {
  if (bytes.length < HEAD_LENGTH || MAGIC.compare(bytes, 0, MAGIC.length) !== 0) return undefined;
  if (bytes.readUInt32LE(8) !== INDEX_VERSION) return undefined;
  if (crc32(bytes.subarray(0, HEAD_LENGTH - 4)) !== bytes.readUInt32LE(HEAD_LENGTH - 4)) return undefined;
  const check = bytes.subarray(24, 24 + CHECK_LENGTH);
  return { tailLength: bytes.readUInt32LE(12), tailOffset: bytes.readDoubleLE(16), check };
}
