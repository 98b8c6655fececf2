// Decides what a request is: one for an origin, one for the proxy itself, or a CONNECT.
import type { ClientEndpoint } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { DialTarget } from "./dial.js";
import type { DetachedConnection, OutgoingResponse } from "./ends.js";
import { ExchangeFlow } from "./exchange-flow.js";
import type { RequestRoute } from "./http1/client-connection.js";
import type { RequestHead } from "./http1/head.js";
import { forwardedHead } from "./http1/rewrite.js";
import { openCapture, type ProxyServices } from "./proxy-services.js";
import { exchangeUrl, isIpAddress, type Origin, parseAbsoluteTarget, parseAuthority } from "./target.js";

/** A CONNECT whose authority was understood. */
export interface ConnectRequest {
  readonly host: string;
  readonly port: number;
  readonly head: RequestHead;
}

/** Requests that come to the proxy's own port (RFC 9112 sections 3.2.1 to 3.2.4). */
export function routeAtProxy(
  services: ProxyServices,
  client: ClientEndpoint,
  head: RequestHead,
  onConnect: (request: ConnectRequest, connection: DetachedConnection) => void,
): RequestRoute {
  if (head.method === "CONNECT") {
    const authority = parseAuthority(head.target);
    if (authority === undefined)
      return plainAnswer(400, "Bad Request", `CONNECT wants host:port, not ${head.target}`);
    return { kind: "connect", take: (connection) => onConnect({ ...authority, head }, connection) };
  }
  const absolute = parseAbsoluteTarget(head.target);
  if (absolute !== undefined) {
    const bytes = forwardedHead(head, absolute.target);
    return exchangeRoute(services, client, head, { ...absolute, bytes, serverName: absolute.origin.host });
  }
  if (head.target.startsWith("/")) return landingRoute(services, head);
  return plainAnswer(
    400,
    "Bad Request",
    "this is a proxy: ask it with an absolute http:// URL or with CONNECT",
  );
}

/** Requests inside a CONNECT, after its TLS where there is any: the origin is known, the bytes are for it alone. */
export function routeInTunnel(
  services: ProxyServices,
  client: ClientEndpoint,
  origin: Origin,
  head: RequestHead,
): RequestRoute {
  if (head.method === "CONNECT") {
    return plainAnswer(501, "Not Implemented", "CONNECT inside a CONNECT is not supported");
  }
  const serverName = client.tls?.sni ?? origin.host;
  const bytes = forwardedHead(head, head.target);
  return exchangeRoute(services, client, head, { origin, target: head.target, bytes, serverName });
}

function exchangeRoute(
  services: ProxyServices,
  client: ClientEndpoint,
  head: RequestHead,
  to: { origin: Origin; target: string; bytes: Buffer; serverName: string },
): RequestRoute {
  const url = exchangeUrl(to.origin, head.facts.host, to.target);
  const target: DialTarget = {
    ...to.origin,
    // RFC 6066 section 3: a literal address is no server name.
    serverName: isIpAddress(to.serverName) ? undefined : to.serverName,
    alpn: ["http/1.1"],
  };
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
        framing: head.framing,
      };
      return new ExchangeFlow(services, clientEnd, { url, outgoing, target, client }, recording);
    },
  };
}

function landingRoute(services: ProxyServices, head: RequestHead): RequestRoute {
  const landing =
    head.method === "GET" || head.method === "HEAD" ? services.hooks.landing(head.target) : undefined;
  if (landing === undefined) {
    return plainAnswer(
      404,
      "Not Found",
      "this is a proxy; it has a page at / and its certificate at /ca.pem",
    );
  }
  const headers: [string, string][] = [["Content-Type", landing.contentType]];
  if (landing.fileName !== undefined) {
    headers.push(["Content-Disposition", `attachment; filename="${landing.fileName}"`]);
  }
  return answer(200, "OK", headers, landing.body);
}

function plainAnswer(status: number, reason: string, sentence: string): RequestRoute {
  return answer(
    status,
    reason,
    [["Content-Type", "text/plain; charset=utf-8"]],
    Buffer.from(`trafficctl: ${sentence}\n`),
  );
}

function answer(status: number, reason: string, headers: RawHeaders, body: Buffer): RequestRoute {
  const response: OutgoingResponse = {
    status,
    reason,
    httpVersion: "HTTP/1.1",
    headers: [...headers, ["Content-Length", String(body.length)], ["Connection", "close"]],
    bytes: undefined,
    framing: { kind: "length", length: body.length },
    closes: true,
  };
  return { kind: "answer", response, body };
}
