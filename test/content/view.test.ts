// Views: what real encoders wrote is read for what it is; what is cut, wrong or hostile still gives a bounded view.
import * as zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMediaType } from "../../src/content/media-type.js";
import { viewContent } from "../../src/content/view.js";
import type { ContentView, ViewInput } from "../../src/content/view-types.js";
import { fuzzFor } from "../support/fuzz.js";
import { CHROMIUM_IMAGES, PROTOBUF_STRUCT } from "./view-samples.js";

const view = (contentType: string, content: string | Buffer, more: Partial<ViewInput> = {}): ContentView =>
  viewContent({ bytes: Buffer.from(content), contentType, headers: [], ...more });

const grpcFrame = (flags: number, content: Buffer | string): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flags, 0);
  prefix.writeUInt32BE(Buffer.byteLength(content), 1);
  return Buffer.concat([prefix, Buffer.from(content)]);
};

describe("text", () => {
  test.each<[contentType: string, content: string, expected: object]>([
    [
      "application/json",
      '{"b":1,"a":10000000000000000000001}',
      { kind: "json", text: '{\n  "b": 1,\n  "a": 10000000000000000000001\n}' },
    ],
    ["application/problem+json; charset=utf-8", "[]", { kind: "json", text: "[]" }],
    ["", ' {"a":[]}', { kind: "json", text: '{\n  "a": []\n}' }],
    ["application/json", ")]}',\n[1]", { kind: "json", prefix: ")]}',\n", text: "[\n  1\n]" }],
    ["application/json", "{'a':1}", { kind: "text", language: "json", problem: "This is not valid JSON." }],
    [
      "application/json",
      '{"a":1}\n{"a":2}\n',
      {
        kind: "ndjson",
        records: [
          { text: '{"a":1}', json: true },
          { text: '{"a":2}', json: true },
        ],
      },
    ],
    [
      "application/x-ndjson",
      '{"a":1}\r\n\r\nx\n',
      {
        kind: "ndjson",
        records: [
          { text: '{"a":1}', json: true },
          { text: "x", json: false },
        ],
      },
    ],
    [
      "application/json-seq",
      '\x1e{"a":1}\n\x1e2\n',
      {
        kind: "ndjson",
        records: [
          { text: '{"a":1}', json: true },
          { text: "2", json: true },
        ],
      },
    ],
    [
      "application/x-www-form-urlencoded",
      "a=1&b=x+y&c",
      {
        kind: "form",
        fields: [
          { name: "a", value: "1" },
          { name: "b", value: "x y" },
          { name: "c", value: "" },
        ],
      },
    ],
    ["text/html; charset=utf-8", "<p> x", { kind: "text", language: "html", text: "<p> x" }],
    [
      "application/xml",
      "<a><b>x</b><c/><d></d></a>",
      { kind: "text", language: "xml", text: "<a>\n  <b>x</b>\n  <c/>\n  <d></d>\n</a>" },
    ],
    ["text/xml", "<a>\n  <b>\n\n </b>\n</a>", { kind: "text", text: "<a>\n  <b>\n\n </b>\n</a>" }],
    ["text/css", "a{}", { kind: "text", language: "css" }],
    ["text/javascript", "[1]", { kind: "text", language: "javascript", text: "[1]" }],
    ["text/plain", "[1]", { kind: "json" }],
    ["text/plain", "[x]", { kind: "text", language: "plain" }],
    ["text/plain; charset=windows-1252", "x", { kind: "text", charset: "windows-1252" }],
  ])("%s %j", (contentType, content, expected) => {
    expect(view(contentType, content)).toMatchObject({ size: content.length, ...expected });
  });

  test("no body", () => {
    expect(view("application/json", "")).toEqual({ kind: "empty", size: 0 });
  });

  test("says what it did not look at, without breaking a character", () => {
    const { kind, shown, size, ...rest } = view("", "aéé", { limit: 4 });
    expect({ kind, shown, size }).toEqual({ kind: "text", shown: 3, size: 5 });
    expect(rest).toMatchObject({ text: "aé" });
    expect(view("application/json", '{"a":[1,2', { limit: 8 })).toMatchObject({
      kind: "json",
      text: '{\n  "a": [\n    1,\n    ',
    });
  });
});

describe("GraphQL", () => {
  test.each<[content: string, expected: object]>([
    [
      '{"operationName":"B","query":"query A{a} # mutation X\\n mutation B($n:Int){b}","variables":{"n":12345678901234567890}}',
      {
        batch: false,
        operations: [{ type: "mutation", name: "B", variables: '{"n":12345678901234567890}' }],
      },
    ],
    [
      '{"query":"{ me { name } }","variables":null}',
      { operations: [{ type: "query", query: "{ me { name } }" }] },
    ],
    [
      '[{"query":"{a}"},{"query":"subscription S{b}"}]',
      { batch: true, operations: [{ type: "query" }, { type: "subscription", name: "S" }] },
    ],
    [
      '{"operationName":"Q","extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}}',
      { operations: [{ name: "Q", extensions: '{"persistedQuery":{"version":1,"sha256Hash":"ab"}}' }] },
    ],
  ])("%s", (content, expected) => {
    expect(view("application/json", content)).toMatchObject({ kind: "graphql", ...expected });
  });

  test.each(['{"query":"shoes"}', '{"query":7}', '[{"query":"{a}"},1]', '{"q":"\\"query\\""}'])(
    "%s is not",
    (content) => {
      expect(view("application/json", content).kind).toBe("json");
    },
  );

  test("in a URL, and as a document", () => {
    const url = "https://a/graphql?query=query+Q%7Ba%7D&variables=%7B%22n%22%3A1%7D";
    expect(view("", "", { url })).toMatchObject({
      kind: "graphql",
      operations: [{ type: "query", name: "Q", query: "query Q{a}", variables: '{"n":1}' }],
    });
    expect(view("", "", { url: "https://a/?query=shoes" }).kind).toBe("empty");
    expect(view("application/graphql", "mutation M { a }")).toMatchObject({ operations: [{ name: "M" }] });
  });
});

describe("several parts", () => {
  test("multipart, each part by its own type", () => {
    const body =
      '--X\r\nContent-Disposition: form-data; name="j"\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n' +
      '--X\r\nContent-Disposition: form-data; name="t"\r\n\r\nplain\r\n--X--';
    expect(view("multipart/form-data; boundary=X", body)).toMatchObject({
      kind: "multipart",
      parts: [
        { name: "j", view: { kind: "json" } },
        { name: "t", view: { kind: "text", text: "plain" } },
      ],
    });
  });

  test("events with the times of their chunks", () => {
    expect(
      view("text/event-stream; charset=utf-8", "data: a\n\ndata: b\n\n", {
        chunks: [
          [5, 9],
          [80, 9],
        ],
      }),
    ).toMatchObject({
      kind: "events",
      events: [
        { data: "a", time: 5 },
        { data: "b", time: 80 },
      ],
    });
    expect(view("text/event-stream", "data: a\n\n")).toMatchObject({ events: [{ time: null }] });
  });

  test("gRPC: messages, compressed ones, trailers", () => {
    const message = Buffer.from("0a03416461", "hex");
    const body = Buffer.concat([
      grpcFrame(0, message),
      grpcFrame(1, zlib.gzipSync(message)),
      grpcFrame(0x80, "grpc-status:0\r\n"),
    ]);
    const expected = {
      kind: "grpc",
      messages: [
        {
          kind: "message",
          compressed: false,
          size: 5,
          view: { kind: "protobuf", fields: [{ number: 1, value: { kind: "string", text: "Ada" } }] },
        },
        { kind: "message", compressed: true, view: { fields: [{ value: { text: "Ada" } }] } },
        { kind: "trailers", view: { kind: "text", text: "grpc-status:0\r\n" } },
      ],
    };
    const headers = [["Grpc-Encoding", "gzip"]] as const;
    expect(view("application/grpc-web+proto", body, { headers })).toMatchObject(expected);
    const halves = [body.subarray(0, 10), body.subarray(10)].map((half) => half.toString("base64")).join("");
    expect(view("application/grpc-web-text", halves, { headers })).toMatchObject(expected);
    expect(view("application/grpc", body.subarray(0, 8))).toMatchObject({
      messages: [{ size: 5 }],
      problem: "The last message was cut off: 3 of its 5 bytes came.",
    });
    expect(
      view("application/grpc", grpcFrame(1, "x"), { headers: [["grpc-encoding", "snappy"]] }),
    ).toMatchObject({
      messages: [{ view: { problem: "Messages compressed with snappy cannot be read here." } }],
    });
    expect(view("application/grpc", "<html>not gRPC")).toMatchObject({
      messages: [],
      problem: /no message begins/,
    });
    const bomb = grpcFrame(1, zlib.gzipSync(Buffer.alloc(50_000_000)));
    expect(view("application/grpc", bomb, { headers })).toMatchObject({
      messages: [{ view: { problem: /could not be decompressed/ } }],
    });
  });

  test("Connect: JSON messages and the end of the stream", () => {
    const body = Buffer.concat([grpcFrame(0, '{"a":1}'), grpcFrame(2, "{}")]);
    expect(view("application/connect+json", body)).toMatchObject({
      messages: [{ view: { kind: "json" } }, { kind: "trailers", view: { kind: "json", text: "{}" } }],
    });
  });

  test("protobuf by its type", () => {
    expect(view("application/x-protobuf", Buffer.from(PROTOBUF_STRUCT, "hex"))).toMatchObject({
      kind: "protobuf",
    });
    expect(view("application/vnd.x+proto", Buffer.from("0801", "hex"))).toMatchObject({ kind: "protobuf" });
  });

  test("MessagePack and CBOR", () => {
    expect(view("application/msgpack", Buffer.from("81a16101", "hex"))).toMatchObject({
      kind: "data",
      text: '{\n  "a": 1\n}',
    });
    expect(view("application/cbor", Buffer.from("a1616101", "hex"))).toMatchObject({
      kind: "data",
      text: '{\n  "a": 1\n}',
    });
  });
});

describe("bytes", () => {
  test.each(Object.entries(CHROMIUM_IMAGES))("an image: %s", (name, base64) => {
    const bytes = Buffer.from(base64, "base64");
    const [format = ""] = name.split(" ");
    const image = { format, width: 33, height: 17 };
    expect(view(`image/${format}`, bytes)).toEqual({ kind: "image", size: bytes.length, image });
    // By its bytes, whatever it is called.
    expect(view("application/octet-stream", bytes)).toMatchObject({ kind: "image", image });
    expect(view("", bytes.subarray(0, 14))).toMatchObject({ kind: "image", image: { format } });
  });

  test("an SVG with its source", () => {
    expect(view("image/svg+xml", '<svg viewBox="0 0 24 12"><g/></svg>')).toMatchObject({
      kind: "image",
      image: { format: "svg", width: 24, height: 12 },
      source: '<svg viewBox="0 0 24 12">\n  <g/>\n</svg>',
    });
  });

  test.each([
    ["504b030414000000", "ZIP archive"],
    ["255044462d312e37e2e3", "PDF"],
    ["0061736d01000000", "WebAssembly"],
    ["774f463200010000", "WOFF2 font"],
    ["0000001c667479706d703432", "MP4"],
    ["00ff00ff", undefined],
  ])("%s is %s", (hex, format) => {
    expect(view("", Buffer.from(hex, "hex"))).toMatchObject({
      kind: "binary",
      dumped: hex.length / 2,
      ...(format ? { format } : {}),
    });
  });

  test("a dump stops at its limit and says so by `dumped`", () => {
    const bytes = view("", Buffer.alloc(100_000, 1), { dumpLimit: 32 });
    expect(bytes).toMatchObject({ kind: "binary", size: 100_000, dumped: 32 });
    expect(bytes.kind === "binary" && bytes.dump.split("\n")).toHaveLength(2);
  });
});

test("JSON Web Tokens in a body are shown beside it", () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = `${part({ alg: "HS256" })}.${part({ sub: "ada", exp: 1_700_000_000 })}.c2ln`;
  expect(view("application/json", `{"access_token":"${token}"}`).jwts).toMatchObject([
    {
      start: 17,
      algorithm: "HS256",
      claims: '{"sub":"ada","exp":1700000000}',
      expiresAt: "2023-11-14T22:13:20.000Z",
      verified: false,
    },
  ]);
});

describe("hostile content", () => {
  const types = [
    "",
    "text/plain",
    "text/html",
    "application/json",
    "application/x-ndjson",
    "application/xml",
    "image/png",
    "image/svg+xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=X",
    "text/event-stream",
    "application/graphql",
    "application/grpc",
    "application/grpc-web-text",
    "application/connect+json",
    "application/protobuf",
    "application/msgpack",
    "application/cbor",
    "application/octet-stream",
  ];
  const images = Object.values(CHROMIUM_IMAGES).map((base64) => Buffer.from(base64, "base64"));
  const sound: Buffer[] = [
    ...images,
    Buffer.from(PROTOBUF_STRUCT, "hex"),
    Buffer.from('[{"query":"{a}","variables":{"a":[1,2]}}]'),
    Buffer.from("--X\r\nContent-Type: application/json\r\n\r\n{}\r\n--X--"),
    grpcFrame(0, "x"),
    Buffer.from("<a><b>x</b></a>"),
    Buffer.from(
      "0000001c66747970617669660000000061766966000000286d657461000000000000001c6970727000000014",
      "hex",
    ),
  ];
  const damaged = fc
    .record({ body: fc.constantFrom(...sound), cut: fc.nat(), at: fc.nat(), byte: fc.nat(255) })
    .map(({ body, cut, at, byte }) => {
      const copy = Buffer.from(body.subarray(0, 1 + (cut % body.length)));
      copy[at % copy.length] = byte;
      return copy;
    });

  test("always gives a view that is data", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          damaged,
          fc.string().map((text) => Buffer.from(text)),
        ),
        fc.constantFrom(...types),
        (bytes, contentType) => {
          const seen = view(contentType, Buffer.from(bytes), { url: "https://a/?query=%7B&variables=x" });
          expect(seen.size).toBe(bytes.length);
          expect(JSON.parse(JSON.stringify(seen)).kind).toBe(seen.kind);
        },
      ),
      fuzzFor(3000),
    );
  });

  const MEGABYTE = 1024 * 1024;
  const pattern = (unit: string): Buffer => Buffer.alloc(MEGABYTE, unit);
  test.each([
    ["[", pattern("[")],
    ["[1,", pattern("[1,")],
    ['{"a":', pattern('{"a":')],
    ['"\\', pattern('"\\')],
    ["<a>", pattern("<a>")],
    ["<!--", pattern("<!--")],
    ["<?", pattern("<?")],
    ["<meta ", pattern("<meta ")],
    ["eyJ", pattern("eyJ")],
    ["eyJ.", pattern("eyJ.")],
    ["spaces", pattern(" ")],
    ["\\n--X", pattern("\n--X")],
    ["a=b&", pattern("a=b&")],
    ["% signs", pattern("%")],
    ["data:\\n\\n", pattern("data:\n\n")],
    ["protobuf groups", pattern("\x0b")],
    ["protobuf messages", nested(MEGABYTE / 4)],
    ["msgpack arrays", Buffer.alloc(MEGABYTE, 0x91)],
    ["CBOR arrays without end", Buffer.alloc(MEGABYTE, 0x9f)],
    ["CBOR maps of 2^60", Buffer.alloc(MEGABYTE, Buffer.from("bb1000000000000000", "hex"))],
    ["empty gRPC messages", Buffer.alloc(MEGABYTE)],
    [
      "avif boxes",
      Buffer.concat([
        Buffer.from("00000010667479706176696600000000", "hex"),
        Buffer.alloc(MEGABYTE, Buffer.from("000000106d657461", "hex")),
      ]),
    ],
    ["png chunks", Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(MEGABYTE)])],
    ["jpeg segments", Buffer.alloc(MEGABYTE, 0xff)],
  ])("a megabyte of %s stays small and quick, whatever it is called", (_name, bytes) => {
    for (const contentType of types) {
      const seen = JSON.stringify(view(contentType, bytes));
      expect(seen.length, contentType).toBeLessThan(40 * MEGABYTE);
      expect(parseMediaType(contentType)).toBeDefined();
    }
  });
});

/** Messages within messages, each almost as long as the one around it. */
function nested(size: number): Buffer {
  let bytes = Buffer.from("0801", "hex");
  const filler = Buffer.alloc(100, "x");
  while (bytes.length < size) {
    const content = Buffer.concat([bytes, Buffer.of(0x12, filler.length), filler]);
    const length: number[] = [];
    for (let left = content.length; ; left >>= 7) {
      length.push(left > 0x7f ? (left & 0x7f) | 0x80 : left);
      if (left <= 0x7f) break;
    }
    bytes = Buffer.concat([Buffer.of(0x0a, ...length), content]);
  }
  return bytes;
}
