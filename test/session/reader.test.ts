import { appendFile, mkdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Body } from "../../src/exchange/body.js";
import { bodyBytes, openBody } from "../../src/session/body-reader.js";
import { countLines } from "../../src/session/line-count.js";
import { createReadReport, readExchanges } from "../../src/session/reader.js";
import {
  httpExchange,
  logText,
  newId,
  readAll,
  recordBody,
  startRecorder,
  tempFolder,
  webSocketExchange,
  webSocketMessage,
} from "./support.js";

/** A folder with that log. */
async function sessionWith(log: string | Buffer): Promise<string> {
  const folder = tempFolder();
  await writeFile(join(folder, "exchanges.jsonl"), log);
  return folder;
}

const line = (seq: number, fields: object = {}): string =>
  `${JSON.stringify({ v: 1, type: "exchange", ...httpExchange({ seq }), ...fields })}\n`;

const seqs = async (folder: string): Promise<number[]> =>
  (await readAll(folder)).map((item) => (item.type === "exchange" ? item.exchange.seq : -item.message.seq));

describe("reading a session", () => {
  it("reports a torn last line and answers the rest", async () => {
    const torn = line(3).slice(0, 100);
    const folder = await sessionWith(line(1) + line(2) + torn);
    const report = createReadReport();
    expect(await readAll(folder, report)).toHaveLength(2);
    expect(report).toEqual({ lines: 2, damaged: 0, damagedLines: [], unknown: 0, tornBytes: 100 });
    expect(await countLines(join(folder, "exchanges.jsonl"))).toMatchObject({ exchanges: 2, tornBytes: 100 });
  });

  it("takes a last line that only misses its newline", async () => {
    const folder = await sessionWith(line(1) + line(2).trimEnd());
    const report = createReadReport();
    expect(await readAll(folder, report)).toHaveLength(2);
    expect(report).toMatchObject({ lines: 2, tornBytes: 0 });
    expect(await countLines(join(folder, "exchanges.jsonl"))).toMatchObject({ exchanges: 2, tornBytes: 0 });
  });

  it.each([
    ["not JSON", "nonsense\n"],
    ["half a line", `${line(2).slice(0, 50)}\n`],
    ["an empty line", "\n"],
    ["no object", "[1]\n"],
    ["null", "null\n"],
    ["no version", '{"type":"exchange"}\n'],
    ["no type", '{"v":1}\n'],
    ["an exchange without a request", line(2, { request: undefined })],
    [
      "an exchange with a header of one string",
      line(2, { request: { ...httpExchange().request, headers: [["a"]] } }),
    ],
    [
      "a body outside of bodies/",
      line(2, {
        request: {
          ...httpExchange().request,
          body: { kind: "file", size: 1, stored: 1, file: "bodies/../x" },
        },
      }),
    ],
    ["an id that is none", line(2, { id: "../../etc/passwd" })],
    ["NUL bytes", `${"\0".repeat(4096)}\n`],
    [
      "bytes that are no UTF-8",
      Buffer.concat([Buffer.from('{"v":1,"type":"note","x":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
    ],
  ])("counts and names a damaged line, and goes on: %s", async (_what, damage) => {
    const folder = await sessionWith(
      Buffer.concat([Buffer.from(line(1)), Buffer.from(damage), Buffer.from(line(3))]),
    );
    const report = createReadReport();
    const items = await readAll(folder, report);
    expect(items.map((item) => item.line)).toEqual([1, 3]);
    expect(report).toMatchObject({ lines: 3, damaged: 1, damagedLines: [2], tornBytes: 0 });
  });

  it("passes by types it does not know, and keys too", async () => {
    const folder = await sessionWith(`{"v":1,"type":"note","text":"later"}\n${line(1, { later: true })}`);
    const report = createReadReport();
    const [item] = await readAll(folder, report);
    expect(item).toMatchObject({ type: "exchange", exchange: { seq: 1, later: true } });
    expect(report).toMatchObject({ unknown: 1, damaged: 0 });
  });

  it("refuses a newer version, and says what to do", async () => {
    const folder = await sessionWith(line(1, { v: 2 }));
    await expect(readAll(folder)).rejects.toMatchObject({
      code: "SESSION_DAMAGED",
      message: expect.stringMatching(/exchanges\.jsonl:1 is of session format 2/),
      hint: "use a newer trafficctl",
    });
  });

  it("says when there is none", async () => {
    await expect(readAll(tempFolder())).rejects.toMatchObject({ code: "SESSION_NOT_FOUND" });
  });

  it("gives an open exchange only where no final line follows, and after all others", async () => {
    const [done, open] = [webSocketExchange({ seq: 1 }), webSocketExchange({ seq: 2 })];
    const opened = (exchange: object): string => `${JSON.stringify({ v: 1, type: "open", ...exchange })}\n`;
    const message = `${JSON.stringify({ v: 1, type: "websocket-message", ...webSocketMessage(open.id, 1, { kind: "empty", size: 0 }) })}\n`;
    const final = `${JSON.stringify({ v: 1, type: "exchange", ...done })}\n`;
    const folder = await sessionWith(opened(done) + opened(open) + message + final + line(3));
    const items = await readAll(folder);
    expect(items).toEqual([
      { type: "message", message: webSocketMessage(open.id, 1, { kind: "empty", size: 0 }), line: 3 },
      { type: "exchange", exchange: done, open: false, line: 4 },
      { type: "exchange", exchange: expect.objectContaining({ seq: 3 }), open: false, line: 5 },
      { type: "exchange", exchange: open, open: true, line: 2 },
    ]);
  });

  it("reads lines that are longer than its buffer, in any place", async () => {
    const long = (seq: number, size: number): string => line(seq, { tags: ["x".repeat(size)] });
    const folder = await sessionWith(
      long(1, 262_144 - 900) + line(2) + long(3, 1_000_000) + long(4, 300_000) + line(5),
    );
    expect(await seqs(folder)).toEqual([1, 2, 3, 4, 5]);
  });

  it("passes by a line above 64 MB without holding it", async () => {
    const huge = Buffer.concat([Buffer.alloc(64 * 1024 * 1024 + 1, "x"), Buffer.from("\n")]);
    const folder = await sessionWith(Buffer.concat([Buffer.from(line(1)), huge, Buffer.from(line(2))]));
    const report = createReadReport();
    expect(await readAll(folder, report)).toHaveLength(2);
    expect(report.damagedLines).toEqual([2]);
  });

  it("reads a session while it is recorded, whole lines only", async () => {
    const recorder = await startRecorder();
    let written = 0;
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 100; i++) recorder.finished(httpExchange({ seq: ++written }));
      const report = createReadReport();
      const read = await readAll(recorder.path, report);
      expect(report.damaged).toBe(0);
      expect(read.map((item) => (item.type === "exchange" ? item.exchange.seq : 0))).toEqual(
        read.map((_item, i) => i + 1),
      );
    }
    await recorder.close();
    expect(await readAll(recorder.path)).toHaveLength(written);
  });

  it("lets go of the file when it is stopped early", async () => {
    const folder = await sessionWith(line(1) + line(2));
    for await (const _item of readExchanges(folder)) break;
    await rm(folder, { recursive: true });
  });
});

describe("bodies of a session that comes from elsewhere", () => {
  const file = (name: string, stored = 3): Body => ({ kind: "file", size: stored, stored, file: name });

  async function sessionWithBodies(): Promise<{ folder: string; secret: string }> {
    const folder = await sessionWith("");
    await mkdir(join(folder, "bodies"));
    const secret = join(tempFolder(), "secret");
    await writeFile(secret, "secret");
    return { folder, secret };
  }

  it.each([
    "../secret",
    "bodies/../../secret",
    "/etc/passwd",
    "bodies/..",
    "bodies/.",
    "bodies",
    "bodies/a/b",
    "bodies\\..\\x",
    "bodies/\0",
  ])("never reach outside: %j", async (name) => {
    const { folder } = await sessionWithBodies();
    await expect(openBody(folder, file(name))).rejects.toMatchObject({ code: "SESSION_DAMAGED" });
  });

  it("follow no link, neither of the file nor of the folder", async () => {
    const { folder, secret } = await sessionWithBodies();
    await symlink(secret, join(folder, "bodies", "link"));
    await expect(bodyBytes(folder, file("bodies/link"))).rejects.toMatchObject({
      message: expect.stringContaining("is a link"),
    });
    const other = await sessionWith("");
    await symlink(join(secret, ".."), join(other, "bodies"));
    await expect(bodyBytes(other, file("bodies/secret"))).rejects.toMatchObject({
      message: expect.stringContaining("linked folder"),
    });
  });

  it("that are a folder, missing or short are an error that names them", async () => {
    const { folder } = await sessionWithBodies();
    await mkdir(join(folder, "bodies", "folder"));
    await writeFile(join(folder, "bodies", "short"), "ab");
    await expect(bodyBytes(folder, file("bodies/folder"))).rejects.toMatchObject({
      message: expect.stringContaining("not a file"),
    });
    await expect(bodyBytes(folder, file("bodies/none"))).rejects.toMatchObject({
      message: expect.stringContaining("is missing"),
    });
    await expect(bodyBytes(folder, file("bodies/short"))).rejects.toMatchObject({
      message: expect.stringContaining("2 of 3 bytes"),
    });
  });

  it("read no further than asked", async () => {
    const recorder = await startRecorder();
    const id = newId();
    const large = recordBody(recorder, id, [Buffer.alloc(40_000, "a")]);
    recorder.finished(httpExchange({ id, body: large }));
    await recorder.close();
    expect((await bodyBytes(recorder.path, large, { limit: 10 })).toString()).toBe("a".repeat(10));
    expect((await bodyBytes(recorder.path, large, { limit: 0 })).length).toBe(0);
    expect(
      (await bodyBytes(recorder.path, { kind: "text", size: 4, text: "four" }, { limit: 2 })).toString(),
    ).toBe("fo");
    expect((await bodyBytes(recorder.path, { kind: "omitted", size: 4 })).length).toBe(0);
    expect(await logText(recorder.path)).toContain(`"file":"bodies/packed"`);
    await truncate(join(recorder.path, "bodies", "packed"), 39_999);
    await expect(openBody(recorder.path, large)).rejects.toMatchObject({ code: "SESSION_DAMAGED" });
    await appendFile(join(recorder.path, "bodies", "packed"), "bcd");
    expect((await bodyBytes(recorder.path, large)).length).toBe(40_000);
    expect((await readFile(join(recorder.path, "bodies", "packed"))).length).toBe(40_002);
  });
});
