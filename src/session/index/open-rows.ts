// Opens a session's log for reading, with its index where that pays: found, made, or brought up to date.
import type { FileHandle } from "node:fs/promises";
import { endianness } from "node:os";
import { dirname } from "node:path";
import { TrafficError, toTrafficError } from "../../errors.js";
import type { Logger } from "../../log.js";
import { openLog } from "../log-file.js";
import type { Rows } from "../rows.js";
import { IndexDamaged, IndexFile } from "./index-file.js";
import { writeIndex } from "./index-writer.js";
import type { ScanOptions } from "./log-scan.js";
import { SessionRows } from "./session-rows.js";

/**
 * What is not indexed is read from the log each time, up to so many bytes: 40 ms or less, about what building, opening
 * and checking an index costs (`node bench/query.mjs`).
 */
const UNINDEXED_BYTES = 8 * 1024 * 1024;

export interface RowsOptions extends ScanOptions {
  readonly log?: Logger | undefined;
  /** The index that is there turned out to be damaged. */
  readonly rebuild?: boolean;
  /** False where no file may be put beside the log. */
  readonly keepsIndex?: boolean;
  /** For tests: how much of the log may be without an index. */
  readonly unindexedBytes?: number;
}

/**
 * Opens a log for reading, with an index beside it that is made, or brought up to date, where it pays.
 * @param path of the log; bodies lie in its folder.
 * @throws SESSION_NOT_FOUND, SESSION_DAMAGED for a newer format, IO_FAILED, the signal's reason.
 */
export async function openRows(path: string, options: RowsOptions = {}): Promise<Rows> {
  const rows = await openGrowingRows(path, options);
  return await orClose(rows, options, async () => {
    for await (const block of rows.added()) rows.keep(block);
    for await (const block of rows.rest()) rows.keep(block);
    return rows;
  });
}

/** The same for a log that grows: what the index does not cover is asked for with `added`, again and again. */
export async function openGrowingRows(path: string, options: RowsOptions = {}): Promise<SessionRows> {
  const log = await openLog(path);
  return await orClose(log, options, async () => {
    const index = await freshIndex(path, log, options);
    return new SessionRows(path, log, index, options);
  });
}

/** Closes what was opened when the task fails. */
async function orClose<T>(
  opened: { close(): Promise<void> },
  { signal }: RowsOptions,
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task();
  } catch (error) {
    await opened.close();
    if (error instanceof TrafficError || error instanceof IndexDamaged || signal?.aborted === true)
      throw error;
    throw toTrafficError(error, "IO_FAILED");
  }
}

/** @returns an index that covers the log but for a small rest, or undefined where there is none to be had. */
async function freshIndex(
  path: string,
  log: FileHandle,
  options: RowsOptions,
): Promise<IndexFile | undefined> {
  const { unindexedBytes = UNINDEXED_BYTES } = options;
  const { size } = await log.stat();
  // The columns of an index are read in place, and are little endian.
  if (size <= unindexedBytes || options.keepsIndex === false || endianness() !== "LE") return undefined;
  const folder = dirname(path);
  const index = options.rebuild === true ? undefined : await IndexFile.open(folder, log);
  const missing = size - (index?.tail.indexedBytes ?? 0);
  if (missing <= unindexedBytes) return index;
  options.log?.debug(
    { session: folder, bytes: missing, extends: index !== undefined },
    "indexing the session",
  );
  try {
    await writeIndex(folder, log, path, index, options);
  } catch (error) {
    if (error instanceof TrafficError || options.signal?.aborted === true) {
      await index?.close();
      throw error;
    }
    options.log?.debug({ session: folder, err: error }, "the index could not be written");
    return index;
  }
  const grown = await IndexFile.open(folder, log);
  if (grown === undefined) return index;
  await index?.close();
  return grown;
}
