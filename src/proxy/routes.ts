// Decides what a request is: one for an origin, one for the proxy itself, or a CONNECT.
import type { ClientEndpoint } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { DialError, DialTarget } from "./dial.js";
import type { DetachedSocket } from "./ends.js";
import { ExchangeFlow } from "./exchange-flow.js";
import type { RequestHead } from "./http1/head.js";
import type { RequestRoute } from "./http1/request-route.js";
import { forwardedHead } from "./http1/rewrite.js";
import { ownAnswer, plainAnswer } from "./own-answer.js";
import type { PlainServer } from "./plain-server.js";
import { headWithoutOwnCredentials } from "./proxy-auth.js";
import { openCapture, type ProxyServices } from "./proxy-services.js";
import {
  exchangeUrl,
  formatAuthority,
  isIpAddress,
  type Origin,
  parseAbsoluteTarget,
  parseAuthority,
} from "./target.js";

/** A CONNECT whose authority was understood. */
export interface ConnectRequest {
  readonly host: string;
  readonly port: number;
  readonly head: RequestHead;
  /** What a client that did not send a CONNECT is told instead: SOCKS, --mode reverse. */
  readonly answers?: ConnectAnswers;
  /** Where requests go whatever the client speaks: --mode reverse. */
  readonly reverse?: Origin;
}

export interface ConnectAnswers {
  readonly established: Buffer;
  failed(error: DialError): Buffer;
}

/** Requests that come to the proxy's own port (RFC 9112 sections 3.2.1 to 3.2.4). */
export function routeAtProxy(
  services: ProxyServices,
  client: ClientEndpoint,
  head: RequestHead,
  onConnect: (request: ConnectRequest, connection: DetachedSocket) => void,
): RequestRoute {
  if (head.method === "CONNECT") {
    const authority = parseAuthority(head.target);
    if (authority === undefined)
      return refusal(400, "Bad Request", `CONNECT wants host:port, not ${head.target}`);
    return { kind: "connect", take: (connection) => onConnect({ ...authority, head }, connection) };
  }
  const absolute = parseAbsoluteTarget(head.target, head.method);
  if (absolute !== undefined) {
    const bytes = forwardedHead(head, absolute.target, true);
    const serverName = absolute.origin.host;
    return exchangeRoute(services, client, head, { ...absolute, bytes, serverName, atProxy: true });
  }
  if (services.plain !== undefined) return routeAtServer(services, services.plain, client, head);
  if (head.target.startsWith("/")) return landingRoute(services, head);
  return refusal(400, "Bad Request", "this is a proxy: ask it with an absolute http:// URL or with CONNECT");
}

/** In origin form, or OPTIONS of the server as a whole. */
function routeAtServer(
  services: ProxyServices,
  plain: PlainServer,
  client: ClientEndpoint,
  given: RequestHead,
): RequestRoute {
  const head = headWithoutOwnCredentials(given, services.checkCredentials);
  const { target } = head;
  if (!target.startsWith("/") && target !== "*")
    return refusal(400, "Bad Request", "ask with a path, an absolute http:// URL, or CONNECT");
  const bytes = forwardedHead(head, target, false);
  const origin = plain.origin(client.tls !== null);
  const to = { origin, target, bytes, serverName: undefined, atProxy: false };
  return exchangeRoute(services, client, head, to);
}

/** Requests inside a CONNECT, after its TLS where there is any: the origin is known, the bytes are for it alone. */
export function routeInTunnel(
  services: ProxyServices,
  client: ClientEndpoint,
  origin: Origin,
  given: RequestHead,
): RequestRoute {
  const head = headWithoutOwnCredentials(given, services.checkCredentials);
  if (head.method === "CONNECT") {
    return refusal(501, "Not Implemented", "CONNECT inside a CONNECT is not supported");
  }
  const serverName = serverNameOf(client, origin);
  const bytes = forwardedHead(head, head.target, false);
  const to = { origin, target: head.target, bytes, serverName, atProxy: false };
  return exchangeRoute(services, client, head, to);
}

/** What the client asked for in TLS; where it asked for nothing, nothing is asked for, and CONNECT's host is verified. */
export function serverNameOf(client: ClientEndpoint, origin: Origin): string | undefined {
  return client.tls === null ? origin.host : (client.tls.sni ?? undefined);
}

const HTTP1_ONLY: readonly string[] = ["http/1.1"];
const targets = new WeakMap<Origin, DialTarget>();

/**
 * @param origin the same object for all requests of a connection, so that its target is made once
 * @param serverName what to ask for in TLS where the origin has no name of its own: the client's choice, if it made one
 */
export function dialTarget(
  origin: Origin,
  serverName: string | undefined,
  alpn: readonly string[],
): DialTarget {
  const known = targets.get(origin);
  const wanted = origin.serverName ?? serverName;
  // RFC 6066 section 3: a literal address is no server name.
  const name = wanted === undefined || isIpAddress(wanted) ? undefined : wanted;
  if (known !== undefined && known.serverName === name && known.alpn === alpn) return known;
  const target = { ...origin, serverName: name, alpn };
  targets.set(origin, target);
  return target;
}

function exchangeRoute(
  services: ProxyServices,
  client: ClientEndpoint,
  head: RequestHead,
  to: { origin: Origin; target: string; bytes: Buffer; serverName: string | undefined; atProxy: boolean },
): RequestRoute {
  // A browser that is set to the proxy asks for the proxy's own page like this.
  if (services.isOwnName(to.origin.host, to.origin.port) && hasLanding(services, head.method, to.target)) {
    return landingRoute(services, { ...head, target: to.target });
  }
  const url = exchangeUrl(to.origin, head.facts.host, to.target);
  const target = dialTarget(to.origin, to.serverName, HTTP1_ONLY);
  return {
    kind: "exchange",
    open: (clientEnd) => {
      const recording = openCapture(services.hooks, client, {
        method: head.method,
        url,
        target: head.target,
        httpVersion: head.httpVersion,
        headers: head.headers,
        headersSize: head.bytes.length,
      });
      const outgoing = {
        method: head.method,
        target: to.target,
        httpVersion: head.httpVersion,
        headers: head.headers,
        bytes: to.bytes,
        atProxy: to.atProxy,
        bindsConnection: head.facts.bindsConnection,
        framing: head.framing,
        ...(head.facts.host === undefined ? { impliedAuthority: formatAuthority(to.origin) } : {}),
      };
      return new ExchangeFlow(services, clientEnd, { url, outgoing, target, client }, recording);
    },
  };
}

function hasLanding(services: ProxyServices, method: string, target: string): boolean {
  return (method === "GET" || method === "HEAD") && services.hooks.landing(target) !== undefined;
}

function landingRoute(services: ProxyServices, head: RequestHead): RequestRoute {
  const landing =
    head.method === "GET" || head.method === "HEAD" ? services.hooks.landing(head.target) : undefined;
  if (landing === undefined) {
    return refusal(404, "Not Found", "this is a proxy; it has a page at / and its certificate at /ca.pem");
  }
  const { contentType, body, fileName } = landing;
  const fields: RawHeaders =
    fileName === undefined ? [] : [["Content-Disposition", `attachment; filename="${fileName}"`]];
  return { kind: "answer", answer: ownAnswer(200, "OK", contentType, body, fields) };
}

function refusal(status: number, reason: string, sentence: string): RequestRoute {
  return { kind: "answer", answer: plainAnswer(status, reason, sentence) };
}
