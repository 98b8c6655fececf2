// Writes a HAR as a stream: constant memory, at the pace of whoever takes it, compact JSON with one entry a line.
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { compressor, type HarCompression } from "./compression.js";
import { escapedPieces } from "./entry-pieces.js";
import type { HarItem } from "./to-entry.js";
import type { HarCreator } from "./types.js";

export interface HarLog {
  readonly creator: HarCreator;
  readonly browser?: unknown;
  readonly comment?: string;
  /** Asked for after the last entry, which is when it is known which pages the entries name. */
  readonly pages?: () => readonly unknown[];
}

/** Bytes that are put together before they go on. */
const BATCH = 64 << 10;

/**
 * @param items entries in the order in which they are to stand.
 * @param destination is ended, or destroyed when something fails: then what it has is not a HAR. Write to a temporary
 * file and rename it.
 */
export async function writeHar(
  items: AsyncIterable<HarItem> | Iterable<HarItem>,
  log: HarLog,
  destination: Writable,
  options: { readonly compression?: HarCompression; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const compress = compressor(options.compression ?? "none");
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const chunks = harChunks(items, log);
  if (compress === undefined) await pipeline(chunks, destination, signal);
  else await pipeline(chunks, compress, destination, signal);
}

/** The bytes of a HAR, in pieces of about 64 KB. */
async function* harChunks(
  items: AsyncIterable<HarItem> | Iterable<HarItem>,
  log: HarLog,
): AsyncGenerator<Buffer> {
  let batch: string[] = [];
  let length = 0;
  for await (const piece of harPieces(items, log)) {
    batch.push(piece);
    length += piece.length;
    if (length < BATCH) continue;
    yield Buffer.from(batch.join(""), "utf8");
    batch = [];
    length = 0;
  }
  if (length > 0) yield Buffer.from(batch.join(""), "utf8");
}

async function* harPieces(
  items: AsyncIterable<HarItem> | Iterable<HarItem>,
  { creator, browser, comment, pages }: HarLog,
): AsyncGenerator<string> {
  const head = JSON.stringify({ version: "1.2", creator, browser, comment });
  yield `{"log":${head.slice(0, -1)},"entries":[`;
  let separator = "\n";
  for await (const { entry, streams } of items) {
    yield separator;
    const json = JSON.stringify(entry);
    if (streams.length === 0) yield json;
    else yield* escapedPieces(json, streams);
    separator = ",\n";
  }
  yield `\n],"pages":${JSON.stringify(pages?.() ?? [])}}}\n`;
}
