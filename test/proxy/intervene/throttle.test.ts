// Throttled bodies end to end: whole, and not piled up in memory on the way.
import { createHash, randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { httpOrigin } from "../../support/origin.js";
import { connectThrough } from "../../support/raw-client.js";
import { world } from "../../support/world.js";
import { client, gotBy, ROUTES, ruledProxy, tellingOrigin } from "./support.js";

const { authority, opened } = world();
/** What may lie between a writer and a reader that stopped: windows, the buffers of Node and of the kernel. */
const IN_BETWEEN = 24 * 1024 * 1024;

describe.each(ROUTES)("from %s to %s", (from, to) => {
  test("a throttled body is whole", async () => {
    const origin = await opened(tellingOrigin(authority, to));
    const proxy = await ruledProxy(authority, () => ({
      request: () => ({ kind: "continue", throttle: { up: 200_000, down: 200_000 } }),
    }));
    const user = await client(proxy, origin.port, from);
    const body = "0123456789".repeat(2000);
    const started = performance.now();
    const answer = await user.send({ method: "POST", body });
    expect(gotBy(answer)).toMatchObject({ body });
    expect(answer.trailers).toMatchObject({ "x-sum": "1" });
    // 20 KB each way: a tenth of a second, twice.
    expect(performance.now() - started).toBeGreaterThan(150);
    const exchange = await proxy.next();
    expect(exchange.request.body).toMatchObject({ size: 20_000 });
    expect(exchange.forwarded).toBeUndefined();
  });
});

test("a throttled answer of ours is whole", async () => {
  const body = randomBytes(30_000);
  const proxy = await ruledProxy(authority, () => ({
    request: () => ({ kind: "respond", status: 200, headers: [], body, throttle: { down: 300_000 } }),
  }));
  const user = await client(proxy, 1, "h1");
  expect((await user.send({})).body).toEqual(body);
});

test("an origin that is faster than the throttle waits", async () => {
  const size = 64 * 1024 * 1024;
  let written = 0;
  const piece = Buffer.alloc(64 * 1024);
  const origin = await opened(
    httpOrigin((_request, response) => {
      response.writeHead(200, { "Content-Length": size });
      const push = (): void => {
        while (written < size) {
          written += piece.length;
          if (!response.write(piece)) {
            response.once("drain", push);
            return;
          }
        }
        response.end();
      };
      push();
    }),
  );
  const proxy = await ruledProxy(authority, () => ({
    request: () => ({ kind: "continue", throttle: { down: 1_000_000 } }),
  }));
  const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  let received = 0;
  for await (const chunk of socket as Readable) {
    received += (chunk as Buffer).length;
    if (received > 500_000) break;
  }
  expect(written).toBeLessThan(IN_BETWEEN);
  expect(await proxy.next()).toMatchObject({ error: { code: "client-closed" } });
});

test("a client that is faster than the throttle, or than a decision, waits", async () => {
  const size = 64 * 1024 * 1024;
  const origin = await opened(
    httpOrigin((request, response) => {
      const hash = createHash("sha256");
      let got = 0;
      request.on("data", (chunk: Buffer) => {
        hash.update(chunk);
        got += chunk.length;
        if (got > 300_000 && !response.headersSent) response.writeHead(200).flushHeaders();
      });
      request.on("error", () => {});
    }),
  );
  let held: (decide: () => void) => void = () => {};
  const decision = new Promise<() => void>((resolve) => {
    held = resolve;
  });
  const proxy = await ruledProxy(authority, () => ({
    request: () =>
      new Promise((resolve) => {
        held(() => resolve({ kind: "continue", throttle: { up: 1_000_000 } }));
      }),
  }));
  const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
  const piece = Buffer.alloc(64 * 1024);
  let pushed = 0;
  let stalled: () => void = () => {};
  const full = new Promise<void>((resolve) => {
    stalled = resolve;
  });
  const push = (): void => {
    while (pushed < size) {
      pushed += piece.length;
      if (socket.write(piece)) continue;
      socket.once("drain", push);
      // Whoever waits for a drain that does not come is being held back.
      if (pushed > 1024 * 1024) stalled();
      return;
    }
  };
  push();
  await full;
  (await decision)();
  await new Promise((resolve) => socket.once("data", resolve));
  expect(pushed).toBeLessThan(IN_BETWEEN);
  socket.destroy();
});
