// The soak's origin, a process of its own: HTTP/1.1 over TLS and plain, HTTP/2, WebSocket. Two of its listeners end
// connections without a warning; whoever uses these has to bear it, the others serve every request that is whole.
// argv: certificate and key (PEM), and as JSON which listeners it has, with their ports (0 for any). Asked for { state: true } it tells what it has seen and holds.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createSecureServer as createHttp2 } from "node:http2";
import { createServer as createHttps } from "node:https";
import { ANSWERS, readQuery } from "./origin-answers.mjs";
import { HTTP1_FAULTS, HTTP2_FAULTS } from "./origin-faults.mjs";
import { createEcho, HTTP2_STREAMS } from "./origin-streams.mjs";
import { upgrade } from "./origin-websocket.mjs";

/** Longer than the proxy keeps idle connections: it is the proxy that has to end them. */
const PATIENCE_MS = 120_000;
const BRIEF_MS = 200;
const END_MS = 5_000;

const [certificate = "", key = "", wanted = "{}"] = process.argv.slice(2);
/** @type {Record<string, number>} */
const wantedPorts = JSON.parse(wanted);
const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
/** MB. All clients share the proxy's connection; Node refuses new streams (ENHANCE_YOUR_CALM) where one takes more than 10. */
const http2Options = { ...tls, maxSessionMemory: 1000 };
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
  if (stream?.destroyed || stream?.closed) return;
  if (stream !== undefined) {
    stream.on("error", () => {});
    const fault = HTTP2_FAULTS[kind] ?? HTTP2_STREAMS[kind];
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
 * @param {import("node:net").Server} server
 * @param {number} idleMs
 * @param {string} name
 * @returns {Promise<number>} its port
 */
function listen(server, idleMs, name) {
  server.on("connection", (/** @type {import("node:net").Socket} */ socket) => {
    socket.on("error", () => socket.destroy());
  });
  // A peer that has ended its side gets the rest of its answer, and then no more: Node keeps a TLS connection whose peer left
  // without close_notify, and a half-open one, for ever.
  const letGo = (/** @type {import("node:net").Socket} */ socket) => {
    socket.on("end", () => setTimeout(() => socket.destroy(), END_MS).unref());
  };
  server.on("connection", letGo);
  server.on("secureConnection", letGo);
  // Node's server pauses its parser behind a response that waits for a drain, and now and then feeds it all the same: HPE_PAUSED,
  // which ends a connection with a good request on it.
  const neverPause = (/** @type {any} */ socket) => {
    if (socket.parser) socket.parser.pause = () => {};
  };
  server.on("connection", neverPause);
  server.on("secureConnection", neverPause);
  server.on("clientError", (/** @type {any} */ error, /** @type {import("node:net").Socket} */ socket) => {
    // A client may leave in the middle of a request, and to the plain listener anything may be tunnelled.
    const usual = name === "plain" || error.code === "HPE_INVALID_EOF_STATE";
    if (!usual && String(error.code).startsWith("HPE_"))
      defects.push(`${name}: ${error.code}, ${error.reason}`);
    socket.destroy();
  });
  server.on("upgrade", upgrade);
  server.on("sessionError", () => {});
  // No limits of Node's own: after five minutes it ends a busy connection now and then, between two requests.
  Object.assign(server, { keepAliveTimeout: idleMs, requestTimeout: 0, headersTimeout: 0 });
  return new Promise((resolve) => {
    server.listen(wantedPorts[name], "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

process.on("uncaughtException", (error) => defects.push(String(error.stack)));
process.on("disconnect", () => process.exit());
process.on("message", () => {
  const repeated = [...seen].filter(([, times]) => times > 1).map(([id]) => id);
  process.send?.({ requests: seen.size, repeated, defects });
});
const https = () => createHttps({ ...tls, ALPNProtocols: ["http/1.1"] }, serve);
/** @type {Record<string, () => Promise<number>>} */
const LISTENERS = {
  // A client that ends its side behind its request gets its answer here.
  plain: () => listen(Object.assign(createServer(serve), { httpAllowHalfOpen: true }), PATIENCE_MS, "plain"),
  tls: () => listen(https(), PATIENCE_MS, "tls"),
  http2: () => listen(createHttp2({ ...http2Options, allowHTTP1: true }, serve), PATIENCE_MS, "http2"),
  onlyHttp2: () => listen(createHttp2(http2Options, serve), PATIENCE_MS, "onlyHttp2"),
  shaky: () => listen(https(), BRIEF_MS, "shaky"),
  shakyHttp2: () => listen(createHttp2(http2Options, serve), PATIENCE_MS, "shakyHttp2"),
  echo: () => listen(createEcho({ speaksFirst: false }), PATIENCE_MS, "echo"),
  greeter: () => listen(createEcho({ speaksFirst: true }), PATIENCE_MS, "greeter"),
};
/** @type {Record<string, number | undefined>} */
const ports = {};
for (const name of Object.keys(wantedPorts)) ports[name] = await LISTENERS[name]?.();
process.send?.(ports);
