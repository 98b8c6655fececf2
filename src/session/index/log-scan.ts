// One pass over a log, or over what was added to it: its exchanges in blocks, its messages' places, its damage. What the
// index keeps, and what stands in for it where there is none: both come from here, so they can't differ.
import type { FileHandle } from "node:fs/promises";
import type { Exchange } from "../../exchange/exchange.js";
import { parsePlainLine } from "../line-check.js";
import { createTail, lineBatches, placeOf, type RawLine, type RawPlace } from "../line-splitter.js";
import { noteDamage, type ReadReport } from "../read-report.js";
import { BlockBuilder } from "./block-builder.js";
import type { PendingPlaces } from "./message-places.js";

/** Where a pass stands: what a later one needs to go on from there. */
export interface ScanState {
  /** Bytes of the log that have been read, up to and with a newline. */
  position: number;
  readonly report: ReadReport;
  /** Where the exchanges without a final line so far have theirs. */
  readonly open: Map<string, RawPlace>;
  readonly pending: PendingPlaces;
}

export interface ScanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with `state.position`. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

type Parse = typeof import("../line-parse.js")["parseLine"];

export class LogScan {
  readonly state: ScanState;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #builder = new BlockBuilder();
  readonly #tail = createTail();
  #parse: Parse | undefined;

  constructor(file: FileHandle, path: string, state: ScanState) {
    this.#file = file;
    this.#path = path;
    this.state = state;
  }

  /** Reads every line that ends in a newline. The last block may be a small one. @throws SESSION_DAMAGED, IO_FAILED */
  async *finished({ signal, onProgress }: ScanOptions = {}): AsyncGenerator<Buffer<ArrayBuffer>, void, void> {
    const { state } = this;
    const start = { offset: state.position, lines: state.report.lines };
    for await (const lines of lineBatches(this.#file, this.#tail, start)) {
      signal?.throwIfAborted();
      for (const line of lines) {
        if (!this.#plain(line)) await this.#other(line);
        if (this.#builder.full) yield this.#builder.take();
      }
      const last = lines.at(-1)!;
      state.position = last.offset + last.length + 1;
      onProgress?.(state.position);
    }
    if (this.#builder.rows > 0) yield this.#builder.take();
  }

  /**
   * What comes after the last newline, where it is whole, and the exchanges that have no final line: to be called once,
   * after `finished`. The state is of no use afterwards.
   */
  async *rest(): AsyncGenerator<Buffer<ArrayBuffer>, void, void> {
    await this.#lastLine();
    if (this.#builder.full) yield this.#builder.take();
    for (const [id, place] of this.state.open) {
      const exchange = await this.#openExchange(place);
      if (exchange === undefined) continue;
      this.#builder.add(exchange, { ...place, places: this.state.pending.take(id), open: true });
      if (this.#builder.full) yield this.#builder.take();
    }
    if (this.#builder.rows > 0) yield this.#builder.take();
  }

  async #lastLine(): Promise<void> {
    const tail = this.#tail;
    if (tail.length === 0 || this.#plain(tail)) return;
    // Usually it is being written, and no JSON: nothing to ask the schema about.
    const whole = isJson(tail.bytes) && (await this.#schema())(tail, this.#path) !== "damaged";
    if (whole) await this.#other(tail);
    else this.state.report.tornBytes = tail.length;
  }

  /** @returns false where the schema has to judge. */
  #plain(line: RawLine): boolean {
    const item = parsePlainLine(line.bytes);
    if (item === undefined) return false;
    this.state.report.lines++;
    if (item.type === "websocket-message") this.#message(item.message.exchange, line);
    else this.#exchange(item.exchange, item.type === "open", line);
    return true;
  }

  async #other(line: RawLine): Promise<void> {
    const { report } = this.state;
    const parse = this.#parse ?? (await this.#schema());
    const item = parse(line, this.#path);
    report.lines++;
    if (item === "damaged") noteDamage(report, line.number);
    else if (item === "unknown") report.unknown++;
    else if (item.type === "message") this.#message(item.message.exchange, line);
    else this.#exchange(item.exchange, item.open, line);
  }

  #exchange(exchange: Exchange, open: boolean, line: RawLine): void {
    const { state } = this;
    if (open) {
      state.open.set(exchange.id, placeOf(line));
      return;
    }
    state.open.delete(exchange.id);
    const { offset, length } = line;
    this.#builder.add(exchange, { offset, length, places: state.pending.take(exchange.id), open: false });
  }

  #message(id: string, { offset, length }: RawLine): void {
    this.state.pending.add(id, offset, length);
  }

  async #openExchange(place: RawPlace): Promise<Exchange | undefined> {
    const { buffer } = await this.#file.read(Buffer.alloc(place.length), 0, place.length, place.offset);
    const plain = parsePlainLine(buffer);
    if (plain !== undefined) return plain.type === "open" ? plain.exchange : undefined;
    const item = (await this.#schema())({ ...place, bytes: buffer }, this.#path);
    return typeof item === "object" && item.type === "exchange" ? item.exchange : undefined;
  }

  /** Loaded where it is needed: it takes longer than a query. */
  async #schema(): Promise<Parse> {
    this.#parse ??= (await import("../line-parse.js")).parseLine;
    return this.#parse;
  }
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}
