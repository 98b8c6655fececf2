// Asks a process that has loaded process-probe.mjs what it holds.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 20_000;

/**
 * @typedef {object} Holdings after a forced collection
 * @property {number} rss bytes, as are the next three
 * @property {number} heapUsed
 * @property {number} external
 * @property {number} arrayBuffers
 * @property {Record<string, number>} objects alive, by their class
 * @property {number} listeners on the process
 * @property {number} resources that keep the process alive: handles and timers
 */

/**
 * @param {string} dist the proxy's build
 * @param {string} out
 * @returns {string[]} what node has to be given
 */
export function probeArguments(dist, out) {
  const url = new URL("./process-probe.mjs", import.meta.url);
  url.searchParams.set("dist", dist);
  url.searchParams.set("out", out);
  // queryObjects is experimental, and says so on stderr.
  return ["--disable-warning=ExperimentalWarning", "--expose-gc", "--import", url.href];
}

/**
 * @param {number} pid
 * @param {string} out
 * @param {{ objects: boolean }} what `objects`: counted as well, when nothing is under way
 * @returns {Promise<Holdings>}
 */
export async function probe(pid, out, { objects }) {
  rmSync(out, { force: true });
  if (objects) writeFileSync(`${out}.objects`, "");
  else rmSync(`${out}.objects`, { force: true });
  process.kill(pid, "SIGUSR2");
  const start = performance.now();
  while (!existsSync(out)) {
    if (performance.now() - start > PATIENCE_MS)
      throw new Error("the proxy does not say what it holds: it hangs");
    await sleep(50);
  }
  return JSON.parse(readFileSync(out, "utf8"));
}
