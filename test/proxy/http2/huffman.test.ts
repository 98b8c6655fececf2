import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { huffmanDecode, huffmanEncode, huffmanLength } from "../../../src/proxy/http2/hpack/huffman.js";
import { CODE_LENGTHS, CODES } from "../../../src/proxy/http2/hpack/huffman-code.js";

/** RFC 7541 appendix B: bits of the code of each octet, in order. */
const APPENDIX_B = `
  13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
  6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10
  13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6
  15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28
  20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
  22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
  26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
  20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26`;

/** Codes of some symbols as the appendix prints them. */
const CODE_SAMPLES: readonly (readonly [symbol: number, code: number])[] = [
  [0, 0x1ff8],
  [1, 0x7fffd8],
  [9, 0xffffea],
  [10, 0x3ffffffc],
  [22, 0x3ffffffe],
  [31, 0xffffffb],
  [48, 0x0],
  [90, 0xfd],
  [92, 0x7fff0],
  [122, 0x7b],
  [127, 0xffffffc],
  [128, 0xfffe6],
  [208, 0x7fff2],
  [239, 0x7ffff4],
  [249, 0xffffffe],
  [254, 0x7fffff0],
  [255, 0x3ffffee],
  [256, 0x3fffffff],
];

function encode(text: string): Buffer {
  const target = Buffer.alloc(text.length * 4 + 4);
  return target.subarray(0, huffmanEncode(text, target, 0));
}

const decode = (bytes: Buffer): string => huffmanDecode(bytes, 0, bytes.length);

describe("Huffman code", () => {
  it("is the one of RFC 7541 appendix B", () => {
    expect([...CODE_LENGTHS].slice(0, 256)).toEqual(APPENDIX_B.trim().split(/\s+/).map(Number));
    for (const [symbol, code] of CODE_SAMPLES) expect([symbol, CODES[symbol]]).toEqual([symbol, code]);
    const kraft = [...CODE_LENGTHS].reduce((sum, bits) => sum + 2 ** -bits, 0);
    expect(kraft).toBe(1);
  });

  it("decodes what it encodes, whatever the octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const text = Buffer.from(octets).toString("latin1");
        const bytes = encode(text);
        expect(bytes.length).toBe(huffmanLength(text));
        expect(decode(bytes)).toBe(text);
      }),
    );
  });

  it("decodes strings longer than its scratch space", () => {
    for (const length of [4095, 4096, 4097, 70_000, 200_000]) {
      const text = "abc0\u00ff".repeat(length / 5);
      expect(decode(encode(text))).toBe(text);
    }
  });

  it.each([
    ["padding of eight ones", "ff"],
    ["a symbol and eight bits of padding", "1fff"],
    ["padding of zeros", "18"],
    ["padding with one zero", "1e"],
    ["the end-of-string symbol", "ffffffff"],
    ["the end-of-string symbol after a symbol", "07ffffffff"],
    ["an unfinished long code", "fffffe"],
    ["sixteen ones", "ffff"],
  ])("refuses %s", (_, hex) => {
    expect(() => decode(Buffer.from(hex, "hex"))).toThrow(/Huffman/);
  });

  it.each([
    ["", ""],
    ["07", "0"],
    ["1f", "a"],
    ["fe3f", "!"],
  ])("accepts %s", (hex, text) => {
    expect(decode(Buffer.from(hex, "hex"))).toBe(text);
  });
});
