// The goals of the record issue and of the wire issue, each held against what was measured.
import { SCENARIOS } from "./scenarios.mjs";
import { medianOf, medianRatio } from "./statistics.mjs";

/**
 * @typedef {object} Results
 * @property {Record<string, import("./statistics.mjs").Rounds>} scenarios by id
 * @property {import("./startup.mjs").Startup | null} startup
 *
 * @typedef {{ goal: string, measured: string, met: boolean | null }} Verdict `met` is null where nothing was measured
 */

const MEBIBYTE = 1024 * 1024;

/**
 * @param {Results} results
 * @returns {Verdict[]}
 */
export function judge(results) {
  const { startup } = results;
  return [
    ratio(results, "kept-alive", "http-mitm-proxy", 1 / 2),
    ratio(results, "kept-alive", "mockttp", 1 / 4),
    ratio(results, "kept-alive", "mitmproxy", 1 / 10),
    http2AgainstHttp1(results),
    ratio(results, "new-connection", "http-mitm-proxy", 1 / 3),
    ratio(results, "new-connection", "mockttp", 1 / 3),
    ratio(results, "new-connection-close", "http-mitm-proxy", 1 / 3),
    ratio(results, "new-connection-close", "mockttp", 1 / 3),
    limit(results, "new-host", "first byte, slowest of 50", "max", 10, "ms"),
    ratio(results, "100kb", "mockttp", 1 / 2),
    ratio(results, "download", "mockttp", 1 / 2),
    limit(results, "download", "peak memory", "peak", 200, "MB"),
    everyByte(results),
    limit(results, "100000", "peak memory", "peak", 200, "MB"),
    flatness(results),
    below("`record` ready", startup?.ready, 300),
    below("`--help`", startup?.help, 120),
    wholeness(results),
  ];
}

/**
 * @param {Results} results
 * @param {string} id
 * @param {string} other
 * @param {number} most
 * @returns {Verdict}
 */
function ratio(results, id, other, most) {
  const scenario = byId(id);
  const rounds = results.scenarios[id] ?? {};
  const value = medianRatio(scenario, rounds, "trafficctl", other, "cpu");
  return verdict(`${id}: CPU at most 1/${Math.round(1 / most)} of ${other}`, value, most, value.toFixed(2));
}

/**
 * @param {Results} results
 * @returns {Verdict}
 */
function http2AgainstHttp1(results) {
  const cpu = (/** @type {string} */ id) =>
    medianOf(byId(id), results.scenarios[id] ?? {}, "trafficctl", "cpu");
  const value = cpu("http2") / cpu("kept-alive");
  return verdict("http2: CPU at most that of HTTP/1.1, kept-alive", value, 1, value.toFixed(2));
}

/**
 * @param {Results} results
 * @param {string} id
 * @param {string} what
 * @param {keyof import("./statistics.mjs").Metrics} metric
 * @param {number} most
 * @param {string} unit
 * @returns {Verdict}
 */
function limit(results, id, what, metric, most, unit) {
  const value = medianOf(byId(id), results.scenarios[id] ?? {}, "trafficctl", metric);
  return verdict(`${id}: ${what} at most ${most} ${unit}`, value, most, `${value.toFixed(1)} ${unit}`);
}

/**
 * @param {string} what
 * @param {number} [value]
 * @param {number} [most]
 * @returns {Verdict}
 */
function below(what, value = Number.NaN, most = 0) {
  return verdict(`${what} within ${most} ms`, value, most, `${value.toFixed(0)} ms`);
}

/**
 * @param {Results} results
 * @returns {Verdict}
 */
function everyByte(results) {
  const windows = results.scenarios.download?.trafficctl ?? [];
  const goal = "download: every byte recorded";
  if (windows.length === 0) return { goal, measured: "", met: null };
  const flaws = windows.map(flawOf).filter((flaw) => flaw !== "");
  return { goal, measured: flaws[0] ?? "all", met: flaws.length === 0 };
}

/**
 * Flat: the highest of the second half is no more than a tenth above the highest of the first.
 * @param {Results} results
 * @returns {Verdict}
 */
function flatness(results) {
  const goal = "100000: memory flat, second half at most 1.1 times the first";
  const [window] = results.scenarios["100000"]?.trafficctl ?? [];
  if (window === undefined || "failed" in window)
    return { goal, measured: window?.failed ?? "", met: window ? false : null };
  const half = window.resident.length / 2;
  const growth = Math.max(...window.resident.slice(half)) / Math.max(...window.resident.slice(0, half));
  const series = window.resident.map((bytes) => (bytes / MEBIBYTE).toFixed(0)).join(" ");
  return verdict(goal, growth, 1.1, `${growth.toFixed(2)} (MB every 10,000: ${series})`);
}

/**
 * No figure above counts if it was bought with lost exchanges.
 * @param {Results} results
 * @returns {Verdict}
 */
function wholeness(results) {
  const goal = "every window: all requests answered, all exchanges recorded whole";
  const windows = Object.values(results.scenarios).flatMap((rounds) => rounds.trafficctl ?? []);
  if (windows.length === 0) return { goal, measured: "", met: null };
  const flaws = windows.map(flawOf).filter((flaw) => flaw !== "");
  return { goal, measured: flaws[0] ?? `${windows.length} windows`, met: flaws.length === 0 };
}

/**
 * @param {import("./window.mjs").Window} window
 * @returns {string} what is wrong with it, or ""
 */
function flawOf(window) {
  if ("failed" in window) return window.failed;
  if (window.load.errors > 0) return `${window.load.errors} errors: ${window.load.firstError}`;
  return window.complete === true ? "" : window.recorded;
}

/**
 * @param {string} goal
 * @param {number} value
 * @param {number} most
 * @param {string} measured
 * @returns {Verdict}
 */
function verdict(goal, value, most, measured) {
  return Number.isNaN(value) ? { goal, measured: "", met: null } : { goal, measured, met: value <= most };
}

/** @param {string} id */
function byId(id) {
  const scenario = SCENARIOS.find((candidate) => candidate.id === id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  return scenario;
}
