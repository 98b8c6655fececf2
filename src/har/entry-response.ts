// The response of an entry: its sizes, its content, or what stands for a response that never came.
import { contentCodings } from "../content/codings.js";
import type { HttpExchange, HttpResponse, WebSocketExchange } from "../exchange/exchange.js";
import { headerValue, mediaType } from "../exchange/headers.js";
import type { Timings } from "../exchange/timings.js";
import { type Content, commentOf, contentSize } from "./content.js";
import { nameValues, responseCookies, versionName } from "./entry-headers.js";
import type { EntryStreams } from "./entry-stream.js";
import { textOfHeader } from "./header-text.js";
import { truncationText } from "./truncation-text.js";
import type { HarContent, HarResponse } from "./types.js";

export function harResponse(
  exchange: HttpExchange | WebSocketExchange,
  content: Content,
  streams: EntryStreams,
): HarResponse {
  const { response, error, har } = exchange;
  const failure = error === undefined ? {} : { _error: `${error.code}: ${error.message}` };
  if (response === undefined) {
    const nothing = { ...NO_RESPONSE.content, ...har?.content };
    return { ...NO_RESPONSE, content: nothing, ...failure, ...har?.response };
  }
  const { status, headers, headersSize } = response;
  // A 304 stands for a body that it does not carry.
  const bodySize = status === 304 ? 0 : response.body.size;
  return {
    status,
    statusText: textOfHeader(response.reason),
    httpVersion: versionName(response.httpVersion),
    cookies: responseCookies(headers, receivedAt(exchange)),
    headers: nameValues(headers),
    content: {
      ...harContent(response, withKnownSize(content, har?.content?.size), bodySize, streams),
      ...har?.content,
    },
    redirectURL: textOfHeader(headerValue(headers, "location") ?? ""),
    headersSize,
    bodySize,
    // With headersSize -1 (HTTP/2) readers would make -1 + bodySize of it.
    _transferSize: Math.max(headersSize, 0) + bodySize,
    ...failure,
    ...har?.response,
  };
}

/** @param size of a content that a HAR was imported without. */
function withKnownSize(content: Content, size: unknown): Content {
  return content.bytes === undefined && typeof size === "number" ? { size, ...content } : content;
}

/** What Chrome writes for a request that got no answer. */
const NO_RESPONSE: HarResponse = {
  status: 0,
  statusText: "",
  httpVersion: "unknown",
  cookies: [],
  headers: [],
  content: { size: 0, mimeType: "x-unknown" },
  redirectURL: "",
  headersSize: -1,
  bodySize: -1,
  _transferSize: 0,
};

function harContent(
  { headers, body, status }: HttpResponse,
  content: Content,
  bodySize: number,
  streams: EntryStreams,
): HarContent {
  const contentType = headerValue(headers, "content-type") ?? "";
  const known = contentSize(content);
  const unknownSize =
    known === undefined && body.size > 0 && contentCodings(headers).length > 0
      ? "its decoded size is not known"
      : undefined;
  const written = Buffer.isBuffer(content.bytes) ? content.bytes.length : content.bytes?.size;
  const size = known ?? (unknownSize === undefined ? body.size : (written ?? 0));
  return {
    size,
    ...(known === undefined || status === 304 ? {} : { compression: size - bodySize }),
    mimeType: mimeTypeOf(contentType, mediaType(headers)),
    ...textOf(content, contentType, streams),
    ...commentOf(truncationText(body), content.partial, content.missing, unknownSize),
  };
}

/** DevTools fills its EventStream tab only where no parameter follows (Chromium 156). */
function mimeTypeOf(contentType: string, type: string): string {
  if (type === "text/event-stream") return type;
  return contentType === "" ? "x-unknown" : textOfHeader(contentType);
}

function textOf(
  { bytes, utf8 }: Content,
  contentType: string,
  streams: EntryStreams,
): Pick<HarContent, "text" | "encoding"> {
  if (bytes === undefined || (Buffer.isBuffer(bytes) && bytes.length === 0)) return {};
  return streams.textOf(bytes, contentType, utf8);
}

function receivedAt({ startedAt, timings }: { startedAt: string; timings: Timings }): number {
  const { blocked, dns, connect, send, wait } = timings;
  const phases = [blocked, dns, connect, send, wait].filter((each) => each > 0);
  return Date.parse(startedAt) + phases.reduce((sum, each) => sum + each, 0);
}
