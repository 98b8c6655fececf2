// Watches one exchange as it passes and makes the Exchange that is recorded. It never delays or changes anything.
import { type Body, EMPTY_BODY, type Truncation } from "../exchange/body.js";
import type {
  ClientEndpoint,
  Exchange,
  ExchangeError,
  HttpRequest,
  HttpResponse,
  InformationalResponse,
  ServerEndpoint,
  TunnelExchange,
  WebSocketClose,
} from "../exchange/exchange.js";
import { isStreamingType, mediaType, type RawHeaders } from "../exchange/headers.js";
import type { ExchangeId } from "../exchange/id.js";
import type { BodyWriter, Recording } from "../exchange/recording.js";
import type { Timings } from "../exchange/timings.js";

/** A request as far as its head tells. */
export type CapturedRequest = Omit<HttpRequest, "body" | "trailers">;
/** A response as far as its head tells. */
export type CapturedResponse = Omit<HttpResponse, "body" | "trailers" | "informational">;

/** When a new connection to an origin was made: `performance.now()` values; absent phases did not happen. */
export interface DialTimes {
  readonly started: number;
  readonly resolved?: number;
  readonly connected?: number;
  readonly secured?: number;
}

/** 1xx responses of one exchange that are kept; an origin may send them without end. */
const MAX_INFORMATIONAL = 100;

export class Capture {
  readonly id: ExchangeId;
  readonly recording: Recording;
  readonly #client: ClientEndpoint;
  readonly #request: CapturedRequest;
  readonly #seq: number;
  readonly #startedAt: number;
  readonly #start = performance.now();
  #server: ServerEndpoint | undefined;
  #dial: DialTimes | undefined;
  #connectedAt = -1;
  #sentAt = -1;
  #headAt = -1;
  #requestBody: BodyWriter | undefined;
  #requestTrailers: RawHeaders | undefined;
  #requestEnded = false;
  #response: CapturedResponse | undefined;
  #responseBody: BodyWriter | undefined;
  #responseTrailers: RawHeaders | undefined;
  #responseEnded = false;
  #informational: InformationalResponse[] | undefined;
  #finished = false;

  constructor(options: {
    readonly id: ExchangeId;
    readonly epochMs: number;
    readonly recording: Recording;
    readonly client: ClientEndpoint;
    readonly request: CapturedRequest;
  }) {
    this.id = options.id;
    this.recording = options.recording;
    this.#client = options.client;
    this.#request = options.request;
    this.#startedAt = options.epochMs;
    this.#seq = options.recording.nextSeq();
  }

  /** @param dial when the connection was made for this exchange; undefined when it came from the pool. */
  connected(server: ServerEndpoint, dial: DialTimes | undefined): void {
    this.#server = server;
    this.#dial = dial;
    this.#connectedAt = performance.now();
  }

  dialFailed(dial: DialTimes): void {
    this.#dial = dial;
  }

  requestData(data: readonly Buffer[]): void {
    if (data.length === 0) return;
    this.#requestBody ??= this.recording.openBody({ id: this.id, part: "request" });
    for (const chunk of data) this.#requestBody.write(chunk);
  }

  requestEnd(trailers: RawHeaders): void {
    this.#requestEnded = true;
    if (trailers.length > 0) this.#requestTrailers = trailers;
  }

  /** The whole request has been handed to the connection. */
  requestSent(): void {
    this.#sentAt = performance.now();
  }

  informational(response: InformationalResponse): void {
    this.#informational ??= [];
    if (this.#informational.length < MAX_INFORMATIONAL) this.#informational.push(response);
  }

  responseHead(response: CapturedResponse): void {
    this.#headAt = performance.now();
    this.#response = response;
    if (isStreamingType(mediaType(response.headers))) {
      this.#responseBody = this.#openResponseBody(true);
      this.recording.opened(this.#httpExchange(undefined, EMPTY_BODY, EMPTY_BODY));
    }
  }

  responseData(data: readonly Buffer[]): void {
    if (data.length === 0) return;
    this.#responseBody ??= this.#openResponseBody(false);
    for (const chunk of data) this.#responseBody.write(chunk);
  }

  responseEnd(trailers: RawHeaders): void {
    this.#responseEnded = true;
    if (trailers.length > 0) this.#responseTrailers = trailers;
  }

  /** Ends the exchange and records it. Only the first call counts. */
  finish(error?: ExchangeError): void {
    if (this.#finished) return;
    this.#finished = true;
    const truncation = error === undefined ? undefined : truncationOf(error);
    const requestBody =
      this.#requestBody?.end(this.#requestEnded ? undefined : (truncation ?? "origin-closed")) ?? EMPTY_BODY;
    const responseBody = this.#responseBody?.end(this.#responseEnded ? undefined : truncation) ?? EMPTY_BODY;
    this.recording.finished(this.#httpExchange(error, requestBody, responseBody));
  }

  /** The response head was a 101: from here on messages are recorded, not a body. */
  webSocketOpened(): void {
    this.recording.opened(this.#webSocketExchange(0, undefined, undefined));
  }

  finishWebSocket(messageCount: number, close: WebSocketClose | undefined, error?: ExchangeError): void {
    if (this.#finished) return;
    this.#finished = true;
    this.recording.finished(this.#webSocketExchange(messageCount, close, error));
  }

  finishTunnel(
    outcome: { bytesSent: number; bytesReceived: number; reason: TunnelExchange["reason"] },
    error?: ExchangeError,
  ): void {
    if (this.#finished) return;
    this.#finished = true;
    const requestBody = this.#requestBody?.end() ?? EMPTY_BODY;
    this.recording.finished({ kind: "tunnel", ...this.#base(error, requestBody), ...outcome });
  }

  /** It turned out not to be wanted: nothing of it stays. */
  discard(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#requestBody?.discard();
    this.#responseBody?.discard();
  }

  #openResponseBody(streaming: boolean): BodyWriter {
    return this.recording.openBody({
      id: this.id,
      part: "response",
      ...(streaming ? { streamingSince: this.#start } : {}),
    });
  }

  #httpExchange(error: ExchangeError | undefined, requestBody: Body, responseBody: Body): Exchange {
    const base = this.#base(error, requestBody);
    const response = this.#httpResponse(responseBody);
    return response === undefined ? { kind: "http", ...base } : { kind: "http", ...base, response };
  }

  #webSocketExchange(
    messageCount: number,
    close: WebSocketClose | undefined,
    error: ExchangeError | undefined,
  ): Exchange {
    const response = this.#httpResponse(EMPTY_BODY);
    const base = this.#base(error, EMPTY_BODY);
    if (response === undefined) return { kind: "http", ...base };
    return { kind: "websocket", ...base, response, messageCount, ...(close === undefined ? {} : { close }) };
  }

  #httpResponse(body: Body): HttpResponse | undefined {
    const head = this.#response;
    if (head === undefined) return undefined;
    return {
      status: head.status,
      reason: head.reason,
      httpVersion: head.httpVersion,
      headers: head.headers,
      headersSize: head.headersSize,
      body,
      ...(this.#responseTrailers === undefined ? {} : { trailers: this.#responseTrailers }),
      ...(this.#informational === undefined ? {} : { informational: this.#informational }),
    };
  }

  #base(error: ExchangeError | undefined, requestBody: Body) {
    const now = performance.now();
    const request: HttpRequest = {
      ...this.#request,
      body: requestBody,
      ...(this.#requestTrailers === undefined ? {} : { trailers: this.#requestTrailers }),
    };
    return {
      id: this.id,
      seq: this.#seq,
      startedAt: new Date(this.#startedAt).toISOString(),
      duration: round(now - this.#start),
      client: this.#client,
      ...(this.#server === undefined ? {} : { server: this.#server }),
      request,
      timings: this.#timings(now),
      ...(error === undefined ? {} : { error }),
    };
  }

  #timings(now: number): Timings {
    const dial = this.#dial;
    const connectedAt = this.#connectedAt === -1 ? now : this.#connectedAt;
    const sentAt = this.#sentAt === -1 ? Math.max(connectedAt, this.#headAt) : this.#sentAt;
    const headAt = this.#headAt === -1 ? now : this.#headAt;
    return {
      blocked: round((dial === undefined ? connectedAt : dial.started) - this.#start),
      dns: phase(dial?.started, dial?.resolved),
      connect: phase(dial?.resolved ?? dial?.started, dial?.secured ?? dial?.connected),
      ssl: phase(dial?.connected, dial?.secured),
      send: this.#connectedAt === -1 ? 0 : round(sentAt - connectedAt),
      wait: round(headAt - sentAt),
      receive: this.#headAt === -1 ? 0 : round(now - headAt),
    };
  }
}

function phase(from: number | undefined, to: number | undefined): number {
  return from === undefined || to === undefined ? -1 : round(to - from);
}

/** Milliseconds to the microsecond: what the clock can tell; never negative. */
function round(ms: number): number {
  return ms <= 0 ? 0 : Math.round(ms * 1000) / 1000;
}

function truncationOf(error: ExchangeError): Truncation {
  switch (error.code) {
    case "client-closed":
    case "client-malformed":
    case "client-tls-failed":
      return "client-closed";
    case "stopped":
    case "timeout":
    case "internal":
      return "aborted";
    default:
      return "origin-closed";
  }
}
