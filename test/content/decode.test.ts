// Content codings: sound bodies of several encoders, damaged ones, bombs, streams; hostile bytes never throw.
import { Readable } from "node:stream";
import { buffer as collect } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createContentDecoder, decodeContent } from "../../src/content/decode.js";
import { encodeContent } from "../../src/content/encode.js";
import type { RawHeaders } from "../../src/exchange/headers.js";
import { fuzzFor } from "../support/fuzz.js";
import { BROTLI, LOREM, ZSTD_19, ZSTD_STREAM, ZSTD_TWO_FRAMES } from "./samples.js";

const encoded = (...codings: string[]): RawHeaders => codings.map((coding) => ["Content-Encoding", coding]);
const lorem = Buffer.from(LOREM);

const SOUND: readonly [name: string, coding: string, body: Buffer, text: string][] = [
  ["gzip", "gzip", zlib.gzipSync(lorem), LOREM],
  ["x-gzip in capitals", "X-GZip", zlib.gzipSync(lorem), LOREM],
  ["two gzip members", "gzip", Buffer.concat([zlib.gzipSync("a"), zlib.gzipSync("b")]), "ab"],
  ["gzip padded with zeros", "gzip", Buffer.concat([zlib.gzipSync("a"), Buffer.alloc(20)]), "a"],
  ["deflate with zlib's wrapper", "deflate", zlib.deflateSync(lorem), LOREM],
  ["deflate without it", "deflate", zlib.deflateRawSync(lorem), LOREM],
  ["brotli", "br", Buffer.from(BROTLI, "base64"), LOREM],
  ["zstd", "zstd", Buffer.from(ZSTD_19, "base64"), LOREM],
  ["zstd of a stream", "zstd", Buffer.from(ZSTD_STREAM, "base64"), LOREM],
  ["two zstd frames", "zstd", Buffer.from(ZSTD_TWO_FRAMES, "base64"), "hello world"],
  [
    "a skippable zstd frame",
    "zstd",
    Buffer.concat([Buffer.from("502a4d1803000000616263", "hex"), Buffer.from(ZSTD_TWO_FRAMES, "base64")]),
    "hello world",
  ],
  ["identity", "identity", lorem, LOREM],
  ["a list", "deflate, gzip", zlib.gzipSync(zlib.deflateSync(lorem)), LOREM],
  ["no body", "gzip", Buffer.alloc(0), ""],
];

describe("a sound body", () => {
  test.each(SOUND)("%s", async (_name, coding, body, text) => {
    const decoded = await decodeContent(body, encoded(coding));
    expect(decoded.bytes.toString()).toBe(text);
    expect(decoded).not.toHaveProperty("problem");
    expect(decoded).not.toHaveProperty("limited");
  });

  test.each(SOUND)("%s, as a stream in pieces of seven bytes", async (_name, coding, body, text) => {
    const decoder = createContentDecoder(encoded(coding));
    const pieces = Array.from({ length: Math.ceil(body.length / 7) }, (_, index) =>
      body.subarray(index * 7, index * 7 + 7),
    );
    const content = await collect(Readable.from(pieces).pipe(decoder));
    expect(content.toString()).toBe(text);
    expect(decoder.outcome).toEqual({});
  });

  test("several lines are one list, in the order of their application", async () => {
    const body = zlib.brotliCompressSync(zlib.gzipSync(lorem));
    const decoded = await decodeContent(body, encoded("gzip, identity", "br"));
    expect(decoded.bytes.toString()).toBe(LOREM);
    expect(decoded.codings).toEqual(["gzip", "br"]);
  });

  test("large enough for the thread pool", async () => {
    const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => `${index * 7919}`).join());
    const decoded = await decodeContent(zlib.gzipSync(large), encoded("gzip"));
    expect(decoded.bytes.equals(large)).toBe(true);
  });
});

describe("a damaged body", () => {
  const CUT: readonly [coding: string, body: Buffer][] = [
    ["gzip", zlib.gzipSync(lorem, { level: 1 })],
    ["deflate", zlib.deflateSync(lorem, { level: 1 })],
    ["deflate", zlib.deflateRawSync(lorem, { level: 1 })],
    ["br", zlib.brotliCompressSync(lorem, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ];

  test.each(CUT)("%s cut off gives its beginning and says so", async (coding, body) => {
    const { bytes, problem } = await decodeContent(body.subarray(0, body.length - 200), encoded(coding));
    expect(bytes.length).toBeGreaterThan(2000);
    expect(LOREM.startsWith(bytes.toString())).toBe(true);
    expect(problem).toBe(`The ${coding} body was cut off after ${bytes.length} decoded bytes.`);
  });

  test.each(CUT)("%s cut off as a stream, its end read slowly", async (coding, body) => {
    const decoder = createContentDecoder(encoded(coding));
    decoder.end(body.subarray(0, body.length - 200));
    const pieces: Buffer[] = [];
    for await (const piece of decoder) {
      await new Promise(setImmediate);
      pieces.push(piece);
    }
    const bytes = Buffer.concat(pieces);
    expect(bytes.equals((await decodeContent(body.subarray(0, -200), encoded(coding))).bytes)).toBe(true);
    expect(decoder.outcome.problem).toMatch(/was cut off after \d{4,} decoded bytes/);
  });

  test("zstd cut off gives its whole blocks", async () => {
    const blocks = await encodeContent(Buffer.alloc(300_000, "z"), ["zstd"]);
    const { bytes, problem } = await decodeContent(blocks.subarray(0, 290_000), encoded("zstd"));
    expect(bytes).toHaveLength(2 * 128 * 1024);
    expect(problem).toMatch(/was cut off/);
  });

  test("a wrong checksum costs nothing of the content", async () => {
    const body = zlib.gzipSync(lorem);
    body.writeUInt32LE(1, body.length - 8);
    const { bytes, problem } = await decodeContent(body, encoded("gzip"));
    expect(bytes.toString()).toBe(LOREM);
    expect(problem).toMatch(/is damaged \(incorrect data check\)/);
  });

  test("a fault in the middle costs nothing of what is before it, to the byte", async () => {
    const gzip = zlib.createGzip();
    gzip.write(lorem);
    await new Promise<void>((resolve) => gzip.flush(() => resolve()));
    const flushed: unknown = gzip.read();
    // A block of type 3, which there is not, and what would have followed.
    const body = Buffer.concat([flushed as Buffer, Buffer.of(0x07), Buffer.alloc(9000, 1)]);
    const { bytes, problem } = await decodeContent(body, encoded("gzip"));
    expect(bytes.toString()).toBe(LOREM);
    expect(problem).toMatch(/is damaged \(invalid block type\) after 21490 decoded bytes/);
  });

  test("what follows the end is no part of the content", async () => {
    const body = Buffer.concat([zlib.gzipSync(lorem), Buffer.from("garbage")]);
    const { bytes, problem } = await decodeContent(body, encoded("gzip"));
    expect(bytes.toString()).toBe(LOREM);
    expect(problem).toMatch(/is damaged \(incorrect header check\)/);
  });

  test.each([
    ["gzip", "plain text under a wrong name"],
    ["br", "plain text under a wrong name"],
    ["zstd", "plain text under a wrong name"],
  ])("what is not %s stays as it came", async (coding, text) => {
    const { bytes, problem } = await decodeContent(Buffer.from(text), encoded(coding));
    expect(bytes.toString()).toBe(text);
    expect(problem).toMatch(new RegExp(`^The body is not ${coding}`));
  });

  test("an unknown coding ends the undoing", async () => {
    const body = zlib.gzipSync("x");
    const decoded = await decodeContent(body, encoded("dcb, gzip"));
    expect(decoded.bytes.toString()).toBe("x");
    expect(decoded.problem).toMatch(/"dcb" is not known/);
  });
});

describe("a bomb", () => {
  const bomb = zlib.gzipSync(Buffer.alloc(20_000_000));
  test.each([
    ["gzip", bomb],
    ["br", zlib.brotliCompressSync(Buffer.alloc(20_000_000))],
    // 3,000 blocks of run-length 128 KB: 393 MB in 12 KB.
    ["zstd", rleZstd(3000)],
    ["gzip, gzip", zlib.gzipSync(bomb)],
  ])("%s stops at the limit", async (coding, body) => {
    const decoded = await decodeContent(body, encoded(coding), { limit: 1_000_000 });
    expect(decoded.bytes).toHaveLength(1_000_000);
    expect(decoded.limited).toBe(true);
  });

  test("a stream stops at its limit and still takes its input", async () => {
    const decoder = createContentDecoder(encoded("gzip"), { limit: 1_000_000 });
    let size = 0;
    await pipeline(Readable.from([bomb, bomb]), decoder, async (source: AsyncIterable<Buffer>) => {
      for await (const piece of source) size += piece.length;
    });
    expect(size).toBe(1_000_000);
    expect(decoder.outcome).toEqual({ limited: true });
  });

  test("a zstd window of gigabytes is refused before it is allocated", async () => {
    const { problem } = await decodeContent(Buffer.from("28b52ffd00a8010000", "hex"), encoded("zstd"));
    expect(problem).toMatch(/is more than 128 MB/);
  });

  test("a stream that nobody reads takes little", async () => {
    const decoder = createContentDecoder(encoded("gzip"));
    decoder.write(bomb);
    await new Promise((resolve) => decoder.once("readable", resolve));
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(decoder.readableLength).toBeLessThan(1_000_000);
    decoder.destroy();
  });
});

test("many small pieces of a large zstd window are no attack, tiny blocks in it without end are", async () => {
  const body = await encodeContent(Buffer.alloc(200_000, "z"), ["zstd"]);
  const decoder = createContentDecoder(encoded("zstd"));
  const pieces = Array.from({ length: body.length / 7 + 1 }, (_, index) =>
    body.subarray(index * 7, index * 7 + 7),
  );
  expect(await collect(Readable.from(pieces).pipe(decoder))).toHaveLength(200_000);
  expect(decoder.outcome).toEqual({});

  // A window of 128 MB, and blocks of one byte: each costs 128 MB of moving.
  const tiny = Buffer.concat([
    Buffer.from("28b52ffd0088", "hex"),
    Buffer.alloc(4 * 3000, Buffer.from("08000041", "hex")),
  ]);
  const { bytes, problem } = await decodeContent(tiny, encoded("zstd"));
  expect(bytes.length).toBeLessThan(200);
  expect(problem).toMatch(/too many small zstd blocks/);
});

test("destroying a stream in the middle is quiet", async () => {
  const decoder = createContentDecoder(encoded("gzip, br"));
  decoder.write(zlib.brotliCompressSync(zlib.gzipSync(lorem)).subarray(0, 60));
  decoder.destroy();
  await new Promise((resolve) => decoder.once("close", resolve));
  expect(decoder.outcome).toEqual({});
});

describe("encoding", () => {
  test("is undone by decoding, and refuses what it does not know", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300_000, size: "max" }),
        fc.array(fc.constantFrom("gzip", "deflate", "br", "zstd"), { maxLength: 3 }),
        async (data, codings) => {
          const body = await encodeContent(Buffer.from(data), codings);
          const decoded = await decodeContent(body, encoded(codings.join(", ")));
          expect(decoded).toEqual({ bytes: Buffer.from(data), codings });
        },
      ),
      { numRuns: 30 },
    );
    await expect(encodeContent(lorem, ["dcb"])).rejects.toMatchObject({ code: "BODY_UNREADABLE" });
    await expect(encodeContent(lorem, ["constructor"])).rejects.toMatchObject({ code: "BODY_UNREADABLE" });
  });
});

test("whatever the bytes, decoding answers", async () => {
  const sound = SOUND.map(([, , body]) => body).filter((body) => body.length > 0);
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc
      .record({ body: fc.constantFrom(...sound), cut: fc.nat(), at: fc.nat(), byte: fc.nat(255) })
      .map(({ body, cut, at, byte }) => {
        const copy = Buffer.from(body.subarray(0, 1 + (cut % body.length)));
        copy[at % copy.length] = byte;
        return copy;
      }),
  );
  await fc.assert(
    fc.asyncProperty(hostile, fc.constantFrom("gzip", "deflate", "br", "zstd"), async (bytes, coding) => {
      const body = Buffer.from(bytes);
      const whole = await decodeContent(body, encoded(coding), { limit: 1_000_000 });
      expect(whole.bytes.length).toBeLessThanOrEqual(1_000_000);
      const decoder = createContentDecoder(encoded(coding), { limit: 1_000_000 });
      decoder.end(body);
      const streamed = await collect(decoder);
      expect(decoder.outcome.problem === undefined).toBe(whole.problem === undefined);
      if (whole.problem === undefined) expect(streamed.equals(whole.bytes)).toBe(true);
    }),
    fuzzFor(150),
  );
});

function rleZstd(blocks: number): Buffer {
  const block = Buffer.from("0000000041", "hex").subarray(0, 4);
  block.writeUIntLE((131_072 << 3) | 2, 0, 3);
  return Buffer.concat([Buffer.from("28b52ffd0038", "hex"), ...Array.from({ length: blocks }, () => block)]);
}
