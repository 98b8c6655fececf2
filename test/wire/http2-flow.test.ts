// Wire tests of much at once over HTTP/2, and where it meets HTTP/1: every byte arrives, who stops reading stops who
// writes, a hundred streams share a connection.
import { createHash } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { Readable, Writable } from "node:stream";
import { afterAll, afterEach, beforeAll, describe, expect, vi } from "vitest";
import { CLIENT_PREFACE, FrameType } from "../../src/proxy/http2/frames.js";
import { frame } from "../proxy/http2/support.js";
import { ask, http2Through } from "../support/http2-client.js";
import { http2Origin, httpsOrigin, type Origin } from "../support/origin.js";
import { readUntil } from "../support/raw-client.js";
import { settled } from "../support/settled.js";
import { openBench, type WireBench } from "./bench.js";
import { head } from "./case.js";
import type { Http2Mode } from "./http2-case.js";
import { literalBlock } from "./http2-literals.js";
import { wireTest } from "./statement.js";

const SIZE = 64 * 1024 * 1024;
/** Where a reader stops: more than fits in between. */
const STOP_SIZE = SIZE / 2;
/** What may lie between a writer and a reader that stopped: windows, the buffers of Node and of the kernel. */
const IN_BETWEEN = 24 * 1024 * 1024;
const PIECE = Buffer.from(Array.from({ length: 65_521 }, (_, n) => (n * 7 + (n >> 8)) % 256));
const MODES: readonly Http2Mode[] = ["h2", "h2-h1", "h1-h2"];

let bench: WireBench;
const open: (() => unknown)[] = [];
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function kept<T extends Origin>(origin: Promise<T>): Promise<T> {
  const started = await origin;
  open.push(() => started.close());
  return started;
}

/** One request of a client, as streams. */
interface Exchange {
  readonly request: Writable;
  readonly response: Promise<Readable>;
}

type OnRequest = (request: Readable, response: Writable) => void;

async function startOrigin(mode: Http2Mode, onRequest: OnRequest): Promise<Origin> {
  if (mode === "h2-h1") return kept(httpsOrigin(bench.authority, onRequest));
  return kept(
    http2Origin(bench.authority, (stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200 });
      onRequest(stream, stream);
    }),
  );
}

async function post(mode: Http2Mode, port: number): Promise<Exchange> {
  const { socket } = await bench.connectThroughProxy(mode, port);
  open.push(() => socket.destroy());
  if (mode === "h1-h2") {
    const request = http.request({
      createConnection: () => socket,
      method: "POST",
      path: "/a",
      headers: { Host: `localhost:${port}` },
    });
    request.on("error", () => {});
    const response = once(request, "response").then(([message]) => message as http.IncomingMessage);
    return { request, response };
  }
  const session = http2.connect(`https://localhost:${port}`, { createConnection: () => socket });
  session.on("error", () => {});
  open.push(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": "/a" });
  stream.on("error", () => {});
  return { request: stream, response: once(stream, "response").then(() => stream) };
}

/** Writes at the reader's pace, and ends when `beforeEnd` has come. @returns what was handed over, and when all is */
function writeAll(
  to: Writable,
  size: number,
  beforeEnd?: Promise<unknown>,
): { readonly written: () => number; readonly done: Promise<void> } {
  let written = 0;
  const write = async (): Promise<void> => {
    while (written < size) {
      const piece = PIECE.subarray(0, Math.min(PIECE.length, size - written));
      written += piece.length;
      if (!to.write(piece)) await once(to, "drain");
    }
    await beforeEnd;
    to.end();
  };
  return { written: () => written, done: write() };
}

async function hashOf(from: Readable): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of from) hash.update(chunk);
  return hash.digest("hex");
}

const hashes = new Map<number, string>();
function expectedHash(size: number): string {
  const known = hashes.get(size);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for (let at = 0; at < size; at += PIECE.length)
    hash.update(PIECE.subarray(0, Math.min(PIECE.length, size - at)));
  const digest = hash.digest("hex");
  hashes.set(size, digest);
  return digest;
}

/** Exchanges that go round on a connection of their own. */
async function roundTrips(): Promise<() => Promise<unknown>> {
  const other = await startOrigin("h2", (_request, response) => response.end());
  const session = await http2Through(bench.recording, other.port);
  open.push(() => session.destroy());
  return () => ask(session, { ":path": "/" });
}

describe.each(MODES)("much data [%s]", (mode) => {
  wireTest("h2-64mb", async () => {
    const size = mode === "h2" ? SIZE : SIZE / 4;
    let up: Promise<string> | undefined;
    const origin = await startOrigin(mode, (request, response) => {
      up = hashOf(request);
      // Node's HTTP/1 client gives an upload up when it has the whole answer.
      void writeAll(response, size, up).done;
    });
    const { request, response } = await post(mode, origin.port);
    const upload = writeAll(request, size);
    expect(await hashOf(await response)).toBe(expectedHash(size));
    await upload.done;
    expect(await up).toBe(expectedHash(size));
    const [exchange] = await bench.recorded(origin.port, 1);
    expect(exchange).toMatchObject({ request: { body: { size } }, response: { body: { size } } });
    expect(exchange!.error).toBeUndefined();
  });

  wireTest("h2-reader-stops-down", async () => {
    let written = (): number => 0;
    const origin = await startOrigin(mode, (request, response) => {
      request.resume();
      ({ written } = writeAll(response, STOP_SIZE));
    });
    const { request, response } = await post(mode, origin.port);
    request.end();
    const reader = await response;
    const taken = await settled(() => written(), await roundTrips());
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(IN_BETWEEN);
    // And when it reads again, all of it comes.
    expect(await hashOf(reader)).toBe(expectedHash(STOP_SIZE));
  });

  wireTest("h2-reader-stops-up", async () => {
    let reader: Readable | undefined;
    let answer: Writable | undefined;
    const origin = await startOrigin(mode, (request, response) => {
      [reader, answer] = [request, response];
    });
    const { request, response } = await post(mode, origin.port);
    const upload = writeAll(request, STOP_SIZE);
    const round = await roundTrips();
    const written = await settled(() => (reader === undefined ? -1 : upload.written()), round);
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(IN_BETWEEN);
    expect(await hashOf(reader!)).toBe(expectedHash(STOP_SIZE));
    answer!.end();
    (await response).resume();
    await upload.done;
  });
});

describe("many streams", () => {
  wireTest("h2-100-streams", async () => {
    const origin = await startOrigin("h2", (request, response) => request.pipe(response));
    const session = await http2Through(bench.recording, origin.port);
    open.push(() => session.destroy());
    const bodies = Array.from({ length: 100 }, (_, n) => PIECE.subarray(n, n * 600));
    const answers = await Promise.all(
      bodies.map((body) => ask(session, { ":method": "POST", ":path": "/" }, body)),
    );
    for (const [index, { body }] of answers.entries()) expect(body.equals(bodies[index]!)).toBe(true);
    expect(origin.connections()).toBe(1);
    expect(await bench.recorded(origin.port, 100)).toHaveLength(100);
  });

  wireTest("h2-slow-stream", async () => {
    const origin = await startOrigin("h2", (request, response) => {
      request.resume();
      void writeAll(response, SIZE / 16).done;
    });
    const session = await http2Through(bench.recording, origin.port);
    open.push(() => session.destroy());
    const slow = session.request({ ":path": "/slow" });
    slow.on("error", () => {});
    await once(slow, "response");
    for (let n = 0; n < 3; n++) expect((await ask(session, { ":path": "/" })).body.length).toBe(SIZE / 16);
    expect(await hashOf(slow)).toBe(expectedHash(SIZE / 16));
  });

  wireTest("h2-rapid-reset", async () => {
    let begun = 0;
    const origin = await startOrigin("h2", () => {
      begun++;
    });
    const { socket } = await bench.connectThroughProxy("h2", origin.port);
    open.push(() => socket.destroy());
    let received = "";
    let ended = false;
    socket.on("data", (bytes: Buffer) => {
      received += bytes.toString("latin1");
    });
    const over = new Promise<void>((resolve) => {
      socket.on("end", () => {
        ended = true;
        resolve();
      });
    });
    socket.write(Buffer.concat([CLIENT_PREFACE, frame(FrameType.SETTINGS, 0, 0)]));
    const block = literalBlock([
      [":method", "GET"],
      [":scheme", "https"],
      [":authority", `localhost:${origin.port}`],
      [":path", "/"],
    ]);
    // Each is opened and reset in one breath, in many reads, so that some have reached the origin by then.
    const limit = 20_000;
    let asked = 0;
    for (; asked < limit && !ended; asked++) {
      const stream = asked * 2 + 1;
      socket.write(
        Buffer.concat([
          frame(FrameType.HEADERS, 5, stream, block),
          frame(FrameType.RST_STREAM, 0, stream, "00000008"),
        ]),
      );
      if (asked % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await over;
    expect(asked).toBeLessThan(limit);
    expect(received).toContain("too many streams reset");
    expect(begun).toBeLessThan(2000);
    const told = bench.recording.failures.map(({ message }) => message);
    expect(told).toContainEqual(expect.stringContaining("ENHANCE_YOUR_CALM"));
    // Others are served as before.
    const round = await roundTrips();
    await round();
  });

  wireTest("h1-h2-client-closes", async () => {
    let reset = false;
    const origin = await startOrigin("h1-h2", (request, response) => {
      response.write("begun");
      request.on("close", () => {
        reset = true;
      });
    });
    const { socket } = await bench.connectThroughProxy("h1-h2", origin.port);
    socket.write(head("GET /a HTTP/1.1", `Host: localhost:${origin.port}`));
    await readUntil(socket, "begun");
    socket.destroy();
    const round = await roundTrips();
    for (let n = 0; n < 50 && !reset; n++) await round();
    expect(reset).toBe(true);
  });

  wireTest("h2-probe-serves", async () => {
    // As when trafficctl has been running for an hour.
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + 3_600_000);
    try {
      const origin = await startOrigin("h2-h1", (request, response) => request.pipe(response));
      const { request, response } = await post("h2-h1", origin.port);
      request.end("echoed");
      expect(await hashOf(await response)).toBe(createHash("sha256").update("echoed").digest("hex"));
      expect(origin.connections()).toBe(1);
    } finally {
      clock.mockRestore();
    }
  });
});
