import { existsSync, readdirSync, statSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Body } from "../../src/exchange/body.js";
import { bodyBytes } from "../../src/session/body-reader.js";
import { countLines } from "../../src/session/line-count.js";
import type { RecordingStop } from "../../src/session/manifest.js";
import { readManifest } from "../../src/session/manifest-schema.js";
import type { Recorder } from "../../src/session/recorder.js";
import {
  httpExchange,
  logText,
  newId,
  readAll,
  readFinished,
  recordBody,
  startRecorder,
  tempFolder,
  tunnelExchange,
  webSocketExchange,
  webSocketMessage,
} from "./support.js";

/** Until so many exchanges have reached the log, whether they are still in it or not. */
async function allWritten(recorder: Recorder, count: number): Promise<void> {
  const written = (): number => recorder.counts().exchanges + recorder.counts().dropped;
  while (written() < count) await new Promise((resolve) => setImmediate(resolve));
}

describe("a session on disk", () => {
  it("is private, and has no folder for bodies until one needs a file", async () => {
    const home = join(tempFolder(), "new", "home");
    const recorder = await startRecorder({ home, name: "private" });
    recorder.finished(httpExchange({ body: recordBody(recorder, newId(), [Buffer.from("small")]) }));
    const id = newId();
    expect(existsSync(join(recorder.path, "bodies"))).toBe(false);
    recorder.finished(httpExchange({ id, body: recordBody(recorder, id, [Buffer.alloc(40_000)]) }));
    const own = newId();
    recorder.finished(httpExchange({ id: own, body: recordBody(recorder, own, [Buffer.alloc(2_000_000)]) }));
    await recorder.close();
    const mode = (path: string): string => (statSync(join(home, path)).mode & 0o777).toString(8);
    const folder = join("sessions", "private");
    for (const path of [".", "sessions", folder, join(folder, "bodies")])
      expect([path, mode(path)]).toEqual([path, "700"]);
    for (const name of ["manifest.json", "exchanges.jsonl", "bodies/packed", `bodies/${own}.response`]) {
      expect([name, mode(join(folder, name))]).toEqual([name, "600"]);
    }
  });

  it("begins each line with its version and type", async () => {
    const recorder = await startRecorder();
    const socket = webSocketExchange({ messageCount: 1 });
    recorder.opened(socket);
    recorder.message(webSocketMessage(socket.id, 1, { kind: "text", size: 2, text: "hi" }));
    recorder.finished(socket);
    await recorder.close();
    const lines = (await logText(recorder.path)).split("\n");
    expect(lines.map((line) => /^\{"v":1,"type":"([a-z-]+)",/.exec(line)?.[1])).toEqual([
      "open",
      "websocket-message",
      "exchange",
      undefined,
    ]);
  });

  it("has a manifest while it is recorded and a final one after", async () => {
    const recorder = await startRecorder({ name: "smoke", options: { host: "127.0.0.1", methods: ["GET"] } });
    const during = await readManifest(recorder.path);
    expect(during).toMatchObject({
      v: 1,
      id: "smoke",
      name: "smoke",
      endedAt: null,
      process: { pid: process.pid },
    });
    recorder.finished(httpExchange());
    recorder.finished(httpExchange({ error: { code: "timeout", message: "slow" } }));
    recorder.message(webSocketMessage(newId(), 1, { kind: "empty", size: 0 }));
    const manifest = await recorder.close();
    expect(await readManifest(recorder.path)).toEqual(manifest);
    const bytes = Buffer.byteLength(await logText(recorder.path));
    expect(manifest.counts).toEqual({ exchanges: 2, messages: 1, errors: 1, bytes, dropped: 0 });
    expect(manifest.options).toEqual({ host: "127.0.0.1", methods: ["GET"] });
    expect(recorder.counts()).toEqual(manifest.counts);
  });

  it("closes once, and ignores what comes after", async () => {
    const recorder = await startRecorder();
    recorder.finished(httpExchange());
    const [first, second] = await Promise.all([recorder.close(), recorder.close()]);
    recorder.finished(httpExchange());
    expect(first).toBe(second);
    expect(await recorder.close()).toBe(first);
    expect(await readFinished(recorder.path)).toHaveLength(1);
  });

  it("is on disk without being closed", async () => {
    const recorder = await startRecorder();
    recorder.finished(httpExchange());
    await expect
      .poll(() => countLines(join(recorder.path, "exchanges.jsonl")))
      .toMatchObject({ exchanges: 1 });
    await recorder.close();
  });
});

describe("names", () => {
  it.each(["", ".", "..", ".hidden", "a/b", "../up", "a b", "last", "x".repeat(129), "a\0b", "ä"])(
    "refuses %j",
    async (name) => {
      const home = tempFolder();
      await expect(startRecorder({ home, name })).rejects.toMatchObject({ code: "BAD_OPTION" });
      expect(readdirSync(home)).toEqual([]);
    },
  );

  it("refuses a name that is taken, and says what to do", async () => {
    const home = tempFolder();
    const recorder = await startRecorder({ home, name: "smoke" });
    await expect(startRecorder({ home, name: "smoke" })).rejects.toMatchObject({
      code: "SESSION_EXISTS",
      hint: expect.stringContaining("sessions delete smoke"),
    });
    await recorder.close();
  });

  it("makes time stamps unique", async () => {
    const home = tempFolder();
    const recorders = await Promise.all(Array.from({ length: 5 }, () => startRecorder({ home })));
    expect(new Set(recorders.map(({ id }) => id)).size).toBe(5);
    for (const { id } of recorders) expect(id).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}(-\d)?$/);
    await Promise.all(recorders.map((recorder) => recorder.close()));
  });

  it("says when the home can't be used", async () => {
    const home = join(tempFolder(), "file");
    await writeFile(home, "");
    await expect(startRecorder({ home })).rejects.toMatchObject({ code: "HOME_UNUSABLE" });
  });
});

describe("what is recorded is read back equal", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array)),
    fc.string({ unit: "binary", maxLength: 500 }).map((text) => Buffer.from(text)),
    fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from('\0\u2028\u2029\ufeff"\\\n\r\t'),
      Buffer.from("\ufeffwith a byte order mark"),
      Buffer.from([0xed, 0xa0, 0x80]), // a lone surrogate in UTF-8: invalid
      Buffer.from([0xf0, 0x9f, 0x92]), // cut within a character
      Buffer.from('"id":"x","error":{"code":"timeout","kind":"file"}'),
      Buffer.alloc(32 * 1024, "x"),
      Buffer.alloc(32 * 1024 + 1, "x"),
      Buffer.alloc(100_000, 0xff),
      Buffer.alloc(1024 * 1024, "y"),
      Buffer.alloc(1024 * 1024 + 1, "y"),
    ),
  );
  const pieces = fc
    .tuple(bytes, fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 4 }))
    .map(([whole, cuts]) => {
      const chunks: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        chunks.push(whole.subarray(at, at + cut));
        at = Math.min(whole.length, at + cut);
      }
      return { whole, chunks: [...chunks, whole.subarray(at)] };
    });
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  const latin1 = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 40,
  });

  it("whatever the bytes of its bodies", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ request: pieces, response: pieces, url: text, header: latin1 }), {
          minLength: 1,
          maxLength: 8,
        }),
        async (cases) => {
          const recorder = await startRecorder();
          const written = cases.map(({ request, response, url, header }) => {
            const id = newId();
            const exchange = httpExchange({
              id,
              seq: recorder.nextSeq(),
              requestBody: recordBody(recorder, id, request.chunks, "request"),
              body: recordBody(recorder, id, response.chunks),
              tags: [url],
              error: { code: "origin-closed", message: header },
            });
            recorder.finished(exchange);
            return exchange;
          });
          const manifest = await recorder.close();
          const read = (await readFinished(recorder.path)).sort((a, b) => a.seq - b.seq);
          expect(read).toEqual(written);
          for (const [i, exchange] of read.entries()) {
            if (exchange.kind !== "http") throw new Error("unreachable");
            const stored = async (body: Body | undefined): Promise<Buffer> =>
              await bodyBytes(recorder.path, body!);
            expect((await stored(exchange.request.body)).equals(cases[i]!.request.whole)).toBe(true);
            expect((await stored(exchange.response?.body)).equals(cases[i]!.response.whole)).toBe(true);
          }
          expect(await countLines(join(recorder.path, "exchanges.jsonl"))).toMatchObject({
            exchanges: cases.length,
            errors: cases.length,
          });
          expect(manifest.counts).toMatchObject({ exchanges: cases.length, errors: cases.length });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("of each kind", async () => {
    const recorder = await startRecorder();
    const { response: _none, ...failed } = httpExchange({
      error: { code: "dns-failed", message: "no such host" },
    });
    const exchanges = [
      failed,
      webSocketExchange({ messageCount: 2, close: { by: "client", code: 1000, reason: "bye" } }),
      tunnelExchange(),
      httpExchange({ tags: ["a"] }),
    ];
    for (const exchange of exchanges) recorder.finished(exchange);
    await recorder.close();
    expect(await readFinished(recorder.path)).toEqual(exchanges);
  });
});

describe("bodies", () => {
  it("are text where they are UTF-8, base64 else, and a file above 32 KB", async () => {
    const recorder = await startRecorder();
    const kind = (bytes: Buffer): string => recordBody(recorder, newId(), [bytes]).kind;
    expect([
      kind(Buffer.alloc(0)),
      kind(Buffer.from("é")),
      kind(Buffer.from([0xe9])),
      kind(Buffer.alloc(32_768, "a")),
      kind(Buffer.alloc(32_769, "a")),
    ]).toEqual(["empty", "text", "base64", "text", "file"]);
    await recorder.close();
  });

  it("are cut at maxBody, sizes counted in full", async () => {
    const recorder = await startRecorder({ maxBody: 4 });
    const chunks = [Buffer.from("abc"), Buffer.from("def"), Buffer.from("ghi")];
    expect(recordBody(recorder, newId(), chunks)).toEqual({
      kind: "text",
      size: 9,
      text: "abcd",
      truncated: "max-body",
    });
    expect(recordBody(recorder, newId(), [Buffer.from("abcd")])).toEqual({
      kind: "text",
      size: 4,
      text: "abcd",
    });
    await recorder.close();
    const large = await startRecorder({ maxBody: 50_000 });
    const id = newId();
    const body = recordBody(large, id, [Buffer.alloc(40_000, 1), Buffer.alloc(40_000, 2)]);
    expect(body).toMatchObject({ kind: "file", size: 80_000, stored: 50_000, truncated: "max-body" });
    large.finished(httpExchange({ id, body }));
    await large.close();
    const bytes = await bodyBytes(large.path, body);
    expect(bytes.equals(Buffer.concat([Buffer.alloc(40_000, 1), Buffer.alloc(10_000, 2)]))).toBe(true);
  });

  it("are left out without bodies, sizes counted", async () => {
    const recorder = await startRecorder({ bodies: false });
    expect(recordBody(recorder, newId(), [Buffer.alloc(100_000)])).toEqual({
      kind: "omitted",
      size: 100_000,
    });
    expect(recordBody(recorder, newId(), [])).toEqual({ kind: "empty", size: 0 });
    await recorder.close();
    expect(existsSync(join(recorder.path, "bodies"))).toBe(false);
  });

  it("say why they ended early", async () => {
    const recorder = await startRecorder();
    const writer = recorder.openBody({ id: newId(), part: "response" });
    writer.write(Buffer.from("ab"));
    expect(writer.end("origin-closed")).toEqual({
      kind: "text",
      size: 2,
      text: "ab",
      truncated: "origin-closed",
    });
    expect(recorder.openBody({ id: newId(), part: "request" }).end("client-closed")).toMatchObject({
      kind: "empty",
      truncated: "client-closed",
    });
    await recorder.close();
  });

  it("that stream are in their file from the first byte, with the time of each piece", async () => {
    const recorder = await startRecorder();
    const id = newId();
    const writer = recorder.openBody({ id, part: "response", streamingSince: performance.now() - 1000 });
    writer.write(Buffer.from("data: 1\n\n"));
    const path = join(recorder.path, "bodies", `${id}.response`);
    await expect.poll(() => readFile(path, "utf8").catch(() => "")).toBe("data: 1\n\n");
    writer.write(Buffer.from("data: 22\n\n"));
    const body = writer.end();
    expect(body).toMatchObject({ kind: "file", size: 19, stored: 19 });
    expect(body.chunks?.map(([, bytes]) => bytes)).toEqual([9, 10]);
    const times = body.chunks?.map(([ms]) => ms) ?? [];
    expect(times[0]).toBeGreaterThanOrEqual(1000);
    expect(times[1]).toBeGreaterThanOrEqual(times[0]!);
    for (const ms of times) expect(Math.round(ms * 100) / 100).toBe(ms);
    await recorder.close();
  });

  it("keep at most 100,000 times", async () => {
    const recorder = await startRecorder({ bodies: false });
    const writer = recorder.openBody({ id: newId(), part: "response", streamingSince: performance.now() });
    for (let i = 0; i < 100_001; i++) writer.write(Buffer.from("x"));
    const body = writer.end();
    expect(body).toMatchObject({ size: 100_001, chunksTruncated: true });
    expect(body.chunks).toHaveLength(100_000);
    await recorder.close();
  });

  it("that are given up leave no file, whenever that is", async () => {
    const recorder = await startRecorder();
    const open = (): { write: (n: number) => void; discard: () => void; end: () => Body } => {
      const writer = recorder.openBody({ id: newId(), part: "response" });
      return {
        write: (n) => writer.write(Buffer.alloc(n)),
        discard: () => writer.discard(),
        end: () => writer.end(),
      };
    };
    const unopened = open();
    unopened.discard();
    const opening = open();
    opening.write(2_000_000);
    opening.discard();
    const writing = open();
    writing.write(2_000_000);
    const collecting = open();
    collecting.write(100_000);
    collecting.discard();
    const ended = open();
    ended.write(2_000_000);
    ended.end();
    const bodies = join(recorder.path, "bodies");
    await expect.poll(() => (existsSync(bodies) ? readdirSync(bodies).length : 0)).toBeGreaterThan(0);
    writing.write(2_000_000);
    writing.discard();
    ended.discard();
    const manifest = await recorder.close();
    expect(readdirSync(bodies)).toEqual([]);
    expect(manifest.counts.bytes).toBe(0);
  });

  it("of 64 MB go through a file in bounded memory, with backpressure", async () => {
    const recorder = await startRecorder();
    const id = newId();
    const writer = recorder.openBody({ id, part: "response" });
    const chunk = Buffer.alloc(65_536, "z");
    let waits = 0;
    let most = 0;
    for (let i = 0; i < 1024; i++) {
      writer.write(chunk);
      if (!recorder.behind) continue;
      waits++;
      const onDisk = await stat(join(recorder.path, "bodies", `${id}.response`)).then(
        ({ size }) => size,
        () => 0,
      );
      most = Math.max(most, (i + 1) * chunk.length - onDisk);
      await new Promise<void>((resolve) => recorder.onDrain(resolve));
    }
    const body = writer.end();
    recorder.finished(httpExchange({ id, body }));
    await recorder.close();
    expect(body).toMatchObject({ kind: "file", size: 64 * 2 ** 20, stored: 64 * 2 ** 20 });
    expect(waits).toBeGreaterThan(1);
    expect(most).toBeLessThan(17 * 2 ** 20);
    expect((await stat(join(recorder.path, "bodies", `${id}.response`))).size).toBe(64 * 2 ** 20);
  });

  it("of messages have a file each", async () => {
    const recorder = await startRecorder();
    const socket = webSocketExchange({ messageCount: 2 });
    recorder.opened(socket);
    const sent = [Buffer.alloc(40_000, 1), Buffer.alloc(50_000, 2)];
    sent.forEach((bytes, i) => {
      recorder.message(
        webSocketMessage(socket.id, i + 1, recordBody(recorder, socket.id, [bytes], "message")),
      );
    });
    recorder.finished(socket);
    await recorder.close();
    const items = await readAll(recorder.path);
    // The line of the connection waits for those of its messages, and they for their files.
    expect(items.map((item) => item.type)).toEqual(["message", "message", "exchange"]);
    for (const [i, item] of items.slice(0, 2).entries()) {
      if (item.type !== "message") throw new Error("unreachable");
      expect((await bodyBytes(recorder.path, item.message.body)).equals(sent[i]!)).toBe(true);
    }
  });
});

describe("maxExchanges", () => {
  it("keeps exactly the last ones, with their bodies and messages", async () => {
    const recorder = await startRecorder({ maxExchanges: 10 });
    const survivor = webSocketExchange({ seq: recorder.nextSeq(), messageCount: 1 });
    recorder.opened(survivor);
    recorder.message(webSocketMessage(survivor.id, 1, { kind: "text", size: 2, text: "hi" }));
    const goner = webSocketExchange({ seq: recorder.nextSeq(), messageCount: 1 });
    recorder.opened(goner);
    recorder.message(
      webSocketMessage(goner.id, 1, recordBody(recorder, goner.id, [Buffer.alloc(40_000)], "message")),
    );
    recorder.finished(goner);
    for (let i = 0; i < 2500; i++) {
      const id = newId();
      const body = recordBody(recorder, id, [
        Buffer.alloc((i < 2000 && i % 100 === 0) || i > 2490 ? 40_000 : 10),
      ]);
      const error = i % 2 === 0 ? { error: { code: "timeout", message: "" } as const } : {};
      recorder.finished(httpExchange({ id, seq: recorder.nextSeq(), body, ...error }));
      // Lines that wait for their file come later than others: let them come before the last ten.
      if (i % 500 === 0) await allWritten(recorder, i + 2);
    }
    await allWritten(recorder, 2501);
    recorder.finished(survivor);
    const manifest = await recorder.close();
    const items = await readAll(recorder.path);
    const messages = items.flatMap((item) => (item.type === "message" ? [item.message.exchange] : []));
    const kept = items.flatMap((item) => (item.type === "exchange" ? [item.exchange.seq] : []));
    expect(messages).toEqual([survivor.id]);
    expect(kept.at(-1)).toBe(1);
    expect(kept.sort()).toEqual([1, 2494, 2495, 2496, 2497, 2498, 2499, 2500, 2501, 2502]);
    expect(readdirSync(join(recorder.path, "bodies"))).toHaveLength(9);
    for (const item of items) {
      if (item.type === "exchange" && item.exchange.kind === "http")
        await bodyBytes(recorder.path, item.exchange.response!.body);
    }
    const lines = await countLines(join(recorder.path, "exchanges.jsonl"));
    expect(manifest.counts).toEqual({
      exchanges: 10,
      messages: 1,
      errors: lines.errors,
      bytes: lines.bytes + 9 * 40_000,
      dropped: 2492,
    });
    expect(lines).toMatchObject({ exchanges: 10, messages: 1 });
    expect(manifest.drops).toEqual({ "max-exchanges": 2492 });
    expect(readdirSync(recorder.path).sort()).toEqual(["bodies", "exchanges.jsonl", "manifest.json"]);
  });

  it("does not let what is to go use up the disk limit", async () => {
    const recorder = await startRecorder({ maxExchanges: 2, maxDisk: 1_000_000 });
    for (let i = 0; i < 60; i++) {
      const id = newId();
      recorder.finished(
        httpExchange({
          id,
          seq: recorder.nextSeq(),
          body: recordBody(recorder, id, [Buffer.alloc(100_000)]),
        }),
      );
      await allWritten(recorder, i + 1);
    }
    // What is to go is gone before the end, too: two are kept, and at most two more wait.
    await expect.poll(() => recorder.counts().bytes).toBeLessThan(450_000);
    const manifest = await recorder.close();
    expect(manifest.stop).toBeUndefined();
    expect((await readFinished(recorder.path)).map(({ seq }) => seq)).toEqual([59, 60]);
  });
});

describe("maxDisk", () => {
  it("stops recording when it would be passed, and says so once", async () => {
    const stops: RecordingStop[] = [];
    const recorder = await startRecorder({ maxDisk: 10_000, onStopped: (stop) => stops.push(stop) });
    for (let i = 0; i < 100; i++) recorder.finished(httpExchange({ seq: recorder.nextSeq() }));
    const manifest = await recorder.close();
    expect(stops).toHaveLength(1);
    expect(stops[0]).toMatchObject({ reason: "max-disk", message: expect.stringContaining("--max-disk") });
    expect(manifest.stop).toEqual(stops[0]);
    const { size } = await stat(join(recorder.path, "exchanges.jsonl"));
    expect(size).toBeLessThanOrEqual(10_000);
    expect(size).toBeGreaterThan(9000);
    expect(manifest.counts.bytes).toBe(size);
    expect(manifest.counts.exchanges + manifest.counts.dropped).toBe(100);
    expect(manifest.drops).toEqual({ "max-disk": manifest.counts.dropped });
    expect(await readFinished(recorder.path)).toHaveLength(manifest.counts.exchanges);
  });

  it("is in the manifest while the proxy goes on", async () => {
    const recorder = await startRecorder({ maxDisk: 10 });
    recorder.finished(httpExchange());
    await expect.poll(async () => (await readManifest(recorder.path))?.stop?.reason).toBe("max-disk");
    expect(recorder.stop?.reason).toBe("max-disk");
    await recorder.close();
  });

  it("cuts the bodies under way, and brings what was begun to its end", async () => {
    const recorder = await startRecorder({ maxDisk: 200_000 });
    const [large, late, stream] = [newId(), newId(), newId()];
    const opened = httpExchange({ id: stream });
    recorder.opened(opened);
    const writer = recorder.openBody({ id: large, part: "response" });
    for (let i = 0; i < 10; i++) writer.write(Buffer.alloc(50_000, i));
    const after = recorder.openBody({ id: late, part: "response" });
    after.write(Buffer.alloc(100_000));
    const omitted = after.end();
    const body = writer.end();
    recorder.finished(httpExchange({ id: large, body }));
    recorder.finished(httpExchange({ id: late, body: omitted }));
    recorder.finished(opened);
    const manifest = await recorder.close();
    expect(body).toMatchObject({ kind: "file", size: 500_000, truncated: "disk" });
    expect(omitted).toEqual({ kind: "omitted", size: 100_000 });
    expect((await readFinished(recorder.path)).map(({ id }) => id).sort()).toEqual([large, stream].sort());
    expect((await bodyBytes(recorder.path, body)).length).toBe(150_000);
    expect(manifest.drops).toEqual({ "max-disk": 1 });
  });
});
