// One exchange of a selection: its facts at hand, everything else when it is asked for.
import type { Readable } from "node:stream";
import { type DecodedContent, decodeContent } from "../../content/decode.js";
import type { Body } from "../../exchange/body.js";
import type { Exchange } from "../../exchange/exchange.js";
import type { ExchangeFacts } from "../../exchange/facts.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { WebSocketMessage } from "../../exchange/websocket-message.js";
import type { Block } from "../../session/index/block.js";
import { hasCoding } from "../../session/index/body-flags.js";
import { factsAt } from "../../session/index/row-view.js";
import type { Place, Rows } from "../../session/rows.js";
import { placeAt } from "./row-filter.js";
import type { Source } from "./sources.js";

interface ContentOptions {
  /** Bytes of it, as stored and as decoded: 64 MB by default. */
  readonly limit?: number;
}

/** What is loaded is read when it is asked for, until the selection is closed. */
export interface Selected {
  readonly source: Source;
  readonly facts: ExchangeFacts;
  /** It had not ended when it was last written. */
  readonly open: boolean;
  /** @throws SESSION_DAMAGED where the source is no longer what it was. */
  exchange(): Promise<Exchange>;
  /** Of a WebSocket, in their order; none of others. */
  messages(): AsyncIterable<WebSocketMessage>;
  /** The decoded body. @throws SESSION_DAMAGED where its file is missing or damaged. */
  requestContent(options?: ContentOptions): Promise<DecodedContent>;
  /** The decoded body, or null where no response came. @throws SESSION_DAMAGED */
  responseContent(options?: ContentOptions): Promise<DecodedContent | null>;
  /** Of one side of it, or of a message's body (which has no headers). @throws SESSION_DAMAGED */
  content(
    message: { readonly body: Body; readonly headers: RawHeaders },
    options?: ContentOptions,
  ): Promise<DecodedContent>;
  /** The first bytes of one of its bodies, or of its messages', as stored. @throws SESSION_DAMAGED */
  storedBody(body: Body, limit: number): Promise<Buffer>;
  /** All of them, as a stream. @throws SESSION_DAMAGED */
  openBody(body: Body): Promise<Readable>;
}

const CONTENT_LIMIT = 64 * 1024 * 1024;

export function selectedAt(source: Source, rows: Rows, block: Block, row: number): Selected {
  return new SelectedRow(source, rows, factsAt(block, row), block.isOpen(row), placeAt(block, row));
}

class SelectedRow implements Selected {
  readonly source: Source;
  readonly facts: ExchangeFacts;
  readonly open: boolean;
  readonly #rows: Rows;
  readonly #place: Place;

  constructor(source: Source, rows: Rows, facts: ExchangeFacts, open: boolean, place: Place) {
    this.source = source;
    this.facts = facts;
    this.open = open;
    this.#rows = rows;
    this.#place = place;
  }

  exchange(): Promise<Exchange> {
    return this.#rows.load(this.#place);
  }

  messages(): AsyncIterable<WebSocketMessage> {
    return this.#rows.messages(this.#place);
  }

  storedBody(body: Body, limit: number): Promise<Buffer> {
    return this.#rows.body(body, limit);
  }

  openBody(body: Body): Promise<Readable> {
    return this.#rows.openBody(body);
  }

  async content(
    { body, headers }: { readonly body: Body; readonly headers: RawHeaders },
    { limit = CONTENT_LIMIT }: ContentOptions = {},
  ): Promise<DecodedContent> {
    const stored = await this.#rows.body(body, limit);
    return await decodeContent(stored, hasCoding(body, headers) ? headers : [], { limit });
  }

  async requestContent(options: ContentOptions = {}): Promise<DecodedContent> {
    return await this.content((await this.exchange()).request, options);
  }

  async responseContent(options: ContentOptions = {}): Promise<DecodedContent | null> {
    const exchange = await this.exchange();
    const response = exchange.kind === "tunnel" ? undefined : exchange.response;
    return response === undefined ? null : await this.content(response, options);
  }
}
