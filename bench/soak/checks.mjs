// What must hold at the end of a soak: each check with what was seen, whether it passed or not.
import { median } from "../statistics.mjs";

/**
 * @typedef {{ name: string, passed: boolean, seen: string }} Check
 * @typedef {{ second: number, mib: number }} Sample
 * @typedef {import("./process-state.mjs").Descriptors & { holdings: import("./probe.mjs").Holdings }} Held
 *
 * @typedef {object} Observed
 * @property {string} plan
 * @property {import("./ledger.mjs").Ledger} ledger
 * @property {import("./session.mjs").SessionFacts} session
 * @property {readonly Sample[]} memory resident, while the clients ran
 * @property {readonly Sample[]} heap and what it holds outside, after a forced collection, while the clients ran
 * @property {readonly string[]} pending activities that did not end, and what they wait for
 * @property {Held} before
 * @property {Held} after
 * @property {string[]} left connections of the proxy that are still there
 * @property {Record<string, number>} ports the origin's listeners
 * @property {number} restarts of the origin's fragile process
 * @property {number} quietAfter seconds after the last client
 * @property {import("./origins.mjs").OriginState} origin
 * @property {{ code: number | null, seconds: number, stopped: any }} exit
 * @property {string} stderr
 */

/**
 * Resident memory rises in steps, with the largest bodies that meet, and the allocator gives little of it back: what counts is that
 * the last third is not above all that was seen before.
 */
const GROWTH_MIB = 12;
const GROWTH = 1.15;
/** What is under way at the moment of a sample differs by this much. */
const HEAP_GROWTH_MIB = 8;
const EXIT_SECONDS = 5;
/** The session's own files may stay open while it is recorded: its log and the file that bodies share. */
const SESSION_FILES = 2;

/**
 * @param {Observed} observed
 * @returns {Check[]}
 */
export function check(observed) {
  const { ledger, session, before, after, origin, exit, stderr } = observed;
  const [, , third] = thirds(observed.memory);
  const earlier = observed.memory.slice(0, Math.floor((observed.memory.length * 2) / 3));
  const highest = Math.max(...earlier.map(({ mib }) => mib));
  const [, heapSecond, heapThird] = thirds(observed.heap);
  const now = after.holdings;
  const objects = Object.entries(now.objects).filter(
    ([name, count]) => count > Math.max(0, before.holdings.objects[name] ?? 0),
  );
  const repeated = origin.repeated.filter((id) => ledger.entries.get(id)?.mayRepeat !== true);
  const traces = stderr.split("\n").filter((line) => /^\s+at |Error:|Warning:/.test(line));
  const all = (/** @type {readonly string[]} */ list) => list.slice(0, 5).join("; ") || "none";
  return [
    of("every activity ended", observed.pending.length === 0, all(observed.pending)),
    of("every client saw what it should", ledger.unexpectedCount === 0, `${ledger.unexpectedCount} did not`),
    of(
      "memory does not rise in the last third",
      third - highest < GROWTH_MIB,
      `its median is ${third.toFixed(0)} MiB, the highest before it was ${highest.toFixed(0)} MiB`,
    ),
    of(
      "the heap is flat after the first third, when collected",
      heapThird - heapSecond < HEAP_GROWTH_MIB || heapThird < heapSecond * GROWTH,
      `medians ${heapSecond.toFixed(1)} and ${heapThird.toFixed(1)} MiB`,
    ),
    of(
      "no exchange, connection or tunnel is left in memory",
      objects.length === 0,
      objects.map(([name, count]) => `${count} ${name}`).join(", ") || "none",
    ),
    of(
      "no listener on the process is left",
      now.listeners <= before.holdings.listeners,
      `${before.holdings.listeners} before, ${now.listeners} after`,
    ),
    of(
      "no timer or handle is left",
      now.resources <= before.holdings.resources + SESSION_FILES,
      `${before.holdings.resources} before, ${now.resources} after`,
    ),
    of(
      "no socket is left",
      after.sockets <= before.sockets,
      `${before.sockets} before, ${after.sockets} after`,
    ),
    of(
      "no file is left",
      after.files <= before.files + SESSION_FILES,
      `${before.files} before, ${after.files} after`,
    ),
    of("nothing else is left", after.other <= before.other, `${before.other} before, ${after.other} after`),
    of("the origin has no connection left", origin.connected.length === 0, all(origin.connected)),
    of("no request was sent twice that must not be", repeated.length === 0, `${repeated.length}`),
    of("the origin had no trouble of its own", origin.defects.length === 0, all(origin.defects)),
    of("every exchange has its end", session.unended === 0, `${session.unended} without`),
    of(
      "the session agrees with the clients",
      session.problems.length === 0,
      `${session.problems.length} differences`,
    ),
    of(
      "the session agrees with its own counts",
      exit.stopped?.counts.exchanges === session.exchanges &&
        exit.stopped?.counts.messages === session.messages,
      `${JSON.stringify(exit.stopped?.counts)}, read ${session.exchanges} and ${session.messages}`,
    ),
    of("nothing was dropped", exit.stopped?.dropped === 0, `${exit.stopped?.dropped}`),
    of(
      "it ends on SIGINT",
      exit.code === 0 && exit.seconds < EXIT_SECONDS,
      `code ${exit.code} after ${exit.seconds.toFixed(1)} s`,
    ),
    of("stderr has no stack trace", traces.length === 0, all(traces)),
  ];
}

/**
 * @param {string} name
 * @param {boolean} passed
 * @param {string} seen
 * @returns {Check}
 */
function of(name, passed, seen) {
  return { name, passed, seen };
}

/**
 * @param {readonly Sample[]} samples
 * @returns {[number, number, number]} the median of each
 */
export function thirds(samples) {
  const size = samples.length / 3;
  const part = (/** @type {number} */ i) =>
    median(samples.slice(Math.floor(i * size), Math.floor((i + 1) * size)).map(({ mib }) => mib));
  return [part(0), part(1), part(2)];
}
