import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileFilter } from "../../src/filter/filter.js";
import { type FollowInput, follow } from "../../src/operations/select/follow.js";
import { readRows } from "../session/index-support.js";
import {
  httpExchange,
  startRecorder,
  tempFolder,
  webSocketExchange,
  webSocketMessage,
} from "../session/support.js";

const start = (input: Partial<FollowInput> & Pick<FollowInput, "home">) =>
  follow({ sources: ["all"], filter: null, ...input });
type Followed = ReturnType<typeof start>;

/** The next so many seqs. */
async function take(followed: Followed, count: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < count) {
    const { value, done } = await followed.next();
    if (done === true) break;
    seqs.push(value.facts.seq);
  }
  return seqs;
}

describe("following a session", () => {
  it("gives what is there, then what comes, and ends with the recording", async () => {
    const home = tempFolder();
    const recorder = await startRecorder({ home });
    recorder.finished(httpExchange({ seq: 1 }));
    const followed = start({ home });
    expect(await take(followed, 1)).toEqual([1]);
    for (let seq = 2; seq <= 20; seq++) {
      recorder.finished(httpExchange({ seq }));
      expect(await take(followed, 1)).toEqual([seq]);
    }
    const socket = webSocketExchange({ seq: 21, messageCount: 1 });
    recorder.opened(socket);
    recorder.message(webSocketMessage(socket.id, 1, { kind: "text", size: 2, text: "hi" }));
    recorder.finished(httpExchange({ seq: 22 }));
    expect(await take(followed, 1)).toEqual([22]);
    recorder.finished(socket);
    const { value } = await followed.next();
    expect(value?.facts.seq).toBe(21);
    expect(await value?.exchange()).toEqual(socket);
    const messages = [];
    for await (const { seq } of value?.messages() ?? []) messages.push(seq);
    expect(messages).toEqual([1]);
    const open = webSocketExchange({ seq: 23 });
    recorder.opened(open);
    await recorder.close();
    expect(await take(followed, 9)).toEqual([23]);
    expect(await followed.next()).toEqual({ value: undefined, done: true });
  });

  it("gives what the filter holds for, also by what stands in bodies", async () => {
    const home = tempFolder();
    const recorder = await startRecorder({ home });
    const followed = start({ home, filter: compileFilter("~bs needle") });
    for (let seq = 1; seq <= 6; seq++) {
      const text = seq % 2 === 0 ? "needle" : "hay";
      recorder.finished(httpExchange({ seq, body: { kind: "text", size: text.length, text } }));
    }
    expect(await take(followed, 3)).toEqual([2, 4, 6]);
    await recorder.close();
    expect(await take(followed, 1)).toEqual([]);
  });

  it("misses nothing and repeats nothing when the oldest exchanges are taken away", async () => {
    const home = tempFolder();
    const recorder = await startRecorder({ home, maxExchanges: 500 });
    const followed = start({ home });
    let seq = 0;
    for (let round = 0; round < 12; round++) {
      const seqs = Array.from({ length: 300 }, () => ++seq);
      for (const each of seqs) recorder.finished(httpExchange({ seq: each }));
      expect(await take(followed, 300)).toEqual(seqs);
    }
    await recorder.close();
    expect(await take(followed, 1)).toEqual([]);
  });

  it("waits for the rest of a line", async () => {
    const home = tempFolder();
    const recorder = await startRecorder({ home });
    const line = (seq: number): string =>
      `${JSON.stringify({ v: 1, type: "exchange", ...httpExchange({ seq }) })}\n`;
    const log = join(recorder.path, "exchanges.jsonl");
    appendFileSync(log, line(1) + line(2).slice(0, 100));
    const followed = start({ home });
    expect(await take(followed, 1)).toEqual([1]);
    const next = take(followed, 2);
    const second = line(2);
    appendFileSync(log, `${second.slice(100)}${line(3)}`);
    // The cut line is of another exchange's id from its middle on, and the same seq.
    expect(await next).toEqual([2, 3]);
    await recorder.close();
    expect(await take(followed, 1)).toEqual([]);
  });

  it("of several sessions goes on with each until all have ended", async () => {
    const home = tempFolder();
    const [a, b] = [await startRecorder({ home, name: "a" }), await startRecorder({ home, name: "b" })];
    const followed = start({ home });
    a.finished(httpExchange({ seq: 1 }));
    b.finished(httpExchange({ seq: 101 }));
    expect((await take(followed, 2)).sort()).toEqual([1, 101]);
    await a.close();
    b.finished(httpExchange({ seq: 102 }));
    expect(await take(followed, 1)).toEqual([102]);
    await b.close();
    expect(await take(followed, 1)).toEqual([]);
  });

  it("ends when the signal aborts, and can be left at any time", async () => {
    const home = tempFolder();
    const recorder = await startRecorder({ home });
    recorder.finished(httpExchange({ seq: 1 }));
    const abort = new AbortController();
    const followed = start({ home, signal: abort.signal });
    expect(await take(followed, 1)).toEqual([1]);
    const waiting = take(followed, 1);
    abort.abort();
    expect(await waiting).toEqual([]);
    for await (const { facts } of start({ home })) {
      expect(facts.seq).toBe(1);
      break;
    }
    await recorder.close();
  });

  it("of a file that nobody records ends at once", async () => {
    const log = join(tempFolder(), "some.jsonl");
    writeFileSync(log, `${JSON.stringify({ v: 1, type: "exchange", ...httpExchange({ seq: 7 }) })}\n`);
    expect(await take(start({ home: tempFolder(), sources: [log] }), 5)).toEqual([7]);
  });

  it("begins with what an index covers", async () => {
    const home = tempFolder();
    const recorder = await startRecorder({ home });
    for (let seq = 1; seq <= 300; seq++) recorder.finished(httpExchange({ seq }));
    await recorder.close();
    await readRows(recorder.path, { unindexedBytes: 0 });
    expect(await take(start({ home }), 999)).toHaveLength(300);
  });
});
