// Prints a soak: what was asked and how it ended, memory, descriptors, and every check.
import { thirds } from "./checks.mjs";

const MAX_SHOWN = 30;

/**
 * @param {import("./checks.mjs").Observed} observed
 * @param {readonly import("./checks.mjs").Check[]} checks
 * @returns {string}
 */
export function report(observed, checks) {
  const { ledger, session, memory, before, after } = observed;
  const failures = [...ledger.unexpected, ...session.problems];
  return [
    "Requests by kind and end",
    ...[...ledger.counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([kind, ends]) => `  ${kind.padEnd(34)} ${list(ends)}`),
    "",
    `Recorded   ${session.exchanges} exchanges (${list(session.kinds)}), ${session.messages} messages`,
    `Errors     ${list(session.errors)}`,
    `Memory     ${memory.map(({ rss }) => rss.toFixed(0)).join(" ")} MiB`,
    `           medians of thirds: ${thirds(memory)
      .map((rss) => rss.toFixed(0))
      .join(", ")} MiB`,
    `Descriptors before ${JSON.stringify(before)}, after ${JSON.stringify(after)} (${observed.quietAfter.toFixed(0)} s after the last client)`,
    ...(after.sockets > before.sockets
      ? [`Left       ${observed.left.join("; ")} (origin: ${JSON.stringify(observed.ports)})`]
      : []),
    "",
    ...checks.map(({ name, passed, seen }) => `${passed ? "ok    " : "FAILED"} ${name}: ${seen}`),
    ...(failures.length === 0
      ? []
      : ["", "Unexpected", ...failures.slice(0, MAX_SHOWN).map((text) => `  ${text}`)]),
    "",
  ].join("\n");
}

/** @param {Map<string, number>} counts */
function list(counts) {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(", ") || "none";
}
