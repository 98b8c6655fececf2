// Counts the flows in a file that mitmproxy wrote: a sequence of tnetstrings (`<length>:<data><type>`), one a flow.
import { existsSync, readFileSync } from "node:fs";

/**
 * @param {string} path
 * @returns {import("./proxies/adapter.mjs").Recorded}
 */
export function readFlows(path) {
  const recorded = { exchanges: 0, bodyBytes: 0, streamIntact: true };
  const data = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  for (let at = 0; at < data.length; recorded.exchanges++) {
    const colon = data.indexOf(":", at);
    const length = Number(data.toString("latin1", at, colon));
    if (colon === -1 || Number.isNaN(length)) break;
    // A flow is a dictionary; its response's body is the longest thing in it and is counted with the whole.
    recorded.bodyBytes += length;
    at = colon + 1 + length + 1;
  }
  return recorded;
}
