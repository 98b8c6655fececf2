// What the requests of an HTTP/2 connection are: exchanges with the origin that is known by then.
import type { ClientEndpoint } from "../exchange/exchange.js";
import type { CaptureOptions } from "./capture.js";
import type { DialTarget } from "./dial.js";
import { ExchangeFlow } from "./exchange-flow.js";
import { ExtendedConnectCapture } from "./extended-connect-capture.js";
import { framingOfHttp2, NO_BODY } from "./http1/framing.js";
import { regularFields, requestProtocol, requestPseudo } from "./http2/translate.js";
import { withoutOwnCredentials } from "./proxy-auth.js";
import { openCapture, type ProxyServices } from "./proxy-services.js";
import { dialTarget, serverNameOf } from "./routes.js";
import type { Http2Request } from "./serve-http.js";
import { exchangeUrl, type Origin } from "./target.js";
import { BOTH_PROTOCOLS } from "./upstream.js";

const HTTP2_ONLY: readonly string[] = ["h2"];

/** @returns undefined for what is not served: a CONNECT without `:protocol` (RFC 8441). */
export function routeHttp2(
  services: ProxyServices,
  client: ClientEndpoint,
  origin: Origin,
  request: Http2Request,
): ExchangeFlow | undefined {
  const { method, authority, path } = requestPseudo(request.headers);
  const protocol = method === "CONNECT" ? requestProtocol(request.headers) : undefined;
  if (method === "CONNECT" && protocol === undefined) return undefined;
  const http2 = withoutOwnCredentials(request.headers, services.checkCredentials);
  const headers = regularFields(http2);
  const url = exchangeUrl(origin, authority, path);
  const named = namedFields(authority, protocol);
  const captured = {
    method,
    url,
    target: path,
    httpVersion: "HTTP/2.0" as const,
    headers,
    headersSize: -1,
    ...named,
  };
  const outgoing = {
    method,
    target: path,
    httpVersion: "HTTP/2.0" as const,
    headers,
    http2,
    ...named,
    bytes: undefined,
    framing: request.endStream ? NO_BODY : framingOfHttp2(headers),
  };
  const target = http2Target(origin, client);
  const make = protocol === undefined ? undefined : extendedConnectCapture(services, protocol);
  return new ExchangeFlow(
    services,
    request.end,
    { url, outgoing, target, client },
    openCapture(services.hooks, client, captured, make),
  );
}

/** Where the requests of a client that speaks HTTP/2 go: without TLS by prior knowledge, as they came. */
export function http2Target(origin: Origin, client: ClientEndpoint): DialTarget {
  return dialTarget(origin, serverNameOf(client, origin), client.tls === null ? HTTP2_ONLY : BOTH_PROTOCOLS);
}

/** The pseudo-fields that not every request has. */
function namedFields(
  authority: string | undefined,
  protocol: string | undefined,
): { authority?: string; protocol?: string } {
  if (authority === undefined) return {};
  return protocol === undefined ? { authority } : { authority, protocol };
}

function extendedConnectCapture(services: ProxyServices, protocol: string) {
  return (options: CaptureOptions) => new ExtendedConnectCapture(options, protocol, services.tunnels);
}
