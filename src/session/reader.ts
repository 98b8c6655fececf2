// Reads a session line by line in bounded memory, whatever state it is in: while it is being recorded, after a
// crash, with damaged lines. Never writes.

import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { ExchangeId } from "../exchange/id.js";
import { EXCHANGES_FILE } from "./format.js";
import { parseLine, type SessionItem } from "./line-parse.js";
import { createTail, placeOf, type RawLine, type RawPlace, splitLines } from "./line-splitter.js";
import { openLog } from "./log-file.js";
import { createReadReport, noteDamage, type ReadReport } from "./read-report.js";

export type { SessionItem } from "./line-parse.js";
export { createReadReport, type ReadReport } from "./read-report.js";

export interface ReadOptions {
  /** Filled in while reading. */
  readonly report?: ReadReport;
}

/**
 * Exchanges and messages in the order of their lines, up to the last whole line.
 * @param folder the session's.
 * @throws SESSION_NOT_FOUND where there is no log, SESSION_DAMAGED for a newer format, IO_FAILED.
 */
export async function* readExchanges(
  folder: string,
  options: ReadOptions = {},
): AsyncGenerator<SessionItem, void, void> {
  const report = options.report ?? createReadReport();
  const path = join(folder, EXCHANGES_FILE);
  const file = await openLog(path);
  try {
    // Where each exchange that is open so far has its line: not the exchange, as a session may hold many.
    const open = new Map<ExchangeId, RawPlace>();
    for await (const line of wholeLines(file, path, report)) {
      report.lines++;
      const item = parseLine(line, path);
      if (item === "damaged") noteDamage(report, line.number);
      else if (item === "unknown") report.unknown++;
      else if (item.type === "exchange" && item.open) open.set(item.exchange.id, placeOf(line));
      else {
        if (item.type === "exchange") open.delete(item.exchange.id);
        yield item;
      }
    }
    for (const place of open.values()) {
      const { buffer } = await file.read(Buffer.alloc(place.length), 0, place.length, place.offset);
      const item = parseLine({ ...place, bytes: buffer }, path);
      if (typeof item === "object") yield item;
    }
  } finally {
    await file.close();
  }
}

/** The lines, and the last one also without its newline: no part of an object's JSON is itself JSON. */
async function* wholeLines(
  file: FileHandle,
  path: string,
  report: ReadReport,
): AsyncGenerator<RawLine, void, void> {
  const tail = createTail();
  yield* splitLines(file, tail);
  if (tail.length === 0) return;
  if (parseLine(tail, path) === "damaged") report.tornBytes = tail.length;
  else yield tail;
}
