// The port as a plain server beside the proxy: what answers is an intervention, and no origin is asked for anything.
import type { Socket } from "node:net";
import { HTTP1_ALPN } from "./accept-tls.js";
import type { ProxyServices } from "./proxy-services.js";
import { routeHttp2 } from "./routes-http2.js";
import { type HttpClient, serveHttp2 } from "./serve-http.js";
import type { Origin } from "./target.js";

/** What TLS at the port itself offers where it is a server; a proxy speaks HTTP/1.1 there. */
export const SERVER_ALPN: readonly string[] = ["h2", ...HTTP1_ALPN];

/** The origin that the port is to who talks to it as to a server: its own address. */
export class PlainServer {
  readonly #origins: { readonly http: Origin; readonly https: Origin };

  constructor(listening: { readonly address: string; readonly port: number }) {
    const { address, port } = listening;
    const host = address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
    this.#origins = { http: { scheme: "http", host, port }, https: { scheme: "https", host, port } };
  }

  origin(secure: boolean): Origin {
    return secure ? this.#origins.https : this.#origins.http;
  }
}

export function servePlainHttp2(services: ProxyServices, plain: PlainServer, client: HttpClient): void {
  const origin = plain.origin(client.endpoint.tls !== null);
  serveHttp2(services, client, false, (endpoint, request) => routeHttp2(services, endpoint, origin, request));
}

/** Neither HTTP nor TLS: without an origin nobody can answer it. */
export function refuseTunnel(services: ProxyServices, socket: Socket, place: string): void {
  const client = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0, tls: null };
  socket.destroy();
  services.hooks.connectionFailed({
    client,
    message: `a tunnel to ${place} was closed: only HTTP is answered here`,
  });
}
