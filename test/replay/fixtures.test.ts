// Bodies as fixtures: whatever goes in comes out as the same bytes, and what people read is what they expect.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyForm, contentOf } from "../../src/replay/fixtures/body-form.js";
import { layOut, layoutOf } from "../../src/replay/fixtures/json-layout.js";
import { type BodyForm, FORMAT, fixturesFile, VERSION } from "../../src/replay/fixtures/schema.js";

/** Through the file and back, as `serve` reads it. */
function reread(form: BodyForm): BodyForm {
  const request = { method: "GET", url: "http://a.test/", body: form };
  const file = { format: FORMAT, version: VERSION, exchanges: [{ request, response: { status: 200 } }] };
  const read = fixturesFile.parse(JSON.parse(JSON.stringify(file)));
  return read.exchanges[0]!.request.body!;
}

function again(content: Buffer, mediaType: string): Buffer {
  const form = bodyForm(content, { mediaType });
  return form === undefined ? Buffer.alloc(0) : contentOf(reread(form)).content;
}

describe("JSON", () => {
  test.each([
    ['{"a":1,"b":[true,null,"x"]}', undefined],
    ['{"a": 1, "b": [1, 2], "c": {}, "d": "x: y, z"}', { indent: "spaced" }],
    ['{\n  "a": 1\n}\n', { indent: 2, end: "\n" }],
    ['{\n\t"a": [\n\t\t1\n\t]\n}', { indent: "\t" }],
    ['{"a":"\\u00e9"}', { ascii: true }],
    ['{"__proto__":{"a":1}}', undefined],
  ])("%j keeps its layout", (text, layout) => {
    expect(layoutOf(text)?.layout).toEqual(layout);
    expect(again(Buffer.from(text), "application/json").toString()).toBe(text);
    expect(bodyForm(Buffer.from(text), { mediaType: "application/json" })).toHaveProperty("json");
  });

  test.each(['{"big":12345678901234567890}', '{"a":1.0}', '{"a":1,"a":2}', '{ "a" : 1 }', '{"a":1', "[1,]"])(
    "%j stays text, as it would come out another",
    (text) => {
      expect(bodyForm(Buffer.from(text), { mediaType: "application/json" })).toEqual({ text });
    },
  );

  test("nested too deep stays text", () => {
    const text = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(bodyForm(Buffer.from(text), { mediaType: "application/json" })).toEqual({ text });
  });

  test("any value in any layout comes out again", () => {
    const layouts = fc.record(
      {
        indent: fc.constantFrom(1, 2, 4, "\t" as const, "spaced" as const),
        ascii: fc.constant(true as const),
        end: fc.constantFrom("\n" as const, "\r\n" as const),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.jsonValue(), layouts, (value, layout) => {
        const text = layOut(JSON.parse(JSON.stringify(value)), layout);
        expect(again(Buffer.from(text), "application/json").toString()).toBe(text);
      }),
    );
  });
});

describe("events", () => {
  const form = (text: string): BodyForm | undefined =>
    bodyForm(Buffer.from(text), { mediaType: "text/event-stream" });

  test("are what they say, in the order in which they say it", () => {
    const text = [
      ": hello\n\n",
      'event: delta\ndata: {"text":"a"}\n\n',
      "id: 7\nevent: more\nretry: 500\ndata: one\ndata: two\n\n",
      "data: [DONE]\n\n",
    ].join("");
    expect(form(text)).toEqual({
      events: [
        { comment: "hello" },
        { event: "delta", data: { text: "a" } },
        { id: "7", event: "more", retry: 500, data: "one\ntwo" },
        { data: "[DONE]" },
      ],
    });
    expect(again(Buffer.from(text), "text/event-stream").toString()).toBe(text);
  });

  test.each([
    ["data:x\n\ndata:y\n\n", { space: false }],
    ["data: x\r\n\r\nevent: e\r\ndata: y\r\n\r\n", { newline: "\r\n" }],
    ['data: {"a": 1}\n\ndata: {"a": 2}\n\n', { layout: { indent: "spaced" } }],
  ])("%j: their style is kept once", (text, style) => {
    const found = form(text);
    expect(found).toMatchObject({ style });
    expect(JSON.stringify(found)).not.toContain("raw");
    expect(again(Buffer.from(text), "text/event-stream").toString()).toBe(text);
  });

  test.each([
    "data: cut off",
    "data: a\nevent: b\ndata: c\n\n",
    "data\n\n",
    "\ufeffdata: mark\n\n",
    "\n\n\n\ndata: x\n\n",
    "unknown: x\n\n",
    "retry: 007\ndata: x\n\n",
    "data: a\rdata: b\r\r",
    'data: "text"\n\ndata: 17\n\ndata: {"big":12345678901234567890}\n\n',
  ])("%j comes out again", (text) => {
    expect(again(Buffer.from(text), "text/event-stream").toString()).toBe(text);
  });

  test("any stream comes out again", () => {
    const line = fc.oneof(
      fc.constantFrom(
        "data: x",
        "data:x",
        "data",
        ": c",
        "event: e",
        "id: 1",
        "retry: 5",
        "",
        'data: {"a":1}',
      ),
      fc.string(),
    );
    const stream = fc
      .tuple(fc.array(line), fc.constantFrom("\n", "\r\n", "\r"))
      .map(([lines, newline]) => lines.join(newline));
    fc.assert(
      fc.property(stream, (text) => {
        const content = Buffer.from(text);
        expect(again(content, "text/event-stream").equals(content)).toBe(true);
      }),
    );
  });

  test("have their delays", () => {
    const text = "data: a\n\ndata: b\n\ndata: c\n\n";
    const chunks = [
      [30, 9],
      [31.2, 4],
      [50.9, 14],
    ] as const;
    const made = bodyForm(Buffer.from(text), { mediaType: "text/event-stream", chunks });
    expect(made).toEqual({
      events: [{ delay: 30, data: "a" }, { delay: 21, data: "b" }, { data: "c" }],
    });
    expect(contentOf(made).chunks).toEqual([
      [30, 9],
      [51, 9],
      [51, 9],
    ]);
  });
});

describe("others", () => {
  test("text as its lines, bytes as base64, pieces of a stream with their delays", () => {
    expect(bodyForm(Buffer.from("a\nb\r\n"), { mediaType: "text/plain" })).toEqual({
      text: ["a", "b\r", ""],
    });
    expect(bodyForm(Buffer.from([0xff, 0]), { mediaType: "image/png" })).toEqual({ base64: "/wA=" });
    const chunks = [
      [5, 4],
      [25, 4],
    ] as const;
    const pieces = bodyForm(Buffer.from('{}\n\n{"'), { mediaType: "application/x-ndjson", chunks });
    expect(pieces).toEqual({
      pieces: [
        { delay: 5, text: "{}\n\n" },
        { delay: 20, text: '{"' },
      ],
    });
  });

  test("any bytes of any type come out again", () => {
    const types = fc.constantFrom("", "text/plain", "application/json", "text/event-stream", "image/png");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), types, (bytes, type) => {
        const content = Buffer.from(bytes);
        expect(again(content, type).equals(content)).toBe(true);
      }),
    );
  });

  test("any pieces come out again", () => {
    const piece = fc.tuple(fc.nat(1000), fc.uint8Array({ minLength: 1, maxLength: 20 }));
    fc.assert(
      fc.property(fc.array(piece, { minLength: 2 }), (pieces) => {
        const content = Buffer.concat(pieces.map(([, bytes]) => bytes));
        const chunks = pieces.map(([ms, bytes]) => [ms, bytes.length] as const);
        const form = bodyForm(content, { mediaType: "application/x-ndjson", chunks });
        expect(contentOf(reread(form!)).content.equals(content)).toBe(true);
      }),
    );
  });
});
