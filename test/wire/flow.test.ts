// Wire tests of much data: every byte arrives, and who stops reading stops who writes.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Body } from "../../src/exchange/body.js";
import { type Origin, rawOrigin, rawTlsOrigin } from "../support/origin.js";
import { readToEnd, readUntil } from "../support/raw-client.js";
import { settled } from "../support/settled.js";
import { openBench, type WireBench } from "./bench.js";
import { head, type Mode, ok } from "./case.js";
import { type Pump, pump } from "./pump.js";
import { wireTest } from "./statement.js";

const SIZE = 64 * 1024 * 1024;
/** What may lie between a writer and a reader that stopped: the kernel's buffers of two connections, and a little of ours. */
const IN_BETWEEN = 24 * 1024 * 1024;

let bench: WireBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** Bytes that differ everywhere, the same each time. */
const pattern = Buffer.alloc(
  1024 * 1024 + 17,
  Array.from({ length: 997 }, (_, n) => String.fromCharCode(n % 251)).join(""),
  "latin1",
);
function piece(from: number, length: number): Buffer {
  const start = (from * 31) % (pattern.length - length);
  return pattern.subarray(start, start + length);
}

function expectedHash(): string {
  const hash = createHash("sha256");
  for (let at = 0; at < SIZE; at += 64 * 1024) hash.update(piece(at, 64 * 1024));
  return hash.digest("hex");
}

/** Hashes `size` bytes of what comes. */
function hashOf(socket: Socket, size: number): Promise<string> {
  const hash = createHash("sha256");
  let left = size;
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      hash.update(chunk.subarray(0, left));
      left -= Math.min(left, chunk.length);
      if (left > 0) return;
      socket.off("data", onData);
      resolve(hash.digest("hex"));
    };
    socket.on("data", onData);
    socket.on("close", () => reject(new Error(`the connection closed ${left} bytes early`)));
    socket.resume();
  });
}

async function recordedHash(body: Body): Promise<string> {
  if (body.kind !== "file") throw new Error(`recorded as ${body.kind}`);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(join(bench.recording.session.path, body.file)))
    hash.update(chunk);
  return hash.digest("hex");
}

const origin = (mode: Mode, onConnection: (socket: Socket) => void): Promise<Origin> =>
  mode === "tls" ? rawTlsOrigin(bench.authority, onConnection) : rawOrigin(onConnection);

const get = (mode: Mode, port: number, ...fields: string[]): string =>
  head(
    `GET ${mode === "absolute" ? `http://localhost:${port}` : ""}/a HTTP/1.1`,
    `Host: localhost:${port}`,
    ...fields,
  );

/** Exchanges that go round on a connection of their own. */
async function roundTrips(): Promise<{ round: () => Promise<unknown>; close: () => Promise<void> }> {
  const other = await rawOrigin((socket) =>
    socket.on("data", () => socket.write(head("HTTP/1.1 204 No Content"))),
  );
  const { socket } = await bench.connectThroughProxy("tunnel", other.port);
  return {
    round: () => {
      socket.write(get("tunnel", other.port));
      return readUntil(socket, "\r\n\r\n");
    },
    close: () => {
      socket.destroy();
      return other.close();
    },
  };
}

describe.each<Mode>(["absolute", "tls"])("much data [%s]", (mode) => {
  wireTest("64mb-down", async () => {
    const server = await origin(mode, (socket) => {
      void readUntil(socket, "\r\n\r\n").then(async () => {
        socket.write(head("HTTP/1.1 200 OK", `Content-Length: ${SIZE}`, "Connection: close"));
        await pump(socket, SIZE, piece).done;
        socket.end();
      });
    });
    const { socket } = await bench.connectThroughProxy(mode, server.port);
    socket.write(get(mode, server.port));
    await readUntil(socket, "\r\n\r\n");
    expect(await hashOf(socket, SIZE)).toBe(expectedHash());
    const [exchange] = await bench.recorded(server.port, 1);
    if (exchange?.kind !== "http") throw new Error("no exchange");
    expect(exchange.response?.body.size).toBe(SIZE);
    expect(await recordedHash(exchange.response!.body)).toBe(expectedHash());
    await server.close();
  });

  wireTest("64mb-up", async () => {
    let hash: Promise<string> | undefined;
    const server = await origin(mode, (socket) => {
      void readUntil(socket, "\r\n\r\n").then(async () => {
        hash = hashOf(socket, SIZE);
        await hash;
        socket.end(ok("ok"));
      });
    });
    const { socket } = await bench.connectThroughProxy(mode, server.port);
    socket.write(get(mode, server.port, `Content-Length: ${SIZE}`).replace("GET", "PUT"));
    await pump(socket, SIZE, piece).done;
    expect((await readToEnd(socket)).text).toBe(ok("ok"));
    expect(await hash).toBe(expectedHash());
    const [exchange] = await bench.recorded(server.port, 1);
    expect(exchange!.request.body.size).toBe(SIZE);
    expect(await recordedHash(exchange!.request.body)).toBe(expectedHash());
    await server.close();
  });

  wireTest("early-while-uploading", async () => {
    const answer = `${head("HTTP/1.1 413 Content Too Large", "Content-Length: 7", "Connection: close")}too big`;
    const server = await origin(mode, (socket) => {
      void readUntil(socket, "\r\n\r\n").then(() => socket.end(answer));
    });
    const { socket } = await bench.connectThroughProxy(mode, server.port);
    socket.write(get(mode, server.port, `Content-Length: ${SIZE}`).replace("GET", "PUT"));
    const upload = pump(socket, SIZE / 2, piece).done;
    expect(await readToEnd(socket)).toEqual({ text: answer, ending: "clean" });
    await upload;
    socket.destroy();
    const [exchange] = await bench.recorded(server.port, 1);
    expect(exchange).toMatchObject({ response: { status: 413 } });
    expect(exchange!.error).toBeUndefined();
    await server.close();
  });

  wireTest("reader-stops-down", async () => {
    let writer: Pump | undefined;
    const server = await origin(mode, (socket) => {
      void readUntil(socket, "\r\n\r\n").then(async () => {
        socket.write(head("HTTP/1.1 200 OK", `Content-Length: ${SIZE}`, "Connection: close"));
        writer = pump(socket, SIZE, piece);
        await writer.done;
        socket.end();
      });
    });
    const { socket } = await bench.connectThroughProxy(mode, server.port);
    socket.write(get(mode, server.port));
    await readUntil(socket, "\r\n\r\n");
    const other = await roundTrips();
    const taken = await settled(() => writer?.taken() ?? 0, other.round);
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(IN_BETWEEN);
    // And when it reads again, all of it comes.
    expect(await hashOf(socket, SIZE)).toBe(expectedHash());
    await other.close();
    await server.close();
  });

  wireTest("reader-stops-up", async () => {
    let take: (socket: Socket) => void;
    const taken = new Promise<Socket>((resolve) => {
      take = resolve;
    });
    const server = await origin(mode, (socket) => {
      void readUntil(socket, "\r\n\r\n").then(() => take(socket));
    });
    const { socket } = await bench.connectThroughProxy(mode, server.port);
    socket.write(get(mode, server.port, `Content-Length: ${SIZE}`).replace("GET", "PUT"));
    const writer = pump(socket, SIZE, piece);
    const reader = await taken;
    const other = await roundTrips();
    const written = await settled(writer.taken, other.round);
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(IN_BETWEEN);
    expect(await hashOf(reader, SIZE)).toBe(expectedHash());
    reader.end(ok("ok"));
    expect((await readToEnd(socket)).text).toBe(ok("ok"));
    await other.close();
    await server.close();
  });
});
