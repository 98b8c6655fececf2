// Watches the bytes of one upgraded connection as they pass, and records each message of it (RFC 6455). It reads
// only: no chunk is changed or kept back, nothing throws, and what it can't read it says in `malformed`.
import type { Truncation } from "../../exchange/body.js";
import type { WebSocketClose } from "../../exchange/exchange.js";
import type { ExchangeId } from "../../exchange/id.js";
import type { Recording } from "../../exchange/recording.js";
import { Backlog } from "./backlog.js";
import { Direction } from "./direction.js";
import { parseExtensions } from "./extensions.js";
import { MessageOrder } from "./message-order.js";

export interface WebSocketWatcherOptions {
  readonly exchange: ExchangeId;
  readonly recording: Recording;
  /** Sec-WebSocket-Extensions of the 101 response, several joined by ", "; undefined where it has none. */
  readonly extensions: string | undefined;
  /** Epoch milliseconds; the default is Date.now. */
  readonly now?: () => number;
  /** Bytes that one compressed message may inflate to, against decompression bombs; the default is 256 MiB. */
  readonly maxInflated?: number;
}

export interface WatchedWebSocket {
  readonly messageCount: number;
  /** By whom and how the first close frame closed the connection; absent where there was none. */
  readonly close?: WebSocketClose;
  /**
   * What was wrong with the frames or the compressed messages, for a person; from there on messages of that
   * direction are missing, or (compressed ones) recorded as they passed.
   */
  readonly malformed?: string;
}

const MAX_INFLATED = 256 * 1024 * 1024;

/**
 * One connection. Feed it what passes; messages reach the recording in the order in which they were complete, in
 * both directions together. With an extension other than permessage-deflate messages are recorded as they passed.
 */
export class WebSocketWatcher {
  readonly #backlog = new Backlog();
  readonly #order: MessageOrder;
  readonly #client: Direction;
  readonly #server: Direction;
  #close: WebSocketClose | undefined;
  #ended: Promise<WatchedWebSocket> | null = null;

  constructor(options: WebSocketWatcherOptions) {
    const { exchange, recording, now = Date.now, maxInflated = MAX_INFLATED } = options;
    const backlog = this.#backlog;
    const extensions = parseExtensions(options.extensions);
    const order = new MessageOrder({ exchange, recording, backlog, now });
    const direction = (from: "client" | "server"): Direction => {
      const onClose = (payload: Buffer): void => {
        this.#close ??= parseClose(from, payload);
      };
      return new Direction({ from, exchange, recording, extensions, order, backlog, maxInflated, onClose });
    };
    this.#order = order;
    this.#client = direction("client");
    this.#server = direction("server");
  }

  /** Bytes from the client, in any chunking. The chunk must not be changed afterwards. */
  fromClient(chunk: Buffer): void {
    this.#client.push(chunk);
  }

  /** Bytes from the server, in any chunking. The chunk must not be changed afterwards. */
  fromServer(chunk: Buffer): void {
    this.#server.push(chunk);
  }

  /** True while more than 1 MiB waits to be inflated: stop reading both sides until `onDrain` calls back. */
  get behind(): boolean {
    return this.#backlog.behind;
  }

  /** Calls back once: when it is no longer behind, or at once if it is not. */
  onDrain(callback: () => void): void {
    this.#backlog.onDrain(callback);
  }

  /**
   * The connection is over. Messages under way are recorded as far as they came; later bytes are ignored.
   *
   * @param truncated why such messages are not whole; by default that their own side closed
   * @returns when the last message is with the recording; never rejects
   */
  end(truncated?: Truncation): Promise<WatchedWebSocket> {
    this.#ended ??= this.#end(truncated);
    return this.#ended;
  }

  async #end(truncated: Truncation | undefined): Promise<WatchedWebSocket> {
    this.#client.end(truncated ?? "client-closed");
    this.#server.end(truncated ?? "origin-closed");
    await new Promise<void>((resolve) => this.#order.whenEmpty(resolve));
    this.#client.close();
    this.#server.close();
    const faults = [...this.#client.faults, ...this.#server.faults];
    return {
      messageCount: this.#order.count,
      ...(this.#close === undefined ? {} : { close: this.#close }),
      ...(faults.length === 0 ? {} : { malformed: faults.join("; ") }),
    };
  }
}

/** RFC 6455 section 5.5.1. A body of one byte, which it forbids, says as little as none. */
function parseClose(by: "client" | "server", payload: Buffer): WebSocketClose {
  if (payload.length < 2) return { by, code: null, reason: "" };
  return { by, code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) };
}
