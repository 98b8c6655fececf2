// The server side of TLS towards a client, in process and on the connection's own handle: http-mitm-proxy opens a
// listening server and a loopback connection for each host instead, which costs 30 microseconds a request (bench/).
import type { Socket } from "node:net";
import tls from "node:tls";
import type { ClientEndpoint } from "../exchange/exchange.js";
import { clientEndpoint, handleOf, type ProxyServices } from "./proxy-services.js";
import type { ClientHello } from "./tls/client-hello.js";

export interface SecureClient {
  readonly socket: tls.TLSSocket;
  readonly transport: Socket;
  readonly endpoint: ClientEndpoint;
}

/** What we speak to clients, by preference; `curl --http1.0` offers nothing but its own version. */
export const HTTP1_ALPN: readonly string[] = ["http/1.1", "http/1.0"];
/** A client that does not finish its handshake is cut off after this. */
const HANDSHAKE_TIMEOUT_MS = 30_000;

/**
 * @param options `bytes`: what was read of the hello already; `host`: the name where the client sends none; `alpn`: what
 * the client may choose from
 * @param callback gets the secured connection, or a sentence that says why there is none
 */
export function acceptTls(
  services: ProxyServices,
  options: { transport: Socket; bytes: Buffer; hello: ClientHello; host: string; alpn: readonly string[] },
  callback: (result: SecureClient | { readonly error: string }) => void,
): void {
  const { transport, hello } = options;
  let secureContext: tls.SecureContext;
  try {
    secureContext = services.hooks.contextFor(hello.sni ?? options.host);
  } catch (error) {
    transport.destroy();
    callback({
      error: `no certificate can be made for this name: ${error instanceof Error ? error.message : error}`,
    });
    return;
  }
  // TLSSocket reads what the socket has buffered before it reads the handle.
  transport.unshift(options.bytes);
  const socket = new tls.TLSSocket(transport, {
    isServer: true,
    secureContext,
    ALPNProtocols: hello.alpn.length === 0 ? [] : [...options.alpn],
  });
  const handle = handleOf(transport);
  services.clients.add(handle);
  const settle = (): void => {
    clearTimeout(timer);
    services.clients.delete(handle);
    socket.removeListener("error", onError);
    socket.removeListener("close", onClose);
    socket.removeListener("end", onClose);
    socket.removeListener("secure", onSecure);
  };
  const fail = (error: string): void => {
    settle();
    socket.on("error", () => {});
    socket.destroy();
    transport.destroy();
    callback({ error });
  };
  const onError = (error: NodeJS.ErrnoException): void => fail(handshakeProblem(error));
  const onClose = (): void => fail(`the client left during the TLS handshake. ${DISTRUST_HINT}`);
  const onSecure = (): void => {
    settle();
    callback({ socket, transport, endpoint: secureEndpoint(socket, transport, hello) });
  };
  const timer = setTimeout(() => fail("the client did not finish its TLS handshake"), HANDSHAKE_TIMEOUT_MS);
  socket.on("error", onError);
  socket.on("close", onClose);
  socket.on("end", onClose);
  socket.on("secure", onSecure);
}

function secureEndpoint(socket: tls.TLSSocket, transport: Socket, hello: ClientHello): ClientEndpoint {
  return clientEndpoint(transport, {
    version: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher()?.name ?? "unknown",
    alpn: socket.alpnProtocol === false || socket.alpnProtocol === null ? null : socket.alpnProtocol,
    sni: hello.sni,
  });
}

export const DISTRUST_HINT =
  "If it does not trust the CA: give it (trafficctl ca path), or pass its host through (--passthrough, --fail-open)";

/** Alerts that mean: the client does not trust our authority (RFC 8446 section 6.2). */
const DISTRUST = /alert (?:unknown ca|bad certificate|certificate unknown|certificate required)/i;

function handshakeProblem(error: NodeJS.ErrnoException): string {
  if (DISTRUST.test(error.message)) {
    return `the client does not trust trafficctl's certificate. ${DISTRUST_HINT}`;
  }
  if (error.code === "ECONNRESET") return `the client broke off the TLS handshake. ${DISTRUST_HINT}`;
  return `the TLS handshake with the client failed: ${error.message}`;
}
