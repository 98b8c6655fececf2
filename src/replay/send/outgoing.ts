// Makes of a request what the proxy's data path takes: its head on the wire, its framing, its target.
import type { HttpVersion } from "../../exchange/exchange.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import type { CapturedRequest } from "../../proxy/capture.js";
import type { DialTarget } from "../../proxy/dial.js";
import type { OutgoingRequest } from "../../proxy/ends.js";
import { framingOfHttp2, NO_BODY } from "../../proxy/http1/framing.js";
import { parseRequestHead } from "../../proxy/http1/head.js";
import { MalformedMessage } from "../../proxy/http1/malformed.js";
import { forwardedHead } from "../../proxy/http1/rewrite.js";
import { serialiseTrailers } from "../../proxy/http1/serialise.js";
import { isIpAddress, type Origin, parseAbsoluteTarget } from "../../proxy/target.js";
import { BOTH_PROTOCOLS } from "../../proxy/upstream.js";
import { framedHeaders, withAuthority, withoutConnectionFields } from "./fields.js";
import { type SendRequest, Unsendable } from "./request.js";

export interface Outgoing {
  readonly target: DialTarget;
  readonly captured: CapturedRequest;
  readonly outgoing: OutgoingRequest;
}

/** Where a request goes, and whether its origin is to be asked for HTTP/2. */
export interface Destination {
  readonly origin: Origin;
  /** The request-target in origin-form. */
  readonly path: string;
  readonly serverName: string | undefined;
  readonly wantsHttp2: boolean;
}

const HTTP1_ONLY: readonly string[] = ["http/1.1"];
const HTTP2_ONLY: readonly string[] = ["h2"];

/** @throws Unsendable */
export function destinationOf({ url, method, httpVersion }: SendRequest): Destination {
  // A HAR's URL may have a fragment, which is never sent.
  const parsed = parseAbsoluteTarget(url.replace(/#.*$/s, ""), method);
  if (parsed === undefined) throw new Unsendable(`${url.slice(0, 200)} is no http or https URL`);
  const { origin, target } = parsed;
  return {
    origin,
    path: target,
    // RFC 6066 section 3: a literal address is no server name.
    serverName: isIpAddress(origin.host) ? undefined : origin.host,
    wantsHttp2: httpVersion === "HTTP/2.0" || httpVersion === "HTTP/3.0",
  };
}

/**
 * @param speaksHttp2 what its origin speaks, where the request wants HTTP/2
 * @throws Unsendable
 */
export function outgoingOf(request: SendRequest, destination: Destination, speaksHttp2: boolean): Outgoing {
  for (const [name, value] of [...request.headers, ...(request.trailers ?? [])]) checkField(name, value);
  if (destination.wantsHttp2 && speaksHttp2) return overHttp2(request, destination);
  return overHttp1(request, destination);
}

/** Whether it can be sent at all, without sending it. @throws Unsendable */
export function checkSendable(request: SendRequest): void {
  const destination = destinationOf(request);
  outgoingOf(request, destination, destination.wantsHttp2);
}

/** What could end a field or the head would be another request than the one that is shown. */
function checkField(name: string, value: string): void {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && !name.startsWith(":")) {
    throw new Unsendable(
      `the header name ${JSON.stringify(name.slice(0, 60))} has characters that are not allowed`,
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00\r\n]/.test(value)) throw new Unsendable(`the value of ${name} has a line break or a NUL`);
}

/** The same way as a request in a tunnel of the proxy takes: its head is parsed as strictly, and forwarded. */
function overHttp1(request: SendRequest, { origin, path, serverName, wantsHttp2 }: Destination): Outgoing {
  const httpVersion: HttpVersion = request.httpVersion === "HTTP/1.0" ? "HTTP/1.0" : "HTTP/1.1";
  const named = withAuthority(request, origin, wantsHttp2);
  const headers = framedHeaders(named, request.body?.size ?? null);
  const bytes = Buffer.from(
    `${request.method} ${path} ${httpVersion}\r\n${serialiseTrailers(headers)}\r\n`,
    "latin1",
  );
  const head = parsedHead(bytes);
  return {
    target: { ...origin, serverName, alpn: HTTP1_ONLY },
    captured: {
      method: request.method,
      url: request.url,
      target: path,
      httpVersion,
      headers: head.headers,
      headersSize: bytes.length,
    },
    outgoing: {
      method: request.method,
      target: path,
      httpVersion,
      headers: head.headers,
      bytes: forwardedHead(head, path, false),
      bindsConnection: head.facts.bindsConnection,
      framing: head.framing,
    },
  };
}

function parsedHead(bytes: Buffer): ReturnType<typeof parseRequestHead> {
  try {
    return parseRequestHead(bytes);
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    throw new Unsendable(`its head is malformed: ${error.message}`);
  }
}

function overHttp2(request: SendRequest, { origin, path, serverName }: Destination): Outgoing {
  const { method, url } = request;
  const fields = withoutConnectionFields(request.headers);
  const headers = fields.map(
    ([name, value]) => [name, name === "content-length" ? String(request.body?.size ?? 0) : value] as const,
  );
  const authority = request.authority ?? headerValue(headers, "host") ?? authorityOf(url);
  const http2: RawHeaders = [
    [":method", method],
    [":authority", authority],
    [":scheme", origin.scheme],
    [":path", path],
    ...headers,
  ];
  const common = { method, target: path, httpVersion: "HTTP/2.0" as const, headers, authority };
  const alpn = origin.scheme === "http" ? HTTP2_ONLY : BOTH_PROTOCOLS;
  return {
    target: { ...origin, serverName, alpn },
    captured: { ...common, url, headersSize: -1 },
    outgoing: {
      ...common,
      http2,
      bytes: undefined,
      framing: request.body === null ? NO_BODY : framingOfHttp2(headers),
    },
  };
}

function authorityOf(url: string): string {
  const authority = /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? "";
  return authority.slice(authority.lastIndexOf("@") + 1);
}
