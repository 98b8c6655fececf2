// What answers come from: a port, so that sessions, HAR files and fixtures are one thing to the matching.
import type { Body } from "../../exchange/body.js";
import type { Exchange } from "../../exchange/exchange.js";
import type { WebSocketMessage } from "../../exchange/websocket-message.js";

/** What is known of each exchange that may answer, without loading it. */
export interface RecordedFacts {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly webSocket: boolean;
}

/** One exchange, its bodies read when they are asked for. */
export interface Recorded {
  readonly exchange: Exchange;
  /** The first bytes of one of its bodies, or of its messages', as stored. @throws SESSION_DAMAGED */
  storedBody(body: Body, limit: number): Promise<Buffer>;
  /** All of them. @throws SESSION_DAMAGED */
  openBody(body: Body): Promise<AsyncIterable<Buffer>>;
  /** Of a WebSocket, in their order. */
  messages(): AsyncIterable<WebSocketMessage>;
}

export interface AnswerSource {
  /** Every exchange that has an answer, in the order of recording; its place in this order is its number, from 0. */
  facts(): AsyncIterable<RecordedFacts>;
  /** @throws SESSION_DAMAGED */
  load(number: number): Promise<Recorded>;
  close(): Promise<void>;
}

/** Whether there is anything to answer with: a response of a status that can be sent. */
export function hasAnswer(kind: Exchange["kind"], status: number | null): boolean {
  if (kind === "tunnel" || status === null) return false;
  return kind === "websocket" ? status === 101 || status === 200 : status >= 200 && status <= 999;
}
