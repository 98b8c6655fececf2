// The bytes of a HAR as UTF-8 JSON, whatever wrapping they came in: gzip, zlib (mitmproxy's .zhar), a byte order mark,
// UTF-16. A zip needs its end first, so it is not read here (zip.ts).
import { Readable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { systemCode, TrafficError } from "../errors.js";

/** @returns the unwrapped bytes; nothing of them is kept. Ends the source when it is left. */
export async function* harBytes(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, rest } = await peek(source, 4);
  if (isGzip(head)) yield* inflated(rest, "gzip");
  else if (isZlib(head)) yield* inflated(rest, "zlib");
  else yield* asUtf8(head, rest);
}

export function isZip(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) === 0x04034b50;
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** RFC 1950 section 2.2. No JSON begins with its first byte, an `x`. */
function isZlib(head: Buffer): boolean {
  return head[0] === 0x78 && head.length >= 2 && head.readUInt16BE(0) % 31 === 0;
}

async function* inflated(source: AsyncIterable<Buffer>, form: "gzip" | "zlib"): AsyncGenerator<Buffer> {
  const unzip =
    form === "gzip" ? createGunzip({ chunkSize: 1 << 18 }) : createInflate({ chunkSize: 1 << 18 });
  const input = Readable.from(source, { objectMode: true, highWaterMark: 1 });
  input.on("error", (error) => unzip.destroy(error));
  input.pipe(unzip);
  const bytes: AsyncIterable<Buffer> = unzip;
  try {
    const { head, rest } = await peek(bytes, 4);
    yield* asUtf8(head, rest);
  } catch (cause) {
    // What was unpacked until here is good: a cut file loses its end only. The reader says that the end is missing.
    if (systemCode(cause) === "Z_BUF_ERROR") return;
    if (systemCode(cause)?.startsWith("Z_") !== true) throw cause;
    throw new TrafficError("HAR_INVALID", `the ${form} compression of the file is damaged`, {
      hint: "download or export it again",
      cause,
    });
  } finally {
    input.destroy();
    unzip.destroy();
  }
}

async function* asUtf8(head: Buffer, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (head[0] === 0xff && head[1] === 0xfe) yield* transcoded(source, "utf-16le");
  else if (head[0] === 0xfe && head[1] === 0xff) yield* transcoded(source, "utf-16be");
  else if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) {
    let mark = 3;
    for await (const chunk of source) {
      const skipped = Math.min(mark, chunk.length);
      mark -= skipped;
      if (skipped < chunk.length) yield chunk.subarray(skipped);
    }
  } else yield* source;
}

async function* transcoded(source: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }), "utf8");
  const last = decoder.decode();
  if (last !== "") yield Buffer.from(last, "utf8");
}

/** The first bytes (fewer where there are no more), and the whole stream with them. */
async function peek(
  source: AsyncIterable<Buffer>,
  length: number,
): Promise<{ head: Buffer; rest: AsyncIterable<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  let bytes = 0;
  let done = false;
  while (bytes < length && !done) {
    const next = await iterator.next();
    if (next.done === true) done = true;
    else {
      seen.push(next.value);
      bytes += next.value.length;
    }
  }
  async function* rest(): AsyncGenerator<Buffer> {
    try {
      yield* seen.splice(0);
      while (!done) {
        const next = await iterator.next();
        if (next.done === true) done = true;
        else yield next.value;
      }
    } finally {
      if (!done) await iterator.return?.();
    }
  }
  return { head: Buffer.concat(seen).subarray(0, length), rest: rest() };
}
