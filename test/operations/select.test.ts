import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { TrafficError } from "../../src/errors.js";
import type { Exchange, HttpExchange } from "../../src/exchange/exchange.js";
import { compileFilter } from "../../src/filter/filter.js";
import {
  type RowCondition,
  type Selected,
  type SelectInput,
  type Sort,
  select,
} from "../../src/operations/select.js";
import { openRows } from "../../src/session/index/open-rows.js";
import {
  httpExchange,
  newId,
  recordBody,
  startRecorder,
  tempFolder,
  webSocketExchange,
  webSocketMessage,
} from "../session/support.js";

async function record(home: string, name: string, exchanges: readonly Exchange[]): Promise<string> {
  const recorder = await startRecorder({ home, name });
  for (const exchange of exchanges) recorder.finished(exchange);
  await recorder.close();
  return recorder.path;
}

/** The seqs that are given, and how many were found. */
async function found(
  input: Partial<SelectInput> & Pick<SelectInput, "home">,
): Promise<{ seqs: number[]; total: number }> {
  const selection = await select({ sources: ["last"], filter: null, sort: "asc", ...input });
  try {
    const seqs: number[] = [];
    for await (const { facts } of selection) seqs.push(facts.seq);
    expect(seqs).toHaveLength(selection.given);
    return { seqs, total: selection.total };
  } finally {
    await selection.close();
  }
}

async function first(
  input: Partial<SelectInput> & Pick<SelectInput, "home">,
  use: (selected: Selected) => Promise<void>,
) {
  const selection = await select({ sources: ["last"], filter: null, sort: "asc", ...input });
  try {
    for await (const selected of selection) return await use(selected);
  } finally {
    await selection.close();
  }
}

const text = (value: string) => ({ kind: "text", size: Buffer.byteLength(value), text: value }) as const;

describe("the order of a selection", () => {
  const home = tempFolder();
  const exchange = (seq: number, duration: number, size: number): Exchange =>
    httpExchange({
      seq,
      duration,
      body: { kind: "omitted", size },
      startedAt: `2026-11-20T10:00:0${9 - seq}.000Z`,
    });
  beforeAll(async () => {
    // Lines stand in the order of the ends. The clock went backwards meanwhile.
    await record(home, "one", [
      exchange(3, 30, 5),
      exchange(1, 10, 900),
      exchange(4, 30, 5),
      exchange(2, 20, 70),
    ]);
  });

  it.each([
    ["asc", [1, 2, 3, 4]],
    ["desc", [4, 3, 2, 1]],
    ["duration", [3, 4, 2, 1]],
    ["size", [1, 2, 3, 4]],
  ] as const)("%s", async (sort, seqs) => {
    expect(await found({ home, sort })).toEqual({ seqs, total: 4 });
    expect(await found({ home, sort, limit: 2 })).toEqual({ seqs: seqs.slice(0, 2), total: 4 });
    expect(await found({ home, sort, limit: 2, offset: 1 })).toEqual({ seqs: seqs.slice(1, 3), total: 4 });
    expect(await found({ home, sort, offset: 3 })).toEqual({ seqs: seqs.slice(3), total: 4 });
    expect(await found({ home, sort, offset: 9, limit: 5 })).toEqual({ seqs: [], total: 4 });
    expect(await found({ home, sort, limit: 0 })).toEqual({ seqs: [], total: 4 });
  });

  it("of several sources is by time, and says which source", async () => {
    const several = tempFolder();
    const at = (seq: number, second: number): Exchange =>
      httpExchange({ seq, startedAt: `2026-11-20T10:00:0${second}.000Z` });
    await record(several, "a", [at(1, 1), at(2, 4)]);
    await record(several, "b", [at(1, 2), at(2, 3), at(3, 4)]);
    const selection = await select({ home: several, sources: ["b", "all"], filter: null, sort: "asc" });
    const given: string[] = [];
    for await (const { source, facts } of selection) given.push(`${source.label}${facts.seq}`);
    expect(given).toEqual(["a1", "b1", "b2", "a2", "b3"]);
    expect(selection.reports.map(({ source, exchanges }) => [source.label, exchanges])).toEqual([
      ["b", 3],
      ["a", 2],
    ]);
    await selection.close();
  });

  it("is the same whether a few or all are kept", async () => {
    const other = tempFolder();
    const shape = fc.tuple(fc.nat(5), fc.nat(5));
    await fc.assert(
      fc.asyncProperty(
        fc.array(shape, { maxLength: 40 }),
        fc.nat(45),
        fc.nat(10),
        async (shapes, limit, offset) => {
          await record(
            other,
            newId(),
            shapes.map(([duration, size], i) => ({
              ...httpExchange({ seq: i + 1, duration, body: { kind: "omitted", size } }),
              ...(i % 7 === 0 ? { startedAt: "2026-99-99T10:00:00.000Z" } : {}),
            })),
          );
          for (const sort of ["asc", "desc", "duration", "size"] satisfies Sort[]) {
            const sources = ["all"];
            const all = await found({ home: other, sort, sources });
            const some = await found({ home: other, sort, sources, limit, offset });
            expect(some).toEqual({ total: all.total, seqs: all.seqs.slice(offset, offset + limit) });
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe("what a selection gives", () => {
  const home = tempFolder();
  const zipped = gzipSync("a zipped needle");
  const socket = webSocketExchange({ seq: 4, messageCount: 2 });
  let plain: HttpExchange;
  let folder: string;
  beforeAll(async () => {
    const recorder = await startRecorder({ home, name: "bodies" });
    const large = newId();
    plain = httpExchange({ seq: 1, requestBody: text("caf\u00e9 needle"), body: text("response") });
    recorder.finished(plain);
    const coded = httpExchange({ seq: 2 });
    recorder.finished({
      ...coded,
      response: {
        ...coded.response!,
        headers: [["Content-Encoding", "gzip"]],
        body: { kind: "base64", size: zipped.length, base64: zipped.toString("base64") },
      },
    });
    const body = recordBody(recorder, large, [Buffer.alloc(50_000, "x"), Buffer.from("large needle")]);
    recorder.finished(httpExchange({ id: large, seq: 3, body }));
    recorder.message(webSocketMessage(socket.id, 1, text("hello")));
    recorder.message(webSocketMessage(socket.id, 2, text("a needle sent")));
    recorder.finished(socket);
    const { response: _none, ...failed } = httpExchange({
      seq: 5,
      error: { code: "origin-reset", message: "reset" },
    });
    recorder.finished(failed);
    await recorder.close();
    folder = recorder.path;
  });

  it.each([
    ["~b needle", [1, 2, 3, 4]],
    ["~bq needle", [1, 4]],
    ["~bs needle", [2, 3]],
    ["!~b needle", [5]],
    ["~b large", [3]],
    ["~hq x-twice & ~bs needle", [2, 3]],
    ["~hs content-encoding", [2]],
    ["~s & ~hs .", [1, 2, 3, 4]],
    ["~websocket", [4]],
    ["~e", [5]],
    ["~b caf\u00e9", [1]],
  ])("is what the filter holds for: %s", async (filter, seqs) => {
    expect(await found({ home, filter: compileFilter(filter) })).toEqual({ seqs, total: seqs.length });
  });

  it("loads an exchange, its bodies and its messages", async () => {
    await first({ home, filter: compileFilter("~bq needle") }, async (selected) => {
      expect(await selected.exchange()).toEqual(plain);
      expect((await selected.requestContent()).bytes.toString()).toBe("caf\u00e9 needle");
      expect((await selected.requestContent({ limit: 3 })).bytes.toString()).toBe("caf");
      expect((await selected.responseContent())?.bytes.toString()).toBe("response");
      expect(selected.open).toBe(false);
    });
    await first({ home, filter: compileFilter("~hs content-encoding") }, async (selected) => {
      expect((await selected.responseContent())?.bytes.toString()).toBe("a zipped needle");
    });
    await first({ home, filter: compileFilter("~websocket") }, async (selected) => {
      const messages = [];
      for await (const message of selected.messages()) messages.push(message.seq);
      expect(messages).toEqual([1, 2]);
    });
    await first({ home, filter: compileFilter("~e") }, async (selected) => {
      expect(await selected.responseContent()).toBeNull();
    });
  });

  it("reads no line and no body for what the index tells", async () => {
    const asked: string[] = [];
    const filter: RowCondition = {
      needs: { headers: false, requestContent: true, responseContent: true, messages: true },
      test(subject) {
        const known = [subject.requestContent, subject.responseContent, subject.messages];
        asked.push(`${subject.facts.seq}:${known.map((part) => (part === undefined ? "?" : "!")).join("")}`);
        return known.includes(undefined) ? undefined : false;
      },
    };
    expect((await found({ home, filter })).total).toBe(0);
    const of = (seq: number): string[] => asked.filter((each) => each.startsWith(`${seq}:`));
    // Each is asked about until everything is known: of a failed request without a body that is at once.
    expect(of(5)).toEqual(["5:!!!"]);
    expect(of(3)[0]).toBe("3:!?!");
    expect(of(3).at(-1)).toBe("3:!!!");
    expect(of(4)[0]).toBe("4:!!?");
    expect(of(4).at(-1)).toBe("4:!!!");
  });

  it("counts bodies that can't be read, and answers the rest", async () => {
    const broken = tempFolder();
    const recorder = await startRecorder({ home: broken, name: "broken" });
    const id = newId();
    recorder.finished(
      httpExchange({ id, seq: 1, body: recordBody(recorder, id, [Buffer.alloc(50_000, "x")]) }),
    );
    recorder.finished(httpExchange({ seq: 2, body: text("xx") }));
    await recorder.close();
    await unlink(join(recorder.path, "bodies", "packed"));
    const selection = await select({
      home: broken,
      sources: ["last"],
      filter: compileFilter("~bs x"),
      sort: "asc",
    });
    expect(selection.total).toBe(1);
    expect(selection.reports[0]).toMatchObject({ exchanges: 2, unreadableBodies: 1, limitedBodies: 0 });
    await selection.close();
  });

  it("names the exchange whose content a pattern takes too long for", async () => {
    const filter: RowCondition = {
      needs: { headers: false, requestContent: false, responseContent: false, messages: false },
      test({ facts }) {
        if (facts.seq === 3)
          throw new TrafficError("PATTERN_TOO_SLOW", "'(a+)+$' takes too long", { hint: "a hint" });
        return false;
      },
    };
    await expect(found({ home, filter })).rejects.toMatchObject({
      code: "PATTERN_TOO_SLOW",
      message: "'(a+)+$' takes too long, in exchange 3 of bodies (POST https://example.test/things?q=1)",
      hint: "a hint",
    });
  });

  it("tells damaged and torn lines", async () => {
    const log = readFileSync(join(folder, "exchanges.jsonl"), "utf8");
    const other = join(tempFolder(), "other.jsonl");
    writeFileSync(other, `nonsense\n${log}{"v":1`);
    const selection = await select({ home, sources: [other], filter: null, sort: "asc" });
    expect(selection.total).toBe(5);
    expect(selection.reports[0]?.lines).toMatchObject({ damaged: 1, damagedLines: [1], tornBytes: 6 });
    await selection.close();
  });

  it("stops when the signal aborts", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(found({ home, signal })).rejects.toThrow("enough");
  });
});

describe("the sources of a selection", () => {
  const home = tempFolder();
  let folder: string;
  beforeAll(async () => {
    folder = await record(home, "morning", [httpExchange({ seq: 1 })]);
    await record(home, "evening", [httpExchange({ seq: 1 }), httpExchange({ seq: 2 })]);
  });
  const labels = async (...sources: string[]): Promise<string[]> => {
    const selection = await select({ home, sources, filter: null, sort: "asc" });
    await selection.close();
    return selection.reports.map(({ source }) => source.label);
  };

  it("are names, beginnings of names, last, all and paths; each once", async () => {
    expect(await labels("morn")).toEqual(["morning"]);
    expect(await labels("last")).toEqual(["evening"]);
    expect(await labels("all")).toEqual(["evening", "morning"]);
    const log = join(folder, "exchanges.jsonl");
    expect(await labels(folder)).toEqual([folder]);
    expect(await labels(log)).toEqual([log]);
    expect(await labels("morning", log, folder, "evening")).toEqual(["morning", "evening"]);
  });

  it("that are not there are told, with near ones", async () => {
    await expect(labels("morninx")).rejects.toMatchObject({
      code: "SESSION_NOT_FOUND",
      hint: "did you mean morning?",
    });
    await expect(labels(join(folder, "none.jsonl"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    mkdirSync(join(folder, "folder.jsonl"));
    await expect(labels(join(folder, "folder.jsonl"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });

  it("may be HAR files where somebody reads them", async () => {
    const har = join(tempFolder(), "some.har.gz");
    writeFileSync(har, "");
    await expect(labels(har)).rejects.toMatchObject({ code: "USAGE" });
    const openHar = (path: string) => {
      expect(path).toBe(har);
      return openRows(join(folder, "exchanges.jsonl"));
    };
    expect((await found({ home, sources: [har, "evening"], openHar })).total).toBe(3);
  });
});

describe("a damaged index", () => {
  it("is built anew on the way, and nothing is found twice", async () => {
    const home = tempFolder();
    const url = `https://example.test/${"x".repeat(1200)}`;
    const { request } = httpExchange();
    const exchanges = Array.from({ length: 9000 }, (_, i) =>
      httpExchange({ seq: i + 1, request: { ...request, url } }),
    );
    const folder = await record(home, "large", exchanges);
    expect((await found({ home, limit: 0 })).total).toBe(9000);
    const index = join(folder, "index");
    const sound = readFileSync(index);
    const wrong = Buffer.from(sound);
    // In its second block.
    wrong[Math.floor(sound.length / 2)]! ^= 1;
    writeFileSync(index, wrong);
    const { seqs, total } = await found({ home });
    expect(total).toBe(9000);
    expect(seqs).toEqual(exchanges.map(({ seq }) => seq));
    expect(readFileSync(index).equals(sound)).toBe(true);
  });
});
