// The readers behind the views, each against what other programs write.
import * as zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCbor } from "../../src/content/cbor.js";
import { decodedChunks } from "../../src/content/decoded-chunks.js";
import { hexDump } from "../../src/content/hex-dump.js";
import { imageInfo } from "../../src/content/image-size.js";
import { indentJson, jsonMembers, jsonTokens } from "../../src/content/json-tokens.js";
import { findJwts } from "../../src/content/jwt.js";
import { decodeMsgpack } from "../../src/content/msgpack.js";
import { decodeProtobuf } from "../../src/content/protobuf.js";
import { HEXDUMP, MSGPACK, PROTOBUF_FILE, PROTOBUF_STRUCT, PROTOBUF_TIMESTAMP } from "./view-samples.js";

const hex = (digits: string): Buffer => Buffer.from(digits, "hex");

describe("JSON tokens", () => {
  test("indenting is JSON.stringify's, for what JSON.stringify wrote", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(indentJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
        expect(JSON.parse([...jsonTokens(text)].map(({ text: token }) => token).join(""))).toEqual(
          JSON.parse(text),
        );
      }),
    );
  });

  test("keeps every digit, escape, duplicate and order", () => {
    const text = '{"z":1.10,"a":123456789012345678901234567890,"z":"\\u00e9\\"","":-0e+5}';
    expect(indentJson(text).replace(/\s/g, "")).toBe(text);
    expect([...jsonTokens('{"a":"b"}')].map(({ kind }) => kind)).toEqual([
      "punctuation",
      "key",
      "punctuation",
      "string",
      "punctuation",
    ]);
  });

  test("members as sent", () => {
    expect(jsonMembers('{"a":{"b":[1,{"c":2}]},"d\\n":"x","e":1e400}')).toEqual([
      ["a", '{"b":[1,{"c":2}]}'],
      ["d\n", '"x"'],
      ["e", "1e400"],
    ]);
    expect(jsonMembers("{}")).toEqual([]);
    expect(jsonMembers("[1]")).toBeNull();
    expect(jsonMembers("{")).toBeNull();
  });

  test("takes any text", () => {
    const bit = fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "\\", "1", "true", " ", "\n", "x");
    fc.assert(
      fc.property(fc.array(bit), (bits) => {
        const text = bits.join("");
        expect(indentJson(text).replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
      }),
    );
  });
});

test("hexDump writes what hexdump -C writes", () => {
  const all = Buffer.concat([
    Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
    Buffer.from("café"),
  ]);
  expect(hexDump(all)).toBe(HEXDUMP);
  expect(hexDump(Buffer.alloc(0))).toBe("");
  expect(hexDump(Buffer.from("hello, dumped world"), { limit: 17 })).toBe(
    "00000000  68 65 6c 6c 6f 2c 20 64  75 6d 70 65 64 20 77 6f  |hello, dumped wo|\n" +
      "00000010  72                                                |r|",
  );
});

describe("protobuf", () => {
  test("a Struct of Google's library", () => {
    const text = JSON.stringify(decodeProtobuf(hex(PROTOBUF_STRUCT)));
    for (const part of [
      '"text":"list"',
      '"float":1.5',
      '"text":"two"',
      '"text":"Ada"',
      '"text":"k"',
      '"text":"v"',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain("problem");
  });

  test("messages, packed numbers, negative numbers", () => {
    expect(decodeProtobuf(hex(PROTOBUF_FILE)).fields).toMatchObject([
      { number: 1, value: { kind: "string", text: "a.proto" } },
      { number: 2, value: { kind: "string", text: "p" } },
      {
        number: 4,
        value: {
          kind: "message",
          fields: [
            { value: { text: "M" } },
            {
              value: {
                kind: "message",
                fields: [{ value: { text: "x" } }, { number: 3, value: { unsigned: "300" } }, { number: 5 }],
              },
            },
          ],
        },
      },
      { number: 10, value: { unsigned: "1", zigzag: "-1" } },
      { number: 10, value: { unsigned: "2", zigzag: "1" } },
    ]);
    expect(decodeProtobuf(hex(PROTOBUF_TIMESTAMP)).fields[0]).toEqual({
      number: 1,
      value: {
        kind: "varint",
        unsigned: "18446744073709551611",
        signed: "-5",
        zigzag: "-9223372036854775806",
      },
    });
  });

  test.each([
    ["0b08010c", { fields: [{ number: 1, value: { kind: "group", fields: [{ number: 1 }] } }] }],
    ["0dc3f54840", { fields: [{ value: { kind: "fixed32", unsigned: "1078523331" } }] }],
    [
      "08010a05616263",
      { fields: [{ number: 1 }], problem: "From byte 2 on it is not protobuf, or was cut off." },
    ],
    ["00", { fields: [], problem: /From byte 0/ }],
    ["0a0300ff00", { fields: [{ value: { kind: "bytes", hex: "00ff00", size: 3 } }] }],
    ["0a00", { fields: [{ value: { kind: "string", text: "" } }] }],
  ])("%s", (digits, expected) => {
    expect(decodeProtobuf(hex(digits))).toMatchObject(expected);
  });
});

test("MessagePack of Python's library", () => {
  const { text, problem } = decodeMsgpack(hex(MSGPACK));
  expect(problem).toBeUndefined();
  expect(text.replace(/\s+/g, "")).toBe(
    '{"i":[0,-1,127,128,255,256,65536,4294967296,9223372036854775808,-32,-33,-129,-2147483649,-9223372036854775808],' +
      '"f":1.5,"s":"é","b":h\'00ff\',"n":null,"t":[true,false],"m":{1:{"x":[]}},' +
      '"ts":timestamp("2023-11-14T22:13:20.500Z"),"e":ext5(h\'616263\'),"l":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}',
  );
  expect(decodeMsgpack(hex("01c1"))).toEqual({
    text: "1",
    problem: "Not all of it could be read: 0xc1 means nothing, at byte 1.",
  });
});

// RFC 8949 appendix A.
test.each([
  ["00", "0"],
  ["1bffffffffffffffff", "18446744073709551615"],
  ["3bffffffffffffffff", "-18446744073709551616"],
  ["f98000", "-0.0"],
  ["f93c00", "1.0"],
  ["fb3ff199999999999a", "1.1"],
  ["f97bff", "65504.0"],
  ["fa7f7fffff", "3.4028234663852886e+38"],
  ["f90001", "5.960464477539063e-8"],
  ["f9c400", "-4.0"],
  ["f97c00", "Infinity"],
  ["f97e00", "NaN"],
  ["f4", "false"],
  ["f7", "undefined"],
  ["f0", "simple(16)"],
  ["f8ff", "simple(255)"],
  ["c11a514b67b0", "1(1363896240)"],
  ["d818456449455446", "24(h'6449455446')"],
  ["4401020304", "h'01020304'"],
  ["62c3bc", '"ü"'],
  ["8301820203820405", "[1,[2,3],[4,5]]"],
  ["a201020304", "{1:2,3:4}"],
  ["5f42010243030405ff", "h'0102030405'"],
  ["7f657374726561646d696e67ff", '"streaming"'],
  ["9f018202039f0405ffff", "[1,[2,3],[4,5]]"],
  ["bf61610161629f0203ffff", '{"a":1,"b":[2,3]}'],
  ["0102", "12"],
])("CBOR %s is %s", (digits, expected) => {
  const { text, problem } = decodeCbor(hex(digits));
  expect(problem).toBeUndefined();
  expect(text.replace(/\s+/g, "")).toBe(expected);
});

describe("images", () => {
  test.each<[name: string, bytes: Buffer, expected: object]>([
    ["gif", Buffer.from("GIF89a\x21\x00\x11\x00", "latin1"), { format: "gif", width: 33, height: 17 }],
    [
      "ico",
      hex("000001000200101000000100200000000000000000000000000001002000"),
      { format: "ico", width: 256, height: 256 },
    ],
    [
      "bmp",
      hex("424d00000000000000003600000028000000210000 00efffffff".replaceAll(" ", "")),
      { format: "bmp", width: 33, height: 17 },
    ],
    [
      "avif",
      Buffer.concat([
        hex("0000001066747970617669660000000000000038"),
        Buffer.from("meta\0\0\0\0", "latin1"),
        hex("0000002c"),
        Buffer.from("iprp", "latin1"),
        hex("00000024"),
        Buffer.from("ipco", "latin1"),
        hex("00000014"),
        Buffer.from("ispe\0\0\0\0", "latin1"),
        hex("0000002100000011"),
      ]),
      { format: "avif", width: 33, height: 17 },
    ],
    [
      "lossy webp",
      Buffer.concat([
        Buffer.from("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a", "latin1"),
        hex("21001100"),
      ]),
      { format: "webp", width: 33, height: 17 },
    ],
    [
      "svg",
      Buffer.from("<?xml version='1.0'?><svg width='33px' height='17'/>"),
      { format: "svg", width: 33, height: 17 },
    ],
    ["svg in percent", Buffer.from('<svg width="100%" height="100%"/>'), { format: "svg" }],
    [
      "an animated png",
      hex(
        "89504e470d0a1a0a0000000d4948445200000021000000110806000000000000000000000861635 44c".replaceAll(
          " ",
          "",
        ),
      ),
      { format: "png", width: 33, height: 17, animated: true },
    ],
  ])("%s", (_name, bytes, expected) => {
    expect(imageInfo(bytes)).toEqual(expected);
  });

  test("text is none", () => {
    expect(imageInfo(Buffer.from("<html><svg></svg>"))).toBeNull();
    expect(imageInfo(Buffer.alloc(0))).toBeNull();
  });
});

describe("findJwts", () => {
  // The example of RFC 7519 section 3.1.
  const RFC =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  test("the example of RFC 7519 in a header", () => {
    const text = `Bearer ${RFC}, x`;
    const [jwt, ...others] = findJwts(text);
    expect(others).toEqual([]);
    expect(jwt).toMatchObject({ algorithm: "HS256", expiresAt: "2011-03-22T18:43:00.000Z", verified: false });
    expect(text.slice(jwt!.start, jwt!.end)).toBe(RFC);
    expect(JSON.parse(jwt!.claims!)).toMatchObject({ iss: "joe" });
  });

  test("an encrypted one has no claims to show", () => {
    const header = Buffer.from('{"alg":"RSA-OAEP","enc":"A256GCM"}').toString("base64url");
    expect(findJwts(`${header}.a.b.c.d`)).toMatchObject([{ algorithm: "RSA-OAEP", claims: null }]);
  });

  test.each([
    "eyJhbGciOiJIUzI1NiJ9",
    "eyJhbGciOiJIUzI1NiJ9.x.y",
    "eyJ9.eyJ9.x",
    `x${RFC}`,
    "eyJhIjoxfQ.eyJhIjoxfQ.",
  ])("%s is none", (text) => {
    expect(findJwts(text)).toEqual([]);
  });
});

describe("decodedChunks", () => {
  test("gives each piece what it decoded to", async () => {
    const gzip = zlib.createGzip();
    const pieces: Buffer[] = [];
    for (const text of ["data: a\n\n", "data: bb\n\n"]) {
      gzip.write(text);
      await new Promise<void>((resolve) => gzip.flush(zlib.constants.Z_SYNC_FLUSH, () => resolve()));
      pieces.push(gzip.read() as Buffer);
    }
    gzip.end();
    for await (const rest of gzip) pieces.push(rest as Buffer);
    const chunks = pieces.map((piece, index) => [index * 100, piece.length] as const);
    const bytes = Buffer.concat(pieces);
    const sizes = await decodedChunks(bytes, [["content-encoding", "gzip"]], chunks);
    expect(sizes.map(([, size]) => size)).toEqual([9, 10, ...pieces.slice(2).map(() => 0)]);
    expect(sizes.map(([ms]) => ms)).toEqual(chunks.map(([ms]) => ms));
    expect(await decodedChunks(bytes, [], chunks)).toBe(chunks);
    const cut = await decodedChunks(
      bytes.subarray(0, pieces[0]!.length),
      [["content-encoding", "gzip"]],
      chunks,
    );
    expect(cut[0]).toEqual([0, 9]);
  });
});
