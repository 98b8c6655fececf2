import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deleteSessionFolder } from "../../src/session/delete-session.js";
import { openRows } from "../../src/session/index/open-rows.js";
import {
  growLog,
  INDEXED,
  logLines,
  logPath,
  logTail,
  readPlainly,
  readRows,
  SCANNED,
  writeLog,
} from "./index-support.js";
import { httpExchange, startRecorder, tempFolder, webSocketExchange, webSocketMessage } from "./support.js";

const line = (type: string, data: object): string => `${JSON.stringify({ v: 1, type, ...data })}\n`;
const manyLines = (count: number): string =>
  Array.from({ length: count }, (_, i) => line("exchange", httpExchange({ seq: i + 1 }))).join("");
const indexOf = (folder: string): string => join(folder, "index");
const RUNS = { numRuns: 60 };

describe("the rows of a session", () => {
  it("are what the reader reads, from the index and without it", async () => {
    await fc.assert(
      fc.asyncProperty(logLines, logTail, async (lines, tail) => {
        const folder = tempFolder();
        writeLog(folder, lines.join("") + tail);
        const plain = await readPlainly(folder);
        expect(await readRows(folder, SCANNED)).toEqual(plain);
        expect(existsSync(indexOf(folder))).toBe(false);
        expect(await readRows(folder, INDEXED)).toEqual(plain);
        expect(await readRows(folder, INDEXED)).toEqual(plain);
      }),
      RUNS,
    );
  });

  it("are right when the log has grown, whether the index grows with it or not", async () => {
    await fc.assert(
      fc.asyncProperty(logLines, fc.array(fc.nat()), logTail, async (lines, cuts, tail) => {
        const folder = tempFolder();
        const log = lines.join("");
        writeLog(folder, "");
        let written = 0;
        for (const cut of [...cuts.map((cut) => cut % (log.length + 1)).sort((a, b) => a - b), log.length]) {
          // Anywhere: also within a line, as a recorder's write may have been seen.
          growLog(folder, log.slice(written, cut));
          written = cut;
          const plain = await readPlainly(folder);
          expect(await readRows(folder, { unindexedBytes: 2000 })).toEqual(plain);
          expect(await readRows(folder, INDEXED)).toEqual(plain);
        }
        growLog(folder, tail);
        expect(await readRows(folder, INDEXED)).toEqual(await readPlainly(folder));
      }),
      { numRuns: 25 },
    );
  });

  it("are right when the log was cut, replaced or trimmed", async () => {
    await fc.assert(
      fc.asyncProperty(logLines, logLines, fc.nat(), async (lines, others, cut) => {
        const folder = tempFolder();
        const log = lines.join("");
        writeLog(folder, log);
        await readRows(folder, INDEXED);
        truncateSync(logPath(folder), cut % (log.length + 1));
        expect(await readRows(folder, INDEXED)).toEqual(await readPlainly(folder));
        for (const changed of [
          others.join(""),
          log,
          lines.slice(cut % (lines.length + 1)).join("") + others.join(""),
        ]) {
          writeLog(folder, changed);
          expect(await readRows(folder, INDEXED)).toEqual(await readPlainly(folder));
        }
      }),
      RUNS,
    );
  });

  it("are right whatever bit of the index is wrong, and the index is mended", async () => {
    const folder = tempFolder();
    const socket = webSocketExchange({ messageCount: 300 });
    const messages = Array.from({ length: 300 }, (_, i) =>
      line("websocket-message", webSocketMessage(socket.id, i + 1, { kind: "empty", size: 0 })),
    );
    const open = line("open", webSocketExchange());
    writeLog(folder, `${open}x\n${manyLines(5)}${messages.join("")}${line("exchange", socket)}`);
    const plain = await readPlainly(folder);
    await readRows(folder, INDEXED);
    const sound = readFileSync(indexOf(folder));
    await fc.assert(
      fc.asyncProperty(fc.nat(sound.length - 1), fc.nat(7), async (at, bit) => {
        const wrong = Buffer.from(sound);
        wrong[at]! ^= 1 << bit;
        writeFileSync(indexOf(folder), wrong);
        expect(await readRows(folder, INDEXED)).toEqual(plain);
        expect(readFileSync(indexOf(folder)).equals(sound)).toBe(true);
      }),
      { numRuns: 400 },
    );
    for (const part of [
      sound.subarray(0, 40),
      sound.subarray(0, -1),
      Buffer.alloc(0),
      Buffer.alloc(sound.length),
    ]) {
      writeFileSync(indexOf(folder), part);
      expect(await readRows(folder, INDEXED)).toEqual(plain);
      expect(readFileSync(indexOf(folder)).equals(sound)).toBe(true);
    }
  });

  it("take more than one block", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(9000));
    const { exchanges } = await readRows(folder, INDEXED);
    expect(exchanges.map(({ facts }) => facts.seq)).toEqual(Array.from({ length: 9000 }, (_, i) => i + 1));
    const rows = await openRows(logPath(folder), INDEXED);
    expect(rows.blocks.map((block) => block.rows)).toEqual([4096, 4096, 808]);
    await rows.close();
  });

  it("fill blocks less where strings are long", async () => {
    const folder = tempFolder();
    const url = "x".repeat(1_500_000);
    const { request } = httpExchange();
    const lines = Array.from({ length: 7 }, (_, i) =>
      line("exchange", httpExchange({ request: { ...request, url: `${i}${url}` } })),
    );
    writeLog(folder, lines.join(""));
    expect(await readRows(folder, INDEXED)).toEqual(await readPlainly(folder));
    const rows = await openRows(logPath(folder), INDEXED);
    expect(rows.blocks.length).toBeGreaterThan(1);
    await rows.close();
  });

  it("of a session that is being recorded are whole ones", async () => {
    const recorder = await startRecorder();
    let written = 0;
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 100; i++) recorder.finished(httpExchange({ seq: ++written }));
      const { exchanges, report } = await readRows(recorder.path, { unindexedBytes: 100_000 });
      expect(report.damaged).toBe(0);
      expect(exchanges.map(({ facts }) => facts.seq)).toEqual(exchanges.map((_, i) => i + 1));
    }
    await recorder.close();
    expect((await readRows(recorder.path, INDEXED)).exchanges).toHaveLength(written);
  });

  it("refuse a newer format as the reader does, and leave no index", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(2) + line("exchange", { ...httpExchange(), v: 2 }));
    await expect(openRows(logPath(folder), INDEXED)).rejects.toMatchObject({ code: "SESSION_DAMAGED" });
    expect(readdirSync(folder)).toEqual(["exchanges.jsonl"]);
  });

  it("say when there is no log", async () => {
    await expect(openRows(logPath(tempFolder()))).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
  });

  it("say when the log has changed under them", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(3));
    const rows = await openRows(logPath(folder), INDEXED);
    const block = await rows.block(0);
    const place = {
      id: block.id(1),
      offset: block.number("offset", 1),
      length: block.lengths[1]!,
      places: 0,
    };
    writeLog(folder, "x".repeat(10_000));
    await expect(rows.load(place)).rejects.toMatchObject({ code: "SESSION_DAMAGED", hint: "try again" });
    await rows.close();
  });

  it("can be loaded side by side, in any order", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(3000));
    const rows = await openRows(logPath(folder), INDEXED);
    const block = await rows.block(0);
    const order = Array.from({ length: 3000 }, (_, i) => (i * 1237) % 3000);
    const loaded = await Promise.all(
      order.map((row) =>
        rows.load({
          id: block.id(row),
          offset: block.number("offset", row),
          length: block.lengths[row]!,
          places: 0,
        }),
      ),
    );
    expect(loaded.map(({ seq }) => seq)).toEqual(order.map((row) => row + 1));
    await rows.close();
  });
});

describe("the index file", () => {
  it("is private, and goes with the session", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(3));
    await readRows(folder, INDEXED);
    expect(statSync(indexOf(folder)).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, "index.0123456789ab.tmp"), "");
    writeFileSync(join(folder, "index.html"), "");
    expect(await deleteSessionFolder(folder)).toEqual(["index.html"]);
  });

  it("is not made for a small log, nor where it may not be", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(3));
    await readRows(folder);
    await readRows(folder, { ...INDEXED, keepsIndex: false });
    expect(readdirSync(folder)).toEqual(["exchanges.jsonl"]);
  });

  it("is used: a log that was changed within and is still as long is not read again", async () => {
    const folder = tempFolder();
    const log = manyLines(200);
    writeLog(folder, log);
    await readRows(folder, INDEXED);
    const at = log.indexOf('"method":"POST"', log.length / 2) + 10;
    writeLog(folder, `${log.slice(0, at)}LOST${log.slice(at + 4)}`);
    const { exchanges } = await readRows(folder, INDEXED);
    expect(new Set(exchanges.map(({ facts }) => facts.method))).toEqual(new Set(["POST"]));
  });

  it("that can't be written is done without", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(10));
    mkdirSync(indexOf(folder));
    expect(await readRows(folder, INDEXED)).toEqual(await readPlainly(folder));
    expect(readdirSync(folder).sort()).toEqual(["exchanges.jsonl", "index"]);
    await deleteSessionFolder(folder);
    expect(readdirSync(folder)).toEqual(["index"]);
  });

  it.skipIf(process.getuid?.() === 0)("is done without in a folder that is read-only", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(10));
    chmodSync(folder, 0o500);
    try {
      expect(await readRows(folder, INDEXED)).toEqual(await readPlainly(folder));
      expect(readdirSync(folder)).toEqual(["exchanges.jsonl"]);
    } finally {
      chmodSync(folder, 0o700);
    }
  });

  it("is built by several at once without harm", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(5000));
    const plain = await readPlainly(folder);
    const all = await Promise.all(Array.from({ length: 4 }, () => readRows(folder, INDEXED)));
    for (const each of all) expect(each).toEqual(plain);
    expect(readdirSync(folder).sort()).toEqual(["exchanges.jsonl", "index"]);
    // The one that stayed is sound.
    expect(await readRows(folder, INDEXED)).toEqual(plain);
  });

  it("is given up when the signal aborts, and leaves nothing", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(5000));
    const abort = new AbortController();
    const onProgress = (): void => abort.abort(new Error("enough"));
    const opening = openRows(logPath(folder), { ...INDEXED, signal: abort.signal, onProgress });
    await expect(opening).rejects.toThrow("enough");
    expect(readdirSync(folder)).toEqual(["exchanges.jsonl"]);
  });

  it("takes away what a builder that died left long ago", async () => {
    const folder = tempFolder();
    writeLog(folder, manyLines(3));
    const [old, recent] = ["index.000000000001.tmp", "index.000000000002.tmp"];
    for (const name of [old, recent]) writeFileSync(join(folder, name), "");
    const hours = Date.now() / 1000 - 7200;
    utimesSync(join(folder, old), hours, hours);
    await readRows(folder, INDEXED);
    expect(readdirSync(folder).sort()).toEqual(["exchanges.jsonl", "index", recent]);
  });
});
