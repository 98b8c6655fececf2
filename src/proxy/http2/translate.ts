// Heads between HTTP/1 and HTTP/2 (RFC 9113 sections 8.2 and 8.3): which fields belong to a connection, what the request
// line becomes, and the crumbs of a cookie.
import { STATUS_CODES } from "node:http";
import type { RawHeaders } from "../../exchange/headers.js";
import type { OutgoingRequest, OutgoingResponse } from "../ends.js";
import { formatAuthority, parseAbsoluteTarget } from "../target.js";

/** Fields of one HTTP/1 connection, which HTTP/2 forbids (section 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/** Not of a connection, but of this hop where the request came to a proxy (RFC 9110 section 11.7). */
const PROXY_CREDENTIALS: ReadonlySet<string> = new Set(["proxy-authorization", "proxy-authenticate"]);

export interface PseudoFields {
  readonly method: string;
  readonly scheme: string;
  readonly authority: string | undefined;
  readonly path: string;
}

/** @returns the pseudo-fields of a request, "" for those that CONNECT leaves out. */
export function requestPseudo(headers: RawHeaders): PseudoFields {
  return {
    method: pseudo(headers, ":method") ?? "",
    scheme: pseudo(headers, ":scheme") ?? "",
    authority: pseudo(headers, ":authority"),
    path: pseudo(headers, ":path") ?? "",
  };
}

/** @returns `:protocol`, which makes a CONNECT an extended one (RFC 8441). */
export function requestProtocol(headers: RawHeaders): string | undefined {
  return pseudo(headers, ":protocol");
}

export function responseStatus(headers: RawHeaders): number {
  return Number(pseudo(headers, ":status") ?? "0");
}

/** The fields of a message without its pseudo-fields, the crumbs of a cookie joined (section 8.2.3). */
export function regularFields(headers: RawHeaders): RawHeaders {
  const regular: (readonly [string, string])[] = [];
  let cookie = -1;
  for (const field of headers) {
    const [name, value] = field;
    if (name.startsWith(":")) continue;
    if (name !== "cookie") regular.push(field);
    else if (cookie === -1) {
      cookie = regular.length;
      regular.push(field);
    } else regular[cookie] = [name, `${regular[cookie]![1]}; ${value}`];
  }
  return regular;
}

/** A request that came over HTTP/1, as HTTP/2 has it. */
export function requestToHttp2(request: OutgoingRequest, scheme: string): RawHeaders {
  const { authority, path } = locationOf(request);
  const isForUs = (name: string): boolean =>
    name === "host" || (request.atProxy === true && PROXY_CREDENTIALS.has(name));
  return [
    [":method", request.method],
    [":scheme", scheme],
    [":authority", authority],
    [":path", path],
    ...withoutConnectionFields(request.headers).filter(([name]) => !isForUs(name)),
  ];
}

/** An absolute target, which an origin may be sent as well, counts more than Host (RFC 9112 section 3.2.2). */
function locationOf(request: OutgoingRequest): { authority: string; path: string } {
  const { target, method, headers, impliedAuthority } = request;
  const absolute = target.startsWith("/") ? undefined : parseAbsoluteTarget(target, method);
  if (absolute !== undefined) return { authority: formatAuthority(absolute.origin), path: absolute.target };
  const host = headers.find(([name]) => name.toLowerCase() === "host")?.[1];
  return { authority: host ?? impliedAuthority ?? "", path: target };
}

/** A response that came over HTTP/1, as HTTP/2 has it. */
export function responseToHttp2(response: Pick<OutgoingResponse, "status" | "headers">): RawHeaders {
  return [[":status", String(response.status)], ...withoutConnectionFields(response.headers)];
}

/** A request that came over HTTP/2, as HTTP/1 has it: Host first, as clients write it. */
export function requestToHttp1(request: OutgoingRequest): RawHeaders {
  const hasHost = request.headers.some(([name]) => name === "host");
  return [
    ...(hasHost ? [] : [["Host", request.authority ?? ""] as const]),
    ...request.headers,
    ...(request.framing.kind === "chunked" ? [["Transfer-Encoding", "chunked"] as const] : []),
  ];
}

/** A response that came over HTTP/2, as HTTP/1 has it. HTTP/2 has no reason phrase: the usual one stands in. */
export function responseToHttp1(response: OutgoingResponse): { reason: string; headers: RawHeaders } {
  return {
    reason: STATUS_CODES[response.status] ?? "",
    headers: [...response.headers, ...framingFields(response)],
  };
}

/** What says where the body ends; without it the client would wait for the connection's end (RFC 9112 section 6.3). */
function framingFields({ framing, headers }: OutgoingResponse): RawHeaders {
  if (framing.kind === "chunked") return [["Transfer-Encoding", "chunked"]];
  if (framing.kind !== "length" || headers.some(([name]) => name === "content-length")) return [];
  return [["Content-Length", String(framing.length)]];
}

/** Trailers of either protocol, as HTTP/2 has them (section 8.2). */
export function trailersToHttp2(trailers: RawHeaders): RawHeaders {
  return trailers.length === 0 ? trailers : withoutConnectionFields(trailers);
}

function withoutConnectionFields(headers: RawHeaders): RawHeaders {
  const named = new Set<string>();
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== "connection") continue;
    for (const token of value.split(",")) named.add(token.trim().toLowerCase());
  }
  const kept: (readonly [string, string])[] = [];
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (CONNECTION_FIELDS.has(lower)) continue;
    // Section 8.2.2: of TE only `trailers` may go on, also when Connection names it, as HTTP/1 wants.
    if (lower === "te") {
      if (/(^|,)\s*trailers\s*($|,)/i.test(value)) kept.push(["te", "trailers"]);
    } else if (!named.has(lower)) kept.push([lower, value]);
  }
  return kept;
}

function pseudo(headers: RawHeaders, name: string): string | undefined {
  for (const field of headers) {
    if (field[0] === name) return field[1];
    if (!field[0].startsWith(":")) return undefined;
  }
  return undefined;
}
