// Takes a new connection to the proxy's port: plain HTTP, or HTTP within TLS for clients that reach their proxy so.
import type { Socket } from "node:net";
import { acceptTls } from "./accept-tls.js";
import { serveConnect } from "./connect.js";
import { clientEndpoint, type ProxyServices } from "./proxy-services.js";
import { routeAtProxy } from "./routes.js";
import { type HttpClient, serveHttp } from "./serve-http.js";
import { looksLikeTls, readClientHello } from "./tls/client-hello.js";

const NOTHING = Buffer.alloc(0);

export function acceptConnection(services: ProxyServices, socket: Socket): void {
  const handle = {
    closeIfIdle: () => {
      socket.destroy();
      return true;
    },
    destroy: () => socket.destroy(),
  };
  services.clients.add(handle);
  let bytes: Buffer = NOTHING;
  const onData = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    if (!looksLikeTls(bytes)) {
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
    acceptTls(services, { transport: socket, bytes, hello, host }, (secure) => {
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
  serveHttp(services, client, (endpoint, head) =>
    routeAtProxy(services, endpoint, head, (request, connection) =>
      serveConnect(services, request, connection),
    ),
  );
}
