// What recording alone costs, in microseconds of CPU per exchange: `node bench/recorder.mjs` after `npm run build`.
// TRAFFICCTL_DIST names another build.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const dist = resolve(process.env.TRAFFICCTL_DIST ?? join(import.meta.dirname, "..", "dist"));
const load = (file) => import(pathToFileURL(join(dist, "src", file)).href);
const { createRecorder } = await load("session/recorder.js");
const { createExchangeIds } = await load("exchange/id.js");

const newId = createExchangeIds();
const tick = () => new Promise((done) => setImmediate(done));
const json = (size) =>
  Buffer.from(JSON.stringify({ items: Array(size).fill({ id: 1, name: "é tea" }) })).subarray(0, size);

function exchange(recorder, id, seq, body) {
  return {
    kind: "http",
    id,
    seq,
    startedAt: new Date().toISOString(),
    duration: 1.234,
    client: {
      address: "127.0.0.1",
      port: 50000,
      tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", alpn: "http/1.1", sni: "localhost" },
    },
    server: {
      address: "127.0.0.1",
      port: 8443,
      connectionId: 3,
      reused: true,
      tls: {
        version: "TLSv1.3",
        cipher: "TLS_AES_256_GCM_SHA384",
        alpn: "http/1.1",
        sni: "localhost",
        certificate: null,
      },
    },
    request: {
      method: "GET",
      url: `https://localhost:8443/things/${seq}`,
      target: `/things/${seq}`,
      httpVersion: "HTTP/1.1",
      headers: [
        ["Host", "localhost:8443"],
        ["User-Agent", "bench/1.0"],
        ["Accept", "*/*"],
        ["Connection", "keep-alive"],
      ],
      headersSize: 120,
      body: recorder.openBody({ id, part: "request" }).end(),
    },
    response: {
      status: 200,
      reason: "OK",
      httpVersion: "HTTP/1.1",
      headers: [
        ["Content-Type", "application/json"],
        ["Content-Length", "1024"],
        ["Date", "Fri, 20 Nov 2026 21:35:06 GMT"],
        ["Connection", "keep-alive"],
      ],
      headersSize: 160,
      body,
    },
    timings: { blocked: 0.01, dns: -1, connect: -1, ssl: -1, send: 0.123, wait: 1.0123, receive: 0.0712 },
  };
}

async function run(name, { count, perTick, chunks, warm = 2000, options = {} }) {
  const home = await mkdtemp(join(tmpdir(), "trafficctl-bench-"));
  const recorder = await createRecorder({
    home,
    bodies: true,
    maxDisk: Infinity,
    options: {},
    version: "bench",
    ...options,
  });
  const round = async (n) => {
    for (let i = 0; i < n; i++) {
      const id = newId(Date.now());
      const writer = recorder.openBody({ id, part: "response" });
      for (const [k, chunk] of chunks.entries()) {
        if (k > 0) await tick();
        writer.write(chunk);
        if (recorder.behind) await new Promise((done) => recorder.onDrain(done));
      }
      recorder.finished(exchange(recorder, id, recorder.nextSeq(), writer.end()));
      if (i % perTick === 0) await tick();
      if (recorder.behind) await new Promise((done) => recorder.onDrain(done));
    }
  };
  await round(warm);
  const before = process.cpuUsage();
  const start = performance.now();
  let peak = 0;
  const sample = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  await round(count);
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - start) / 1000;
  clearInterval(sample);
  const manifest = await recorder.close();
  const columns = [
    name.padEnd(30),
    `${((user + system) / count).toFixed(1)} us (user ${(user / count).toFixed(1)})`.padEnd(30),
    `${Math.round(count / seconds)}/s`.padEnd(10),
    `${Math.round(peak / 2 ** 20)} MB rss`,
    manifest.stop?.message ?? "",
  ];
  process.stdout.write(`${columns.join(" ").trimEnd()}\n`);
  await rm(home, { recursive: true });
}

const small = [json(1024, "tea")];
await run("1 KB", { count: 50_000, perTick: 20, chunks: small });
await run("1 KB, 100,000", { count: 100_000, perTick: 20, chunks: small });
await run("1 KB, --max-exchanges 1000", {
  count: 50_000,
  perTick: 20,
  chunks: small,
  options: { maxExchanges: 1000 },
});
await run("1 KB, --no-bodies", { count: 50_000, perTick: 20, chunks: small, options: { bodies: false } });
await run("1 KB, not ASCII", { count: 50_000, perTick: 20, chunks: [json(1024, "thé")] });
await run("10 KB", { count: 10_000, perTick: 20, chunks: [json(10_240, "tea")] });
await run("100 KB in two chunks", {
  count: 2000,
  perTick: 4,
  chunks: [Buffer.alloc(65_536, 1), Buffer.alloc(36_864, 2)],
});
await run("512 MB in 64 KB chunks", {
  count: 1,
  perTick: 1,
  warm: 0,
  chunks: Array(8192).fill(Buffer.alloc(65_536, 1)),
});
