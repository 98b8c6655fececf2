// One session being written: what happens to each exchange, in the order it happens.
import { join } from "node:path";
import type { Exchange } from "../exchange/exchange.js";
import type { ExchangeId, SessionId } from "../exchange/id.js";
import type { BodyWriter, BodyWriterOptions } from "../exchange/recording.js";
import type { WebSocketMessage } from "../exchange/websocket-message.js";
import { Backlog } from "./backlog.js";
import { BodyStore } from "./body-store.js";
import { bodiesSize } from "./disk-size.js";
import { DiskUse } from "./disk-use.js";
import { mapBodies, responseBody, storedBytes } from "./exchange-bodies.js";
import { nodeFileSystem } from "./file-system.js";
import { EXCHANGES_FILE, type LineType, renderLine } from "./format.js";
import { KeepLast } from "./keep-last.js";
import { countLines } from "./line-count.js";
import { LineLog } from "./line-log.js";
import { LineOrder } from "./line-order.js";
import { trimLog } from "./log-trim.js";
import { type Manifest, type RecordingStop, type SessionCounts, writeManifest } from "./manifest.js";
import type { Recorder, RecorderOptions } from "./recorder.js";
import { Tally } from "./tally.js";

const DEFAULT_MAX_DISK = 1024 ** 3;
/** With --max-exchanges, what is to go is removed at the latest when it holds this many bytes. */
const MAX_SURPLUS_BYTES = 64 * 1024 * 1024;

export class SessionRecorder implements Recorder {
  readonly id: SessionId;
  readonly path: string;
  readonly #options: RecorderOptions;
  #manifest: Manifest;
  readonly #backlog = new Backlog();
  readonly #order = new LineOrder();
  readonly #disk: DiskUse;
  readonly #bodies: BodyStore;
  readonly #log: LineLog;
  readonly #keepLast: KeepLast | undefined;
  readonly #clearable: boolean;
  #trimming = false;
  /** Who waits for the log to be emptied, and will be told how many exchanges went. */
  readonly #clears: ((count: number | undefined) => void)[] = [];
  /** Exchanges with an `open` line and no final one yet. */
  readonly #open = new Set<ExchangeId>();
  readonly #tally = new Tally();
  #seq = 0;
  #logFailed = false;
  #manifestWritten: Promise<void> = Promise.resolve();
  #closing: Promise<Manifest> | undefined;

  constructor(options: RecorderOptions, id: SessionId, path: string, manifest: Manifest, fd: number) {
    this.#options = options;
    this.id = id;
    this.path = path;
    this.#manifest = manifest;
    const {
      fileSystem = nodeFileSystem,
      maxDisk = DEFAULT_MAX_DISK,
      maxExchanges,
      maxBody,
      bodies,
    } = options;
    this.#disk = new DiskUse(maxDisk, (stop) => this.#stopped(stop));
    const logPath = join(path, EXCHANGES_FILE);
    this.#log = new LineLog({
      path: logPath,
      fd,
      fileSystem,
      backlog: this.#backlog,
      onFailure: (error, lost) => {
        this.#logFailed = true;
        this.#disk.failed(error, logPath);
        this.#drop(lost);
        for (const answer of this.#clears.splice(0)) answer(undefined);
      },
    });
    this.#clearable = options.clearable === true || maxExchanges !== undefined;
    if (maxExchanges !== undefined) {
      this.#keepLast = new KeepLast(maxExchanges, Math.min(MAX_SURPLUS_BYTES, maxDisk / 8));
    }
    this.#bodies = new BodyStore({
      folder: path,
      fileSystem,
      backlog: this.#backlog,
      disk: this.#disk,
      order: this.#order,
      bodies,
      maxBody,
      surplusBytes: () => this.#surplusBytes,
      packs: !this.#clearable,
    });
  }

  get stop(): RecordingStop | undefined {
    return this.#disk.stop;
  }

  get maxBody(): number | undefined {
    return this.#bodies.maxBody;
  }

  set maxBody(bytes: number | undefined) {
    this.#bodies.maxBody = bytes;
  }

  get behind(): boolean {
    return this.#backlog.behind;
  }

  onDrain(callback: () => void): void {
    this.#backlog.onDrain(callback);
  }

  nextSeq(): number {
    return ++this.#seq;
  }

  openBody(options: BodyWriterOptions): BodyWriter {
    return this.#bodies.open(options);
  }

  opened(exchange: Exchange): void {
    if (this.#closing !== undefined || this.#disk.stop !== undefined) return;
    this.#open.add(exchange.id);
    this.#deliver(exchange, () => {
      const line = this.#settled(exchange);
      if (this.#append("open", line, this.#bodies.hasFiles(exchange.id)) === 0)
        this.#open.delete(exchange.id);
    });
  }

  message(message: WebSocketMessage): void {
    if (this.#closing !== undefined) return;
    this.#order.deliver(message.exchange, message.body, undefined, () => {
      const line = { ...message, body: this.#order.settled(message.body) };
      const promised = line.body.kind === "file";
      if (this.#append("websocket-message", line, promised) > 0) this.#tally.keptMessage();
      else this.#drop(1);
    });
  }

  finished(exchange: Exchange): void {
    if (this.#closing !== undefined) return;
    this.#deliver(exchange, () => this.#finish(exchange));
  }

  counts(): SessionCounts {
    if (this.#manifest.endedAt !== null) return this.#manifest.counts;
    return this.#tally.counts(this.#disk.bytes);
  }

  async clear(): Promise<number | undefined> {
    await this.#order.delivered();
    if (!this.#clearable || this.#closing !== undefined || this.#disk.stop !== undefined) return undefined;
    return await new Promise((resolve) => {
      this.#clears.push(resolve);
      if (!this.#trimming) this.#trim();
    });
  }

  close(): Promise<Manifest> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #deliver(exchange: Exchange, write: () => void): void {
    this.#order.deliver(exchange.id, exchange.request.body, responseBody(exchange), write);
  }

  #finish(exchange: Exchange): void {
    // What was begun on disk is brought to its end, also after a stop; nothing new is begun.
    const promised = this.#open.delete(exchange.id) || this.#bodies.hasFiles(exchange.id);
    this.#bodies.finished(exchange.id);
    const line = this.#settled(exchange);
    const bytes = this.#append("exchange", line, promised);
    if (bytes === 0) {
      this.#drop(1);
      return;
    }
    this.#tally.kept(line);
    if (this.#keepLast !== undefined) this.#keep(this.#keepLast, bytes + storedBytes(line));
  }

  /** @returns the bytes of the line, or 0 where it was not kept. */
  #append(type: LineType, data: Exchange | WebSocketMessage, promised: boolean): number {
    if (this.#disk.stop !== undefined && !promised) return 0;
    const line = renderLine(type, data);
    if (!promised && !this.#disk.allowsLine(line, this.#surplusBytes)) return 0;
    const bytes = this.#log.append(line);
    this.#disk.addLine(bytes);
    return bytes;
  }

  #settled(exchange: Exchange): Exchange {
    return mapBodies(exchange, (body) => this.#order.settled(body));
  }

  get #surplusBytes(): number {
    return this.#keepLast?.surplusBytes ?? 0;
  }

  #keep(keepLast: KeepLast, bytes: number): void {
    keepLast.added(bytes);
    if (keepLast.due && !this.#trimming) this.#trim();
  }

  /** Takes the oldest exchanges out: those beyond the limit, or all for whoever waits for that. */
  #trim(): void {
    this.#trimming = true;
    this.#log.rewrite(async () => {
      // All that was counted is in the file now; who asks from here on wants those gone that come meanwhile.
      const answers = this.#clears.splice(0);
      const isCleared = answers.length > 0;
      const count = isCleared ? this.#tally.exchanges : (this.#keepLast?.surplus ?? 0);
      try {
        const trimmed = await trimLog(this.path, count);
        this.#keepLast?.trimmed(count);
        this.#disk.release(trimmed.bytes);
        this.#tally.trimmed(trimmed, isCleared ? "cleared" : "max-exchanges");
        this.#trimming = false;
        // Enough for another trim may have come meanwhile.
        if (this.#clears.length > 0 || this.#keepLast?.due === true) this.#trim();
        for (const answer of answers) answer(trimmed.exchanges);
        return trimmed.size;
      } catch (error) {
        for (const answer of answers) answer(undefined);
        // Not tried again: recording has stopped.
        if (error instanceof Error) this.#disk.failed(error, this.path);
        throw error;
      }
    });
  }

  #drop(count: number): void {
    this.#tally.drop(count, this.#disk.stop?.reason ?? "io-error");
  }

  #stopped(stop: RecordingStop): void {
    this.#save({ ...this.#manifest, stop, counts: this.counts(), drops: this.#tally.drops() });
    this.#options.onStopped?.(stop);
  }

  #save(manifest: Manifest): Promise<void> {
    this.#manifest = manifest;
    this.#manifestWritten = this.#manifestWritten
      .then(() => writeManifest(this.path, manifest))
      .catch((error) => {
        this.#disk.failed(error, this.path);
      });
    return this.#manifestWritten;
  }

  async #close(): Promise<Manifest> {
    await this.#order.close((id) => this.#open.has(id));
    await this.#bodies.close();
    await this.#log.flush();
    if (this.#keepLast !== undefined && this.#keepLast.surplus > 0 && !this.#logFailed) {
      this.#trim();
      await this.#log.flush();
    }
    await this.#log.close();
    await this.#save({ ...this.#manifest, ...(await this.#finalFacts()) });
    return this.#manifest;
  }

  async #finalFacts(): Promise<Pick<Manifest, "endedAt" | "counts" | "drops" | "stop">> {
    const counts = this.counts();
    const { stop } = this.#disk;
    if (stop !== undefined && stop.reason !== "max-disk") {
      // What had been counted may not have reached the disk.
      const { tornBytes: _none, ...lines } = await countLines(join(this.path, EXCHANGES_FILE));
      Object.assign(counts, lines, { bytes: lines.bytes + (await bodiesSize(this.path)) });
    }
    return {
      endedAt: new Date().toISOString(),
      counts,
      drops: this.#tally.drops(),
      ...(stop === undefined ? {} : { stop }),
    };
  }
}
