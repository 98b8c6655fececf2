// What redaction adds to an export of mixed traffic: `export --no-redact` and `export` through the command line, in turns.
//   node bench/redact-export.mjs [--mb 500] [--rounds 2] [--folder FOLDER] [--dist FOLDER]
// Needs a build (npm run build) and four times as much disk. `--dist` may be given several times: then each is measured.
import { spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { traffic } from "./redact/traffic.mjs";

const { values } = parseArgs({
  options: {
    mb: { type: "string", default: "500" },
    rounds: { type: "string", default: "2" },
    folder: { type: "string", default: tmpdir() },
    dist: { type: "string", multiple: true, default: [resolve(import.meta.dirname, "../dist")] },
  },
});

/** Loaded into the command: says at its end what it took. */
const REPORT = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from "node:fs";
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    writeSync(3, JSON.stringify({ cpu: (user + system) / 1e6, memory: process.resourceUsage().maxRSS / 1024 }));
  });`)}`;

function run(dist, args) {
  const { status, output } = spawnSync(
    process.execPath,
    ["--import", REPORT, join(resolve(dist), "bin/trafficctl.js"), ...args],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  if (status !== 0) throw new Error(`${args[0]} ended with ${status}`);
  return JSON.parse(output[3].toString());
}

const folder = mkdtempSync(join(values.folder, "trafficctl-bench-"));
try {
  const [first] = values.dist;
  const load = (name) => import(pathToFileURL(resolve(first, `src/har/${name}.js`)).href);
  const { writeHar } = await load("write");
  const { entryOf } = await load("to-entry");
  const har = join(folder, "a.har");
  const items = traffic(Number(values.mb), entryOf);
  await writeHar(items, { creator: { name: "bench", version: "1" } }, createWriteStream(har));
  const home = ["--home", folder];
  run(first, ["import", har, "--session", "bench", ...home]);
  rmSync(har);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const dist of values.dist) {
      for (const flags of [["--no-redact"], []]) {
        const out = join(folder, "b.har");
        const { cpu, memory } = run(dist, ["export", "bench", "-o", out, ...flags, ...home]);
        const size = statSync(out).size / 1e6;
        const name = ["export", ...flags, ...(values.dist.length > 1 ? [`(${dist})`] : [])].join(" ");
        process.stdout.write(
          `${name}: ${size.toFixed(0)} MB, ${cpu.toFixed(1)} s, ${(size / cpu).toFixed(0)} MB/s of CPU time, at most ${memory.toFixed(0)} MB\n`,
        );
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
