// The streaming reader: the same entries as JSON.parse gives, whatever the chunks and the wrapping; what is damaged is
// said, what is no HAR is named.
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyLogFields } from "../../src/har/read.js";
import { partsOf } from "./support.js";

const har = (...entries: unknown[]): string =>
  JSON.stringify({ log: { version: "1.2", creator: { name: "t", version: "1" }, pages: [], entries } });

const entriesOf = async (bytes: Buffer | string, size?: number): Promise<unknown[]> =>
  (await partsOf(bytes, size === undefined ? {} : { size })).map((part) =>
    part.kind === "entry" ? part.entry : part,
  );

describe("entries", () => {
  it("are those of JSON.parse, whatever the chunks, the spaces and the escapes", async () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(value, fc.string({ unit: "binary" }), fc.constant('"\\"\\\\"'.repeat(60)))),
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom(undefined, 1, "\t"),
        async (entries, size, space) => {
          const log = { creator: { name: "}]\\" }, entries, pages: [{ id: '"{[' }], version: "1.2" };
          const text = JSON.stringify({ first: ["]", { a: "}" }], log, last: -1.5e9 }, undefined, space);
          const fields = emptyLogFields();
          const parts = await partsOf(text, { size, fields });
          expect(parts).toEqual(
            entries.map((_, index) => ({
              kind: "entry",
              number: index + 1,
              entry: (JSON.parse(text) as { log: { entries: unknown[] } }).log.entries[index],
              texts: new Map(),
            })),
          );
          expect(fields.pages).toEqual(log.pages);
          expect(fields.creator).toEqual(log.creator);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("may stand before the creator; other fields of log are kept", async () => {
    const fields = emptyLogFields();
    const text =
      '{"log":{"entries":[1,2],"_own":{"a":1},"creator":{"name":"late"},"comment":"c","version":"1.1"}}';
    expect(await partsOf(text, { fields })).toHaveLength(2);
    expect(fields).toMatchObject({ creator: { name: "late" }, comment: "c", version: "1.1" });
    expect(fields.others.get("_own")).toEqual({ a: 1 });
  });
});

describe("what a HAR is wrapped in", () => {
  const text = har({ a: "ä" }, { b: "𝄞" });
  const utf16le = Buffer.from(`\ufeff${text}`, "utf16le");
  it.each([
    ["nothing", Buffer.from(text)],
    ["a UTF-8 byte order mark", Buffer.from(`\ufeff${text}`)],
    ["UTF-16LE", utf16le],
    ["UTF-16BE", Buffer.from(utf16le).swap16()],
    ["gzip", gzipSync(text)],
    ["two gzip members", Buffer.concat([gzipSync(text.slice(0, 30)), gzipSync(text.slice(30))])],
    ["gzip with a byte order mark", gzipSync(`\ufeff${text}`)],
    ["zlib, as mitmproxy's .zhar", deflateSync(text, { level: 9 })],
    ["zlib, stored", deflateSync(text, { level: 0 })],
  ])("%s", async (_, bytes) => {
    for (const size of [1, 3, 1000]) {
      expect(await entriesOf(bytes, size)).toEqual([{ a: "ä" }, { b: "𝄞" }]);
    }
  });
});

describe("what is damaged", () => {
  it("of a cut file, the entries before the cut are kept", async () => {
    const text = har({ a: 1 }, { b: "long ".repeat(20) });
    const parts = await partsOf(text.slice(0, text.length - 40));
    expect(parts).toEqual([
      { kind: "entry", number: 1, entry: { a: 1 }, texts: new Map() },
      { kind: "problem", number: 2, message: expect.stringMatching(/ends within entry 2, after \d+ bytes/) },
    ]);
    expect(await partsOf(text.slice(0, -2))).toContainEqual({
      kind: "problem",
      message: expect.stringContaining("ends too early"),
    });
  });

  it("of a cut gzip too", async () => {
    const zipped = gzipSync(
      har(...Array.from({ length: 2000 }, (_, index) => ({ index, random: Math.random() }))),
    );
    const parts = await partsOf(zipped.subarray(0, zipped.length / 2));
    expect(parts.filter(({ kind }) => kind === "entry").length).toBeGreaterThan(100);
    expect(parts.at(-1)).toMatchObject({ kind: "problem", message: expect.stringContaining("ends") });
  });

  it("damaged compression is named", async () => {
    const zipped = gzipSync(har({ a: "x".repeat(10_000) }));
    zipped.fill(0xff, 20, 40);
    await expect(partsOf(zipped)).rejects.toMatchObject({ code: "HAR_INVALID", message: /gzip/ });
  });

  it("an entry that is not JSON costs only itself", async () => {
    const text =
      '{"log":{"entries":[{"a":1},{"b":NaN},{"c":01},{"d":1,},{"e":"\t"},{"f":2}],"version":"1.2"}}';
    const parts = await partsOf(text);
    expect(parts.map(({ kind, number }) => [kind, number])).toEqual([
      ["entry", 1],
      ["problem", 2],
      ["problem", 3],
      ["problem", 4],
      ["problem", 5],
      ["entry", 6],
    ]);
  });

  it.each([
    ["something behind the end", `${har(1)} {"more": [1]}`, /follows after the end/],
    ["log twice", '{"log":{"entries":[1]},"log":{"entries":[2]}}', /`log` is there twice/],
    ["entries twice", '{"log":{"entries":[1],"entries":[2]}}', /`log.entries` is there twice/],
    ["missing commas", '{"log":{"entries":[1] "version":"1.2"}}', /not JSON/],
    ["pages that are no list", '{"log":{"entries":[1],"pages":{}}}', /log\.pages is not a list/],
  ])("%s is said, and strict refuses it", async (_, text, message) => {
    const parts = await partsOf(text);
    expect(parts.filter(({ kind }) => kind === "entry").length).toBeGreaterThan(0);
    expect(parts).toContainEqual({ kind: "problem", message: expect.stringMatching(message) });
    await expect(partsOf(text, { strict: true })).rejects.toMatchObject({ code: "HAR_INVALID", message });
  });

  it("an entry beyond the limit is passed over and said", async () => {
    const text = har({ a: 1 }, { b: "x".repeat(5000) }, { c: 1 });
    const parts = await partsOf(text, { entryLimit: 1000, size: 100 });
    expect(parts.map(({ kind }) => kind)).toEqual(["entry", "problem", "entry"]);
    expect(parts[1]).toMatchObject({ number: 2, message: /entry 2 was passed over: it has 50\d\d bytes/ });
  });

  it("so is one that is nested without end", async () => {
    const deep = "[".repeat(10_000) + "]".repeat(10_000);
    const parts = await partsOf(`{"log":{"entries":[${deep},{"a":1}]}}`);
    expect(parts[0]).toMatchObject({ kind: "problem", message: /nested 10000 levels deep/ });
    expect(parts[1]).toMatchObject({ kind: "entry", number: 2 });
  });

  it("never hangs or throws anything but HAR_INVALID, whatever the bytes", async () => {
    const pieces = fc.constantFrom(
      ...[
        '{"log":',
        "{",
        "}",
        "[",
        "]",
        '"entries":',
        '"',
        "\\",
        ",",
        ":",
        "1",
        "null",
        " ",
        '"a"',
        "\0",
        "é",
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 40 }), async (texts) => {
        await partsOf(`{"log":{"entries":[${texts.join("")}`, { size: 7 }).catch((error: unknown) => {
          expect(error).toMatchObject({ code: "HAR_INVALID" });
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe("what is no HAR is named", () => {
  it.each([
    ["", /empty/],
    ["  \n", /empty/],
    ["{}", /empty JSON object/],
    ["<?xml version='1.0'?><log/>", /XML or HTML/],
    ["<!doctype html>", /XML or HTML/],
    ['[{"status":"COMPLETE"}]', /Charles/],
    ["[1]", /JSON list/],
    ["not json", /text that is not JSON/],
    ["\x89PNG\r\n\x1a\n\0\0", /binary/],
    ["2462:9:timestamp", /mitmproxy/],
    ['{"v":1,"type":"exchange"}', /trafficctl session/],
    ['{"info":{},"item":[]}', /Postman/],
    ['{"openapi":"3.0"}', /OpenAPI/],
    ['{"traceEvents":[]}', /performance trace/],
    ['{"entries":[]}', /without the object around it/],
    ['{"some":1,"thing":2}', /`some`, `thing`/],
    ['{"log":{}}', /`log` has no `entries`/],
    ['{"log":{"entries":{}}}', /not a list/],
    ['{"log":7}', /JSON without `log`|`log`/],
  ])("%j", async (text, message) => {
    await expect(partsOf(text)).rejects.toMatchObject({ code: "HAR_INVALID", message });
  });
});
