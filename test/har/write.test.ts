// The streaming writer: JSON that parses to what went in, in all compressions, with parts too large to be held; and what
// happens when it is stopped or its reader is slow.
import { PassThrough, Writable } from "node:stream";
import { gunzipSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compressionOf } from "../../src/har/compression.js";
import type { Content } from "../../src/har/content.js";
import { entryOf, type HarItem } from "../../src/har/to-entry.js";
import { writeHar } from "../../src/har/write.js";
import { changed, content, httpExchange, inChunks, itemOf } from "./support.js";

const LOG = { creator: { name: "trafficctl", version: "1" } };

async function written(
  items: AsyncIterable<HarItem> | Iterable<HarItem>,
  options: Parameters<typeof writeHar>[3] = {},
  log: Parameters<typeof writeHar>[1] = LOG,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  await writeHar(items, log, sink, options);
  return Buffer.concat(chunks);
}

describe("writeHar", () => {
  it("writes what it was given", async () => {
    const items = [itemOf(httpExchange(), undefined, content("ä𝄞\u2028\0")), itemOf(httpExchange())];
    const page = { id: "p", title: "t", startedDateTime: "2026-01-01T00:00:00.000Z", pageTimings: {} };
    const bytes = await written(items, {}, { ...LOG, comment: "c", pages: () => [page] });
    expect(JSON.parse(bytes.toString("utf8"))).toEqual({
      log: { version: "1.2", ...LOG, comment: "c", entries: items.map(({ entry }) => entry), pages: [page] },
    });
  });

  it("without entries it is a HAR as well", async () => {
    expect(JSON.parse((await written([])).toString("utf8"))).toEqual({
      log: { version: "1.2", ...LOG, entries: [], pages: [] },
    });
  });

  it.each([
    ["a.har", "none", (bytes: Buffer) => bytes],
    ["a.HAR.GZ", "gzip", gunzipSync],
    ["a.zhar", "zlib", inflateSync],
  ])("%s is %s", async (name, compression, unpack) => {
    const form = compressionOf(name);
    expect(form).toBe(compression);
    const bytes = await written([itemOf(httpExchange())], { compression: form });
    expect(JSON.parse(unpack(bytes).toString("utf8")).log.entries).toHaveLength(1);
  });

  it("asks for the pages after the last entry", async () => {
    const seen: string[] = [];
    function* items(): Generator<HarItem> {
      yield itemOf(httpExchange());
      seen.push("entries");
    }
    const bytes = await written(items(), {}, { ...LOG, pages: () => seen });
    expect(JSON.parse(bytes.toString("utf8")).log.pages).toEqual(["entries"]);
  });
});

describe("a body as a stream", () => {
  const streamed = (bytes: Buffer, form: "text" | "base64", size: number): Content => ({
    bytes: { size: bytes.length, form, open: () => inChunks(bytes, size) },
  });

  it("is the same as one in memory, wherever its pieces end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme", minLength: 1 }),
        fc.uint8Array({ minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        async (text, binary, size) => {
          const exchange = changed({ method: "POST" }, { headers: [["Content-Type", "image/png"]] });
          const item = entryOf({
            exchange,
            open: false,
            requestContent: streamed(Buffer.from(text), "text", size),
            responseContent: streamed(Buffer.from(binary), "base64", size),
          });
          const bytes = await written([item, itemOf(exchange)]);
          const [entry] = JSON.parse(bytes.toString("utf8")).log.entries;
          expect(entry.request.postData.text).toBe(text);
          expect(entry.request.postData.encoding).toBeUndefined();
          expect(entry.response.content).toMatchObject({
            size: binary.length,
            encoding: "base64",
            text: Buffer.from(binary).toString("base64"),
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it("beyond V8's longest string passes", async () => {
    const piece = Buffer.alloc(1 << 20, "a");
    const count = 600;
    async function* pieces(): AsyncGenerator<Buffer> {
      for (let index = 0; index < count; index++) yield piece;
    }
    const size = count * piece.length;
    const item = itemOf(httpExchange(), undefined, { bytes: { size, form: "text", open: pieces } });
    let length = 0;
    const sink = new Writable({
      write(chunk: Buffer, _, done) {
        length += chunk.length;
        done();
      },
    });
    await writeHar([item], LOG, sink);
    expect(length).toBeGreaterThan(size);
  });

  it("messages may come as a stream too", async () => {
    const { kind: _, response, ...base } = httpExchange();
    const exchange = { ...base, kind: "websocket" as const, response: response!, messageCount: 3 };
    const message = (seq: number) => ({
      message: {
        exchange: exchange.id,
        seq,
        time: exchange.startedAt,
        direction: "receive" as const,
        opcode: 1,
        body: { kind: "empty" as const, size: 0 },
      },
      bytes: Buffer.from(`"${seq}"`),
    });
    for (const count of [0, 1, 3]) {
      async function* messages() {
        for (let seq = 1; seq <= count; seq++) yield message(seq);
      }
      const item = entryOf({
        exchange,
        open: false,
        requestContent: {},
        responseContent: {},
        messages: messages(),
      });
      const [entry] = JSON.parse((await written([item])).toString("utf8")).log.entries;
      expect(entry._webSocketMessages.map(({ data }: { data: string }) => data)).toEqual(
        ['"1"', '"2"', '"3"'].slice(0, count),
      );
    }
  });
});

describe("when something goes wrong", () => {
  it("a failing body fails the writing and destroys what was begun", async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from("a");
      throw new Error("gone");
    }
    const item = itemOf(httpExchange(), undefined, { bytes: { size: 9, form: "text", open: broken } });
    const sink = new PassThrough();
    sink.resume();
    await expect(writeHar([item], LOG, sink)).rejects.toThrow("gone");
    expect(sink.destroyed).toBe(true);
  });

  it("a signal ends it, and the entries' source is left", async () => {
    const controller = new AbortController();
    let left = false;
    async function* endless(): AsyncGenerator<HarItem> {
      try {
        for (let count = 0; ; count++) {
          if (count === 500) controller.abort();
          yield itemOf(httpExchange());
        }
      } finally {
        left = true;
      }
    }
    await expect(written(endless(), { signal: controller.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(left).toBe(true);
  });

  it("a slow reader slows the entries", async () => {
    let made = 0;
    function* items(): Generator<HarItem> {
      for (; made < 2000; made++) yield itemOf(httpExchange(), undefined, content("x".repeat(10_000)));
    }
    const sink = new PassThrough({ highWaterMark: 1 });
    const done = writeHar(items(), LOG, sink);
    await new Promise((resolve) => sink.once("readable", resolve));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeLessThan(100);
    sink.resume();
    await done;
    expect(made).toBe(2000);
  });
});

it("a large body in memory is written in slices, and is what it was", async () => {
  const text = `${"ä𝄞".repeat(300_000)}.`;
  const exchange = changed({ method: "POST" }, { headers: [["Content-Type", "image/png"]] });
  const binary = Buffer.alloc((2 << 20) + 1, "\xff\x00");
  const item = itemOf(exchange, content(text), content(binary));
  expect(JSON.stringify(item.entry).length).toBeLessThan(5000);
  const [entry] = JSON.parse((await written([item])).toString("utf8")).log.entries;
  expect(entry.request.postData.text).toBe(text);
  expect(Buffer.from(entry.response.content.text, "base64")).toEqual(binary);
});
