import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bodyBytes } from "../../src/session/body-reader.js";
import type { FileSystem } from "../../src/session/file-system.js";
import type { RecordingStop } from "../../src/session/manifest.js";
import { readManifest } from "../../src/session/manifest-schema.js";
import { createReadReport } from "../../src/session/reader.js";
import {
  httpExchange,
  newId,
  readAll,
  readFinished,
  recordBody,
  startRecorder,
  tempFolder,
} from "./support.js";

type OpenDone = (error: NodeJS.ErrnoException | null, fd: number) => void;
type WriteDone = (error: NodeJS.ErrnoException | null, written: number) => void;

/** The node file system with some calls replaced: the recorder calls each in one form only. */
function fileSystemWith(replaced: object): FileSystem {
  return { ...fs, ...replaced };
}

/** The node file system, with a disk of so many bytes for what goes through it. */
function smallDisk(room: number, code = "ENOSPC"): FileSystem {
  let left = room;
  const writev = (fd: number, buffers: readonly Buffer[], done: WriteDone): void => {
    const wanted = Buffer.concat(buffers);
    const taken = wanted.subarray(0, left);
    left -= taken.length;
    // Like a real disk: what still fits is written, the next call fails.
    if (taken.length === 0) done(Object.assign(new Error(`${code}: no more, write`), { code }), 0);
    else fs.writev(fd, [taken], (error, written) => done(error, written));
  };
  return fileSystemWith({ writev });
}

describe("a disk that fills up", () => {
  it.each([
    ["ENOSPC", "disk-full"],
    ["EDQUOT", "disk-full"],
    ["EIO", "io-error"],
  ])("with %s stops recording, loses no whole line and counts the rest", async (code, reason) => {
    const stops: RecordingStop[] = [];
    const recorder = await startRecorder({
      fileSystem: smallDisk(10_000, code),
      onStopped: (stop) => stops.push(stop),
    });
    for (let i = 0; i < 50; i++) recorder.finished(httpExchange({ seq: recorder.nextSeq() }));
    await expect.poll(() => stops.length).toBe(1);
    recorder.finished(httpExchange({ seq: recorder.nextSeq() }));
    const manifest = await recorder.close();
    expect(stops[0]).toMatchObject({ reason, message: expect.stringContaining("exchanges.jsonl") });
    const report = createReadReport();
    const items = await readAll(recorder.path, report);
    expect(report).toMatchObject({ damaged: 0, tornBytes: 0 });
    expect(items.length).toBeGreaterThan(5);
    expect(manifest.counts).toMatchObject({ exchanges: items.length, dropped: 51 - items.length });
    expect(manifest.counts.bytes).toBe(fs.statSync(join(recorder.path, "exchanges.jsonl")).size);
    expect(await readManifest(recorder.path)).toEqual(manifest);
  });

  it("cuts a body that had been described whole, and says how much of it there is", async () => {
    const recorder = await startRecorder({ fileSystem: smallDisk(100_000) });
    const id = newId();
    const body = recordBody(recorder, id, [Buffer.alloc(60_000, 1), Buffer.alloc(60_000, 2)]);
    expect(body).toMatchObject({ kind: "file", stored: 120_000 });
    recorder.finished(httpExchange({ id, body }));
    const manifest = await recorder.close();
    expect(manifest.stop?.reason).toBe("disk-full");
    // The line itself found no room either: it is counted.
    expect(manifest.counts).toMatchObject({ exchanges: 0, dropped: 1 });
  });

  it("keeps the line of a body that was cut, where there is room for it", async () => {
    const ofBody = new Set<number>();
    const open = (path: string, flags: string, mode: number, done: OpenDone) => {
      fs.open(path, flags, mode, (error, fd) => {
        if (path.includes("bodies")) ofBody.add(fd);
        done(error, fd);
      });
    };
    const small = smallDisk(1_500_000);
    const writev = (fd: number, buffers: Buffer[], done: WriteDone): void => {
      if (ofBody.has(fd)) small.writev(fd, buffers, (error, written) => done(error, written));
      else fs.writev(fd, buffers, (error, written) => done(error, written));
    };
    const recorder = await startRecorder({ fileSystem: fileSystemWith({ open, writev }) });
    const id = newId();
    recorder.finished(httpExchange({ id, body: recordBody(recorder, id, [Buffer.alloc(2_000_000, 1)]) }));
    await recorder.close();
    const [read] = await readFinished(recorder.path);
    const body = read?.kind === "http" ? read.response!.body : undefined;
    expect(body).toMatchObject({ kind: "file", size: 2_000_000, stored: 1_500_000, truncated: "disk" });
    expect((await bodyBytes(recorder.path, body!)).length).toBe(1_500_000);
  });

  it("never lets the writer of a failed file throw or grow", async () => {
    const recorder = await startRecorder({ fileSystem: smallDisk(0) });
    const id = newId();
    const writer = recorder.openBody({ id, part: "response" });
    writer.write(Buffer.alloc(2_000_000));
    await expect.poll(() => recorder.stop?.reason).toBe("disk-full");
    for (let i = 0; i < 1000; i++) writer.write(Buffer.alloc(40_000));
    expect(recorder.behind).toBe(false);
    expect(writer.end()).toMatchObject({ kind: "file", size: 42_000_000, stored: 0, truncated: "disk" });
    await recorder.close();
  });
});

describe("too many open files", () => {
  it("delay bodies, and lose none", async () => {
    let refusals = 5;
    const open = (path: string, flags: string, mode: number, done: OpenDone): void => {
      if (path.includes("bodies") && refusals-- > 0) {
        setImmediate(() =>
          done(Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" }), -1),
        );
      } else fs.open(path, flags, mode, done);
    };
    const recorder = await startRecorder({ fileSystem: fileSystemWith({ open }) });
    const id = newId();
    const bytes = Buffer.alloc(100_000, 3);
    const body = recordBody(recorder, id, [bytes]);
    recorder.finished(httpExchange({ id, body }));
    const manifest = await recorder.close();
    expect(refusals).toBeLessThan(0);
    expect(manifest.stop).toBeUndefined();
    expect((await bodyBytes(recorder.path, body)).equals(bytes)).toBe(true);
  });
});

describe("a real full disk", () => {
  const mounted: string[] = [];
  afterAll(() => {
    for (const folder of mounted) execFileSync("umount", [folder]);
  });

  const mountSmall = (): string | undefined => {
    const folder = tempFolder();
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], { stdio: "pipe" });
      mounted.push(folder);
      return folder;
    } catch {
      return undefined;
    }
  };
  const home = process.platform === "linux" && process.getuid?.() === 0 ? mountSmall() : undefined;

  it.runIf(home !== undefined)("stops recording, and the manifest says so", async () => {
    const stops: RecordingStop[] = [];
    const recorder = await startRecorder({ home: home!, onStopped: (stop) => stops.push(stop) });
    for (let i = 0; i < 100; i++) {
      const id = newId();
      const body = recordBody(recorder, id, [Buffer.alloc(i % 10 === 0 ? 40_000 : 5000, 97)]);
      recorder.finished(httpExchange({ id, seq: recorder.nextSeq(), body }));
    }
    const manifest = await recorder.close();
    expect(stops).toHaveLength(1);
    expect(stops[0]?.reason).toBe("disk-full");
    expect(await readManifest(recorder.path)).toEqual(manifest);
    const report = createReadReport();
    const read = (await readAll(recorder.path, report)).length;
    expect(report).toMatchObject({ damaged: 0, tornBytes: 0 });
    expect(manifest.counts).toMatchObject({ exchanges: read, dropped: 100 - read });
    for (const exchange of await readFinished(recorder.path)) {
      if (exchange.kind === "http" && exchange.response)
        await bodyBytes(recorder.path, exchange.response.body);
    }
  });
});
