import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { CompressionError } from "../../../src/proxy/http2/hpack/compression-error.js";
import { HpackDecoder } from "../../../src/proxy/http2/hpack/decoder.js";
import { HpackEncoder } from "../../../src/proxy/http2/hpack/encoder.js";
import { STATIC_LENGTH, STATIC_TABLE } from "../../../src/proxy/http2/hpack/static-table.js";
import { RFC_SEQUENCES } from "./rfc7541-vectors.js";

const LIMIT = 256 * 1024;

function decodeHex(decoder: HpackDecoder, hex: string): RawHeaders {
  const bytes = Buffer.from(hex.replaceAll(/\s/g, ""), "hex");
  return decoder.decode(bytes, 0, bytes.length).entries.map((entry) => entry.field);
}

function encode(encoder: HpackEncoder, headers: RawHeaders, never?: ReadonlySet<RawHeaders[number]>): Buffer {
  const bound = encoder.bound(headers);
  const target = Buffer.alloc(bound + 8, 0xee);
  const end = encoder.encode(headers, never, target, 3);
  expect(end).toBeLessThanOrEqual(bound + 3);
  expect(target.subarray(0, 3)).toEqual(Buffer.alloc(3, 0xee));
  return target.subarray(3, end);
}

function decode(decoder: HpackDecoder, bytes: Buffer): RawHeaders {
  return decoder.decode(bytes, 0, bytes.length).entries.map((entry) => entry.field);
}

describe("HPACK decoder", () => {
  it("knows the static table", () => {
    expect(STATIC_TABLE).toHaveLength(STATIC_LENGTH);
    expect(STATIC_TABLE[60]!.field).toEqual(["www-authenticate", ""]);
  });

  it.each(RFC_SEQUENCES)("decodes RFC 7541 $section", ({ tableSize, blocks }) => {
    const decoder = new HpackDecoder(LIMIT);
    if (tableSize !== undefined) {
      decoder.setMaxTableSize(tableSize);
      // The appendix sets the size out of band; here the encoder has to say it.
      decodeHex(decoder, tableSize === 256 ? "3fe101" : "");
    }
    for (const block of blocks) expect(decodeHex(decoder, block.hex)).toEqual(block.headers);
  });

  it.each([
    ["index 0", "80"],
    ["an index beyond both tables", "be"],
    ["a literal with a name beyond both tables", "7f00 0161"],
    ["a cut integer", "ff"],
    ["a cut long integer", "ff80"],
    ["an integer that is too large", "ffffffffffffff0f"],
    ["a string longer than the block", "400a 6375"],
    ["a literal without its value", "4001 61"],
    ["a literal without its name", "40"],
    ["a string with a length of gigabytes", "40 7fffffffff7f"],
    ["a size update after a field", "8220"],
    ["a size update above the limit", "3fe21f"],
    ["three size updates", "202020"],
    ["a Huffman string that ends wrongly", "4081 18 00"],
  ])("refuses %s", (_, hex) => {
    expect(() => decodeHex(new HpackDecoder(LIMIT), hex)).toThrow(CompressionError);
  });

  it("wants a size update after its limit fell below the table's size", () => {
    const decoder = new HpackDecoder(LIMIT);
    decoder.setMaxTableSize(100);
    expect(() => decodeHex(decoder, "82")).toThrow(/missing/);
    const kept = new HpackDecoder(LIMIT);
    kept.setMaxTableSize(100);
    expect(decodeHex(kept, "3f45 82")).toEqual([[":method", "GET"]]);
    expect(() => decodeHex(kept, "3f46")).toThrow(/above/);
  });

  it("keeps entries that fill its table exactly", () => {
    const decoder = new HpackDecoder(LIMIT);
    // A table of 68 octets, and two entries of 34.
    const headers: RawHeaders = [
      ["a", "1"],
      ["b", "2"],
    ];
    expect(decodeHex(decoder, "3f25 40016101 31 40016201 32")).toEqual(headers);
    expect(decodeHex(decoder, "bf be")).toEqual(headers);
    expect(decodeHex(decoder, "40016301 33 bf")).toEqual([["c", "3"], headers[1]]);
    expect(() => decodeHex(decoder, "c0")).toThrow(/index 64/);
  });

  it("keeps its tables right over a list that is too large", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder(200);
    const big = encode(encoder, [
      ["a", "x".repeat(100)],
      ["b", "y".repeat(100)],
    ]);
    const block = decoder.decode(big, 0, big.length);
    expect(block.tooLarge).toBe(true);
    expect(block.entries).toHaveLength(1);
    const next = encode(encoder, [["b", "y".repeat(100)]]);
    expect(next.length).toBe(1);
    expect(decode(decoder, next)).toEqual([["b", "y".repeat(100)]]);
  });

  it("stores nothing for a block that repeats a large field", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder(LIMIT);
    decode(decoder, encode(encoder, [["bomb", "x".repeat(3000)]]));
    const block = decoder.decode(Buffer.alloc(16_000, 0xbe), 0, 16_000);
    expect(block.tooLarge).toBe(true);
    expect(block.entries.length).toBeLessThan(100);
  });

  it("tells which fields came as never indexed, by identity", () => {
    const bytes = Buffer.from("100161 0162 000161 0162".replaceAll(" ", ""), "hex");
    const block = new HpackDecoder(LIMIT).decode(bytes, 0, bytes.length);
    expect(block.entries.map((entry) => block.neverIndexed.has(entry.field))).toEqual([true, false]);
  });

  it("throws nothing but CompressionError, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 5 }), (blocks) => {
        const decoder = new HpackDecoder(1000);
        try {
          for (const block of blocks) decode(decoder, Buffer.from(block));
        } catch (error) {
          expect(error).toBeInstanceOf(CompressionError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

const name = fc.oneof(
  fc.constantFrom(
    ":path",
    ":status",
    "accept",
    "cookie",
    "set-cookie",
    "authorization",
    "x-a",
    "x-b",
    "x-c",
    "date",
  ),
  fc.stringMatching(/^[a-z0-9-]{1,12}$/),
);
const value = fc.oneof(
  fc.constantFrom("", "/", "200", "gzip, deflate", "a", "b", "c", "x".repeat(900), "y".repeat(4000)),
  fc.uint8Array({ maxLength: 60 }).map((octets) => Buffer.from(octets).toString("latin1")),
);
const list = fc.array(fc.tuple(name, value), { maxLength: 25 });

describe("HPACK encoder", () => {
  it("round-trips lists over changing table sizes", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: list },
      { weight: 1, arbitrary: fc.constantFrom(0, 50, 100, 200, 4096, 20_000) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder(LIMIT);
        for (const next of steps) {
          if (typeof next === "number") {
            decoder.setMaxTableSize(next);
            encoder.setMaxTableSize(next);
          } else expect(decode(decoder, encode(encoder, next))).toEqual(next);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("says the smallest and the last of several table sizes", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder(LIMIT);
    decode(decoder, encode(encoder, [["x-a", "1"]]));
    encoder.setMaxTableSize(0);
    encoder.setMaxTableSize(4096);
    decoder.setMaxTableSize(0);
    decoder.setMaxTableSize(4096);
    const bytes = encode(encoder, [["x-a", "1"]]);
    expect(bytes.subarray(0, 4).toString("hex")).toBe("203fe11f");
    expect(decode(decoder, bytes)).toEqual([["x-a", "1"]]);
  });

  it("writes a repeated field as one byte", () => {
    const encoder = new HpackEncoder();
    const headers: RawHeaders = [
      [":method", "GET"],
      ["user-agent", "curl/8.0"],
      ["x-request", "same"],
    ];
    encode(encoder, headers);
    expect(encode(encoder, headers)).toHaveLength(3);
  });

  it.each<[string, RawHeaders[number], string]>([
    ["an authorization", ["authorization", "Basic eA=="], "1f"],
    ["a short cookie", ["cookie", "a=b"], "1f"],
    ["a long cookie", ["cookie", "a=".padEnd(30, "b")], "60"],
    ["a path", [":path", "/x"], "04"],
    ["an agent", ["user-agent", "x"], "7a"],
  ])("begins %s as common encoders do", (_, field, first) => {
    expect(encode(new HpackEncoder(), [field])[0]!.toString(16).padStart(2, "0")).toBe(first);
  });

  it("follows the marks of whoever has them", () => {
    const field: RawHeaders[number] = ["x-key", "v"];
    const marked = encode(new HpackEncoder(), [field], new Set([field]));
    expect(marked[0]! & 0xf0).toBe(0x10);
    const decoded = new HpackDecoder(LIMIT).decode(marked, 0, marked.length);
    expect(decoded.neverIndexed.size).toBe(1);
    // The client indexed it, so it may be indexed here too.
    expect(encode(new HpackEncoder(), [["authorization", "x"]], new Set())[0]! & 0xc0).toBe(0x40);
  });

  it("forgets evicted names", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder(LIMIT);
    for (let index = 0; index < 2000; index += 1) {
      const headers: RawHeaders = [[`x-${index % 300}`, `${index}`]];
      expect(decode(decoder, encode(encoder, headers))).toEqual(headers);
    }
  });
});
