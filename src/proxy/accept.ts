// Takes a new connection to the proxy's port: plain HTTP, or HTTP within TLS for clients that reach their proxy so.
import type { Socket } from "node:net";
import type { ClientEndpoint } from "../exchange/exchange.js";
import { acceptTls, HTTP1_ALPN } from "./accept-tls.js";
import { serveConnect } from "./connect.js";
import { guessProtocol } from "./guess-protocol.js";
import type { RequestHead } from "./http1/head.js";
import type { RequestRoute } from "./http1/request-route.js";
import { SERVER_ALPN, servePlainHttp2 } from "./plain-server.js";
import { authenticationRequired, authorisation, withoutAuthorisation } from "./proxy-auth.js";
import { clientEndpoint, handleOf, type ProxyServices } from "./proxy-services.js";
import { serveReverse } from "./reverse.js";
import { routeAtProxy } from "./routes.js";
import { type HttpClient, serveHttp } from "./serve-http.js";
import { looksLikeSocks } from "./socks-handshake.js";
import { serveSocks } from "./socks-server.js";
import { looksLikeTls, readClientHello } from "./tls/client-hello.js";

const NOTHING = Buffer.alloc(0);

export function acceptConnection(services: ProxyServices, socket: Socket): void {
  if (services.reverse !== undefined) {
    serveReverse(services, socket, services.reverse);
    return;
  }
  const handle = handleOf(socket);
  services.clients.add(handle);
  let bytes: Buffer = NOTHING;
  const onData = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    if (looksLikeSocks(bytes)) {
      release();
      serveSocks(services, socket, bytes);
      return;
    }
    if (!looksLikeTls(bytes)) {
      // HTTP/2 by prior knowledge begins with a preface of 24 bytes.
      if (services.plain !== undefined && bytes[0] === 0x50 && guessProtocol(bytes) === "undecided") return;
      release();
      serveProxy(services, {
        socket,
        transport: socket,
        endpoint: clientEndpoint(socket, null),
        rest: bytes,
      });
      return;
    }
    const hello = readClientHello(bytes);
    if (hello === "incomplete") return;
    release();
    if (hello === "invalid") {
      socket.destroy();
      return;
    }
    const host = socket.localAddress ?? "127.0.0.1";
    const alpn = services.plain === undefined ? HTTP1_ALPN : SERVER_ALPN;
    acceptTls(services, { transport: socket, bytes, hello, host, alpn }, (secure) => {
      if ("error" in secure) {
        services.hooks.connectionFailed({ client: clientEndpoint(socket, null), message: secure.error });
      } else serveProxy(services, { ...secure, rest: NOTHING });
    });
  };
  const onEnd = (): void => {
    socket.destroy();
  };
  const onClose = (): void => {
    services.clients.delete(handle);
  };
  const release = (): void => {
    services.clients.delete(handle);
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.off("close", onClose);
    socket.off("error", onEnd);
    socket.pause();
  };
  socket.on("data", onData);
  socket.on("end", onEnd);
  socket.on("close", onClose);
  socket.on("error", onEnd);
}

function serveProxy(services: ProxyServices, client: HttpClient): void {
  const isHttp2 = client.endpoint.tls?.alpn === "h2" || guessProtocol(client.rest) === "http2";
  if (services.plain !== undefined && isHttp2) {
    servePlainHttp2(services, services.plain, client);
    return;
  }
  const route = (endpoint: ClientEndpoint, head: RequestHead): RequestRoute =>
    routeAtProxy(services, endpoint, head, (request, connection) =>
      serveConnect(services, request, connection),
    );
  serveHttp(services, client, (endpoint, head) => {
    const { checkCredentials } = services;
    // The page and the certificate are for everyone: who has no credentials yet looks there.
    if (checkCredentials === undefined || head.target.startsWith("/")) return route(endpoint, head);
    const given = authorisation(head, checkCredentials);
    if (given === "right") return route(endpoint, withoutAuthorisation(head));
    const message = "a client gave a wrong user or password";
    if (given === "wrong") services.hooks.connectionFailed({ client: endpoint, message });
    return authenticationRequired(given);
  });
}
