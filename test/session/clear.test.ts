// A recording that is emptied while it goes on.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bodyBytes } from "../../src/session/body-reader.js";
import { type FileSystem, nodeFileSystem } from "../../src/session/file-system.js";
import { readManifest } from "../../src/session/manifest-schema.js";
import {
  httpExchange,
  logText,
  newId,
  readFinished,
  recordBody,
  startRecorder,
  webSocketExchange,
  webSocketMessage,
} from "./support.js";

it("takes out what is finished, its bodies too, and goes on in the same session", async () => {
  const recorder = await startRecorder({ clearable: true });
  const ids = [newId(), newId(), newId()];
  for (const [at, id] of ids.entries())
    recorder.finished(
      httpExchange({ id, seq: at + 1, body: recordBody(recorder, id, [Buffer.alloc(40_000 + at)]) }),
    );
  const socket = webSocketExchange({ messageCount: 1 });
  recorder.opened(socket);
  recorder.message(webSocketMessage(socket.id, 1, { kind: "text", size: 2, text: "hi" }));
  recorder.finished(socket);
  expect(await recorder.clear()).toBe(4);
  expect(recorder.counts()).toEqual({ exchanges: 0, messages: 0, errors: 0, bytes: 0, dropped: 4 });
  expect(readdirSync(join(recorder.path, "bodies"))).toEqual([]);
  const later = newId();
  recorder.finished(
    httpExchange({ id: later, seq: 5, body: recordBody(recorder, later, [Buffer.alloc(50_000)]) }),
  );
  const manifest = await recorder.close();
  expect(manifest).toMatchObject({ counts: { exchanges: 1, dropped: 4 }, drops: { cleared: 4 } });
  expect(await readManifest(recorder.path)).toEqual(manifest);
  expect((await readFinished(recorder.path)).map(({ id }) => id)).toEqual([later]);
});

it("leaves what is under way whole: its opening line, its messages, the body that is being written", async () => {
  const recorder = await startRecorder({ clearable: true });
  const socket = webSocketExchange({ messageCount: 2 });
  recorder.opened(socket);
  recorder.message(webSocketMessage(socket.id, 1, { kind: "text", size: 2, text: "hi" }));
  const id = newId();
  const body = recorder.openBody({ id, part: "response" });
  body.write(Buffer.alloc(2_000_000, "a"));
  recorder.finished(httpExchange());
  expect(await recorder.clear()).toBe(1);
  body.write(Buffer.alloc(1_000_000, "b"));
  const exchange = httpExchange({ id, body: body.end() });
  recorder.finished(exchange);
  recorder.message(webSocketMessage(socket.id, 2, { kind: "text", size: 3, text: "bye" }));
  recorder.finished(socket);
  await recorder.close();
  expect((await readFinished(recorder.path)).map((each) => each.id).sort()).toEqual([id, socket.id].sort());
  const stored = await bodyBytes(recorder.path, exchange.response!.body);
  expect([stored.length, stored.at(-1)]).toEqual([3_000_000, "b".charCodeAt(0)]);
  expect((await logText(recorder.path)).match(/"type":"websocket-message"/g)).toHaveLength(2);
});

it("takes out what waits for its body to reach the disk as well", async () => {
  const recorder = await startRecorder({ clearable: true });
  for (let n = 0; n < 50; n++) {
    const id = newId();
    recorder.finished(httpExchange({ id, body: recordBody(recorder, id, [Buffer.alloc(100_000)]) }));
  }
  expect(await recorder.clear()).toBe(50);
  await recorder.close();
  expect(await readFinished(recorder.path)).toEqual([]);
  expect(readdirSync(join(recorder.path, "bodies"))).toEqual([]);
});

it("may be asked several times at once, while exchanges come, and with a number of them to keep", async () => {
  const recorder = await startRecorder({ maxExchanges: 3, maxDisk: 2_000_000 });
  const cleared: Promise<number | undefined>[] = [];
  for (let n = 1; n <= 4000; n++) {
    recorder.finished(httpExchange({ seq: n }));
    if (n % 500 === 0) cleared.push(recorder.clear());
    if (n % 1000 === 0) await Promise.all(cleared);
  }
  const counts = await Promise.all(cleared);
  recorder.finished(httpExchange({ seq: 4001 }));
  const manifest = await recorder.close();
  expect(counts).not.toContain(undefined);
  const kept = await readFinished(recorder.path);
  expect(kept.map(({ seq }) => seq)).toEqual([4001]);
  expect(manifest.counts).toMatchObject({ exchanges: 1, dropped: 4000 });
  expect(manifest.stop).toBeUndefined();
});

it("can't where bodies share a file, where recording has ended, or is closed", async () => {
  const shared = await startRecorder();
  shared.finished(httpExchange());
  expect(await shared.clear()).toBeUndefined();
  await shared.close();
  expect(await readFinished(shared.path)).toHaveLength(1);
  const full = await startRecorder({ clearable: true, maxDisk: 10 });
  full.finished(httpExchange());
  expect(await full.clear()).toBeUndefined();
  await full.close();
  const closed = await startRecorder({ clearable: true });
  await closed.close();
  expect(await closed.clear()).toBeUndefined();
});

it("answers also where the log breaks while it waits", async () => {
  const broken = Object.assign(new Error("broken"), { code: "EIO" });
  const recorder = await startRecorder({
    clearable: true,
    fileSystem: fileSystemWith({
      writev: (_fd: number, _buffers: readonly Buffer[], done: (error: Error, written: number) => void) => {
        setImmediate(done, broken, 0);
      },
    }),
  });
  recorder.finished(httpExchange());
  expect(await recorder.clear()).toBeUndefined();
  expect((await recorder.close()).stop).toMatchObject({ reason: "io-error" });
  expect(existsSync(join(recorder.path, "exchanges.jsonl.tmp"))).toBe(false);
});

/** The recorder calls each in one form only. */
function fileSystemWith(replaced: object): FileSystem {
  return { ...nodeFileSystem, ...replaced };
}
