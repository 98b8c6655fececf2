// The port between what watches traffic (proxy/capture) and what keeps it (session/recorder).
import type { Body, Truncation } from "./body.js";
import type { Exchange } from "./exchange.js";
import type { ExchangeId } from "./id.js";
import type { WebSocketMessage } from "./websocket-message.js";

/** Takes one body as it passes. */
export interface BodyWriter {
  /** Keeps the chunk by reference: the caller must not change it afterwards. */
  write(chunk: Buffer): void;
  /** Ends the body and describes it. Its bytes are on disk before the line that refers to it. */
  end(truncated?: Truncation): Body;
  /** Forgets the body and removes what was stored. Before `end`, not after it. */
  discard(): void;
}

export interface BodyWriterOptions {
  readonly id: ExchangeId;
  /** What the body belongs to; part of its file's name. */
  readonly part: "request" | "response" | "message";
  /**
   * Keep the time of each chunk (server-sent events): `performance.now()` of the exchange's start. Such a body
   * is also written to its file from its first byte, so that a crash loses nothing that had passed.
   */
  readonly streamingSince?: number;
}

/** Where exchanges are kept. No method throws: what can't be kept is counted and reported by the recorder. */
export interface Recording {
  nextSeq(): number;
  openBody(options: BodyWriterOptions): BodyWriter;
  /** A long-lived exchange has its response head: kept so that a crash does not lose it. */
  opened(exchange: Exchange): void;
  message(message: WebSocketMessage): void;
  finished(exchange: Exchange): void;
  /**
   * True when more waits to be written than memory should hold. The proxy then stops reading until `onDrain`
   * calls back (once): a slow disk slows the traffic rather than growing the process or losing bytes.
   */
  readonly behind: boolean;
  onDrain(callback: () => void): void;
}
