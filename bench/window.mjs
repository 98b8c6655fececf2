// One measurement: a fresh proxy, a load generator, a warm-up, the counted window, and what ended up on disk.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cpuSeconds, peakMemory, residentMemory, settle } from "./measure.mjs";
import { forkUntilReady, stop } from "./process.mjs";

/**
 * @typedef {object} Origin
 * @property {string} host a name that leads to it, and that its certificate carries
 * @property {number} port
 * @property {number} hostsPort
 * @property {number} http2Port
 * @property {import("./certificates.mjs").OriginCertificates} certificates
 *
 * @typedef {object} Measured
 * @property {import("./tally.mjs").LoadResult} load
 * @property {number} cpu seconds of the proxy in the counted window and until it was quiet again
 * @property {number} peak bytes, from its start
 * @property {number[]} resident bytes, at each progress report of the load
 * @property {boolean | null} complete whether every exchange is on disk whole; null where it does not record
 * @property {string} recorded what is on disk, in words
 *
 * @typedef {Measured | { failed: string }} Window
 */

const WINDOW_MS = 240_000;

/**
 * @param {import("./proxies/adapter.mjs").Adapter} adapter
 * @param {import("./scenarios.mjs").Scenario} scenario
 * @param {Origin} origin
 * @param {string} scratch
 * @returns {Promise<Window>} a failure is a result too: some proxies can't do some scenarios
 */
export async function measureWindow(adapter, scenario, origin, scratch) {
  const folder = mkdtempSync(join(scratch, `${adapter.name}-`));
  try {
    const running = await adapter.start({ folder, origin, originCa: origin.certificates.ca });
    try {
      const measured = await underLoad(running, scenario, origin, folder);
      await running.stop();
      return { ...measured, ...verdict(await running.recorded(), scenario) };
    } finally {
      await running.stop();
    }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {import("./proxies/adapter.mjs").Running} running
 * @param {import("./scenarios.mjs").Scenario} scenario
 * @param {Origin} origin
 * @param {string} folder
 */
async function underLoad(running, { job }, origin, folder) {
  const { child, send, next } = await startLoad(folder);
  try {
    const port = { "new-host": origin.hostsPort, http2: origin.http2Port }[job.kind] ?? origin.port;
    const dialPort = running.port ?? port;
    send({ job, route: { dialPort, tunnel: running.tunnel, host: origin.host, port, ca: running.ca } });
    await next();
    await settle(running.pid);
    const before = cpuSeconds(running.pid);
    send({ go: true });
    /** @type {number[]} */
    const resident = [];
    for (;;) {
      const message = await next();
      if (message.progress) resident.push(residentMemory(running.pid));
      if (!message.result) continue;
      await settle(running.pid);
      return {
        load: message.result,
        cpu: cpuSeconds(running.pid) - before,
        peak: peakMemory(running.pid),
        resident,
      };
    }
  } finally {
    await stop(child);
  }
}

/**
 * Forks the load generator. `next` gives its messages one by one and throws what it reports as a failure.
 * @param {string} folder
 */
async function startLoad(folder) {
  const { child } = await forkUntilReady("load.mjs", [], folder);
  /** @type {any[]} */
  const queue = [];
  let wake = () => {};
  const push = (/** @type {unknown} */ message) => {
    queue.push(message);
    wake();
  };
  child.on("message", push);
  child.on("exit", () => push({ failed: "the load generator ended" }));
  const next = async () => {
    if (queue.length === 0) {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`no answer within ${WINDOW_MS / 1000} s`)),
          WINDOW_MS,
        );
        wake = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
    const message = queue.shift();
    if (message.failed) throw new Error(message.failed);
    return message;
  };
  return { child, next, send: (/** @type {object} */ message) => child.send(message) };
}

/**
 * @param {import("./proxies/adapter.mjs").Recorded | null} recorded
 * @param {import("./scenarios.mjs").Scenario} scenario
 */
function verdict(recorded, { job }) {
  if (recorded === null) return { complete: null, recorded: "does not record" };
  const exchanges = job.warmUp.requests + job.requests;
  const bytes = job.warmUp.requests * job.warmUp.bytes + job.requests * job.bytes;
  const complete = recorded.exchanges === exchanges && recorded.bodyBytes >= bytes && recorded.streamIntact;
  if (complete) return { complete, recorded: "all" };
  const corrupt = recorded.streamIntact ? "" : ", a body differs";
  return {
    complete,
    recorded: `${recorded.exchanges} of ${exchanges}, ${recorded.bodyBytes} of ${bytes} bytes${corrupt}`,
  };
}
