// Sessions of any kind for the tests of the index, and what the reader, which knows no index, says of them.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Exchange } from "../../src/exchange/exchange.js";
import { type ExchangeFacts, factsOf } from "../../src/exchange/facts.js";
import type { WebSocketMessage } from "../../src/exchange/websocket-message.js";
import { IndexDamaged } from "../../src/session/index/index-file.js";
import { openRows, type RowsOptions } from "../../src/session/index/open-rows.js";
import { factsAt } from "../../src/session/index/row-view.js";
import { createReadReport, type ReadReport } from "../../src/session/reader.js";
import {
  httpExchange,
  newId,
  readAll,
  tunnelExchange,
  webSocketExchange,
  webSocketMessage,
} from "./support.js";

export interface Contents {
  readonly exchanges: readonly {
    readonly facts: ExchangeFacts;
    readonly open: boolean;
    readonly exchange: Exchange;
    readonly messages: readonly WebSocketMessage[];
  }[];
  readonly report: ReadReport;
}

const text = fc.string({ unit: "binary", maxLength: 12 });
const latin1 = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
});
const size = fc.oneof(fc.nat(), fc.constant(2 ** 40));

const http = fc
  .record({
    url: fc.oneof(fc.constant("http://a.test/"), latin1, fc.constant("http://\ud800.test/"), text),
    status: fc.constantFrom(200, 404, 500, -1, 2 ** 40),
    type: latin1,
    failed: fc.boolean(),
    duration: fc.double({ noNaN: true, noDefaultInfinity: true }),
    tags: fc.option(fc.array(text, { maxLength: 2 }), { nil: undefined }),
    size,
    day: fc.integer({ min: 10, max: 99 }),
  })
  .map(({ url, status, type, failed, duration, tags, size, day }): Exchange => {
    const base = httpExchange({ body: { kind: "omitted", size } });
    const { request, response, ...rest } = base;
    return {
      ...rest,
      duration,
      // A date that is none passes the schema.
      startedAt: `2026-11-${day}T10:15:30.123Z`,
      request: { ...request, url },
      ...(tags === undefined ? {} : { tags, rules: tags, replays: newId() }),
      ...(failed || response === undefined
        ? { error: { code: "origin-reset", message: url } }
        : { response: { ...response, status, headers: [["Content-Type", type]] } }),
    };
  });

const line = (type: string, data: object): string => `${JSON.stringify({ v: 1, type, ...data })}\n`;

/** A connection: how many messages, whether it was opened with a line, and whether it ended. */
const socket = fc
  .record({
    messages: fc.oneof(fc.nat(4), fc.constantFrom(255, 256, 257, 600)),
    opened: fc.boolean(),
    ended: fc.boolean(),
  })
  .map(({ messages, opened, ended }) => {
    const exchange = webSocketExchange({ messageCount: messages });
    return [
      ...(opened ? [line("open", { ...exchange, messageCount: 0 })] : []),
      ...Array.from({ length: messages }, (_, i) =>
        line("websocket-message", webSocketMessage(exchange.id, i + 1, { kind: "empty", size: 0 })),
      ),
      ...(ended ? [line("exchange", exchange)] : []),
    ];
  });

const damage = fc.constantFrom(
  "nonsense\n",
  "\n",
  '{"v":1,"type":"note"}\n',
  '{"v":1}\n',
  '{"v":1,"type":"exchange"}\n',
  line("exchange", { ...httpExchange(), seq: 0 }),
  line("open", { ...httpExchange(), id: "none" }),
);

/** Lines of a log: what belongs to different exchanges is mixed, what belongs to one keeps its order. */
export const logLines: fc.Arbitrary<string[]> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: http.map((exchange) => [line("exchange", exchange)]) },
      { weight: 2, arbitrary: socket },
      { weight: 1, arbitrary: http.map((exchange) => [line("open", exchange)]) },
      { weight: 1, arbitrary: fc.constant(null).map(() => [line("exchange", tunnelExchange())]) },
      { weight: 2, arbitrary: damage.map((text) => [text]) },
    ),
    { maxLength: 30 },
  )
  .chain((strands) => fc.infiniteStream(fc.nat()).map((picks) => mixed(strands, picks)));

function mixed(strands: readonly (readonly string[])[], picks: Iterable<number>): string[] {
  const left = strands.map((strand) => [...strand]);
  const lines: string[] = [];
  for (const pick of picks) {
    const alive = left.filter((strand) => strand.length > 0);
    const strand = alive[pick % alive.length];
    if (strand === undefined) break;
    // In runs, so that a long connection does not take as many picks as it has messages.
    lines.push(...strand.splice(0, 1 + (pick % 97)));
  }
  return lines;
}

/** What may stand behind the last newline. */
export const logTail: fc.Arbitrary<string> = fc.constantFrom(
  "",
  '{"v":1,"type":"exchange","id":"torn',
  line("exchange", httpExchange()).trimEnd(),
  line("exchange", httpExchange({ error: { code: "loop", message: "" } })).trimEnd(),
  line("open", webSocketExchange()).trimEnd(),
  '{"v":1,"type":"note"}',
);

export const logPath = (folder: string): string => join(folder, "exchanges.jsonl");

export function writeLog(folder: string, log: string): void {
  writeFileSync(logPath(folder), log);
}

export function growLog(folder: string, more: string): void {
  appendFileSync(logPath(folder), more);
}

/** As the reader has it. */
export async function readPlainly(folder: string): Promise<Contents> {
  const report = createReadReport();
  const exchanges: Contents["exchanges"][number][] = [];
  const waiting = new Map<string, WebSocketMessage[]>();
  for (const item of await readAll(folder, report)) {
    if (item.type === "message") {
      const { exchange } = item.message;
      waiting.set(exchange, [...(waiting.get(exchange) ?? []), item.message]);
      continue;
    }
    const { exchange, open } = item;
    exchanges.push({
      facts: factsOf(exchange, open),
      open,
      exchange,
      messages: waiting.get(exchange.id) ?? [],
    });
    waiting.delete(exchange.id);
  }
  return { exchanges, report };
}

/** As the rows have it; a damaged index is built anew as a selection does. */
export async function readRows(folder: string, options: RowsOptions = {}): Promise<Contents> {
  const rows = await openRows(logPath(folder), options);
  try {
    const exchanges: Contents["exchanges"][number][] = [];
    for (let number = 0; number < rows.blocks.length; number++) {
      const block = await rows.block(number);
      for (let row = 0; row < block.rows; row++) {
        const facts = factsAt(block, row);
        const place = {
          id: facts.id,
          offset: block.number("offset", row),
          length: block.lengths[row]!,
          places: block.number("places", row),
        };
        const messages: WebSocketMessage[] = [];
        for await (const message of rows.messages(place)) messages.push(message);
        exchanges.push({ facts, open: block.isOpen(row), exchange: await rows.load(place), messages });
      }
    }
    return { exchanges, report: rows.report };
  } catch (error) {
    if (!(error instanceof IndexDamaged) || options.rebuild === true) throw error;
    return await readRows(folder, { ...options, rebuild: true });
  } finally {
    await rows.close();
  }
}

/** Indexes whatever there is. */
export const INDEXED: RowsOptions = { unindexedBytes: 0 };
export const SCANNED: RowsOptions = { unindexedBytes: Number.POSITIVE_INFINITY };
