// Watches one exchange as it passes and makes the Exchange that is recorded. It never delays or changes anything.
import { type Body, EMPTY_BODY, type Truncation } from "../exchange/body.js";
import type {
  ClientEndpoint,
  Exchange,
  ExchangeError,
  ForwardedRequest,
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
import { type DialTimes, ExchangeClock, round } from "./exchange-clock.js";

/** A request as far as its head tells. */
export type CapturedRequest = Omit<HttpRequest, "body" | "trailers">;
/** A response as far as its head tells. */
export type CapturedResponse = Omit<HttpResponse, "body" | "trailers" | "informational">;

/** 1xx responses of one exchange that are kept; an origin may send them without end. */
const MAX_INFORMATIONAL = 100;

/** What acted on an exchange, asked for when it is recorded. */
interface Actors {
  readonly rules: readonly string[];
  readonly tags: readonly string[];
  recording?(recording: Recording): Recording;
}

export interface CaptureOptions {
  readonly id: ExchangeId;
  readonly epochMs: number;
  readonly recording: Recording;
  readonly client: ClientEndpoint;
  readonly request: CapturedRequest;
}

export class Capture {
  readonly id: ExchangeId;
  readonly clock = new ExchangeClock();
  #recording: Recording;
  readonly #client: ClientEndpoint;
  readonly #request: CapturedRequest;
  readonly #seq: number;
  readonly #startedAt: number;
  #server: ServerEndpoint | undefined;
  #requestBody: BodyWriter | undefined;
  #requestTrailers: RawHeaders | undefined;
  #requestEnded = false;
  #response: CapturedResponse | undefined;
  #responseBody: BodyWriter | undefined;
  #responseTrailers: RawHeaders | undefined;
  #responseEnded = false;
  #informational: InformationalResponse[] | undefined;
  #finished = false;
  #actors: Actors | undefined;
  #forwarded: ForwardedRequest | undefined;

  constructor(options: CaptureOptions) {
    this.id = options.id;
    this.#recording = options.recording;
    this.#client = options.client;
    this.#request = options.request;
    this.#startedAt = options.epochMs;
    this.#seq = options.recording.nextSeq();
  }

  get recording(): Recording {
    return this.#recording;
  }

  /** More waits to be recorded than memory should hold: stop reading until `onReady` calls back. */
  get behind(): boolean {
    return this.#recording.behind;
  }

  onReady(callback: () => void): void {
    this.#recording.onDrain(callback);
  }

  /** @param dial when the connection was made for this exchange; undefined when it came from the pool. */
  connected(server: ServerEndpoint, dial: DialTimes | undefined): void {
    this.#server = server;
    this.clock.connected(dial);
  }

  /** Something may act on the exchange. Before anything of it is recorded. */
  intervened(actors: Actors): void {
    this.#actors = actors;
    this.#recording = actors.recording?.(this.#recording) ?? this.#recording;
  }

  forwarded(request: ForwardedRequest): void {
    this.#forwarded = request;
  }

  requestData(data: readonly Buffer[]): void {
    if (data.length === 0) return;
    this.#requestBody ??= this.#recording.openBody({ id: this.id, part: "request" });
    for (const chunk of data) this.#requestBody.write(chunk);
  }

  requestEnd(trailers: RawHeaders): void {
    this.#requestEnded = true;
    if (trailers.length > 0) this.#requestTrailers = trailers;
  }

  /** The whole request has been handed to the connection. */
  requestSent(): void {
    this.clock.requestSent();
  }

  informational(response: InformationalResponse): void {
    this.#informational ??= [];
    if (this.#informational.length < MAX_INFORMATIONAL) this.#informational.push(response);
  }

  responseHead(response: CapturedResponse): void {
    this.clock.responseHead();
    this.#response = response;
    if (isStreamingType(mediaType(response.headers))) {
      this.#responseBody = this.#openResponseBody(true);
      this.#recording.opened(this.#httpExchange(undefined, EMPTY_BODY, EMPTY_BODY));
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
    this.#recording.finished(this.#httpExchange(error, requestBody, responseBody));
  }

  /** The response head was a 101, or a 2xx to an extended CONNECT: from here on messages are recorded, not a body. */
  webSocketOpened(): void {
    this.#recording.opened(this.#webSocketExchange(0, undefined, undefined));
  }

  finishWebSocket(messageCount: number, close: WebSocketClose | undefined, error?: ExchangeError): void {
    if (this.#finished) return;
    this.#finished = true;
    // Opened where the response said that it is a stream of events, which it then was not.
    this.#responseBody?.discard();
    this.#recording.finished(this.#webSocketExchange(messageCount, close, error));
  }

  finishTunnel(
    outcome: { bytesSent: number; bytesReceived: number; reason: TunnelExchange["reason"] },
    error?: ExchangeError,
  ): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#responseBody?.discard();
    const requestBody = this.#requestBody?.end() ?? EMPTY_BODY;
    this.#recording.finished({ kind: "tunnel", ...this.#base(error, requestBody), ...outcome });
  }

  /** It turned out not to be wanted: nothing of it stays. */
  discard(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#requestBody?.discard();
    this.#responseBody?.discard();
  }

  #openResponseBody(streaming: boolean): BodyWriter {
    return this.#recording.openBody({
      id: this.id,
      part: "response",
      ...(streaming ? { streamingSince: this.clock.start } : {}),
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
      duration: round(now - this.clock.start),
      client: this.#client,
      ...(this.#server === undefined ? {} : { server: this.#server }),
      request,
      ...(this.#forwarded === undefined ? {} : { forwarded: this.#forwarded }),
      timings: this.clock.timings(now),
      ...(error === undefined ? {} : { error }),
      ...(this.#actors === undefined ? {} : marks(this.#actors)),
    };
  }
}

function marks({ rules, tags }: Actors): { rules?: readonly string[]; tags?: readonly string[] } {
  return {
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(rules.length === 0 ? {} : { rules: [...rules] }),
  };
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
