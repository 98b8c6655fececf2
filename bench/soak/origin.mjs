// The soak's origin, a process of its own: HTTP/1.1 over TLS and plain, HTTP/2, WebSocket. Two of its listeners end
// connections without a warning; whoever uses these has to bear it, the others serve every request that is whole.
// argv: a folder's certificate and key (PEM). Asked for { state: true } it tells what it has seen and holds.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createSecureServer as createHttp2 } from "node:http2";
import { createServer as createHttps } from "node:https";
import { ANSWERS, readQuery } from "./origin-answers.mjs";
import { HTTP1_FAULTS, HTTP2_FAULTS } from "./origin-faults.mjs";
import { upgrade } from "./origin-websocket.mjs";

/** Longer than the proxy keeps idle connections: it is the proxy that has to end them. */
const PATIENCE_MS = 120_000;
const BRIEF_MS = 200;

const [certificate = "", key = ""] = process.argv.slice(2);
const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
/** @type {Set<import("node:net").Socket>} */
const sockets = new Set();
/** How often the request with a number has come, to tell a repeated one. @type {Map<number, number>} */
const seen = new Map();
/** @type {string[]} */
const defects = [];

/**
 * @param {any} request
 * @param {any} response
 */
function serve(request, response) {
  const { kind, query } = readQuery(request.url);
  seen.set(query.id, (seen.get(query.id) ?? 0) + 1);
  request.on("error", () => {});
  response.on("error", () => {});
  const stream = request.stream;
  if (stream !== undefined) {
    stream.on("error", () => {});
    const fault = HTTP2_FAULTS[kind];
    if (fault !== undefined) return fault(stream, query);
  }
  const fault = stream === undefined ? HTTP1_FAULTS[kind] : undefined;
  if (fault !== undefined) return fault(request.socket, query);
  const answer = ANSWERS[kind];
  if (answer === undefined) return response.writeHead(404).end();
  Promise.resolve(answer(request, response, query)).catch((error) => {
    // A client that left in the middle of its upload is no defect.
    if (error.code !== "ECONNRESET" && error.code !== "ERR_STREAM_PREMATURE_CLOSE")
      defects.push(String(error.stack));
  });
  if (query.get("then") === "end") response.on("finish", () => setTimeout(() => request.socket.destroy(), 3));
}

/**
 * @param {import("node:http").Server | import("node:http2").Http2SecureServer} server
 * @param {number} idleMs
 * @returns {Promise<number>} its port
 */
function listen(server, idleMs) {
  server.on("connection", (/** @type {import("node:net").Socket} */ socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("clientError", (_error, /** @type {import("node:net").Socket} */ socket) => socket.destroy());
  server.on("upgrade", upgrade);
  server.on("sessionError", () => {});
  if ("keepAliveTimeout" in server) server.keepAliveTimeout = idleMs;
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

process.on("uncaughtException", (error) => defects.push(String(error.stack)));
process.on("disconnect", () => process.exit());
process.on("message", () => {
  const repeated = [...seen].filter(([, times]) => times > 1).map(([id]) => id);
  process.send?.({ sockets: sockets.size, requests: seen.size, repeated, defects });
});
process.send?.({
  plain: await listen(createServer(serve), PATIENCE_MS),
  tls: await listen(createHttps({ ...tls, ALPNProtocols: ["http/1.1"] }, serve), PATIENCE_MS),
  http2: await listen(createHttp2({ ...tls, allowHTTP1: true }, serve), PATIENCE_MS),
  onlyHttp2: await listen(createHttp2(tls, serve), PATIENCE_MS),
  shaky: await listen(createHttps({ ...tls, ALPNProtocols: ["http/1.1"] }, serve), BRIEF_MS),
  shakyHttp2: await listen(createHttp2(tls, serve), PATIENCE_MS),
});
