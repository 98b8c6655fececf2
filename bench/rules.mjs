// What rules cost a request that none of them matches: the look that the proxy takes at each request's head.
// Alone: node bench/rules.mjs (after npm run build).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RecordingRules } from "../dist/src/operations/rules/recording-rules.js";
import { median } from "./statistics.mjs";

/** The one that a goal is set for, and those beside it. */
const RULES = 100;
const SIZES = [1, 10, RULES, 1000];
const ROUNDS = 15;
const REQUESTS = 20_000;

/** Matches as people write them; `n` makes each another one. */
const MATCHES = [
  (n) => `~u /orders/${n}`,
  (n) => `~d service-${n}.example.com`,
  (n) => `~m POST & ~u /checkout/${n}`,
  (n) => `~hq "x-tenant: t${n}"`,
  (n) => ({ host: `service-${n}.example.com` }),
  (n) => ({ path: `/v1/items-${n}/*` }),
  (n) => ({ url: `https://api.example.com/v2/reports-${n}/*` }),
  (n) => ({ method: "DELETE", path: `/v1/users/${n}` }),
  (n) => ({ query: { version: String(n) } }),
  (n) => ({ headers: { "x-flag": `/^on-${n}$/` } }),
];

/**
 * @typedef {object} RuleCost
 * @property {number} rules
 * @property {number} microseconds of CPU per request, beyond a recording without rules; the median
 */

/** @returns {Promise<RuleCost & { bySize: RuleCost[] }>} the cost of 100 rules, and of fewer and more */
export async function measureRules() {
  const folder = mkdtempSync(join(tmpdir(), "bench-rules-"));
  const none = await RecordingRules.open({}, LISTENERS);
  const sets = [];
  try {
    for (const size of SIZES) sets.push(await openRules(join(folder, `${size}.json`), size));
    const costs = new Map(sets.map((set) => [set, []]));
    // By turns, so that whatever else the machine does falls on all of them.
    for (let round = 0; round < ROUNDS; round++) {
      const without = perRequest(none);
      for (const [set, each] of costs) each.push(perRequest(set) - without);
    }
    const bySize = [...costs].map(([{ count }, each]) => ({ rules: count, microseconds: median(each) }));
    return { ...bySize.find(({ rules }) => rules === RULES), bySize };
  } finally {
    for (const set of [none, ...sets]) set.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const LISTENERS = { onRules() {}, onHeld() {}, onWarning() {} };

async function openRules(file, size) {
  const rules = Array.from({ length: size }, (_, n) => ({
    name: `rule ${n}`,
    match: MATCHES[n % MATCHES.length](n),
    actions: ["pass"],
  }));
  writeFileSync(file, JSON.stringify({ rules }));
  return await RecordingRules.open({ files: [file] }, LISTENERS);
}

/** @param {RecordingRules} rules */
function perRequest(rules) {
  const start = process.cpuUsage();
  for (let n = 0; n < REQUESTS; n++) {
    if (rules.begin(head(n)) !== undefined) throw new Error("a rule matches, and none should");
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / REQUESTS;
}

/** Another URL each time: nothing that is kept from the last one may help. */
function head(n) {
  return {
    id: undefined,
    method: "GET",
    url: `https://api.example.com/v1/users/u${n}/profile?fields=name,email&page=${n % 7}`,
    target: `/v1/users/u${n}/profile?fields=name,email&page=${n % 7}`,
    httpVersion: "HTTP/1.1",
    headers: [
      ["Host", "api.example.com"],
      ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"],
      ["Accept", "application/json, text/plain, */*"],
      ["Accept-Encoding", "gzip, deflate, br"],
      ["Authorization", "Bearer abcdefghijklmnopqrstuvwxyz"],
      ["Cookie", "session=0123456789; theme=dark"],
    ],
    upgrade: undefined,
    client: { address: "127.0.0.1", port: 50_000, tls: null },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { bySize } = await measureRules();
  for (const { rules, microseconds } of bySize) {
    process.stdout.write(
      `${rules} ${rules === 1 ? "rule that does" : "rules that do"} not match: ${microseconds.toFixed(2)} microseconds a request\n`,
    );
  }
}
