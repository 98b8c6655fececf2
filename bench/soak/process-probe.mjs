// Loaded into the proxy's process: at SIGUSR2 it collects what can be collected and writes down what is left, to the file
// that this module's URL names (`?out=...&dist=...`). Counting objects stops the process for seconds, so that is done only
// where a file beside it asks for it. Needs --expose-gc.
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import { queryObjects } from "node:v8";

const { searchParams } = new URL(import.meta.url);
const out = /** @type {string} */ (searchParams.get("out"));
const dist = /** @type {string} */ (searchParams.get("dist"));

/** What there may be none of when nothing is under way, by its module in the build. */
const CLASSES = [
  ["exchange-flow", "ExchangeFlow"],
  ["capture", "Capture"],
  ["http1/client-connection", "Http1ClientConnection"],
  ["http1/origin-connection", "Http1OriginConnection"],
  ["http2/client-connection", "Http2ClientConnection"],
  ["http2/origin-connection", "Http2OriginConnection"],
  ["websocket/watcher", "WebSocketWatcher"],
];

process.on("SIGUSR2", async () => {
  // Twice, with turns of the event loop between: what a finaliser lets go of is collected by the second.
  globalThis.gc?.();
  await turn();
  globalThis.gc?.();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const objects = existsSync(`${out}.objects`) ? await countObjects() : {};
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  const resources = process.getActiveResourcesInfo().length;
  const found = { rss, heapUsed, external, arrayBuffers, objects, listeners, resources };
  writeFileSync(`${out}.part`, JSON.stringify(found));
  renameSync(`${out}.part`, out);
});

async function countObjects() {
  /** @type {Record<string, number>} */
  const objects = { Socket: count(Socket), TLSSocket: count(TLSSocket) };
  for (const [module, name = ""] of CLASSES) {
    const loaded = await import(`${dist}/src/proxy/${module}.js`);
    objects[name] = count(loaded[name]);
  }
  return objects;
}

/** @param {Function} ofClass */
function count(ofClass) {
  return Number(queryObjects(/** @type {any} */ (ofClass), { format: "count" }));
}
