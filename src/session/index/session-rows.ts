// A session's exchanges as blocks of rows: from its index where that pays, and from its log for what the index does not
// cover. What is given is the same with and without an index.
import { type FileHandle, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { TrafficError } from "../../errors.js";
import type { Body } from "../../exchange/body.js";
import type { Exchange } from "../../exchange/exchange.js";
import type { WebSocketMessage } from "../../exchange/websocket-message.js";
import { openBody } from "../body-reader.js";
import { FileWindow } from "../file-window.js";
import { type LineBodies, lineBodies } from "../line-bodies.js";
import { type PlainItem, parsePlainLine } from "../line-check.js";
import type { ReadReport } from "../read-report.js";
import type { Place, Rows } from "../rows.js";
import { SharedBodies } from "../shared-bodies.js";
import { Block } from "./block.js";
import { IndexDamaged, type IndexFile } from "./index-file.js";
import { stateAfter } from "./index-writer.js";
import { LogScan, type ScanOptions } from "./log-scan.js";
import { MemoryPlaces, type PlaceChunk } from "./message-places.js";

export class SessionRows implements Rows {
  readonly report: ReadReport;
  readonly blocks: { readonly rows: number }[];
  readonly #path: string;
  readonly #log: FileHandle;
  readonly #index: IndexFile | undefined;
  readonly #options: ScanOptions;
  readonly #indexed: number;
  readonly #kept: Block[] = [];
  readonly #places = new MemoryPlaces();
  readonly #scan: LogScan;
  readonly #window: FileWindow;
  #loading: Promise<void> = Promise.resolve();
  readonly #folder: string;
  readonly #bodies: SharedBodies;
  #reading: Promise<void> = Promise.resolve();

  constructor(path: string, log: FileHandle, index: IndexFile | undefined, options: ScanOptions) {
    this.#path = path;
    this.#log = log;
    this.#index = index;
    this.#options = options;
    this.#indexed = index?.tail.blocks.length ?? 0;
    this.#scan = new LogScan(log, path, stateAfter(index, this.#places));
    this.#window = new FileWindow(log);
    this.#folder = dirname(path);
    this.#bodies = new SharedBodies(this.#folder);
    this.report = this.#scan.state.report;
    this.blocks = [...(index?.tail.blocks ?? [])];
  }

  /** What the log has beyond what was read so far: finished exchanges of whole lines. @throws SESSION_DAMAGED */
  async *added(): AsyncGenerator<Block, void, void> {
    for await (const bytes of this.#scan.finished(this.#options)) yield readBlock(bytes);
  }

  /** After `added`, and as the last: a whole line without its newline, and exchanges without a final line. */
  async *rest(): AsyncGenerator<Block, void, void> {
    for await (const bytes of this.#scan.rest()) yield readBlock(bytes);
  }

  /** Makes a block one of `blocks`. */
  keep(block: Block): void {
    this.#kept.push(block);
    this.blocks.push(block);
  }

  /** Whether another file has taken the log's place since (--max-exchanges). */
  async isReplaced(): Promise<boolean> {
    const [own, now] = await Promise.all([this.#log.stat(), stat(this.#path).catch(() => undefined)]);
    return now !== undefined && (now.ino !== own.ino || now.dev !== own.dev);
  }

  async block(number: number): Promise<Block> {
    const kept = this.#kept[number - this.#indexed];
    if (kept !== undefined) return kept;
    if (this.#index === undefined) throw new RangeError(`there is no block ${number}`);
    return await this.#index.block(number);
  }

  get(offset: number, length: number): Exchange | undefined {
    const bytes = this.#window.get(offset, length);
    if (bytes === undefined) return undefined;
    const item = parsePlainLine(bytes);
    return item === undefined || item.type === "websocket-message" ? undefined : item.exchange;
  }

  bodies(offset: number, length: number): LineBodies | undefined {
    const bytes = this.#window.get(offset, length);
    return bytes === undefined ? undefined : lineBodies(bytes);
  }

  async load({ id, offset, length }: Place): Promise<Exchange> {
    // One after the other: they share the window.
    const loading = this.#loading.then(() => this.#item(this.#window, offset, length));
    this.#loading = loading.then(ignore, ignore);
    const item = await loading;
    if (item?.type === "exchange" && item.exchange.id === id) return item.exchange;
    const message = `${this.#path} has changed: exchange ${id} is no longer where it was`;
    throw new TrafficError("SESSION_DAMAGED", message, { hint: "try again" });
  }

  async *messages({ places }: Place): AsyncGenerator<WebSocketMessage, void, void> {
    const chunks: PlaceChunk[] = [];
    for (let reference = places; reference !== 0; ) {
      const chunk = await this.#chunk(reference);
      chunks.push(chunk);
      reference = chunk.previous;
    }
    // Its own, as the exchanges' lines are read at the same time.
    const window = new FileWindow(this.#log);
    try {
      for (const { offsets, lengths } of chunks.reverse()) {
        for (let i = 0; i < offsets.length; i++) {
          const item = await this.#item(window, offsets[i]!, lengths[i]!);
          if (item?.type === "message") yield item.message;
        }
      }
    } finally {
      await window.settle();
    }
  }

  async body(body: Body, limit: number): Promise<Buffer> {
    // One after the other: they share a file.
    const reading = this.#reading.then(() => this.#bodies.read(body, limit));
    this.#reading = reading.then(ignore, ignore);
    return await reading;
  }

  openBody(body: Body): Promise<Readable> {
    return openBody(this.#folder, body);
  }

  async close(): Promise<void> {
    await Promise.all([this.#loading, this.#reading]);
    await this.#bodies.close();
    await this.#window.settle();
    await this.#index?.close();
    await this.#log.close();
  }

  async #item(window: FileWindow, offset: number, length: number) {
    // Messages often stand near the line that is looked at.
    const near = this.#window.get(offset, length);
    const bytes = near ?? window.get(offset, length) ?? (await window.load(offset, length));
    const plain = parsePlainLine(bytes);
    if (plain !== undefined) return asItem(plain);
    const { parseLine } = await import("../line-parse.js");
    const item = parseLine({ bytes, offset, length, number: 0 }, this.#path);
    return typeof item === "string" ? undefined : item;
  }

  async #chunk(reference: number): Promise<PlaceChunk> {
    const chunk = reference < 0 ? this.#places.get(reference) : await this.#index?.chunk(reference);
    if (chunk === undefined) throw new IndexDamaged(`there are no message places at ${reference}`);
    return chunk;
  }
}

function asItem(plain: PlainItem) {
  return plain.type === "websocket-message"
    ? ({ type: "message", message: plain.message } as const)
    : ({ type: "exchange", exchange: plain.exchange } as const);
}

function ignore(): void {}

function readBlock(bytes: Buffer): Block {
  const block = Block.read(bytes);
  if (block === undefined) throw new Error("a block that was just made does not read");
  return block;
}
