// A HAR of 2 GB through the command line: `import`, `export --no-redact`, `export`; speed and peak memory of each.
//   node bench/har-cli.mjs [--mb 2000] [--folder FOLDER]
// Needs a build (npm run build) and four times as much disk. Exit code 1 when one takes more than 250 MB, or import or
// export without redaction is slower than 100 MB/s of CPU time. Redaction has no goal of its own: it is reported.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const SLOWEST = 100;
const MOST_MEMORY = 250;
const CLI = new URL("../dist/bin/trafficctl.js", import.meta.url).pathname;

/** Loaded into the command: says at its end what it took. */
const REPORT = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from "node:fs";
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    const memory = process.resourceUsage().maxRSS / 1024;
    writeSync(3, JSON.stringify({ cpu: (user + system) / 1e6, memory }));
  });`)}`;

function measure(name, args, path, hasGoal) {
  const started = performance.now();
  const { status, output } = spawnSync(process.execPath, ["--import", REPORT, CLI, ...args], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  const { cpu, memory } = JSON.parse(output[3].toString());
  const size = statSync(path).size / 1e6;
  const wall = (performance.now() - started) / 1000;
  const speed = size / cpu;
  process.stdout.write(
    `${name}: ${size.toFixed(0)} MB, ${(size / wall).toFixed(0)} MB/s, ${speed.toFixed(0)} MB/s of CPU time, at most ${memory.toFixed(0)} MB\n`,
  );
  if ((hasGoal && speed < SLOWEST) || memory > MOST_MEMORY) process.exitCode = 1;
}

const { values } = parseArgs({
  options: { mb: { type: "string", default: "2000" }, folder: { type: "string", default: tmpdir() } },
});
const folder = mkdtempSync(join(values.folder, "trafficctl-bench-"));
try {
  const har = join(folder, "a.har");
  const out = join(folder, "b.har");
  const writer = new URL("har.mjs", import.meta.url).pathname;
  execFileSync(process.execPath, [writer, "write", har, "--mb", values.mb], { stdio: "inherit" });
  const home = ["--home", folder];
  measure("import", ["import", har, "--session", "bench", ...home], har, true);
  rmSync(har);
  measure("export --no-redact", ["export", "bench", "--no-redact", "-o", out, ...home], out, true);
  measure("export", ["export", "bench", "-o", out, ...home], out, false);
} finally {
  rmSync(folder, { recursive: true });
}
