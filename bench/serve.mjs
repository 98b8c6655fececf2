// How late `serve` sends events at a chosen pace, what an answer costs, and what a large session's index takes.
//   node bench/serve.mjs [--exchanges 100000] [--events 200] [--pace 50] [--clients 10]
// Needs a build (npm run build). Exit code 1 when an event is more than 20 ms off its time.
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const LATEST_MS = 20;
const { values } = parseArgs({
  options: {
    exchanges: { type: "string", default: "100000" },
    events: { type: "string", default: "200" },
    pace: { type: "string", default: "50" },
    clients: { type: "string", default: "10" },
  },
});
const [exchanges, events, pace, clients] = [values.exchanges, values.events, values.pace, values.clients].map(
  Number,
);
const dist = process.env.TRAFFICCTL_DIST ?? new URL("../dist", import.meta.url).pathname;
const load = (name) => import(join(dist, "src", `${name}.js`));

const { writeSession } = await load("operations/write-session");
const { serve } = await load("operations/serve");
const { createExchangeIds } = await load("exchange/id");

const home = mkdtempSync(join(tmpdir(), "trafficctl-bench-serve-"));
try {
  const lateness = await paceOf();
  await indexOf();
  process.exitCode = lateness > LATEST_MS ? 1 : 0;
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function paceOf() {
  const event = (at) => `data: {"at":${at},"text":"${"word ".repeat(8)}"}\n\n`;
  const body = Array.from({ length: events }, (_, at) => event(at)).join("");
  await write("stream", [{ path: "/stream", type: "text/event-stream", body }]);
  const server = await serve({ from: "stream", home, pace });
  const times = await Promise.all(Array.from({ length: clients }, () => arrivals(`${server.url}/stream`)));
  await server.stop();
  // From the first event on: against the chosen pace, not against the event before.
  const off = times
    .flatMap((list) => list.map((time, at) => Math.abs(time - list[0] - at * pace)))
    .sort((a, b) => a - b);
  const at = (share) => off[Math.min(off.length - 1, Math.floor(off.length * share))].toFixed(1);
  say(
    `${clients} clients, ${events} events, ${pace} ms apart: off by ${at(0.5)} ms (median), ${at(0.99)} (99 %), ${at(1)} (most)`,
  );
  return off.at(-1);
}

/** When each event came. */
function arrivals(url) {
  return new Promise((resolve, reject) => {
    http.get(url, { agent: false }, (response) => {
      const times = [];
      response.setEncoding("utf8").on("data", (text) => {
        const now = performance.now();
        for (let left = text.split("\n\n").length - 1; left > 0; left--) times.push(now);
      });
      response.on("end", () => resolve(times));
      response.on("error", reject);
    });
  });
}

async function indexOf() {
  const all = Array.from({ length: exchanges }, (_, at) => ({
    path: `/items/${at % 20_000}?page=${at}`,
    type: "application/json",
    body: `{"id":${at}}`,
  }));
  await write("large", all);
  all.length = 0;
  globalThis.gc?.();
  const before = process.memoryUsage();
  const started = performance.now();
  const server = await serve({ from: "large", home });
  const opened = performance.now() - started;
  globalThis.gc?.();
  const after = process.memoryUsage();
  const mb = (name) => ((after[name] - before[name]) / 1e6).toFixed(0);
  say(
    `${exchanges} exchanges: ready after ${opened.toFixed(0)} ms, heap +${mb("heapUsed")} MB, rss +${mb("rss")} MB`,
  );
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const asked = performance.now();
  const cpu = process.cpuUsage();
  const wanted = 5_000;
  let next = 0;
  const client = async () => {
    while (next < wanted) {
      const at = Math.floor((next++ * exchanges) / wanted);
      const text = await body(`${server.url}/items/${at % 20_000}?page=${at}`, agent);
      if (text !== `{"id":${at}}`) throw new Error(`wrong answer: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  const { user, system } = process.cpuUsage(cpu);
  say(
    `${wanted} answers in ${(performance.now() - asked).toFixed(0)} ms, ${((user + system) / wanted).toFixed(0)} µs of CPU each, client included`,
  );
  const missed = performance.now();
  await body(`${server.url}/nothing/there`, agent);
  say(`a miss after ${(performance.now() - missed).toFixed(1)} ms`);
  agent.destroy();
  await server.stop();
}

function body(url, agent) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece) => (text += piece));
      response.on("end", () => resolve(text));
    });
    request.on("error", reject);
  });
}

async function write(name, recorded) {
  const ids = createExchangeIds();
  await writeSession({ home, name, options: {} }, async (writer) => {
    for (const { path, type, body } of recorded) {
      const response = Buffer.from(body);
      const none = { kind: "empty", size: 0 };
      const timings = { blocked: 0, dns: -1, connect: -1, ssl: -1, send: 0, wait: 1, receive: 1 };
      const url = `https://api.test${path}`;
      const head = { httpVersion: "HTTP/1.1", headersSize: 100 };
      await writer.exchange(
        {
          kind: "http",
          id: ids(Date.now()),
          seq: 1,
          startedAt: new Date().toISOString(),
          duration: 2,
          request: { ...head, method: "GET", url, target: path, headers: [["Host", "api.test"]], body: none },
          response: {
            ...head,
            status: 200,
            reason: "OK",
            headers: [["Content-Type", type]],
            body: { ...none, size: response.length },
          },
          timings,
        },
        { request: Buffer.alloc(0), response },
      );
    }
  });
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
