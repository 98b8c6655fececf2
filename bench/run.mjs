// `npm run bench`: measures the proxies side by side and prints the tables. The README says what the figures are.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { judge } from "./goals.mjs";
import { forkUntilReady } from "./process.mjs";
import { ADAPTERS } from "./proxies/index.mjs";
import { measureRules } from "./rules.mjs";
import { SCENARIOS } from "./scenarios.mjs";
import { measureStartup } from "./startup.mjs";
import { goalsTable, scenarioTable } from "./table.mjs";
import { measureWindow } from "./window.mjs";

/** Measurements that are programs of their own; `npm run bench` runs them behind the proxies. */
const PROGRAMS = ["query", "har-cli", "redact", "replay", "serve"];
const EXTRAS = ["startup", "rules", ...PROGRAMS];

const USAGE = `npm run bench -- [options]
  --only ID[,ID]      scenarios: ${SCENARIOS.map(({ id }) => id).join(", ")},
                      ${EXTRAS.join(", ")}
  --proxies A[,B]     ${ADAPTERS.map(({ name }) => name).join(", ")}
  --rounds N          default 3
  --json FILE         keep every window's figures
  --dir FOLDER        where the proxies record, default the system's temporary folder
`;

const options = readOptions();
if (options === null) process.stdout.write(USAGE);
else await bench(options);

/** @typedef {{ only: string[], proxies: string[], rounds: number, json: string | undefined, dir: string }} Options */

/** @param {Options} options */
async function bench(options) {
  const scratch = mkdtempSync(join(options.dir, "trafficctl-bench-"));
  // Retried: after an interrupt, children that are being killed may still write into it.
  process.on("exit", () => rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  const adapters = chooseAdapters(options.proxies);
  const { child, ready: origin } = await forkUntilReady("origin.mjs", [scratch], scratch);
  /** @type {import("./goals.mjs").Results} */
  const results = { scenarios: {}, startup: null };
  for (const scenario of SCENARIOS) {
    const taking = adapters.filter((adapter) => takesPart(adapter, scenario));
    if (!options.only.includes(scenario.id) || taking.length === 0) continue;
    const rounds = await measureScenario(scenario, taking, options.rounds, origin, scratch);
    results.scenarios[scenario.id] = rounds;
    say(scenarioTable(scenario, rounds));
  }
  if (options.only.includes("startup") && adapters.some(({ name }) => name === "trafficctl")) {
    results.startup = await measureStartup(scratch, origin.certificates.ca);
    const { ready, firstReady, help, node } = results.startup;
    say(
      `Start, median of 10\n  record ready ${ready.toFixed(0)} ms, in a new home (a CA is made) ${firstReady.toFixed(0)} ms; ` +
        `--help ${help.toFixed(0)} ms; node itself ${node.toFixed(0)} ms\n`,
    );
  }
  if (options.only.includes("rules") && adapters.some(({ name }) => name === "trafficctl")) {
    const { rules, microseconds } = await measureRules();
    say(
      `Rules, median of 15\n  ${rules} that do not match: ${microseconds.toFixed(2)} µs of CPU a request (goal: 5)\n`,
    );
  }
  const goals = judge(results);
  say(goalsTable(goals));
  for (const name of PROGRAMS.filter((each) => options.only.includes(each))) await runProgram(name);
  if (options.json !== undefined)
    writeFileSync(options.json, JSON.stringify({ machine: machine(), ...results, goals }, null, 2));
  child.disconnect();
}

/**
 * @param {import("./scenarios.mjs").Scenario} scenario
 * @param {readonly import("./proxies/adapter.mjs").Adapter[]} taking
 * @param {number} count
 * @param {import("./window.mjs").Origin} origin
 * @param {string} scratch
 */
async function measureScenario(scenario, taking, count, origin, scratch) {
  /** @type {import("./statistics.mjs").Rounds} */
  const rounds = Object.fromEntries(taking.map(({ name }) => [name, []]));
  for (let round = 0; round < (scenario.rounds ?? count); round++) {
    for (const adapter of taking) {
      // One that failed once is not tried again: its failure is its result.
      if (rounds[adapter.name]?.some((window) => "failed" in window)) continue;
      progress(`${scenario.id}: round ${round + 1}, ${adapter.name}`);
      rounds[adapter.name]?.push(await measureWindow(adapter, scenario, origin, scratch));
    }
  }
  progress("");
  return rounds;
}

/**
 * @param {import("./proxies/adapter.mjs").Adapter} adapter
 * @param {import("./scenarios.mjs").Scenario} scenario
 */
function takesPart({ name, anyHost }, { only, job }) {
  return (only?.includes(name) ?? true) && (anyHost || job.kind !== "new-host");
}

/** @param {readonly string[]} names */
function chooseAdapters(names) {
  say(`${machine()}\n`);
  const lines = [];
  const chosen = [];
  for (const adapter of ADAPTERS.filter(({ name }) => names.includes(name))) {
    const why = adapter.unavailable();
    if (why === null) chosen.push(adapter);
    lines.push(`  ${adapter.name.padEnd(16)} ${why === null ? adapter.version() : `not measured: ${why}`}`);
  }
  say(`${lines.join("\n")}\n`);
  return chosen;
}

function machine() {
  const [cpu] = cpus();
  return `Node ${process.version}, ${cpus().length} × ${cpu?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GB`;
}

/** @returns {Options | null} null when the usage is asked for */
/** One that misses a goal says so itself, and does not end the others. */
async function runProgram(name) {
  say(`${name} (node bench/${name}.mjs)`);
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.mjs`)], { stdio: "inherit" });
  await once(child, "close");
  say("");
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      proxies: { type: "string" },
      rounds: { type: "string", default: "3" },
      json: { type: "string" },
      dir: { type: "string", default: tmpdir() },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return null;
  return {
    only: choice("--only", values.only, [...SCENARIOS.map(({ id }) => id), ...EXTRAS]),
    proxies: choice(
      "--proxies",
      values.proxies,
      ADAPTERS.map(({ name }) => name),
    ),
    rounds: Math.max(1, Math.trunc(Number(values.rounds)) || 3),
    json: values.json,
    dir: values.dir,
  };
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @param {string[]} known
 */
function choice(option, text, known) {
  if (text === undefined) return known;
  const chosen = text.split(",");
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`${option}: there is no ${unknown}; there are ${known.join(", ")}`);
  return chosen;
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`${text}\n`);
}

/** @param {string} text on a terminal only, on one line that the next one replaces */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
