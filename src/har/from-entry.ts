// An entry of any tool's HAR as an exchange. Lenient: whatever can be read is, and each repair is said. Strict: the first
// fault is an error.
import { EMPTY_BODY } from "../exchange/body.js";
import type { HttpExchange, HttpRequest, HttpResponse, WebSocketExchange } from "../exchange/exchange.js";
import { headerValue, mediaType } from "../exchange/headers.js";
import type { ExchangeId } from "../exchange/id.js";
import { chunksOfEvents } from "./event-chunks.js";
import { extrasOf } from "./extras.js";
import { type ImportedBody, NO_BODY } from "./imported-body.js";
import type { LongTexts } from "./long-texts.js";
import { readContent, readPostData } from "./read-body.js";
import { closeIn, type ImportedMessage, readMessages } from "./read-messages.js";
import { type RequestHead, readRequest } from "./read-request.js";
import { readResponse } from "./read-response.js";
import { serverOf } from "./read-server.js";
import { readStart, readTimings } from "./read-timings.js";
import { asObject, FieldReader, type JsonObject, kindOf, type Repair } from "./repairs.js";
import { resourceType } from "./resource-type.js";

export interface EntryContext {
  /** Of the entry in its file, from 1. */
  readonly number: number;
  readonly strict: boolean;
  readonly seq: number;
  readonly createId: (epochMs: number) => ExchangeId;
  /** Of the same part of the HAR (HarPart). */
  readonly texts: LongTexts;
}

export interface ImportedExchange {
  readonly kind: "exchange";
  /** With empty bodies: they are `requestBody` and `responseBody`, to be stored and put in (`importedBody`). */
  readonly exchange: HttpExchange | WebSocketExchange;
  readonly requestBody: ImportedBody;
  readonly responseBody: ImportedBody;
  /** Of a WebSocket. */
  readonly messages: readonly ImportedMessage[];
  /** Set where the messages stand in an attached file, a JSON value a line (Playwright). */
  readonly messagesFile?: string;
  readonly repairs: readonly Repair[];
}

/** Too little to make an exchange of. */
export interface SkippedEntry {
  readonly kind: "skipped";
  readonly number: number;
  /** A sentence. */
  readonly why: string;
}

/** @throws HAR_INVALID in strict mode, naming the first fault; never in lenient mode, whatever the entry is. */
export function fromEntry(value: unknown, context: EntryContext): ImportedExchange | SkippedEntry {
  const reader = new FieldReader(context.number, context.strict, context.texts);
  const entry = asObject(value);
  if (entry === undefined) return skipped(`it is ${kindOf(value)}, not an object`, context, reader);
  const harRequest = asObject(entry.request);
  if (harRequest === undefined) return skipped(`request is ${kindOf(entry.request)}`, context, reader);
  const request = readRequest(harRequest, reader);
  if (typeof request === "string") return skipped(request, context, reader);
  const startedAt = readStart(entry, reader);
  const requestSize = reader.size(harRequest, "bodySize", "request");
  const requestBody = readPostData(harRequest, request.headers, requestSize, reader);
  return respond(entry, { ...request, body: EMPTY_BODY }, requestBody, startedAt, context, reader);
}

function skipped(why: string, { number }: EntryContext, reader: FieldReader): SkippedEntry {
  reader.note("", why);
  return { kind: "skipped", number, why };
}

function respond(
  entry: JsonObject,
  request: HttpRequest,
  requestBody: ImportedBody,
  startedAt: string,
  context: EntryContext,
  reader: FieldReader,
): ImportedExchange {
  const { head, error } = readResponse(entry, reader);
  const harResponse = asObject(entry.response) ?? {};
  const items: readonly unknown[] = Array.isArray(entry._webSocketMessages) ? entry._webSocketMessages : [];
  const isWebSocket = head !== undefined && (items.length > 0 || isWebSocketEntry(entry, request));
  const messages = isWebSocket ? readMessages(items, startedAt, reader) : [];
  const { timings, duration } = readTimings(entry, /^https:/i.test(request.url), reader);
  const server = serverOf(entry, request, timings.connect < 0);
  const base = {
    id: context.createId(Date.parse(startedAt)),
    seq: context.seq,
    startedAt,
    duration,
    ...(server === undefined ? {} : { server }),
    request,
    timings,
    ...(error === undefined ? {} : { error }),
  };
  const response: HttpResponse | undefined = head === undefined ? undefined : { ...head, body: EMPTY_BODY };
  const exchange = exchangeOf(base, response, isWebSocket, messages);
  const content = asObject(harResponse.content) ?? {};
  if (response !== undefined && harResponse.content === undefined)
    reader.note("response.content", "is missing");
  const responseBody =
    response === undefined
      ? NO_BODY
      : readContent(content, response.headers, reader.size(harResponse, "bodySize", "response"), reader);
  const chunks = eventChunks(entry, response, responseBody, startedAt);
  const messagesFile = isWebSocket ? attachedMessages(responseBody) : undefined;
  const har = extrasOf(entry, madeAgain(entry, exchange, responseBody, chunks !== undefined));
  return {
    kind: "exchange",
    exchange: har === undefined ? exchange : { ...exchange, har },
    requestBody,
    responseBody: messagesFile !== undefined ? NO_BODY : { ...responseBody, ...(chunks && { chunks }) },
    messages,
    ...(messagesFile === undefined ? {} : { messagesFile }),
    repairs: reader.repairs,
  };
}

type ExchangeBase = Omit<HttpExchange, "kind" | "response">;

function exchangeOf(
  base: ExchangeBase,
  response: HttpResponse | undefined,
  isWebSocket: boolean,
  messages: readonly ImportedMessage[],
): HttpExchange | WebSocketExchange {
  if (response === undefined) return { kind: "http", ...base };
  if (!isWebSocket) return { kind: "http", ...base, response };
  const close = closeIn(messages);
  const end = close === undefined ? {} : { close };
  return { kind: "websocket", ...base, response, messageCount: messages.length, ...end };
}

function isWebSocketEntry(entry: JsonObject, request: RequestHead): boolean {
  if (entry._resourceType === "websocket") return true;
  const url = asObject(entry.request)?.url;
  if (typeof url === "string" && /^wss?:/i.test(url)) return true;
  const upgrade = headerValue(request.headers, "upgrade")?.toLowerCase();
  return upgrade === "websocket" && asObject(entry.response)?.status === 101;
}

function eventChunks(
  entry: JsonObject,
  response: HttpResponse | undefined,
  body: ImportedBody,
  startedAt: string,
): ImportedBody["chunks"] {
  if (response === undefined || !Buffer.isBuffer(body.data)) return undefined;
  if (mediaType(response.headers) !== "text/event-stream") return undefined;
  return chunksOfEvents(body.data, entry._eventSourceMessages, startedAt);
}

function attachedMessages({ data }: ImportedBody): string | undefined {
  if (data === null || Buffer.isBuffer(data) || typeof data === "function") return undefined;
  return data.file.endsWith(".jsonl") ? data.file : undefined;
}

/** Fields that the export of this exchange writes by itself, with the same value. */
function madeAgain(
  entry: JsonObject,
  exchange: HttpExchange | WebSocketExchange,
  responseBody: ImportedBody,
  hasEvents: boolean,
): Set<string> {
  const { server, error } = exchange;
  const again = new Set<string>();
  if (entry._resourceType === resourceType(exchange)) again.add("entry._resourceType");
  if (hasEvents) again.add("entry._eventSourceMessages");
  if (server !== undefined) {
    if (entry.connection === String(server.port)) again.add("entry.connection");
    if (entry._connectionId === String(server.connectionId)) again.add("entry._connectionId");
  }
  const response = asObject(entry.response) ?? {};
  if (error !== undefined && response._error === `${error.code}: ${error.message}`)
    again.add("response._error");
  const { data, size = Buffer.isBuffer(data) ? data.length : Number.NaN } = responseBody;
  const head = exchange.response === undefined ? 0 : Math.max(exchange.response.headersSize, 0);
  if (response._transferSize === head + size) again.add("response._transferSize");
  return again;
}
