// The port through which behaviour may change traffic: rules, breakpoints, answers from a recording. The proxy asks once
// for each request, and where nothing concerns it the exchange goes its usual way.
import type { ClientEndpoint, HttpVersion } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { ExchangeId } from "../exchange/id.js";
import type { Recording } from "../exchange/recording.js";

export interface Intervention {
  /**
   * A fast, synchronous look at each request's head.
   * @returns undefined where nothing concerns this exchange
   */
  begin(request: InterventionHead): ExchangeIntervention | undefined;
}

/** A request as far as its head tells. */
export interface InterventionHead {
  /** Undefined where the exchange is not recorded. */
  readonly id: ExchangeId | undefined;
  readonly method: string;
  /** Absolute URL, as recorded. */
  readonly url: string;
  /** The request-target in the form in which it goes to an origin: path and query. */
  readonly target: string;
  readonly httpVersion: HttpVersion;
  /** HTTP/2's `:authority` is the field `host`, first. */
  readonly headers: RawHeaders;
  /** The connection is to become a tunnel of this protocol, lower case (`websocket`), by Upgrade or extended CONNECT. */
  readonly upgrade: string | undefined;
  readonly client: ClientEndpoint;
}

/** What is done to one exchange. `request` and `response` are called at most once each, in this order. */
export interface ExchangeIntervention {
  /**
   * Bytes of the request's body that the decision needs. 0: none; the head alone decides, and the body streams. Otherwise the
   * whole body is held until it is there; one that is longer than this (as framed) is handed over as `tooLarge`, and streams.
   * An extended CONNECT is decided by its head in any case.
   */
  readonly requestBodyLimit: number;
  /**
   * A promise holds the request; the client is not read beyond a bounded buffer meanwhile, and the time counts as `blocked`.
   * @param signal aborted when the exchange is over before this has decided: the client left, or the proxy stops
   */
  request(
    message: InterventionMessage<InterventionHead>,
    signal: AbortSignal,
  ): RequestOutcome | Promise<RequestOutcome>;
  /**
   * Synchronous: what it wants of a response, by its head. Not asked of an answer of its own. Of one that accepts an upgrade it
   * is told, and what it wants does not count: only the messages and the record can follow from that.
   */
  responseInterest(head: ResponseHead): ResponseInterest;
  /** Called where there is interest. */
  response(
    message: InterventionMessage<ResponseHead>,
    signal: AbortSignal,
  ): ResponseOutcome | Promise<ResponseOutcome>;
  /** Of a WebSocket's messages; absent where it does not care. Read once, at the request. */
  readonly webSocket?: WebSocketIntervention;
  /** Names of the rules that acted, for the record; read when the exchange is recorded, which may be after `end`. */
  readonly rules: readonly string[];
  readonly tags: readonly string[];
  /** Nothing of the exchange is recorded. Read after each outcome. */
  readonly skipRecording: boolean;
  /** Stands between the exchange and its recording, where something must not get there. Asked once, before anything else. */
  recording?(recording: Recording): Recording;
  /** The exchange is over, however it ended. Called once. */
  end(): void;
}

export type ResponseInterest = "none" | "head" | { readonly bodyLimit: number };

export interface InterventionMessage<Head> {
  readonly head: Head;
  /**
   * The whole body, its content coding as on the wire; empty where there is none. Undefined where the head alone decides, and
   * where it is `tooLarge`.
   */
  readonly body: Buffer | undefined;
  readonly tooLarge: boolean;
  /** Empty where the body was not waited for. */
  readonly trailers: RawHeaders;
}

/** A response as far as its head tells. */
export interface ResponseHead {
  readonly status: number;
  /** "" in HTTP/2. */
  readonly reason: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
}

export type RequestOutcome = RequestContinue | SyntheticResponse | InterventionAbort;

/** Goes on to the origin. Nothing given: byte for byte as it came. */
export interface RequestContinue {
  readonly kind: "continue";
  readonly method?: string;
  /**
   * Absolute, its path and query as they are to be sent. Another scheme, host or port goes to another origin; the Host field
   * stays as it is in `headers`.
   */
  readonly url?: string;
  /**
   * All fields, instead of those that came. `host` is HTTP/2's `:authority`. Content-Length and Transfer-Encoding follow the
   * body whatever they say here.
   */
  readonly headers?: RawHeaders;
  /** Instead of the body that came, content coding included: the headers have to name that. */
  readonly body?: Buffer;
  /** Instead of the trailers that came; sent where the framing has room for them. */
  readonly trailers?: RawHeaders;
  readonly throttle?: Throttle;
}

/** An answer of ours; the origin is not contacted. */
export interface SyntheticResponse {
  readonly kind: "respond";
  /** 200 to 599. */
  readonly status: number;
  /** Default: the status's usual one. */
  readonly reason?: string;
  /** Content-Length and Transfer-Encoding follow the body whatever they say here. */
  readonly headers: RawHeaders;
  /**
   * Bytes, or pieces as they come: read as fast as the client takes them, and told to `return()` when it leaves. None is sent
   * in response to HEAD, nor with 204 and 304.
   */
  readonly body: Buffer | AsyncIterable<Buffer>;
  /** Bytes of a body that comes in pieces, where they are known: Content-Length. One that ends before is cut off visibly. */
  readonly length?: number;
  readonly trailers?: RawHeaders;
  readonly throttle?: Throttle;
}

/**
 * `close`: the connection ends without an answer; in HTTP/2, where others share it, the stream (CANCEL). `reset`: with a TCP
 * RST, or RST_STREAM (INTERNAL_ERROR). `timeout`: it stays open without an answer until the client leaves or the proxy stops.
 */
export interface InterventionAbort {
  readonly kind: "abort";
  readonly how: "close" | "reset" | "timeout";
}

export type ResponseOutcome = ResponseContinue | InterventionAbort;

/** Goes on to the client. Nothing given: byte for byte as it came. */
export interface ResponseContinue {
  readonly kind: "continue";
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: RawHeaders;
  readonly body?: Buffer;
  readonly trailers?: RawHeaders;
  /** Only its `down` counts. */
  readonly throttle?: Throttle;
}

/** Bytes of a body per second, as the client sees it: `up` of the request's, `down` of the response's. */
export interface Throttle {
  readonly up?: number;
  readonly down?: number;
}

export interface WebSocketIntervention {
  /** Bytes of a message up to which it is held until it is whole, and looked at. A longer one passes unseen. */
  readonly messageLimit: number;
  /** The connection is open. @param inject sends a message of ours; returns false when the connection is over */
  opened?(inject: (message: WebSocketData) => boolean): void;
  /** Called for each text and binary message, whole and decompressed, in the order of its direction. */
  message(message: WebSocketData): WebSocketOutcome;
}

export interface WebSocketData {
  /** `send`: from the client. */
  readonly direction: "send" | "receive";
  /** 1 text, 2 binary. */
  readonly opcode: 1 | 2;
  readonly data: Buffer;
}

/** `inject` on an outcome: messages that go out right after this one, or in its place. */
export type WebSocketOutcome =
  | { readonly kind: "keep"; readonly inject?: readonly WebSocketData[] }
  | {
      readonly kind: "replace";
      readonly opcode?: 1 | 2;
      readonly data: Buffer;
      readonly inject?: readonly WebSocketData[];
    }
  | { readonly kind: "drop"; readonly inject?: readonly WebSocketData[] };
