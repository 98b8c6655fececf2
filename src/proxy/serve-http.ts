// Serves HTTP to a client on a connection whose protocol is known.
import type { Socket } from "node:net";
import type { ClientEndpoint } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { ClientEnd } from "./ends.js";
import type { ExchangeFlow } from "./exchange-flow.js";
import { Http1ClientConnection } from "./http1/client-connection.js";
import type { RequestHead } from "./http1/head.js";
import type { RequestRoute } from "./http1/request-route.js";
import { Http2ClientConnection } from "./http2/client-connection.js";
import type { ClientHandle, ProxyServices } from "./proxy-services.js";

/**
 * Node and Go check a certificate when the handshake is over, and then leave without an alert. A connection made ahead
 * of need (Chromium) is given up much later.
 */
const DISTRUST_MS = 1_000;

export interface HttpClient {
  readonly socket: Socket;
  readonly transport: Socket;
  readonly endpoint: ClientEndpoint;
  /** What was read before the protocol was known. */
  readonly rest: Buffer;
}

/**
 * Like `serveHttp`, for a client that agreed on HTTP/2.
 * @param enableConnectProtocol the client is offered the extended CONNECT of RFC 8441
 */
export function serveHttp2(
  services: ProxyServices,
  client: HttpClient,
  enableConnectProtocol: boolean,
  route: (client: ClientEndpoint, request: Http2Request) => ExchangeFlow | undefined,
  onUnused: () => void = () => {},
): void {
  const events = connectionEvents(services, client, onUnused, () => connection);
  const connection = new Http2ClientConnection({
    socket: client.socket,
    transport: client.transport,
    enableConnectProtocol,
    open: (headers, endStream, end) => route(client.endpoint, { headers, endStream, end }),
    ...events,
  });
  services.clients.add(connection);
  connection.begin(client.rest);
}

/** A request that came over HTTP/2, and where its response goes. */
export interface Http2Request {
  readonly headers: RawHeaders;
  readonly endStream: boolean;
  readonly end: ClientEnd;
}

/** @param onUnused the client left right after its TLS handshake without a word: it may not trust us. */
export function serveHttp(
  services: ProxyServices,
  client: HttpClient,
  route: (client: ClientEndpoint, head: RequestHead) => RequestRoute,
  onUnused: () => void = () => {},
): void {
  const events = connectionEvents(services, client, onUnused, () => connection);
  const connection = new Http1ClientConnection({
    socket: client.socket,
    transport: client.transport,
    endpoint: client.endpoint,
    route: (head) => route(client.endpoint, head),
    ...events,
  });
  services.clients.add(connection);
  connection.begin(client.rest);
}

/** What either protocol's connection tells: what it could not read, and its end. */
function connectionEvents(
  services: ProxyServices,
  client: HttpClient,
  onUnused: () => void,
  connection: () => ClientHandle,
) {
  const started = performance.now();
  return {
    onMalformed: (message: string) => services.hooks.connectionFailed({ client: client.endpoint, message }),
    onClose: (unused: boolean) => {
      services.clients.delete(connection());
      services.upstream.clientLeft(client.endpoint);
      if (unused && client.endpoint.tls !== null && performance.now() - started < DISTRUST_MS) onUnused();
    },
  };
}
