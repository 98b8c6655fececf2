// Charsets: what browsers read, there and back; what is text and what is not.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeText, encodeText, isTextType, looksLikeText } from "../../src/content/text.js";

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(" ", ""), "hex");

describe("decodeText", () => {
  test.each<[contentType: string, bytes: Buffer, text: string, charset: string]>([
    ["text/plain", Buffer.from("naïve"), "naïve", "utf-8"],
    ["text/plain; charset=UTF8", Buffer.from("naïve"), "naïve", "utf-8"],
    // printf '\x80\x93x\x94\x9f\x81' | iconv -f CP1252: Node 20's own decoder gives control characters.
    ["text/plain; charset=windows-1252", hex("80 93 78 94 9f 81"), "€“x”Ÿ\x81", "windows-1252"],
    ["text/html; charset=ISO-8859-1", hex("80 e9"), "€é", "windows-1252"],
    ["text/html", hex("63 61 66 e9"), "café", "windows-1252"],
    ['text/html; charset="Shift_JIS"', hex("93 fa 96 7b"), "日本", "shift_jis"],
    ["text/plain; charset=gb2312", hex("d6 d0"), "中", "gbk"],
    ["text/plain; charset=gb18030", hex("81 30 81 30"), "\x80", "gb18030"],
    ["text/plain; charset=EUC-KR", hex("c7 d1"), "한", "euc-kr"],
    ["text/plain; charset=big5", hex("a4 a4"), "中", "big5"],
    ["text/plain; charset=koi8-r", hex("c4 c1"), "да", "koi8-r"],
    ["text/plain; charset=iso-2022-jp", hex("1b 24 42 46 7c 1b 28 42"), "日", "iso-2022-jp"],
    ["text/plain; charset=utf-16", hex("41 00 e9 00"), "Aé", "utf-16le"],
    ["text/plain", hex("fe ff 00 41"), "\ufeffA", "utf-16be"],
    ["text/plain; charset=windows-1252", hex("ef bb bf 41"), "\ufeffA", "utf-8"],
    ["text/html", Buffer.from('<meta charset="koi8-r">\xc4', "latin1"), '<meta charset="koi8-r">д', "koi8-r"],
    [
      "text/html",
      Buffer.from('<meta http-equiv=Content-Type content="text/html; charset=gbk">\xd6\xd0', "latin1"),
      '<meta http-equiv=Content-Type content="text/html; charset=gbk">中',
      "gbk",
    ],
    ["text/html", Buffer.from("<!-- <meta charset=gbk> --><p>é"), "<!-- <meta charset=gbk> --><p>é", "utf-8"],
    ["text/html", Buffer.from("<meta charset=utf-16>é"), "<meta charset=utf-16>é", "utf-8"],
    [
      "application/xml",
      Buffer.from("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", "latin1"),
      "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>",
      "windows-1252",
    ],
    ["image/svg+xml", hex("3c 00 3f 00"), "<?", "utf-16le"],
    ["text/css", Buffer.from('@charset "koi8-r";\xc4', "latin1"), '@charset "koi8-r";д', "koi8-r"],
    ["application/json; charset=bogus", Buffer.from('"é"'), '"é"', "utf-8"],
    ["", Buffer.from("no type é\n"), "no type é\n", "utf-8"],
    ["application/octet-stream", Buffer.from("plain"), "plain", "utf-8"],
    ["multipart/form-data; boundary=x", Buffer.from("--x--\r\n"), "--x--\r\n", "utf-8"],
    ["text/plain", Buffer.alloc(0), "", "utf-8"],
  ])("%s %j", (contentType, bytes, text, charset) => {
    expect(decodeText(bytes, contentType)).toEqual({ text, charset });
    expect(encodeText(text, charset)?.equals(bytes)).toBe(
      charset !== "gb18030" && charset !== "iso-2022-jp" ? true : undefined,
    );
  });

  test.each<[contentType: string, bytes: Buffer]>([
    ["", hex("00 01 02")],
    ["", hex("63 61 66 e9")],
    ["image/png", Buffer.from("png")],
    ["application/grpc+proto", Buffer.from("text")],
    ["application/x-protobuf", Buffer.from("text")],
    ["application/zip", Buffer.from("PK")],
    ["text/plain; charset=utf-8", hex("63 61 66 e9")],
    ["text/plain; charset=shift_jis", hex("81")],
    ["text/plain", hex("00 e9")],
    ["application/json; charset=utf-16", hex("22")],
  ])("%s %j is not text", (contentType, bytes) => {
    expect(decodeText(bytes, contentType)).toBeNull();
  });

  test("is lenient for people", () => {
    const lossy = { lossy: true };
    expect(decodeText(hex("63 e9"), "text/plain; charset=utf-8", lossy)).toEqual({
      text: "c\ufffd",
      charset: "utf-8",
    });
    expect(decodeText(hex("00 e9"), "text/plain", lossy)).toEqual({ text: "\0\ufffd", charset: "utf-8" });
    expect(decodeText(hex("00 e9"), "image/png", lossy)).toBeNull();
  });

  test("never throws", () => {
    const types = [
      "",
      "text/html",
      "text/xml",
      "text/css",
      "text/plain; charset=big5",
      "x/y; charset=gbk",
      ";;;=",
    ];
    fc.assert(
      fc.property(fc.uint8Array(), fc.oneof(fc.constantFrom(...types), fc.string()), (bytes, type) => {
        const decoded = decodeText(Buffer.from(bytes), type);
        expect(decoded === null || typeof decoded.text === "string").toBe(true);
      }),
    );
  });
});

describe("encodeText", () => {
  test.each([
    "utf-8",
    "utf-16le",
    "utf-16be",
    "windows-1252",
    "shift_jis",
    "gbk",
    "big5",
    "euc-kr",
    "koi8-r",
  ])("%s gives the text back or nothing", (charset) => {
    const type = `text/plain; charset=${charset}`;
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."aé€日中한д\ufeff😀\n\\~") }), (text) => {
        const bytes = encodeText(text, charset);
        if (charset.startsWith("utf") && bytes === null) throw new Error("unicode holds everything");
        // A byte order mark of another charset at the start decides the decoding.
        if (bytes !== null && !text.startsWith("\ufeff")) expect(decodeText(bytes, type)?.text).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  test("every byte of windows-1252 comes back", () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const { text, charset } = decodeText(all, "text/plain; charset=latin1")!;
    expect(encodeText(text, charset)?.equals(all)).toBe(true);
  });

  test.each([
    ["日", "windows-1252"],
    ["\ud800", "utf-8"],
    ["x", "no-such-charset"],
  ])("%j in %s cannot be", (text, charset) => {
    expect(encodeText(text, charset)).toBeNull();
  });
});

test.each([
  ["application/json", true],
  ["application/vnd.api+json", true],
  ["image/svg+xml", true],
  ["application/x-www-form-urlencoded", true],
  ["application/javascript", true],
  ["text/anything", true],
  ["application/octet-stream", false],
  ["image/png", false],
  ["", false],
])("isTextType(%s) is %s", (type, expected) => {
  expect(isTextType(type)).toBe(expected);
});

test("looksLikeText takes no control characters", () => {
  expect(looksLikeText(Buffer.from("a\tb\r\n\f\x1b[1m"))).toBe(true);
  expect(looksLikeText(Buffer.from("a\x0bb"))).toBe(false);
  expect(looksLikeText(hex("ff fe 41 00"))).toBe(true);
});
