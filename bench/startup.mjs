// How long the command itself takes: until `record` is ready, and until `--help` has printed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { spawnUntilLine, stop } from "./process.mjs";
import { recordArguments, TRAFFICCTL } from "./proxies/trafficctl.mjs";
import { median } from "./statistics.mjs";

const TIMES = 10;

/**
 * @typedef {object} Startup medians in milliseconds
 * @property {number} ready from spawn to the ready line, with the CA of an earlier run
 * @property {number} firstReady the same in a new home, where the CA is made
 * @property {number} help from spawn to exit
 * @property {number} node `node -e 0`, the least that a command of Node can take here
 */

/**
 * @param {string} scratch
 * @param {string} originCa
 * @returns {Promise<Startup>}
 */
export async function measureStartup(scratch, originCa) {
  const folder = mkdtempSync(join(scratch, "startup-"));
  let fresh = 0;
  const ready = (/** @type {string} */ home) => readyTime(folder, join(folder, home), originCa);
  try {
    await ready("used");
    await runTime([TRAFFICCTL, "--help"]);
    return {
      ready: await medianTime(() => ready("used")),
      firstReady: await medianTime(() => ready(`fresh-${++fresh}`)),
      help: await medianTime(() => runTime([TRAFFICCTL, "--help"])),
      node: await medianTime(() => runTime(["-e", "0"])),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {() => Promise<number>} once */
async function medianTime(once) {
  const times = [];
  for (let i = 0; i < TIMES; i++) times.push(await once());
  return median(times);
}

/**
 * @param {string} folder
 * @param {string} home
 * @param {string} originCa
 */
async function readyTime(folder, home, originCa) {
  const start = performance.now();
  const { child } = await spawnUntilLine(process.execPath, recordArguments(home, originCa), folder);
  const time = performance.now() - start;
  await stop(child);
  return time;
}

/** @param {string[]} args of Node */
async function runTime(args) {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.resume();
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  return performance.now() - start;
}
