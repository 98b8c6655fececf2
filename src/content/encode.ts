// Applies content codings: for a body that was changed and goes on under its old Content-Encoding.
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { TrafficError } from "../errors.js";
import { storeAsZstd } from "./zstd-frames.js";

const ENCODERS: Readonly<Record<string, (bytes: Buffer) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, Buffer>(zlib.gzip),
  deflate: promisify<Buffer, Buffer>(zlib.deflate),
  // Brotli's default quality of 11 costs seconds per megabyte; 5 is what servers use for what they compress live.
  br: (bytes) => brotli(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }),
  zstd: async (bytes) => storeAsZstd(bytes),
};

const brotli = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);

/**
 * @param codings as `contentCodings` gives them, in the order of their application. zstd is framed, not compressed.
 * @throws TrafficError BODY_UNREADABLE for a coding that is not known.
 */
export async function encodeContent(bytes: Buffer, codings: readonly string[]): Promise<Buffer> {
  let encoded = bytes;
  for (const coding of codings) {
    const encode = Object.hasOwn(ENCODERS, coding) ? ENCODERS[coding] : undefined;
    if (encode === undefined) {
      throw new TrafficError(
        "BODY_UNREADABLE",
        `the content coding ${JSON.stringify(coding)} cannot be written`,
        {
          hint: "leave the body as it is, or remove its Content-Encoding",
        },
      );
    }
    encoded = await encode(encoded);
  }
  return encoded;
}
