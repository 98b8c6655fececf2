// Wire tests of WebSocket with the ws package on both sides: what it negotiates, and much data in little memory.
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { type PerMessageDeflateOptions, WebSocket, WebSocketServer } from "ws";
import { startRecord } from "../support/cli.js";
import { httpsOrigin, type Origin } from "../support/origin.js";
import { secureThrough } from "../support/raw-client.js";
import { openBench, type WireBench } from "./bench.js";
import { wireTest } from "./statement.js";

let bench: WireBench;
const open: (() => unknown)[] = [];
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A wss origin that sends each message back. */
async function echoOrigin(perMessageDeflate: PerMessageDeflateOptions | boolean): Promise<Origin> {
  const origin = await httpsOrigin(bench.authority, (_request, response) => response.end());
  open.push(() => origin.close());
  const server = new WebSocketServer({
    server: origin.server as http.Server,
    perMessageDeflate,
    maxPayload: 64 * 1024 * 1024,
  });
  server.on("connection", (socket) => {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
  return origin;
}

interface Through {
  readonly port: number;
  readonly ca: string;
}

async function connect(
  through: Through,
  origin: Origin,
  perMessageDeflate: PerMessageDeflateOptions | boolean,
): Promise<WebSocket> {
  const socket = await secureThrough(through.port, `localhost:${origin.port}`, {
    ca: through.ca,
    servername: "localhost",
  });
  const client = new WebSocket(`ws://localhost:${origin.port}/`, {
    createConnection: () => socket,
    perMessageDeflate,
    maxPayload: 64 * 1024 * 1024,
  });
  open.push(() => client.terminate());
  await once(client, "open");
  return client;
}

const TEXT = "The quick brown fox jumps over the lazy dog. ".repeat(100);
const NO_CONTEXT = { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 };

describe.each<[name: string, options: PerMessageDeflateOptions]>([
  ["with context", { threshold: 0 }],
  ["without context", NO_CONTEXT],
  ["windows of 2^9 and 2^10", { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 10 }],
  ["a threshold, so that small messages are not compressed", { threshold: 1024 }],
])("permessage-deflate %s", (_name, options) => {
  wireTest("ws-deflate-peers", async () => {
    const origin = await echoOrigin(options);
    const client = await connect(
      { port: bench.recording.port, ca: bench.recording.ca.certPem },
      origin,
      options,
    );
    expect(client.extensions).toContain("permessage-deflate");
    const sent = ["", "a", TEXT, TEXT, "", TEXT.repeat(20)];
    for (const text of sent) {
      client.send(text);
      const [data] = (await once(client, "message")) as [Buffer];
      expect(data.toString()).toBe(text);
    }
    client.close(1000, "done");
    await once(client, "close");
    const [exchange] = await bench.recorded(origin.port, 1);
    expect(exchange).toMatchObject({
      kind: "websocket",
      close: { by: "client", code: 1000, reason: "done" },
    });
    expect(exchange!.error).toBeUndefined();
    const messages = (await bench.messages(exchange!)).filter(({ opcode }) => opcode === 1);
    expect(messages.map(({ direction, body }) => [direction, body.size])).toEqual(
      sent.flatMap((text) => [
        ["send", text.length],
        ["receive", text.length],
      ]),
    );
    expect(messages.every(({ compressed, body }) => compressed === true || body.size < 1024)).toBe(true);
  });
});

/** The most memory that a process has had, in bytes. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) * 1024;
}

const MEGABYTE = 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024, TEXT);

/** Sends so many bytes in messages of this size, a few ahead of their echoes. */
async function echoMany(client: WebSocket, bytes: number, size: number): Promise<void> {
  const message = Buffer.alloc(size, PIECE);
  const ahead = Math.max(1, Math.floor(MEGABYTE / size));
  let [sent, back] = [0, 0];
  const count = bytes / size;
  await new Promise<void>((resolve, reject) => {
    const more = (): void => {
      while (sent < count && sent - back < ahead) {
        client.send(message);
        sent++;
      }
    };
    client.on("error", reject);
    client.on("message", (data: Buffer) => {
      if (data.length !== size) reject(new Error(`${data.length} bytes came back`));
      if (++back === count) resolve();
      else more();
    });
    more();
  });
  client.removeAllListeners("message");
}

describe.skipIf(process.platform !== "linux")("memory (read from /proc, so on Linux only)", () => {
  wireTest("ws-100mb", async () => {
    const home = await mkdtemp(join(tmpdir(), "wire-ws-"));
    open.push(() => rm(home, { recursive: true, force: true }));
    const cli = await startRecord(["--port", "0", "--home", home, "--upstream-ca", bench.authority.caPath]);
    open.push(async () => {
      cli.child.kill("SIGTERM");
      await cli.ended();
    });
    const through = { port: Number(cli.ready.port), ca: await readFile(String(cli.ready.caCert), "utf8") };
    const plain = await connect(through, await echoOrigin(false), false);
    const compressed = await connect(through, await echoOrigin(NO_CONTEXT), NO_CONTEXT);
    for (const client of [plain, compressed]) await echoMany(client, 32 * 64 * 1024, 64 * 1024);
    const before = await peakMemory(cli.child.pid!);
    await echoMany(plain, 50 * MEGABYTE, 64 * 1024);
    await echoMany(plain, 32 * MEGABYTE, 16 * MEGABYTE);
    await echoMany(compressed, 20 * MEGABYTE, 64 * 1024);
    const grown = (await peakMemory(cli.child.pid!)) - before;
    // More than 100 MB passed each way: what is held on to shows.
    expect(grown / MEGABYTE).toBeLessThan(110);
  });
});
