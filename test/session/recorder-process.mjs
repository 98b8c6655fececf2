// A recorder in a process of its own, to be killed or raced: node recorder-process.mjs MODULES load|claim|hold HOME NAME BATCH

import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, task, home, name, batch] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(join(modules, file)).href);
const { createRecorder } = await load("session/recorder.js");
const { createExchangeIds } = await load("exchange/id.js");
const newId = createExchangeIds();
const say = (line) => process.stdout.write(`${line}\n`);

const empty = { kind: "empty", size: 0 };
const request = {
  method: "GET",
  url: "http://example.test/",
  target: "/",
  httpVersion: "HTTP/1.1",
  headers: [],
  headersSize: 20,
  body: empty,
};
const base = () => ({
  startedAt: new Date().toISOString(),
  duration: 1,
  client: { address: "127.0.0.1", port: 1, tls: null },
  timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait: 1, receive: 0 },
});
const http = (id, seq, body, fields = {}) => ({
  kind: "http",
  id,
  seq,
  ...base(),
  request,
  response: { status: 200, reason: "OK", httpVersion: "HTTP/1.1", headers: [], headersSize: 20, body },
  ...fields,
});

try {
  const recorder = await createRecorder({
    home,
    ...(name ? { name } : {}),
    bodies: true,
    options: {},
    version: "0.0.0",
  });
  if (task === "claim") {
    say(`claimed ${recorder.id}`);
    await recorder.close();
  } else if (task === "hold") {
    say(`holding ${recorder.path}`);
    setInterval(() => {}, 1000);
  } else await underLoad(recorder);
} catch (error) {
  say(`failed ${error.code}`);
}

/** Long-lived exchanges first, then BATCH exchanges every 5 ms without end: small and large bodies in turn. */
async function underLoad(recorder) {
  const events = newId(Date.now());
  const stream = recorder.openBody({ id: events, part: "response", streamingSince: performance.now() });
  recorder.opened(http(events, recorder.nextSeq(), empty));
  stream.write(Buffer.from("data: 1\n\ndata: 2\n\n"));
  const socket = newId(Date.now());
  recorder.opened({ ...http(socket, recorder.nextSeq(), empty), kind: "websocket", messageCount: 0 });
  for (let seq = 1; seq <= 3; seq++) {
    const body = { kind: "text", size: 2, text: "hi" };
    recorder.message({
      exchange: socket,
      seq,
      time: new Date().toISOString(),
      direction: "send",
      opcode: 1,
      body,
    });
  }
  say(`started ${recorder.path} ${events} ${socket}`);
  for (;;) {
    const finished = [];
    for (let i = 0; i < Number(batch); i++) {
      const id = newId(Date.now());
      const seq = recorder.nextSeq();
      const writer = recorder.openBody({ id, part: "response" });
      writer.write(Buffer.alloc(seq % 10 === 0 ? 50_000 : 1000, 97));
      recorder.finished(http(id, seq, writer.end()));
      finished.push(id);
    }
    // Told 100 ms after the exchanges were over: from then on they must be on disk.
    setTimeout(() => say(`safe ${finished.join(" ")}`), 100);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
