// The exchanges of a source as blocks of rows, and what belongs to a row: what a selection reads. A session has them
// from its index and its log (index/session-rows.ts).
import type { Readable } from "node:stream";
import type { Body } from "../exchange/body.js";
import type { Exchange } from "../exchange/exchange.js";
import type { ExchangeId } from "../exchange/id.js";
import type { WebSocketMessage } from "../exchange/websocket-message.js";
import type { Block } from "./index/block.js";
import type { LineBodies } from "./line-bodies.js";
import type { ReadReport } from "./read-report.js";

/** Where a row's exchange and its messages are, in terms of its source. */
export interface Place {
  readonly id: ExchangeId;
  readonly offset: number;
  readonly length: number;
  readonly places: number;
}

export interface Rows {
  /** What was met besides exchanges. */
  readonly report: ReadReport;
  /** Exchanges without a final line come last. */
  readonly blocks: readonly { readonly rows: number }[];
  /** @throws IndexDamaged: open the rows again with `rebuild` then. */
  block(number: number): Promise<Block>;
  /** At once where it has been read already; otherwise undefined: `load` it. */
  get(offset: number, length: number): Exchange | undefined;
  /** Its bodies alone, where they can be had at once and without the rest. */
  bodies(offset: number, length: number): LineBodies | undefined;
  /** @throws SESSION_DAMAGED where the source is no longer what it was. */
  load(place: Place): Promise<Exchange>;
  /** The messages of a WebSocket, in their order. */
  messages(place: Place): AsyncIterable<WebSocketMessage>;
  /** A body's bytes, content coding untouched. @throws SESSION_DAMAGED */
  body(body: Body, limit: number): Promise<Buffer>;
  /** The same as a stream: for bodies of any size. @throws SESSION_DAMAGED */
  openBody(body: Body): Promise<Readable>;
  close(): Promise<void>;
}
