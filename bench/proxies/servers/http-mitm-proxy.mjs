// http-mitm-proxy on its own data path, as its README uses it, with hooks that record every exchange whole.
// Forked with a folder as its argument; sends { port, ca }.
import { join } from "node:path";
import { Proxy as MitmProxy } from "http-mitm-proxy";
import { ExchangeLog } from "./exchange-log.mjs";

const [folder = ""] = process.argv.slice(2);
const log = new ExchangeLog(folder);
const proxy = new MitmProxy();

proxy.onError((context) => {
  if (context) log.write({ ...requestOf(context), error: true });
});
proxy.onRequest((context, callback) => {
  const started = performance.now();
  const startedAt = new Date().toISOString();
  const sent = log.openBody();
  const received = log.openBody();
  context.onRequestData((_context, chunk, next) => {
    sent.write(chunk);
    next(null, chunk);
  });
  context.onResponseData((_context, chunk, next) => {
    received.write(chunk);
    next(null, chunk);
  });
  context.onResponseEnd((_context, next) => {
    const response = context.serverToProxyResponse;
    log.write({
      startedAt,
      duration: performance.now() - started,
      request: { ...requestOf(context), body: sent.end() },
      response: {
        status: response?.statusCode,
        reason: response?.statusMessage,
        headers: response?.rawHeaders,
        body: received.end(),
      },
    });
    next();
  });
  callback();
});

const sslCaDir = join(folder, "ca");
proxy.listen({ host: "127.0.0.1", port: 0, sslCaDir, keepAlive: true }, () => {
  process.send?.({ port: proxy.httpPort, ca: join(sslCaDir, "certs", "ca.pem") });
});
process.once("SIGTERM", () => log.close().finally(() => process.exit()));
process.on("disconnect", () => process.exit());

/** @param {import("http-mitm-proxy").IContext} context */
function requestOf({ clientToProxyRequest: request }) {
  return {
    method: request.method,
    url: `https://${request.headers.host}${request.url}`,
    headers: request.rawHeaders,
  };
}
