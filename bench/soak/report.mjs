// Prints a soak: what was asked and how it ended, memory, descriptors, and every check.
import { thirds } from "./checks.mjs";

const MAX_SHOWN = 30;

/**
 * @param {import("./checks.mjs").Observed} observed
 * @param {readonly import("./checks.mjs").Check[]} checks
 * @returns {string}
 */
export function report(observed, checks) {
  const { ledger, session, before, after } = observed;
  const failures = [...observed.pending, ...ledger.unexpected, ...session.problems];
  return [
    `Plan       ${observed.plan}, Node ${process.version}`,
    "",
    "What the clients did, and how often it ended how",
    ...[...ledger.counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([kind, ends]) => `  ${kind.padEnd(34)} ${list(ends)}`),
    "",
    `Recorded   ${session.exchanges} exchanges (${list(session.kinds)}), ${session.messages} messages`,
    `Errors     ${list(session.errors)}`,
    `Resident   ${course(observed.memory)}`,
    `Heap       ${course(observed.heap)}, with what it holds outside, collected`,
    `At the end ${mib(after.holdings.heapUsed)} MiB of heap, ${mib(after.holdings.external)} MiB outside; before ${mib(before.holdings.heapUsed)} and ${mib(before.holdings.external)}`,
    `Objects    ${list(new Map(Object.entries(after.holdings.objects)))}`,
    `Origin     its process that destroys sessions ended ${observed.restarts} times, and was started again`,
    `Descriptors before ${counts(before)}; after ${counts(after)} (${observed.quietAfter.toFixed(0)} s after the last client)`,
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

/**
 * @param {string} text
 * @param {readonly string[]} options as the soak was given them
 * @returns {string} a file for the repository
 */
export function asMarkdown(text, options) {
  const at = options.indexOf("--report");
  const given = at === -1 ? options : options.toSpliced(at, 2);
  return [
    "# Soak report",
    "",
    `Made by \`node bench/soak.mjs ${given.join(" ")} --report bench/soak-report.md\`; README.md says what it does.`,
    "",
    "```",
    text.trimEnd(),
    "```",
    "",
  ].join("\n");
}

const MAX_SAMPLES = 24;

/**
 * Every so many seconds' sample, and the medians of the thirds.
 * @param {readonly import("./checks.mjs").Sample[]} samples
 */
function course(samples) {
  const every = Math.ceil(samples.length / MAX_SAMPLES);
  const shown = samples.filter((_, i) => i % every === 0).map((sample) => sample.mib.toFixed(0));
  const medians = thirds(samples).map((value) => value.toFixed(1));
  return `${shown.join(" ")} MiB; medians of thirds ${medians.join(", ")}`;
}

/** @param {number} bytes */
function mib(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}

/** @param {import("./process-state.mjs").Descriptors} held */
function counts({ sockets, files, other }) {
  return `${sockets} sockets, ${files} files, ${other} other`;
}

/** @param {ReadonlyMap<string, number>} counts */
function list(counts) {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(", ") || "none";
}
