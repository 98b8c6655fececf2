// One row of a block as ExchangeFacts, without making anything that is not asked for: a filter moves one view over all
// the rows.
import type { Exchange, ExchangeError, HttpVersion } from "../../exchange/exchange.js";
import type { ExchangeFacts } from "../../exchange/facts.js";
import type { ExchangeId } from "../../exchange/id.js";
import type { Block } from "./block.js";
import { FLAG, KINDS, type STRING, VERSIONS } from "./layout.js";

const NONE: readonly string[] = Object.freeze([]);

export class RowView implements ExchangeFacts {
  protected block: Block;
  protected row: number;

  constructor(block: Block, row = 0) {
    this.block = block;
    this.row = row;
  }

  move(block: Block, row: number): void {
    this.block = block;
    this.row = row;
  }

  get id(): ExchangeId {
    return this.block.id(this.row);
  }
  get seq(): number {
    return this.block.number("seq", this.row);
  }
  get kind(): Exchange["kind"] {
    return KINDS[this.block.byte("kind", this.row)] ?? "http";
  }
  get startedAt(): number {
    return this.block.number("startedAt", this.row);
  }
  get duration(): number | null {
    return orNull(this.block.number("duration", this.row));
  }
  get method(): string {
    return this.text("method");
  }
  get url(): string {
    return this.text("url");
  }
  get requestVersion(): HttpVersion {
    return VERSIONS[this.block.byte("requestVersion", this.row)] ?? "HTTP/1.1";
  }
  get responseVersion(): HttpVersion | null {
    return VERSIONS[this.block.byte("responseVersion", this.row)] ?? null;
  }
  get status(): number | null {
    return orNull(this.block.number("status", this.row));
  }
  get reason(): string {
    return this.text("reason");
  }
  get requestType(): string {
    return this.text("requestType");
  }
  get responseType(): string {
    return this.text("responseType");
  }
  get requestSize(): number {
    return this.block.number("requestSize", this.row);
  }
  get responseSize(): number {
    return this.block.number("responseSize", this.row);
  }
  get streaming(): boolean {
    return (this.block.byte("flags", this.row) & FLAG.streaming) !== 0;
  }
  get error(): ExchangeError | null {
    const text = this.text("error");
    return text === "" ? null : (JSON.parse(text) as ExchangeError);
  }
  get client(): string {
    return this.text("client");
  }
  get server(): string {
    return this.text("server");
  }
  get tags(): readonly string[] {
    return list(this.text("tags"));
  }
  get rules(): readonly string[] {
    return list(this.text("rules"));
  }
  get replays(): ExchangeId | null {
    const text = this.text("replays");
    return text === "" ? null : (text as ExchangeId);
  }
  get messages(): number {
    return this.block.number("messages", this.row);
  }

  protected text(column: keyof typeof STRING): string {
    return this.block.string(column, this.row);
  }
}

/** Its strings refer to nothing of the block. */
class LastingRow extends RowView {
  protected override text(column: keyof typeof STRING): string {
    return this.block.ownString(column, this.row);
  }
}

/** @returns the row's facts for keeping. */
export function factsAt(block: Block, row: number): ExchangeFacts {
  const view = new LastingRow(block, row);
  return {
    id: view.id,
    seq: view.seq,
    kind: view.kind,
    startedAt: view.startedAt,
    duration: view.duration,
    method: view.method,
    url: view.url,
    requestVersion: view.requestVersion,
    responseVersion: view.responseVersion,
    status: view.status,
    reason: view.reason,
    requestType: view.requestType,
    responseType: view.responseType,
    requestSize: view.requestSize,
    responseSize: view.responseSize,
    streaming: view.streaming,
    error: view.error,
    client: view.client,
    server: view.server,
    tags: view.tags,
    rules: view.rules,
    replays: view.replays,
    messages: view.messages,
  };
}

function orNull(number: number): number | null {
  return Number.isNaN(number) ? null : number;
}

/** What the index's own writer made of a list, checksummed since. */
function list(text: string): readonly string[] {
  return text === "" ? NONE : (JSON.parse(text) as string[]);
}
