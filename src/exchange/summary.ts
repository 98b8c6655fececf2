// One exchange in a line: what live output, tables and `--json` events show. No bodies.
import type { Exchange, ExchangeError } from "./exchange.js";
import type { ExchangeFacts } from "./facts.js";
import { headerValue, isStreamingType, mediaType } from "./headers.js";

export interface ExchangeSummary {
  readonly id: string;
  readonly seq: number;
  readonly kind: Exchange["kind"];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  /** null when no response came. */
  readonly status: number | null;
  /** The response's media type in lower case, or null. */
  readonly type: string | null;
  /** Bytes of the bodies on the wire. A tunnel's bytes in each direction. */
  readonly requestSize: number;
  readonly responseSize: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly error: ExchangeError | null;
  /** WebSocket messages, for a WebSocket. */
  readonly messages?: number;
}

export function summarise(exchange: Exchange): ExchangeSummary {
  const response = exchange.kind === "tunnel" ? undefined : exchange.response;
  return {
    id: exchange.id,
    seq: exchange.seq,
    kind: exchange.kind,
    startedAt: exchange.startedAt,
    method: exchange.request.method,
    url: exchange.request.url,
    httpVersion: response?.httpVersion ?? exchange.request.httpVersion,
    status: response?.status ?? null,
    type: response === undefined ? null : mediaType(response.headers) || null,
    requestSize: exchange.kind === "tunnel" ? exchange.bytesSent : exchange.request.body.size,
    responseSize: exchange.kind === "tunnel" ? exchange.bytesReceived : (response?.body.size ?? 0),
    duration: exchange.duration,
    error: exchange.error ?? null,
    ...(exchange.kind === "websocket" ? { messages: exchange.messageCount } : {}),
  };
}

/** The same from an exchange's facts. */
export function summaryOf(facts: ExchangeFacts): ExchangeSummary {
  return {
    id: facts.id,
    seq: facts.seq,
    kind: facts.kind,
    startedAt: new Date(facts.startedAt).toISOString(),
    method: facts.method,
    url: facts.url,
    httpVersion: facts.responseVersion ?? facts.requestVersion,
    status: facts.status,
    type: facts.responseType.split(";", 1)[0]!.trim().toLowerCase() || null,
    requestSize: facts.requestSize,
    responseSize: facts.responseSize,
    duration: facts.duration ?? 0,
    error: facts.error,
    ...(facts.kind === "websocket" ? { messages: facts.messages } : {}),
  };
}

/** Whether a response streams: server-sent events, another stream type, or chunks of unknown length. */
export function isStreaming(response: { headers: readonly (readonly [string, string])[] }): boolean {
  if (isStreamingType(mediaType(response.headers))) return true;
  return (headerValue(response.headers, "transfer-encoding") ?? "").toLowerCase().includes("chunked");
}
