// What must hold at the end of a soak: each check with what was seen, whether it passed or not.
import { median } from "../statistics.mjs";

/**
 * @typedef {{ name: string, passed: boolean, seen: string }} Check
 *
 * @typedef {object} Observed
 * @property {import("./ledger.mjs").Ledger} ledger
 * @property {import("./session.mjs").SessionFacts} session
 * @property {readonly { second: number, rss: number }[]} memory while the clients ran
 * @property {import("./process-state.mjs").Descriptors} before
 * @property {import("./process-state.mjs").Descriptors} after
 * @property {string[]} left connections of the proxy that are still there
 * @property {Record<string, number>} ports the origin's listeners
 * @property {number} quietAfter seconds after the last client
 * @property {{ sockets: number, repeated: number[], defects: string[] }} origin
 * @property {{ code: number | null, seconds: number, stopped: any }} exit
 * @property {string} stderr
 */

/** A process may grow by this much between the second and the last third: collections come when they come. */
const GROWTH_MIB = 24;
const GROWTH = 1.15;
const EXIT_SECONDS = 5;
/** The session's own files may stay open while it is recorded: its log and the file that bodies share. */
const SESSION_FILES = 2;

/**
 * @param {Observed} observed
 * @returns {Check[]}
 */
export function check(observed) {
  const { ledger, session, before, after, origin, exit, stderr } = observed;
  const [, second, third] = thirds(observed.memory);
  const repeated = origin.repeated.filter((id) => ledger.entries.get(id)?.mayRepeat !== true);
  const traces = stderr.split("\n").filter((line) => /^\s+at |Error:|Warning:/.test(line));
  const all = (/** @type {readonly string[]} */ list) => list.slice(0, 5).join("; ") || "none";
  return [
    of("every client saw what it should", ledger.unexpectedCount === 0, `${ledger.unexpectedCount} did not`),
    of(
      "memory is flat after the first third",
      third - second < GROWTH_MIB || third < second * GROWTH,
      `medians ${second.toFixed(0)} and ${third.toFixed(0)} MiB`,
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
    of("the origin has no connection left", origin.sockets === 0, `${origin.sockets} open`),
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
 * @param {Observed["memory"]} memory
 * @returns {[number, number, number]} the median of each
 */
export function thirds(memory) {
  const size = memory.length / 3;
  const part = (/** @type {number} */ i) =>
    median(memory.slice(Math.floor(i * size), Math.floor((i + 1) * size)).map(({ rss }) => rss));
  return [part(0), part(1), part(2)];
}
