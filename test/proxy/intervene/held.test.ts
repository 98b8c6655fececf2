// Exchanges that wait for a decision: many at once, with clients that leave, with a proxy that stops.
import http2 from "node:http2";
import { expect, test } from "vitest";
import type { RequestOutcome } from "../../../src/proxy/intervention.js";
import { httpOrigin } from "../../support/origin.js";
import { connectThrough, readUntil } from "../../support/raw-client.js";
import { world } from "../../support/world.js";
import { client, gotBy, http2Session, type Protocol, ROUTES, ruledProxy, tellingOrigin } from "./support.js";

const { authority, opened } = world();
const PROTOCOLS: readonly Protocol[] = ["h1", "h2"];
const CONTINUE: RequestOutcome = { kind: "continue" };

/** Decisions that the test makes, by hand. */
function gate() {
  const signals: AbortSignal[] = [];
  const decide: ((outcome: RequestOutcome) => void)[] = [];
  const arrivals: (() => void)[] = [];
  return {
    signals,
    decide,
    hold: (_message: unknown, signal: AbortSignal): Promise<RequestOutcome> => {
      signals.push(signal);
      return new Promise((resolve) => {
        decide.push(resolve);
        for (const arrived of arrivals.splice(0)) arrived();
      });
    },
    async held(count: number): Promise<void> {
      while (decide.length < count) await new Promise<void>((resolve) => arrivals.push(resolve));
    },
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });

test.each(ROUTES)("100 at once from %s to %s, while others pass", async (from, to) => {
  const origin = await opened(tellingOrigin(authority, to));
  const { hold, held, decide } = gate();
  const proxy = await ruledProxy(authority, (head) =>
    head.target.startsWith("/held") ? { requestBodyLimit: 100, request: hold } : undefined,
  );
  const count = 100;
  // HTTP/1 has a connection for each.
  const users = await Promise.all(
    Array.from({ length: from === "h1" ? count : 1 }, () => client(proxy, origin.port, from)),
  );
  const answers = Array.from({ length: count }, (_, index) =>
    users[index % users.length]!.send({ method: "POST", path: `/held/${index}`, body: `body ${index}` }),
  );
  await held(count);
  const passing = await client(proxy, origin.port, from);
  expect((await passing.send({ path: "/free" })).status).toBe(200);
  for (const release of decide) release(CONTINUE);
  const got = (await Promise.all(answers)).map(gotBy);
  expect(got.map(({ path, body }) => [path, body])).toEqual(
    Array.from({ length: count }, (_, index) => [`/held/${index}`, `body ${index}`]),
  );
});

test.each(PROTOCOLS)("a client of %s that leaves releases what it waits for", async (protocol) => {
  const origin = await opened(tellingOrigin(authority, protocol));
  const { hold, held, signals } = gate();
  const proxy = await ruledProxy(authority, () => ({ requestBodyLimit: 100, request: hold }));
  if (protocol === "h1") {
    const user = await client(proxy, origin.port, protocol);
    const failed = user.send({ method: "POST", body: "x" }).catch(() => "failed");
    await held(1);
    user.leave();
    expect(await failed).toBe("failed");
  } else {
    const stream = (await http2Session(proxy, origin.port)).request({ ":path": "/" });
    stream.on("error", () => {});
    await held(1);
    stream.close(http2.constants.NGHTTP2_CANCEL);
  }
  await aborted(signals[0]!);
  expect(await proxy.next()).toMatchObject({ error: { code: "client-closed" } });
  expect(proxy.ended()).toBe(1);
});

test.each(PROTOCOLS)("a client of %s that leaves while its response is held", async (protocol) => {
  const origin = await opened(tellingOrigin(authority, protocol));
  let arrived: (signal: AbortSignal) => void = () => {};
  const signal = new Promise<AbortSignal>((resolve) => {
    arrived = resolve;
  });
  const proxy = await ruledProxy(authority, () => ({
    responseInterest: () => ({ bodyLimit: 10_000 }),
    response: (_message, abort) => {
      arrived(abort);
      return new Promise(() => {});
    },
  }));
  const user = await client(proxy, origin.port, protocol);
  const failed = user.send({}).catch(() => "failed");
  const abort = await signal;
  user.leave();
  await aborted(abort);
  if (protocol === "h1") expect(await failed).toBe("failed");
  const exchange = await proxy.next();
  expect(exchange).toMatchObject({ error: { code: "client-closed" } });
  expect(exchange).not.toHaveProperty("response");
});

test("no answer until the client leaves, where that is the outcome", async () => {
  const silent = await opened(httpOrigin(() => {}));
  const proxy = await ruledProxy(
    authority,
    (head) => (head.target === "/held" ? { request: () => ({ kind: "abort", how: "timeout" }) } : undefined),
    { responseTimeoutMs: 50 },
  );
  const socket = await connectThrough(proxy.port, "localhost:1");
  socket.write("POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  // A timeout of ours would strike here before it does there.
  const other = await connectThrough(proxy.port, `localhost:${silent.port}`);
  other.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await readUntil(other, "\r\n\r\n")).toMatch(/^HTTP\/1\.1 504 /);
  expect(await proxy.next()).toMatchObject({ error: { code: "timeout" } });
  expect(proxy.recording.exchanges).toHaveLength(1);
  other.destroy();
  socket.destroy();
  expect(await proxy.next()).toMatchObject({
    request: { target: "/held" },
    error: { code: "client-closed" },
  });
});

test("stopping the proxy ends what is held", async () => {
  const { hold, held, signals } = gate();
  const proxy = await ruledProxy(authority, () => ({ request: hold }));
  const socket = await connectThrough(proxy.port, "localhost:1");
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await held(1);
  await proxy.stop(0);
  expect(signals[0]!.aborted).toBe(true);
  expect(await proxy.next()).toMatchObject({ error: { code: "stopped" } });
  expect(proxy.ended()).toBe(1);
});

test("what was pipelined behind a held request is answered behind it", async () => {
  const origin = await opened(httpOrigin((request, response) => response.end(`${request.url} ended.`)));
  const { hold, held, decide } = gate();
  const proxy = await ruledProxy(authority, (head) => (head.target === "/1" ? { request: hold } : undefined));
  const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
  socket.write(
    "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\n",
  );
  await held(1);
  expect(origin.connections()).toBe(0);
  decide[0]!({ kind: "respond", status: 200, headers: [], body: Buffer.from("held.") });
  expect(await readUntil(socket, "held.")).toContain("200 OK");
  expect(await readUntil(socket, "ended.")).toContain("/2");
  expect(await readUntil(socket, "ended.")).toContain("/3");
  socket.destroy();
});

test("the time of a decision is blocked, the rest is the origin's", async () => {
  const origin = await opened(httpOrigin((_request, response) => response.end("ok")));
  const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));
  const proxy = await ruledProxy(authority, () => ({
    requestBodyLimit: 10,
    request: async () => {
      await wait();
      return CONTINUE;
    },
    responseInterest: () => ({ bodyLimit: 10 }),
    response: async () => {
      await wait();
      return { kind: "continue" };
    },
  }));
  const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
  socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  await readUntil(socket, "ok");
  socket.destroy();
  const { duration, timings } = await proxy.next();
  // A timer may be a little early by another clock.
  expect(timings.blocked).toBeGreaterThanOrEqual(118);
  const { blocked, connect, send, wait: waiting, receive } = timings;
  const phases = [blocked, timings.dns, connect, send, waiting, receive].filter((phase) => phase !== -1);
  expect(phases.reduce((sum, phase) => sum + phase, 0)).toBeCloseTo(duration, 0);
});

test("a decision that fails is told of, and the proxy goes on", async () => {
  const origin = await opened(httpOrigin((_request, response) => response.end("ok")));
  const proxy = await ruledProxy(authority, (head) => {
    if (head.target === "/begin") throw new Error("begin broke");
    if (head.target === "/throws") {
      return {
        request: () => {
          throw new Error("request broke");
        },
      };
    }
    if (head.target === "/rejects")
      return { request: () => Promise.reject(new Error("request broke later")) };
    return undefined;
  });
  for (const path of ["/begin", "/throws", "/rejects"]) {
    const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await readUntil(socket, "broke")).toMatch(/^HTTP\/1\.1 500 /);
    expect(await proxy.next()).toMatchObject({ error: { code: "internal" } });
    socket.destroy();
  }
  const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await readUntil(socket, "ok")).toContain("200 OK");
  socket.destroy();
});
