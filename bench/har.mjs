// A HAR of 2 GB out and in again: speed and peak memory of the writer, the reader and the checks, each in a process of
// its own.
//   node bench/har.mjs [--mb 2000] [--folder FOLDER]
// Needs a build (npm run build) and as much disk. Exit code 1 when one is slower than 100 MB/s of CPU time or takes more
// than 250 MB.
import { execFileSync } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const SLOWEST = 100;
const MOST_MEMORY = 250;
const dist = (name) => import(new URL(`../dist/src/${name}.js`, import.meta.url).href);

/** Sorts of traffic, with about that share of the bytes. */
const KINDS = [
  { name: "headers", type: "text/plain", body: Buffer.from("ok") },
  {
    name: "json",
    type: "application/json",
    body: Buffer.from(JSON.stringify({ list: Array(500).fill({ näme: 'w\n"x"' }) })),
  },
  { name: "images", type: "image/png", body: Buffer.alloc(60_000, "0123456789abcdef\xff") },
  {
    name: "downloads",
    type: "application/octet-stream",
    body: Buffer.alloc(8 << 20, "0123456789abcdef\xff"),
  },
];

function exchangeOf(index, { type, body }) {
  const headers = Array.from({ length: 14 }, (_, at) => [
    `X-Header-${at}`,
    `a value of middling length, ${at}`,
  ]);
  const startedAt = new Date(1.7e12 + index).toISOString();
  const request = {
    method: "GET",
    url: `https://example.com/api/${index}?a=1`,
    target: `/api/${index}?a=1`,
    httpVersion: "HTTP/1.1",
    headers,
    headersSize: 700,
    body: { kind: "empty", size: 0 },
  };
  const response = {
    status: 200,
    reason: "OK",
    httpVersion: "HTTP/1.1",
    headers: [...headers, ["Content-Type", type]],
    headersSize: 700,
    body: { kind: "empty", size: body.length },
  };
  const timings = { blocked: 1, dns: -1, connect: -1, ssl: -1, send: 0.5, wait: 20, receive: 3 };
  return {
    kind: "http",
    id: "0".repeat(26),
    seq: index,
    startedAt,
    duration: 24.5,
    request,
    response,
    timings,
  };
}

const TASKS = {
  async write(path, megabytes) {
    const { writeHar } = await dist("har/write");
    const { entryOf } = await dist("har/to-entry");
    const share = (megabytes * 1e6) / KINDS.length;
    function* items() {
      let index = 0;
      for (const kind of KINDS) {
        const size =
          kind.body.length * (kind.type.startsWith("text") || kind.type.endsWith("json") ? 1 : 4 / 3) + 3000;
        for (let bytes = 0; bytes < share; bytes += size) {
          yield entryOf({
            exchange: exchangeOf(++index, kind),
            open: false,
            requestContent: {},
            responseContent: { bytes: kind.body },
          });
        }
      }
    }
    await writeHar(items(), { creator: { name: "bench", version: "1" } }, createWriteStream(path));
  },
  async read(path) {
    const { openHar } = await dist("har/open");
    const { readHar } = await dist("har/read");
    const { fromEntry } = await dist("har/from-entry");
    const { createExchangeIds } = await dist("exchange/id");
    const createId = createExchangeIds();
    const har = await openHar(path);
    for await (const part of readHar(har.chunks(), { strict: true })) {
      const result = fromEntry(part.entry, { ...part, strict: true, seq: 1, createId });
      const { data } = result.responseBody;
      if (typeof data === "function") for (const _ of data());
    }
    await har.close();
  },
  async validate(path) {
    const { openHar } = await dist("har/open");
    const { validateHar } = await dist("har/validate");
    const har = await openHar(path);
    for await (const finding of validateHar(har.chunks())) throw new Error(JSON.stringify(finding));
    await har.close();
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { mb: { type: "string", default: "2000" }, folder: { type: "string", default: tmpdir() } },
});
const [task, path] = positionals;
if (task !== undefined) {
  const started = performance.now();
  await TASKS[task](path, Number(values.mb));
  const { user, system } = process.cpuUsage();
  const size = statSync(path).size / 1e6;
  const cpu = size / ((user + system) / 1e6);
  const memory = process.resourceUsage().maxRSS / 1024;
  const wall = size / ((performance.now() - started) / 1000);
  process.stdout.write(
    `${task}: ${size.toFixed(0)} MB, ${wall.toFixed(0)} MB/s, ${cpu.toFixed(0)} MB/s of CPU time, at most ${memory.toFixed(0)} MB\n`,
  );
  // The checks are ajv's; they have no goal of their own.
  if ((cpu < SLOWEST && task !== "validate") || memory > MOST_MEMORY) process.exitCode = 1;
} else {
  const folder = mkdtempSync(join(values.folder, "trafficctl-bench-"));
  try {
    for (const name of Object.keys(TASKS)) {
      const args = [import.meta.filename, name, join(folder, "a.har"), "--mb", values.mb];
      try {
        execFileSync(process.execPath, args, { stdio: "inherit" });
      } catch {
        process.exitCode = 1;
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
