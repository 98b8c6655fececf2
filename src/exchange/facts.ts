// What a filter, a table or an index asks of an exchange, without its headers and bodies. Flat and small: an index
// keeps exactly this of each exchange.
import type { Exchange, ExchangeError, HttpVersion } from "./exchange.js";
import { headerValue } from "./headers.js";
import type { ExchangeId } from "./id.js";
import { isStreaming } from "./summary.js";

export interface ExchangeFacts {
  readonly id: ExchangeId;
  readonly seq: number;
  readonly kind: Exchange["kind"];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds; null while it is under way. */
  readonly duration: number | null;
  readonly method: string;
  readonly url: string;
  readonly requestVersion: HttpVersion;
  /** null when no response came. */
  readonly responseVersion: HttpVersion | null;
  readonly status: number | null;
  readonly reason: string;
  /** The Content-Type fields as sent, parameters included; "" where there is none. */
  readonly requestType: string;
  readonly responseType: string;
  /** Bytes of the bodies on the wire. A tunnel's bytes in each direction. */
  readonly requestSize: number;
  readonly responseSize: number;
  /** The response came piece by piece: server-sent events, another stream type, or chunks of unknown length. */
  readonly streaming: boolean;
  readonly error: ExchangeError | null;
  /** `address:port`, an IPv6 address in brackets; "" where there is none. */
  readonly client: string;
  readonly server: string;
  readonly tags: readonly string[];
  readonly rules: readonly string[];
  readonly replays: ExchangeId | null;
  /** WebSocket messages. */
  readonly messages: number;
}

/** @param open whether it was under way when it was last written. */
export function factsOf(exchange: Exchange, open = false): ExchangeFacts {
  const { request } = exchange;
  const response = exchange.kind === "tunnel" ? undefined : exchange.response;
  return {
    id: exchange.id,
    seq: exchange.seq,
    kind: exchange.kind,
    startedAt: Date.parse(exchange.startedAt),
    duration: open ? null : exchange.duration,
    method: request.method,
    url: request.url,
    requestVersion: request.httpVersion,
    responseVersion: response?.httpVersion ?? null,
    status: response?.status ?? null,
    reason: response?.reason ?? "",
    requestType: headerValue(request.headers, "content-type") ?? "",
    responseType: response === undefined ? "" : (headerValue(response.headers, "content-type") ?? ""),
    requestSize: exchange.kind === "tunnel" ? exchange.bytesSent : request.body.size,
    responseSize: exchange.kind === "tunnel" ? exchange.bytesReceived : (response?.body.size ?? 0),
    streaming: response !== undefined && isStreaming(response),
    error: exchange.error ?? null,
    client: endpoint(exchange.client),
    server: endpoint(exchange.server),
    tags: exchange.tags ?? [],
    rules: exchange.rules ?? [],
    replays: exchange.replays ?? null,
    messages: exchange.kind === "websocket" ? exchange.messageCount : 0,
  };
}

function endpoint(end: { readonly address: string; readonly port: number } | undefined): string {
  if (end === undefined) return "";
  return end.address.includes(":") ? `[${end.address}]:${end.port}` : `${end.address}:${end.port}`;
}
