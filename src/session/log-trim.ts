// Keeps the last N exchanges of a log: copies what stays to a new file, puts that in the log's place, and removes
// the bodies of what went. The new file is complete before anything is removed, so a crash loses nothing.
import { createReadStream, createWriteStream } from "node:fs";
import { rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { EXCHANGES_FILE, FILE_MODE } from "./format.js";
import { lineBodies, lineExchange, lineHasError, lineType } from "./line-peek.js";
import { splitLines } from "./line-splitter.js";

const NEWLINE = Buffer.from("\n");
const COPY_SIZE = 256 * 1024;

/** What a trim took away. */
export interface Trimmed {
  readonly exchanges: number;
  readonly messages: number;
  readonly errors: number;
  /** Bytes of lines and bodies. */
  readonly bytes: number;
  /** Size of the log now. */
  readonly size: number;
}

/** @param count the oldest exchanges to drop, in the order of their lines. */
export async function trimLog(folder: string, count: number): Promise<Trimmed> {
  const path = join(folder, EXCHANGES_FILE);
  const temporary = `${path}.tmp`;
  const { ids, end } = await oldest(path, count);
  const tally = { exchanges: 0, messages: 0, errors: 0, bytes: 0 };
  const bodies: string[] = [];
  const kept = async function* (): AsyncGenerator<Buffer> {
    for await (const { bytes, offset } of splitLines(path)) {
      if (offset >= end) break;
      // Lines of exchanges that stay may stand before the cut: their messages, or that they were opened.
      const type = lineType(bytes);
      if (!ids.has(lineExchange(bytes, type))) {
        yield Buffer.concat([bytes, NEWLINE]);
        continue;
      }
      tally.bytes += bytes.length + 1;
      if (type === "exchange") tally.exchanges++;
      if (type === "exchange" && lineHasError(bytes)) tally.errors++;
      if (type === "websocket-message") tally.messages++;
      for (const body of lineBodies(bytes)) {
        if (type !== "open") tally.bytes += body.stored;
        bodies.push(body.file);
      }
    }
    yield* createReadStream(path, { start: end, highWaterMark: COPY_SIZE });
  };
  try {
    await pipeline(kept, createWriteStream(temporary, { mode: FILE_MODE, highWaterMark: COPY_SIZE }));
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  for (const file of bodies) await unlink(join(folder, file)).catch(() => {});
  return { ...tally, size: (await stat(path)).size };
}

/** The ids of the first exchanges and where the last of their lines ends. */
async function oldest(path: string, count: number): Promise<{ ids: Set<string>; end: number }> {
  const ids = new Set<string>();
  let end = 0;
  for await (const { bytes, offset } of splitLines(path)) {
    if (ids.size >= count) break;
    if (lineType(bytes) !== "exchange") continue;
    ids.add(lineExchange(bytes, "exchange"));
    end = offset + bytes.length + 1;
  }
  return { ids, end };
}
