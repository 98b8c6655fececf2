// The noun of trafficctl: one request with its response or its error. Plain data, exactly what a session line holds.
import type { Body } from "./body.js";
import type { HarFields } from "./har-fields.js";
import type { RawHeaders } from "./headers.js";
import type { ConnectionId, ExchangeId } from "./id.js";
import type { Timings } from "./timings.js";

/** As on that side's wire. `HTTP/3.0` comes from imported files only. */
export type HttpVersion = "HTTP/1.0" | "HTTP/1.1" | "HTTP/2.0" | "HTTP/3.0";

export interface TlsInfo {
  /** `TLSv1.2`, `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  /** What ALPN agreed on, or null where the peer offered none. */
  readonly alpn: string | null;
  /** The name the client asked for, or null where it sent none. */
  readonly sni: string | null;
}

export interface ClientEndpoint {
  readonly address: string;
  readonly port: number;
  readonly tls: TlsInfo | null;
}

export interface ServerEndpoint {
  /** The IP address that was connected to. */
  readonly address: string;
  readonly port: number;
  readonly connectionId: ConnectionId;
  /** Whether an earlier exchange used the same connection. */
  readonly reused: boolean;
  readonly tls: (TlsInfo & { readonly certificate: CertificateInfo | null }) | null;
}

/** The origin's certificate, as far as a person wants to see it. */
export interface CertificateInfo {
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
  /** SHA-256 of the certificate, hexadecimal pairs with colons. */
  readonly fingerprint256: string;
}

export interface HttpRequest {
  readonly method: string;
  /** Absolute URL: scheme and authority of the connection, and the target as sent. */
  readonly url: string;
  /** The request-target as on the wire (RFC 9112 section 3.2). */
  readonly target: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  /** Bytes of the head on the wire, blank line included; -1 for HTTP/2. */
  readonly headersSize: number;
  /** HTTP/2's `:authority`, which stands for Host. The other pseudo-fields are `method`, `url` and `target`. */
  readonly authority?: string;
  /** HTTP/2's `:protocol`, of an extended CONNECT (RFC 8441). */
  readonly protocol?: string;
  readonly body: Body;
  readonly trailers?: RawHeaders;
}

export interface InformationalResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: RawHeaders;
}

export interface HttpResponse {
  readonly status: number;
  readonly reason: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  readonly headersSize: number;
  readonly body: Body;
  readonly trailers?: RawHeaders;
  /** 1xx responses that came before this one. */
  readonly informational?: readonly InformationalResponse[];
}

/** The request that went on to the origin, where it is not the one that came. */
export interface ForwardedRequest {
  readonly method: string;
  readonly url: string;
  /** HTTP/2's `:authority` is the field `host`. */
  readonly headers: RawHeaders;
  /** Bytes of its body, where that is not the body that came. */
  readonly bodySize?: number;
}

/** Where an exchange failed. Stable codes, part of the session format. */
export const EXCHANGE_ERROR_CODES = [
  "dns-failed",
  "connect-refused",
  "connect-failed",
  "connect-timeout",
  "tls-untrusted", // the origin's certificate did not verify
  "tls-failed",
  "client-tls-failed", // the client refused our certificate, or its handshake broke
  "timeout", // the origin went silent
  "origin-reset",
  "origin-closed", // ended before the message was complete
  "origin-malformed",
  "client-closed",
  "client-malformed",
  "websocket-malformed",
  "stopped", // trafficctl was stopped while it was under way
  "aborted", // ended without an answer on purpose: by a rule, or at a breakpoint
  "recorder-died", // found by recovery
  "loop",
  "internal",
  "unknown", // imported, from a file that does not say why
] as const;

export type ExchangeErrorCode = (typeof EXCHANGE_ERROR_CODES)[number];

export interface ExchangeError {
  readonly code: ExchangeErrorCode;
  /** A sentence for a person. */
  readonly message: string;
}

interface ExchangeBase {
  readonly id: ExchangeId;
  /** 1 for the first exchange of a session, in the order of their starts. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly startedAt: string;
  /** Milliseconds from the start to the end, with decimals. */
  readonly duration: number;
  /** Absent of what was imported. */
  readonly client?: ClientEndpoint;
  /** Absent when no connection to an origin was made. */
  readonly server?: ServerEndpoint;
  readonly request: HttpRequest;
  /** Present where a rule or a person changed the request on its way. */
  readonly forwarded?: ForwardedRequest;
  readonly timings: Timings;
  readonly error?: ExchangeError;
  readonly tags?: readonly string[];
  /** Names of the rules that acted on it, in their order. */
  readonly rules?: readonly string[];
  /** The exchange whose request this one sent again. */
  readonly replays?: ExchangeId;
  /** Of what was imported: what an export writes back. */
  readonly har?: HarFields;
}

/** `response` is absent when none came; then `error` says why. */
export interface HttpExchange extends ExchangeBase {
  readonly kind: "http";
  readonly response?: HttpResponse;
}

/** An upgraded connection. Its messages are lines of their own (WebSocketMessage). */
export interface WebSocketExchange extends ExchangeBase {
  readonly kind: "websocket";
  readonly response: HttpResponse;
  readonly messageCount: number;
  /** How the connection was closed: by whom, and the close frame's code and reason where there was one. */
  readonly close?: WebSocketClose;
}

export interface WebSocketClose {
  readonly by: "client" | "server";
  readonly code: number | null;
  readonly reason: string;
}

/** A connection that was passed through undecrypted. `request` is its CONNECT. */
export interface TunnelExchange extends ExchangeBase {
  readonly kind: "tunnel";
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Why it was not looked into. */
  readonly reason: "passthrough" | "not-http" | "upgrade" | "fail-open";
}

export type Exchange = HttpExchange | WebSocketExchange | TunnelExchange;
