// Replays 10,000 recorded exchanges and prints how fast, and how much memory it took at the most:
//   npm run build && node bench/replay.mjs [exchanges] [bytes of each response]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const dist = resolve(import.meta.dirname, "../dist");
const { writeSession } = await import(join(dist, "src/operations/write-session.js"));
const { createExchangeIds } = await import(join(dist, "src/exchange/id.js"));
const [count = 10_000, size = 10_000] = process.argv.slice(2).map(Number);

const body = Buffer.alloc(size, "0123456789");
const server = http.createServer((request, response) => {
  request.resume();
  response.setHeader("Content-Type", "text/plain");
  response.end(body);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const host = `127.0.0.1:${server.address().port}`;
const home = await mkdtemp(join(tmpdir(), "trafficctl-bench-"));
try {
  await record(host);
  for (const flags of [[], ["--compare"], ["--concurrency", "8"]]) await measure(flags);
} finally {
  server.close();
  await rm(home, { recursive: true, force: true });
}

async function record(host) {
  const newId = createExchangeIds();
  await writeSession({ home, name: "old", options: {} }, async (writer) => {
    for (let at = 0; at < count; at++) {
      const start = Date.now();
      const request = Buffer.from(`{"n":${at}}`);
      const target = `/items/${at}`;
      const headers = [
        ["Host", host],
        ["Content-Length", String(request.length)],
      ];
      const exchange = {
        kind: "http",
        id: newId(start),
        seq: at + 1,
        startedAt: new Date(start).toISOString(),
        duration: 1,
        timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait: 1, receive: 0 },
        request: {
          ...{ method: "POST", url: `http://${host}${target}`, target, httpVersion: "HTTP/1.1", headers },
          ...{ headersSize: 100, body: { kind: "empty", size: request.length } },
        },
        response: {
          ...{
            status: 200,
            reason: "OK",
            httpVersion: "HTTP/1.1",
            headers: [["Content-Type", "text/plain"]],
          },
          ...{ headersSize: 40, body: { kind: "empty", size: body.length } },
        },
      };
      await writer.exchange(exchange, { request, response: body });
    }
  });
}

async function measure(flags) {
  const args = ["replay", "old", "--execute", "--limit", String(count), "--json", "--home", home, ...flags];
  const started = performance.now();
  const child = spawn(process.execPath, [join(dist, "bin/trafficctl.js"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let tail = "";
  let peak = 0;
  const samples = [];
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    if (kilobytes === 0) return;
    peak = Math.max(peak, kilobytes / 1024);
    samples.push(Math.round(kilobytes / 1024));
  }, 200);
  child.stdout.on("data", (data) => {
    tail = (tail + data).slice(-2000);
  });
  const [code] = await once(child, "close");
  clearInterval(timer);
  const seconds = (performance.now() - started) / 1000;
  const every = Math.max(1, Math.floor(samples.length / 10));
  process.stdout.write(
    `${flags.join(" ") || "one after another"}: exit ${code}, ${seconds.toFixed(1)} s, ` +
      `${((seconds * 1e6) / count).toFixed(0)} us a request, at most ${peak.toFixed(0)} MB; ` +
      `over time ${samples.filter((_, at) => at % every === 0).join(" ")}\n` +
      `${/"counts":\{[^}]*\}/.exec(tail)?.[0] ?? tail}\n`,
  );
}
