// Reads a session line by line in bounded memory, whatever state it is in: while it is being recorded, after a
// crash, with damaged lines. Never writes.

import { isUtf8 } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, TrafficError } from "../errors.js";
import type { Exchange } from "../exchange/exchange.js";
import type { ExchangeId } from "../exchange/id.js";
import type { WebSocketMessage } from "../exchange/websocket-message.js";
import { EXCHANGES_FILE, LINE_LIMIT } from "./format.js";
import { isExchange, isMessage } from "./line-schema.js";
import { createTail, type RawLine, splitLines } from "./line-splitter.js";
import { toCurrentVersion } from "./versions.js";

/** What a session's log holds. */
export type SessionItem =
  /** `open`: it had not finished when it was last written; such items come after all others. */
  | { readonly type: "exchange"; readonly exchange: Exchange; readonly open: boolean; readonly line: number }
  | { readonly type: "message"; readonly message: WebSocketMessage; readonly line: number };

/** What was met on the way; complete when the reader has ended. */
export interface ReadReport {
  /** Whole lines. */
  lines: number;
  /** Lines that hold nothing usable. */
  damaged: number;
  /** Numbers of the first 100 of them, from 1. */
  damagedLines: number[];
  /** Whole lines of a type this build does not know. */
  unknown: number;
  /** Bytes after the last whole line: being written, or left by a crash. */
  tornBytes: number;
}

export interface ReadOptions {
  /** Filled in while reading. */
  readonly report?: ReadReport;
}

const MAX_DAMAGED_NAMED = 100;

export function createReadReport(): ReadReport {
  return { lines: 0, damaged: 0, damagedLines: [], unknown: 0, tornBytes: 0 };
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

async function openLog(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT") throw new TrafficError("IO_FAILED", `cannot read ${path}`, { cause });
    throw new TrafficError("SESSION_NOT_FOUND", `there is no session log ${path}`, { cause });
  }
}

type RawPlace = Omit<RawLine, "bytes">;

function placeOf({ number, offset, length }: RawLine): RawPlace {
  return { number, offset, length };
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

function parseLine(line: RawLine, path: string): SessionItem | "damaged" | "unknown" {
  // Decoding would replace invalid bytes silently.
  if (line.length > LINE_LIMIT || !isUtf8(line.bytes)) return "damaged";
  let value: unknown;
  try {
    value = JSON.parse(line.bytes.toString("utf8"));
  } catch {
    return "damaged";
  }
  if (!isObject(value)) return "damaged";
  const data = toCurrentVersion(value, `${path}:${line.number}`);
  if (data === undefined) return "damaged";
  // They belong to the line, not to what it holds.
  const { v: _version, type, ...content } = data;
  switch (type) {
    case "exchange":
    case "open":
      if (!isExchange(content)) return "damaged";
      return { type: "exchange", exchange: content, open: type === "open", line: line.number };
    case "websocket-message":
      return isMessage(content) ? { type: "message", message: content, line: line.number } : "damaged";
    default:
      return typeof type === "string" ? "unknown" : "damaged";
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function noteDamage(report: ReadReport, line: number): void {
  report.damaged++;
  if (report.damagedLines.length < MAX_DAMAGED_NAMED) report.damagedLines.push(line);
}
