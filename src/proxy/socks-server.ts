// SOCKS clients on the proxy's port: after the handshake the connection is what it would be after a CONNECT.
import type { Socket } from "node:net";
import { serveConnect } from "./connect.js";
import { parseRequestHead } from "./http1/head.js";
import { clientEndpoint, handleOf, type ProxyServices } from "./proxy-services.js";
import type { ConnectAnswers, ConnectRequest } from "./routes.js";
import { SOCKS4_REPLIES, SOCKS5_REPLIES, SocksHandshake, type SocksReplies } from "./socks-handshake.js";
import { formatHost } from "./target.js";

/** A client that does not finish its handshake is cut off after this. */
const HANDSHAKE_TIMEOUT_MS = 30_000;

/** @param first what has been read already; its first byte is the version */
export function serveSocks(services: ProxyServices, socket: Socket, first: Buffer): void {
  const version = first[0] === 4 ? 4 : 5;
  const handshake = new SocksHandshake(services.checkCredentials);
  let bytes = first;
  const destroy = (): void => {
    socket.destroy();
  };
  const handle = handleOf(socket);
  const leave = (): void => {
    clearTimeout(timer);
    services.clients.delete(handle);
    socket.off("data", onData);
    socket.off("end", destroy);
    socket.off("close", leave);
    socket.pause();
  };
  const refuse = (reply: Buffer, message: string): void => {
    leave();
    services.hooks.connectionFailed({ client: clientEndpoint(socket, null), message });
    socket.end(reply);
    // Read to its end, or the unread bytes would turn our end into a reset that takes the reply back.
    socket.resume();
  };
  const advance = (): void => {
    for (;;) {
      const step = handshake.receive(bytes);
      switch (step.kind) {
        case "more":
          return;
        case "reply":
          bytes = bytes.subarray(step.used);
          socket.write(step.reply);
          break;
        case "refuse":
          refuse(step.reply, step.message);
          return;
        case "connect": {
          leave();
          const { host, port } = step;
          const answers = socksAnswers(version === 4 ? SOCKS4_REPLIES : SOCKS5_REPLIES);
          const request = connectRequest(host, port, answers);
          serveConnect(services, request, { socket, rest: bytes.subarray(step.used) });
          return;
        }
      }
    }
  };
  const onData = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    advance();
  };
  const timer = setTimeout(destroy, HANDSHAKE_TIMEOUT_MS);
  services.clients.add(handle);
  socket.on("data", onData);
  socket.on("end", destroy);
  socket.on("close", leave);
  // For good: who takes the connection over may not listen at once.
  socket.on("error", destroy);
  advance();
  // Whoever took the connection meanwhile resumes it when it listens.
  if (services.clients.has(handle)) socket.resume();
}

/** A connection that came without a CONNECT is recorded as if it had had one: a session has one form for tunnels. */
export function connectRequest(host: string, port: number, answers: ConnectAnswers): ConnectRequest {
  const line = `CONNECT ${formatHost(host)}:${port} HTTP/1.1\r\n\r\n`;
  return { host, port, head: parseRequestHead(Buffer.from(line, "latin1")), answers };
}

function socksAnswers(replies: SocksReplies): ConnectAnswers {
  return {
    established: replies.connected,
    failed: ({ code }) => (code === "connect-refused" ? replies.refused : replies.failed),
  };
}
