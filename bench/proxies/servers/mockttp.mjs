// mockttp passing everything through, with its `request` and `response` events recorded whole.
// Forked with a folder as its argument; sends { port, ca }.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateCACertificate, getLocal } from "mockttp";
import { ExchangeLog } from "./exchange-log.mjs";

const [folder = ""] = process.argv.slice(2);
const log = new ExchangeLog(folder);
const { key, cert } = await generateCACertificate();
const ca = join(folder, "ca.pem");
writeFileSync(ca, cert);

// Without `recordTraffic: false` it would also keep everything in memory for its test assertions.
const server = getLocal({ https: { key, cert }, recordTraffic: false });
await server.forAnyRequest().thenPassThrough();
/** @type {Map<string, import("mockttp").CompletedRequest>} */
const open = new Map();
await server.on("request", (request) => {
  open.set(request.id, request);
});
await server.on("abort", (request) => {
  open.delete(request.id);
  log.write({
    request: { method: request.method, url: request.url, headers: request.rawHeaders },
    error: true,
  });
});
await server.on("response", (response) => {
  const request = open.get(response.id);
  open.delete(response.id);
  log.write({
    startedAt: new Date(response.timingEvents.startTime).toISOString(),
    duration: (response.timingEvents.responseSentTimestamp ?? 0) - response.timingEvents.startTimestamp,
    request: {
      method: request?.method,
      url: request?.url,
      headers: request?.rawHeaders,
      body: stored(request?.body.buffer),
    },
    response: {
      status: response.statusCode,
      reason: response.statusMessage,
      headers: response.rawHeaders,
      body: stored(response.body.buffer),
    },
  });
});
await server.start();
process.send?.({ port: server.port, ca });
process.once("SIGTERM", () => log.close().finally(() => process.exit()));
process.on("disconnect", () => process.exit());

/** @param {Buffer | undefined} bytes */
function stored(bytes) {
  const body = log.openBody();
  if (bytes !== undefined && bytes.length > 0) body.write(bytes);
  return body.end();
}
