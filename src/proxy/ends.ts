// The two ends of an exchange as its flow sees them. HTTP/1 and HTTP/2 adapters implement them on either side, so that
// any protocol can meet any other in the middle.
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpVersion, ServerEndpoint } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { Framing } from "./http1/framing.js";

export interface OutgoingRequest {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  /** The head to send as it is, when it came over HTTP/1 and nothing about it changed. */
  readonly bytes: Buffer | undefined;
  /** All fields, pseudo-fields included, when it came over HTTP/2 and nothing about it changed. */
  readonly http2?: RawHeaders;
  /** It came to the proxy's own port: its Proxy-* fields are for us alone, and `bytes` has none. */
  readonly atProxy?: boolean;
  /** Its credentials authenticate the connection that it is sent on. */
  readonly bindsConnection?: boolean;
  /** Where it goes, when it says so nowhere itself: HTTP/1.0 without a Host. */
  readonly impliedAuthority?: string;
  /** `:authority`, which HTTP/1 has as Host. */
  readonly authority?: string;
  /** `:protocol` of an extended CONNECT (RFC 8441), which only an origin that offers it may be sent. */
  readonly protocol?: string;
  readonly framing: Framing;
}

export interface OutgoingResponse {
  readonly status: number;
  readonly reason: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  readonly bytes: Buffer | undefined;
  /** All fields, `:status` included, when it came over HTTP/2 and nothing about it changed. */
  readonly http2?: RawHeaders;
  readonly framing: Framing;
  /** The origin ends its connection after this response, and says so. */
  readonly closes: boolean;
}

/** What either end can do with a body. */
interface BodySink {
  /**
   * @param wire the bytes as they came, framing included; written as they are where the framing stays the same
   * @param data the body's data in them
   */
  sendBody(wire: Buffer, data: readonly Buffer[]): void;
  sendEnd(trailers: RawHeaders): void;
  /** Hands over what was sent since the last flush. @returns false when the peer is slower: wait for its drain. */
  flush(): boolean;
}

/** A connection, or a stream that stands for one: what a tunnel needs of either. */
export interface TunnelSocket extends Duplex {
  /** Ends when all that was written has left. */
  destroySoon(): void;
  resetAndDestroy(): this;
}

/** A connection that stopped speaking HTTP, and what had been received from it by then. */
export interface DetachedConnection {
  readonly socket: TunnelSocket;
  /** The TCP socket below TLS, for a reset; absent where `socket` is it. */
  readonly transport?: TunnelSocket;
  readonly rest: Buffer;
}

/** A client's, which is a socket always. */
export interface DetachedSocket extends DetachedConnection {
  readonly socket: Socket;
}

export interface ClientEnd extends BodySink {
  sendInformational(head: OutgoingResponse): void;
  sendHead(head: OutgoingResponse): void;
  pauseRequest(): void;
  resumeRequest(): void;
  /**
   * Ends the response so that the client sees that it is not whole.
   * @param http2Code what to reset an HTTP/2 stream with: the origin's own code, where it reset
   */
  abort(http2Code?: number): void;
  /** Ends without an answer, in order: by the connection's end, or where others share it by the stream's. */
  close(): void;
  /** The exchange is over on both sides. */
  exchangeOver(): void;
  detach(): DetachedConnection;
}

/** What a flow tells of the origin's side; implemented by ExchangeFlow. */
export interface OriginListener {
  originInformational(head: OutgoingResponse): void;
  originHead(head: OutgoingResponse): "detach" | undefined;
  originBody(wire: Buffer, data: readonly Buffer[]): void;
  originEnd(trailers: RawHeaders): void;
  originFlush(): void;
  originDrained(): void;
  originFailed(error: OriginFailure): void;
}

export interface OriginFailure {
  readonly kind: "reset" | "closed" | "malformed";
  readonly message: string;
  /** The code of an HTTP/2 reset. */
  readonly http2Code?: number;
}

/** The origin's side of an exchange: a connection's, or whoever stands in for one. */
export interface OriginSide extends BodySink {
  sendHead(head: OutgoingRequest): void;
  pauseResponse(): void;
  resumeResponse(): void;
  /**
   * The client will send no more: said to the origin as the client said it. Absent where the protocol can't say it: then
   * a client that ends its side is taken for one that left.
   */
  halfClose?(): void;
  /** @param http2Code what to reset an HTTP/2 stream with: the client's own code, where it reset */
  abort(http2Code?: number): void;
  /** The exchange is over; the connection may serve another. */
  release(): void;
  detach(): DetachedConnection;
}

export interface OriginEnd extends OriginSide {
  readonly endpoint: ServerEndpoint;
  /** Begins an exchange: its callbacks go to this listener. */
  attach(listener: OriginListener): void;
}
