// The adapter of a proxy that is a Node library: one module of servers/, recording with servers/exchange-log.mjs.
import { readFileSync } from "node:fs";
import { forkUntilReady, stop } from "../process.mjs";
import { readExchanges } from "../recorded.mjs";

/**
 * @param {string} name the package's name and the module's
 * @returns {import("./adapter.mjs").Adapter}
 */
export function nodeServer(name) {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return {
    name,
    anyHost: true,
    unavailable: () => null,
    version: () => JSON.parse(readFileSync(manifest, "utf8")).version,
    start: async ({ folder, originCa }) => {
      // Not by the libraries' own options: mockttp's joins all root certificates into a key at every request, which
      // more than doubles its cost and is not what recording public hosts with it costs.
      const trust = { NODE_EXTRA_CA_CERTS: originCa };
      const { child, ready } = await forkUntilReady(`proxies/servers/${name}.mjs`, [folder], folder, trust);
      return {
        pid: /** @type {number} */ (child.pid),
        port: ready.port,
        tunnel: true,
        ca: ready.ca,
        stop: () => stop(child),
        recorded: () => readExchanges(folder),
      };
    },
  };
}
