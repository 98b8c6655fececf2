// The header fields of a request that is sent again: the few that have to follow where it goes and what it carries.
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import { formatHost, type Origin } from "../../proxy/target.js";
import type { SendRequest } from "./request.js";

/** Fields of one HTTP/1 connection, which HTTP/2 forbids (RFC 9113 section 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/** What was for the proxy that recorded it, never for the origin (RFC 9110 section 7.6.1). */
const PROXY_FIELDS: ReadonlySet<string> = new Set(["proxy-connection", "proxy-authorization"]);

/** The fields of a request that was sent to the recording proxy's own port, as its origin got them. */
export function withoutProxyFields(headers: RawHeaders): RawHeaders {
  return headers.filter(([name]) => !PROXY_FIELDS.has(name.toLowerCase()));
}

/** Every field lower-cased, as HTTP/2 has them. */
export function withoutConnectionFields(headers: RawHeaders): RawHeaders {
  return headers.flatMap(([name, value]): (readonly [string, string])[] => {
    const lower = name.toLowerCase();
    if (lower.startsWith(":") || CONNECTION_FIELDS.has(lower)) return [];
    // Section 8.2.2: of TE only `trailers`.
    if (lower === "te") return /(^|,)\s*trailers\s*($|,)/i.test(value) ? [[lower, "trailers"]] : [];
    return [[lower, value]];
  });
}

/** The fields with a Host, which HTTP/1.1 demands and HTTP/2 has as `:authority`. @param wasHttp2 it is translated */
export function withAuthority(request: SendRequest, origin: Origin, wasHttp2: boolean): RawHeaders {
  const fields = request.headers.filter(([name]) => !name.startsWith(":"));
  const headers = wasHttp2 ? withoutConnectionFields(fields) : fields;
  if (request.httpVersion === "HTTP/1.0" || headerValue(headers, "host") !== undefined) return headers;
  return [["Host", request.authority ?? formatOrigin(origin)], ...headers];
}

/** `host:port` as a Host field has it. */
export function formatOrigin({ scheme, host, port }: Origin): string {
  const isDefault = port === (scheme === "https" ? 443 : 80);
  return isDefault ? formatHost(host) : `${formatHost(host)}:${port}`;
}

/**
 * Says of a body of this size what HTTP/1 has to say: chunked stays chunked, a length that is right stays where it is.
 * @param size null: no body, of which a length of 0 may still be said.
 */
export function framedHeaders(headers: RawHeaders, size: number | null): RawHeaders {
  const isChunked = headerValue(headers, "transfer-encoding") !== undefined;
  // Both together could be read in two ways (RFC 9112 section 6.3).
  if (isChunked) return headers.filter(([name]) => name.toLowerCase() !== "content-length");
  let said = false;
  const fields = headers.flatMap((field): (readonly [string, string])[] => {
    if (field[0].toLowerCase() !== "content-length") return [field];
    if (said) return [];
    said = true;
    return [[field[0], String(size ?? 0)]];
  });
  return said || size === null ? fields : [...fields, ["Content-Length", String(size)]];
}
