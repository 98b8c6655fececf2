// An hour's worth of mixed traffic in minutes, with faults: does the proxy come out of it as it went in?
//   node bench/soak.mjs [--minutes 3] [--seed N] [--concurrency 40] [--only TEXT] [--json FILE] [--report FILE]
// Linux only (/proc), needs openssl and a build (npm run build). Exit code 1 when a check fails.
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createSecureContext } from "node:tls";
import { parseArgs } from "node:util";
import { makeCertificates } from "./certificates.mjs";
import { spawnUntilLine } from "./process.mjs";
import { recordArguments, TRAFFICCTL } from "./proxies/trafficctl.mjs";
import { check } from "./soak/checks.mjs";
import { runClients } from "./soak/clients.mjs";
import { Ledger } from "./soak/ledger.mjs";
import { Origins } from "./soak/origins.mjs";
import { probe, probeArguments } from "./soak/probe.mjs";
import { connections, descriptors, residentMemory } from "./soak/process-state.mjs";
import { Random } from "./soak/random.mjs";
import { asMarkdown, report } from "./soak/report.mjs";
import { readSession } from "./soak/session.mjs";

const SAMPLE_MS = 2_000;
/** How often the heap is collected and measured while the clients run. */
const PROBES = 12;
/** Idle HTTP/2 connections to origins are kept for 30 s, and looked at every 2 s. */
const QUIET_MS = 40_000;
const EXIT_MS = 20_000;
/** An origin that stays silent is given up within the soak's time, and well after its slowest answer. */
const SILENCE = "15s";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "3" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    concurrency: { type: "string", default: "40" },
    only: { type: "string", default: "" },
    json: { type: "string" },
    report: { type: "string" },
  },
});

if (!existsSync(TRAFFICCTL)) throw new Error("not built: npm run build");
const folder = mkdtempSync(join(tmpdir(), "trafficctl-soak-"));
try {
  const { observed, checks } = await soak();
  const text = report(observed, checks);
  process.stdout.write(text);
  if (values.report !== undefined) writeFileSync(values.report, asMarkdown(text, process.argv.slice(2)));
  if (values.json !== undefined)
    writeFileSync(values.json, JSON.stringify(plain({ ...observed, checks }), null, 2));
  process.exitCode = checks.every(({ passed }) => passed) ? 0 : 1;
} finally {
  if (process.env.SOAK_KEEP === undefined) rmSync(folder, { recursive: true, force: true });
  else process.stdout.write(`kept ${folder}\n`);
}
// Whatever a client of ours still holds is no reason to stay.
process.exit();

async function soak() {
  const certificates = makeCertificates(folder, ["localhost"]);
  const origins = await Origins.start(certificates.main, folder);
  const home = join(folder, "home");
  const probeFile = join(folder, "probe.json");
  const flags = ["--timeout", SILENCE, "--max-disk", "50GB"];
  let stopped;
  const proxy = await spawnUntilLine(
    process.execPath,
    [
      ...probeArguments(dirname(dirname(TRAFFICCTL)), probeFile),
      ...recordArguments(home, certificates.ca),
      ...flags,
    ],
    folder,
    (line) => {
      if (line.startsWith('{"event":"stopped"')) stopped = JSON.parse(line);
    },
  );
  const pid = /** @type {number} */ (proxy.child.pid);
  const ready = JSON.parse(proxy.ready);
  const before = { ...descriptors(pid), holdings: await probe(pid, probeFile, { objects: true }) };
  const context = {
    proxyPort: ready.port,
    trust: createSecureContext({ ca: readFileSync(ready.caCert) }),
    origin: origins.ports,
    closedPort: await closedPort(),
    random: new Random(Number(values.seed)),
    ledger: new Ledger(),
  };
  const plan = `seed ${values.seed}, ${values.minutes} min, ${values.concurrency} at a time`;
  process.stdout.write(`${plan}\n`);

  const lasts = Number(values.minutes) * 60_000;
  const { memory, heap, pending } = await withMemory(pid, { probeFile, everyMs: lasts / PROBES }, () =>
    runClients(context, {
      concurrency: Number(values.concurrency),
      only: values.only,
      until: performance.now() + lasts,
    }),
  );
  const { after: held, seconds: quietAfter, left } = await untilQuiet(pid, before);
  const after = { ...held, holdings: await probe(pid, probeFile, { objects: true }) };
  const seenByOrigin = await origins.state();
  const exit = { ...(await interrupt(proxy.child)), stopped };
  await origins.stop();
  const session = await readSession(ready.sessionPath, context.ledger);
  const stderr = readFileSync(join(folder, "stderr.log"), "utf8");
  const { ledger } = context;
  const observed = {
    plan,
    ledger,
    session,
    memory,
    heap,
    pending,
    before,
    after,
    left,
    ports: origins.ports,
    restarts: origins.restarts,
    quietAfter,
    origin: seenByOrigin,
    exit,
    stderr,
  };
  return { observed, checks: check(observed) };
}

/**
 * @param {number} pid
 * @param {{ probeFile: string, everyMs: number }} probing
 * @param {() => Promise<string[]>} run
 */
async function withMemory(pid, { probeFile, everyMs }, run) {
  /** @type {import("./soak/checks.mjs").Sample[]} */
  const memory = [];
  /** @type {import("./soak/checks.mjs").Sample[]} */
  const heap = [];
  const start = performance.now();
  const second = () => Math.round((performance.now() - start) / 1000);
  const timer = setInterval(() => {
    memory.push({ second: second(), mib: residentMemory(pid) });
  }, SAMPLE_MS);
  const prober = setInterval(() => {
    probe(pid, probeFile, { objects: false }).then(
      ({ heapUsed, external }) => heap.push({ second: second(), mib: (heapUsed + external) / 2 ** 20 }),
      () => {},
    );
  }, everyMs);
  try {
    return { pending: await run(), memory, heap };
  } finally {
    clearInterval(timer);
    clearInterval(prober);
  }
}

/**
 * @param {number} pid
 * @param {import("./soak/process-state.mjs").Descriptors} before
 */
async function untilQuiet(pid, before) {
  const start = performance.now();
  for (;;) {
    const after = descriptors(pid);
    const seconds = (performance.now() - start) / 1000;
    const over = after.sockets <= before.sockets || seconds * 1000 > QUIET_MS;
    if (over) return { after, seconds, left: connections(pid) };
    await sleep(500);
  }
}

/** @param {import("node:child_process").ChildProcess} child */
async function interrupt(child) {
  if (child.exitCode !== null || child.signalCode !== null) return { code: child.exitCode, seconds: 0 };
  const start = performance.now();
  const closed = once(child, "close");
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), EXIT_MS);
  const [code] = await closed;
  clearTimeout(timer);
  return { code, seconds: (performance.now() - start) / 1000 };
}

/** @returns {Promise<number>} a port that was free a moment ago */
async function closedPort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 1;
}

/**
 * Maps as JSON has them.
 * @param {object} value
 */
function plain(value) {
  return JSON.parse(
    JSON.stringify(value, (name, each) => {
      if (name === "entries") return undefined;
      return each instanceof Map ? Object.fromEntries(each) : each;
    }),
  );
}
