// trafficctl itself, as built: `trafficctl record` with its defaults.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { spawnUntilLine, stop } from "../process.mjs";
import { readExchanges } from "../recorded.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;
/** The built command; TRAFFICCTL_DIST names another build, to compare two. */
export const TRAFFICCTL = join(process.env.TRAFFICCTL_DIST ?? join(ROOT, "dist"), "bin/trafficctl.js");

/**
 * @param {string} home
 * @param {string} originCa
 */
export const recordArguments = (home, originCa) => [
  TRAFFICCTL,
  ...["record", "--json", "--quiet", "--port", "0", "--home", home, "--upstream-ca", originCa],
];

/** @type {import("./adapter.mjs").Adapter} */
export const trafficctl = {
  name: "trafficctl",
  anyHost: true,
  unavailable: () => (existsSync(TRAFFICCTL) ? null : "not built: npm run build"),
  version: () => JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version,
  start: async ({ folder, originCa }) => {
    const { child, ready } = await spawnUntilLine(
      process.execPath,
      recordArguments(join(folder, "home"), originCa),
      folder,
    );
    const event = JSON.parse(ready);
    return {
      pid: /** @type {number} */ (child.pid),
      port: event.port,
      tunnel: true,
      ca: event.caCert,
      stop: () => stop(child),
      recorded: () => readExchanges(event.sessionPath),
    };
  },
};
