// Figures from windows: the metrics of one, their medians over the rounds, ratios between proxies.

const GB = 1e9;
const MEBIBYTE = 1024 * 1024;

/**
 * @typedef {object} Metrics
 * @property {number} cpu microseconds per request, or seconds per GB
 * @property {number} rate requests a second, or MB a second
 * @property {number} p50 milliseconds
 * @property {number} p99
 * @property {number} max
 * @property {number} added milliseconds at p50 over the direct connection of the same round
 * @property {number} peak MiB
 */

/** @typedef {import("./window.mjs").Window} Window */
/** @typedef {import("./scenarios.mjs").Scenario} Scenario */
/** @typedef {Record<string, Window[]>} Rounds by proxy, one window a round */

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/**
 * @param {Scenario} scenario
 * @param {Window} window
 * @param {Window | undefined} direct
 * @returns {Metrics | null} null for a window that failed
 */
export function metricsOf(scenario, window, direct) {
  if ("failed" in window) return null;
  const { load, cpu, peak } = window;
  const gigabytes = (load.requests * scenario.job.bytes) / GB;
  const bulk = scenario.per === "GB";
  return {
    cpu: bulk ? cpu / gigabytes : (cpu / load.requests) * 1e6,
    rate: (bulk ? gigabytes * 1000 : load.requests) / load.seconds,
    p50: load.p50,
    p99: load.p99,
    max: load.max,
    added: direct === undefined || "failed" in direct ? Number.NaN : load.p50 - direct.load.p50,
    peak: peak / MEBIBYTE,
  };
}

/**
 * @param {Scenario} scenario
 * @param {Rounds} rounds
 * @param {string} proxy
 * @param {keyof Metrics} metric
 * @returns {number} its median; NaN where there is none
 */
export function medianOf(scenario, rounds, proxy, metric) {
  const windows = rounds[proxy] ?? [];
  return median(
    windows.map((window, i) => metricsOf(scenario, window, rounds.direct?.[i])?.[metric] ?? Number.NaN),
  );
}

/**
 * The ratio within each round, then the median: what slows the machine for a while slows both sides of a round.
 * @param {Scenario} scenario
 * @param {Rounds} rounds
 * @param {string} proxy
 * @param {string} other
 * @param {keyof Metrics} metric
 */
export function medianRatio(scenario, rounds, proxy, other, metric) {
  const theirs = rounds[other] ?? [];
  const of = (/** @type {Window | undefined} */ window) =>
    window === undefined ? undefined : metricsOf(scenario, window, undefined)?.[metric];
  return median(
    (rounds[proxy] ?? []).map((window, i) => (of(window) ?? Number.NaN) / (of(theirs[i]) ?? Number.NaN)),
  );
}
