// The printed result: one table a scenario, then the goals.
import { medianOf, medianRatio } from "./statistics.mjs";

/**
 * @param {import("./scenarios.mjs").Scenario} scenario
 * @param {import("./statistics.mjs").Rounds} rounds
 */
export function scenarioTable(scenario, rounds) {
  const bulk = scenario.per === "GB";
  const heads = [
    "",
    bulk ? "CPU s/GB" : "CPU µs/req",
    bulk ? "MB/s" : "req/s",
    "p50 ms",
    scenario.job.kind === "new-host" ? "max ms" : "p99 ms",
    "added ms",
    "peak MB",
    `trafficctl ÷ (${scenario.main === "cpu" ? "CPU" : "p50"})`,
    "recorded",
  ];
  const rows = Object.entries(rounds).map(([proxy, windows]) => {
    const failed = windows.find((window) => "failed" in window);
    if (failed !== undefined && "failed" in failed) return [proxy, `failed: ${failed.failed}`];
    const value = (/** @type {keyof import("./statistics.mjs").Metrics} */ metric) =>
      medianOf(scenario, rounds, proxy, metric);
    const measured = proxy !== "direct";
    return [
      proxy,
      measured ? digits(value("cpu")) : "",
      digits(value("rate")),
      digits(value("p50")),
      digits(value(scenario.job.kind === "new-host" ? "max" : "p99")),
      measured ? digits(value("added")) : "",
      measured ? digits(value("peak")) : "",
      measured ? digits(medianRatio(scenario, rounds, "trafficctl", proxy, scenario.main)) : "",
      remarks(windows),
    ];
  });
  return `${scenario.title}\n${align([heads, ...rows])}\n`;
}

/** @param {readonly import("./goals.mjs").Verdict[]} verdicts */
export function goalsTable(verdicts) {
  const state = (/** @type {boolean | null} */ met) =>
    met === null ? "not measured" : met ? "met" : "NOT met";
  return `Goals\n${align(verdicts.map(({ goal, measured, met }) => [goal, state(met), measured]))}\n`;
}

/** @param {readonly import("./window.mjs").Window[]} windows */
function remarks(windows) {
  const notes = new Set();
  for (const window of windows) {
    if ("failed" in window) continue;
    notes.add(window.recorded);
    if (window.load.errors > 0) notes.add(`${window.load.errors} errors (${window.load.firstError})`);
  }
  return [...notes].join("; ");
}

/** @param {number} value */
function digits(value) {
  if (Number.isNaN(value)) return "-";
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** @param {readonly (readonly string[])[]} rows of equal length, but that the last cell of a short one may overflow */
function align(rows) {
  const width = (/** @type {number} */ column) =>
    Math.max(...rows.map((row) => (row.length - 1 > column ? (row[column] ?? "").length : 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1
            ? cell
            : column === 0
              ? cell.padEnd(width(0))
              : cell.padStart(width(column)),
        )
        .join("  "),
    )
    .map((line) => `  ${line.trimEnd()}`)
    .join("\n");
}
