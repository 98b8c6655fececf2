// The type that DevTools shows for an entry. Without it, DevTools takes every `application/*` and `text/*` for a script.
import type { HttpExchange, WebSocketExchange } from "../exchange/exchange.js";
import { headerValue, mediaType } from "../exchange/headers.js";
import type { HarResourceType } from "./types.js";

/** By Sec-Fetch-Dest, which the browser sets, else by the response's media type. */
export function resourceType(exchange: HttpExchange | WebSocketExchange): HarResourceType {
  if (exchange.kind === "websocket") return "websocket";
  const { request, response } = exchange;
  const type = response === undefined ? "" : mediaType(response.headers);
  const accept = headerValue(request.headers, "accept") ?? "";
  if (type === "text/event-stream" || accept.trim() === "text/event-stream") return "eventsource";
  const destination = headerValue(request.headers, "sec-fetch-dest")?.toLowerCase();
  if (destination === "empty" || isXhr(exchange)) return isXhr(exchange) ? "xhr" : "fetch";
  if (destination !== undefined) return BY_DESTINATION[destination] ?? "other";
  if (headerValue(request.headers, "upgrade")?.toLowerCase() === "websocket") return "websocket";
  return BY_MEDIA_TYPE.find(([pattern]) => pattern.test(type))?.[1] ?? "other";
}

function isXhr({ request }: HttpExchange): boolean {
  return headerValue(request.headers, "x-requested-with")?.toLowerCase() === "xmlhttprequest";
}

/** Fetch standard, "request destination". */
const BY_DESTINATION: Readonly<Record<string, HarResourceType>> = {
  document: "document",
  iframe: "document",
  frame: "document",
  embed: "document",
  object: "document",
  style: "stylesheet",
  script: "script",
  worker: "script",
  sharedworker: "script",
  serviceworker: "script",
  audioworklet: "script",
  paintworklet: "script",
  image: "image",
  font: "font",
  audio: "media",
  video: "media",
  track: "media",
  json: "fetch",
  websocket: "websocket",
};

const BY_MEDIA_TYPE: readonly (readonly [RegExp, HarResourceType])[] = [
  [/^(?:text\/html|application\/xhtml\+xml)$/, "document"],
  [/^text\/css$/, "stylesheet"],
  [/(?:java|ecma)script$|^application\/wasm$/, "script"],
  [/^image\//, "image"],
  [/^font\/|^application\/(?:x-)?font-|^application\/vnd\.ms-fontobject$/, "font"],
  [/^(?:audio|video)\/|mpegurl$/, "media"],
  [/json$|xml$|^application\/(?:grpc|x-protobuf|graphql)/, "fetch"],
];
