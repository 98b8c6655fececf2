// Reads files out of a zip by its central directory (APPNOTE.TXT sections 4.3 and 4.4), one at a time and as streams:
// a HAR may stand behind the hundreds of attached bodies that it names. Names are looked up, never made into paths.
import { Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";
import { TrafficError } from "../errors.js";

/** Something with a known end of which any part can be read. */
export interface RandomAccess {
  readonly size: number;
  /** @returns fewer bytes only at the end. */
  read(position: number, length: number): Promise<Buffer>;
  chunks(from: number, to: number): AsyncIterable<Buffer>;
}

export interface ZipMember {
  readonly name: string;
  /** Bytes that it says it unpacks to: it never yields more. */
  readonly size: number;
  chunks(): AsyncIterable<Buffer>;
}

interface Record {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;
const RECORD_SIZE = 46;
const LOCAL_SIZE = 30;
const LARGEST_DIRECTORY = 64 << 20;

/** @throws HAR_INVALID when it is damaged or of a kind that is not read. */
export async function readZip(file: RandomAccess): Promise<ReadonlyMap<string, ZipMember>> {
  const tailStart = Math.max(file.size - END_SIZE - LONGEST_COMMENT, 0);
  const tail = await file.read(tailStart, file.size - tailStart);
  const end = tail.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end === -1 || end + END_SIZE > tail.length) throw damaged("its directory is missing: it was cut off");
  const size = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (offset === 0xffffffff) throw damaged("it is larger than 4 GB (zip64), which is not read");
  if (size > LARGEST_DIRECTORY || offset + size > file.size) throw damaged("its directory is damaged");
  const directory = await file.read(offset, size);
  const members = new Map<string, ZipMember>();
  for (const record of records(directory)) {
    members.set(record.name, { name: record.name, size: record.size, chunks: () => unpacked(file, record) });
  }
  return members;
}

function* records(directory: Buffer): Generator<Record> {
  for (let at = 0; at + RECORD_SIZE <= directory.length; ) {
    if (directory.readUInt32LE(at) !== 0x02014b50) throw damaged("its directory is damaged");
    const nameLength = directory.readUInt16LE(at + 28);
    const nameStart = at + RECORD_SIZE;
    yield {
      name: directory.toString("utf8", nameStart, nameStart + nameLength),
      encrypted: (directory.readUInt16LE(at + 8) & 1) !== 0,
      method: directory.readUInt16LE(at + 10),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    };
    at = nameStart + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
}

async function* unpacked(file: RandomAccess, record: Record): AsyncGenerator<Buffer> {
  if (record.encrypted) throw damaged(`${record.name} is encrypted`);
  const local = await file.read(record.offset, LOCAL_SIZE);
  if (local.length < LOCAL_SIZE || local.readUInt32LE(0) !== 0x04034b50) {
    throw damaged(`${record.name} is not where the directory says`);
  }
  const start = record.offset + LOCAL_SIZE + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = file.chunks(start, Math.min(start + record.packed, file.size));
  let left = record.size;
  for await (const chunk of inflated(packed, record)) {
    if (chunk.length > left) throw damaged(`${record.name} unpacks to more than it says`);
    left -= chunk.length;
    yield chunk;
  }
  if (left > 0) throw damaged(`${record.name} unpacks to less than it says`);
}

async function* inflated(packed: AsyncIterable<Buffer>, { name, method }: Record): AsyncGenerator<Buffer> {
  if (method === 0) {
    yield* packed;
    return;
  }
  if (method !== 8) throw damaged(`${name} is compressed in a way that is not read (method ${method})`);
  const inflate = createInflateRaw({ chunkSize: 1 << 18 });
  const input = Readable.from(packed, { objectMode: true, highWaterMark: 1 });
  input.on("error", (error) => inflate.destroy(error));
  input.pipe(inflate);
  try {
    yield* inflate;
  } catch (cause) {
    throw damaged(`${name} does not unpack`, cause);
  } finally {
    input.destroy();
    inflate.destroy();
  }
}

function damaged(why: string, cause?: unknown): TrafficError {
  return new TrafficError("HAR_INVALID", `the zip archive cannot be read: ${why}`, {
    hint: "record or download it again",
    ...(cause === undefined ? {} : { cause }),
  });
}
