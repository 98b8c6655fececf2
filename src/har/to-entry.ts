// An exchange as an entry of a HAR, with everything that DevTools, Playwright and the others read of one.
import { isIP } from "node:net";
import type { HttpExchange, WebSocketExchange } from "../exchange/exchange.js";
import { mediaType } from "../exchange/headers.js";
import { type Content, commentOf, NO_CONTENT } from "./content.js";
import { queryString, requestCookies, requestHeaders, versionName } from "./entry-headers.js";
import { eventSourceMessages, type MessageSource, webSocketMessage } from "./entry-messages.js";
import { harResponse } from "./entry-response.js";
import { type EntryStream, EntryStreams } from "./entry-stream.js";
import { harTimings, totalTime } from "./entry-timings.js";
import { urlText } from "./header-text.js";
import { postData } from "./post-data.js";
import { resourceType } from "./resource-type.js";
import type { HarEntry, HarRequest } from "./types.js";

/**
 * What an entry is made of. Tunnels make none: nothing of HTTP was seen in them, and an entry for a CONNECT would be a
 * request that no page made. Who exports counts them.
 */
export interface EntrySource {
  readonly exchange: HttpExchange | WebSocketExchange;
  /** Whether it was still under way. */
  readonly open: boolean;
  readonly requestContent: Content;
  /** null when no response came. */
  readonly responseContent: Content | null;
  /** Of a WebSocket; an async one is read while it is written. */
  readonly messages?: readonly MessageSource[] | AsyncIterable<MessageSource>;
}

export interface HarItem {
  readonly entry: HarEntry;
  /** What stands in it as a placeholder. */
  readonly streams: readonly EntryStream[];
}

/** Never throws: whatever an exchange holds, its entry is valid HAR 1.2. */
export function entryOf(source: EntrySource): HarItem {
  const { exchange, open } = source;
  const { server, har } = exchange;
  const streams = new EntryStreams();
  const timings = harTimings(exchange.timings);
  const address = server === undefined ? "" : (server.address.split("%")[0] ?? "");
  const connection =
    server === undefined
      ? {}
      : { connection: String(server.port), _connectionId: String(server.connectionId) };
  const entry: HarEntry = {
    startedDateTime: exchange.startedAt,
    time: totalTime(timings),
    request: harRequest(exchange, source.requestContent, streams),
    response: harResponse(exchange, source.responseContent ?? NO_CONTENT, streams),
    cache: {},
    timings: { ...timings, ...har?.timings },
    ...(isIP(address) === 0 ? {} : { serverIPAddress: address }),
    ...connection,
    ...(open ? commentOf("under way when this was written") : {}),
    _resourceType: resourceType(exchange),
    ...messagesOf(source, streams),
    ...har?.entry,
  };
  return { entry, streams: streams.all };
}

function harRequest(
  exchange: HttpExchange | WebSocketExchange,
  content: Content,
  streams: EntryStreams,
): HarRequest {
  const { request, har } = exchange;
  const data = postData(request, content, streams);
  return {
    method: request.method,
    url: entryUrl(exchange),
    httpVersion: versionName(request.httpVersion),
    cookies: requestCookies(request.headers),
    headers: requestHeaders(request),
    queryString: queryString(request.url),
    ...(data === undefined ? {} : { postData: { ...data, ...har?.postData } }),
    headersSize: request.headersSize,
    bodySize: request.body.size,
    ...har?.request,
  };
}

/** Browsers name a WebSocket by its own scheme, and no fragment. */
function entryUrl({ kind, request }: HttpExchange | WebSocketExchange): string {
  const url = urlText(request.url.replace(/#.*$/s, ""));
  return kind === "websocket" ? url.replace(/^http/, "ws") : url;
}

function messagesOf(
  { exchange, responseContent, messages = [] }: EntrySource,
  streams: EntryStreams,
): object {
  if (exchange.kind === "websocket") {
    if (!(Symbol.asyncIterator in messages)) return { _webSocketMessages: messages.map(webSocketMessage) };
    return { _webSocketMessages: streams.add("messages", () => messageValues(messages)) };
  }
  const { response } = exchange;
  if (response === undefined || mediaType(response.headers) !== "text/event-stream") return {};
  const chunks = responseContent?.chunks ?? response.body.chunks;
  // Without times, they say nothing that the content does not.
  if (chunks === undefined) return {};
  const content = { ...responseContent, chunks };
  return { _eventSourceMessages: eventSourceMessages(content, Date.parse(exchange.startedAt)) };
}

async function* messageValues(messages: AsyncIterable<MessageSource>): AsyncGenerator<Buffer> {
  for await (const source of messages) yield Buffer.from(JSON.stringify(webSocketMessage(source)), "utf8");
}
