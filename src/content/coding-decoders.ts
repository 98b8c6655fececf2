// The content codings that can be undone, each in two ways: quickly for a whole body, and as a stream.
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { throughStream } from "./native-stage.js";
import { throughZstd } from "./zstd-stage.js";

type Source = AsyncIterable<Buffer> | Iterable<Buffer>;

export interface CodingDecoder {
  readonly coding: string;
  /** @throws DecodeFault after everything that could be decoded was yielded. */
  through(source: Source): AsyncGenerator<Buffer>;
  /** What it yields before a fault does not depend on how the input is cut. */
  readonly exact?: true;
  /** The whole of a sound body at once; absent where only the stream exists. */
  readonly whole?: WholeDecoder;
}

interface WholeDecoder {
  sync(bytes: Buffer, options: zlib.ZlibOptions): Buffer;
  async(bytes: Buffer, options: zlib.ZlibOptions): Promise<Buffer>;
}

const gunzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip);
const inflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate);
const inflateRaw = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflateRaw);
const brotli = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress);

const DECODERS: readonly CodingDecoder[] = [
  {
    coding: "gzip",
    through: (source) => throughStream(zlib.createGunzip(), source),
    whole: { sync: zlib.gunzipSync, async: gunzip },
  },
  {
    coding: "deflate",
    through: throughDeflate,
    whole: {
      sync: (bytes, options) => (isZlib(bytes) ? zlib.inflateSync : zlib.inflateRawSync)(bytes, options),
      async: (bytes, options) => (isZlib(bytes) ? inflate : inflateRaw)(bytes, options),
    },
  },
  {
    coding: "br",
    through: (source) => throughStream(zlib.createBrotliDecompress(), source),
    whole: { sync: zlib.brotliDecompressSync, async: brotli },
  },
  { coding: "zstd", through: throughZstd, exact: true },
];

/** @param coding in lower case. @returns undefined for one that is not known. */
export function decoderOf(coding: string): CodingDecoder | undefined {
  return DECODERS.find((decoder) => decoder.coding === coding);
}

/** Input up to here that decodes to at most this is done at once: below a millisecond, and no thread to wait for. */
const SYNC_INPUT = 16 * 1024;
const SYNC_OUTPUT = 256 * 1024;

/** @returns null when the body is not sound, or larger than `limit`: then the stream has to look. */
export async function quickDecode(
  { whole }: CodingDecoder,
  bytes: Buffer,
  limit: number,
): Promise<{ bytes: Buffer; outcome: Record<never, never>; undecodable?: never } | null> {
  if (whole === undefined || limit < 1) return null;
  if (bytes.length <= SYNC_INPUT) {
    const decoded = decodeSync(whole, bytes, Math.min(limit, SYNC_OUTPUT));
    if (decoded !== "too-large") return decoded === "unsound" ? null : { bytes: decoded, outcome: {} };
    if (limit <= SYNC_OUTPUT) return null;
  }
  try {
    return { bytes: await whole.async(bytes, { maxOutputLength: limit }), outcome: {} };
  } catch {
    return null;
  }
}

function decodeSync(whole: WholeDecoder, bytes: Buffer, limit: number): Buffer | "too-large" | "unsound" {
  try {
    return whole.sync(bytes, { maxOutputLength: limit });
  } catch (error) {
    const tooLarge = error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return tooLarge ? "too-large" : "unsound";
  }
}

/** `deflate` is zlib's format (RFC 9110 section 8.4.1.2); some servers send it without the zlib wrapper. */
async function* throughDeflate(source: Source): AsyncGenerator<Buffer> {
  const rest = iterate(source);
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await rest.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = async function* (): AsyncGenerator<Buffer> {
    yield head;
    yield* rest;
  };
  yield* throughStream(isZlib(head) ? zlib.createInflate() : zlib.createInflateRaw(), whole());
}

async function* iterate(source: Source): AsyncGenerator<Buffer> {
  yield* source;
}

/** RFC 1950 section 2.2: compression method 8, and a header that is a multiple of 31. */
function isZlib(bytes: Buffer): boolean {
  const [method = 0, flags = 0] = bytes;
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0;
}
