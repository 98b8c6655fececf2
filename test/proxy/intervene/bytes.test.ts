// What is on the wire after an intervention, byte for byte: HTTP/1 over plain tunnels, with scripted origins.
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import type { InterventionHead } from "../../../src/proxy/intervention.js";
import { type Origin, rawOrigin } from "../../support/origin.js";
import { connectThrough, readUntil } from "../../support/raw-client.js";
import { world } from "../../support/world.js";
import { type Acts, ruledProxy } from "./support.js";

const { authority, opened } = world();

/** Takes one request up to `end`, tells it, and answers. */
function scripted(end: string, answer: string): { origin: Promise<Origin>; request: Promise<string> } {
  let tell: (text: string) => void = () => {};
  const request = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const origin = opened(
    rawOrigin(async (socket: Socket) => {
      tell(await readUntil(socket, end));
      socket.end(Buffer.from(answer, "latin1"));
    }),
  );
  return { origin, request };
}

async function exchange(
  begin: (head: InterventionHead) => Acts | undefined,
  request: string,
  { until, answer, answerEnd }: { until: string; answer: string; answerEnd: string },
): Promise<{ atOrigin: string; atClient: string; proxy: Awaited<ReturnType<typeof ruledProxy>> }> {
  const script = scripted(until, answer);
  const origin = await script.origin;
  const proxy = await ruledProxy(authority, begin);
  const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
  socket.write(Buffer.from(request, "latin1"));
  const atClient = await readUntil(socket, answerEnd);
  socket.destroy();
  return { atOrigin: await script.request, atClient, proxy };
}

const OK = "HTTP/1.1 200 Fine\r\nX-B:  odd \r\nContent-Length: 2\r\n\r\nok";
const CHUNKED_REQUEST =
  "POST /%7e?\xe9 HTTP/1.1\r\nhOsT:x\r\nX-A:   odd  \r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n";
const CHUNKED_ANSWER =
  "HTTP/1.1 200 Fine\r\nX-B:  odd \r\nTransfer-Encoding: chunked\r\n\r\n4;q=v\r\nbody\r\n0\r\nX-Sum: 3\r\n\r\n";

test("a bare continue is the same bytes, held or not, both ways", async () => {
  for (const requestBodyLimit of [0, 1000]) {
    const seen: unknown[] = [];
    const { atOrigin, atClient } = await exchange(
      () => ({
        requestBodyLimit,
        request: async ({ body, trailers }) => {
          seen.push(body?.toString(), trailers);
          return { kind: "continue" };
        },
        responseInterest: () => ({ bodyLimit: 1000 }),
        response: ({ body, trailers }) => {
          seen.push(body?.toString(), trailers);
          return { kind: "continue" };
        },
      }),
      CHUNKED_REQUEST,
      { until: "X-T: 1\r\n\r\n", answer: CHUNKED_ANSWER, answerEnd: "X-Sum: 3\r\n\r\n" },
    );
    expect(atOrigin).toBe(CHUNKED_REQUEST);
    expect(atClient).toBe(CHUNKED_ANSWER);
    if (requestBodyLimit > 0) expect(seen.slice(0, 2)).toEqual(["hello!", [["X-T", "1"]]]);
    expect(seen.slice(2)).toEqual(["body", [["X-Sum", "3"]]]);
  }
});

test("a replaced body gets its Content-Length, in the place where one was", async () => {
  const { atOrigin, proxy } = await exchange(
    () => ({ request: () => ({ kind: "continue", body: Buffer.from("longer") }) }),
    "POST / HTTP/1.1\r\nHost: x\r\ncontent-LENGTH: 2\r\nX-A: 1\r\n\r\nab",
    { until: "longer", answer: OK, answerEnd: "ok" },
  );
  expect(atOrigin).toBe("POST / HTTP/1.1\r\nHost: x\r\ncontent-LENGTH: 6\r\nX-A: 1\r\n\r\nlonger");
  expect(await proxy.next()).toMatchObject({
    request: { body: { text: "ab" } },
    forwarded: { bodySize: 6, headers: expect.arrayContaining([["content-LENGTH", "6"]]) },
  });
});

test("a replaced body of a chunked request is chunked, with its trailers", async () => {
  const { atOrigin } = await exchange(
    () => ({
      request: () => ({ kind: "continue", body: Buffer.from("longer"), trailers: [["X-U", "2"]] }),
    }),
    CHUNKED_REQUEST,
    { until: "X-U: 2\r\n\r\n", answer: OK, answerEnd: "ok" },
  );
  expect(atOrigin).toContain("Transfer-Encoding: chunked\r\n\r\n6\r\nlonger\r\n0\r\nX-U: 2\r\n\r\n");
});

test("a body of which there was none", async () => {
  const { atOrigin } = await exchange(
    () => ({
      requestBodyLimit: 10,
      request: () => ({ kind: "continue", method: "POST", body: Buffer.from("new") }),
    }),
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    { until: "new", answer: OK, answerEnd: "ok" },
  );
  expect(atOrigin).toBe("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nnew");
});

test("a changed request of HTTP/1.0 stays one, and is answered as one", async () => {
  const { atOrigin, atClient } = await exchange(
    (head) => ({
      request: () => ({ kind: "continue", headers: [...head.headers, ["X-New", "1"]] }),
      responseInterest: () => "head",
      response: ({ head: { headers } }) => ({ kind: "continue", headers: [...headers, ["X-Also", "1"]] }),
    }),
    "GET / HTTP/1.0\r\nHost: x\r\n\r\n",
    { until: "\r\n\r\n", answer: CHUNKED_ANSWER, answerEnd: "body" },
  );
  expect(atOrigin).toBe("GET / HTTP/1.0\r\nHost: x\r\nX-New: 1\r\n\r\n");
  expect(atClient).toContain("X-Also: 1\r\n");
  expect(atClient).not.toMatch(/transfer-encoding/i);
});

test("fields for the proxy go no further, changed or not", async () => {
  const script = scripted("\r\n\r\n", OK);
  const origin = await script.origin;
  const proxy = await ruledProxy(authority, (head) => ({
    request: () => ({ kind: "continue", headers: [...head.headers, ["X-New", "1"]] }),
  }));
  const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
  socket.destroy();
  const plain = (await import("node:net")).connect(proxy.port, "127.0.0.1");
  plain.write(
    `GET http://localhost:${origin.port}/x HTTP/1.1\r\nHost: x\r\nProxy-Connection: close\r\nProxy-Authorization: Basic c2VjcmV0\r\nConnection: close, X-A\r\n\r\n`,
  );
  await readUntil(plain, "ok");
  plain.destroy();
  expect(await script.request).toBe("GET /x HTTP/1.1\r\nHost: x\r\nConnection: X-A\r\nX-New: 1\r\n\r\n");
});

test("a body longer than its limit is handed over as such, and streams whole", async () => {
  const body = "0123456789".repeat(100);
  let seen: unknown;
  const { atOrigin } = await exchange(
    () => ({
      requestBodyLimit: 500,
      request: ({ body, tooLarge }) => {
        seen = { body, tooLarge };
        return { kind: "continue" };
      },
    }),
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n${body}!`,
    { until: "!", answer: OK, answerEnd: "ok" },
  );
  expect(seen).toEqual({ body: undefined, tooLarge: true });
  expect(atOrigin.endsWith(`${body}!`)).toBe(true);
});

test("a response longer than its limit is handed over as such, and streams whole", async () => {
  const body = "0123456789".repeat(100);
  const answer = `HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n${body}!`;
  let seen: unknown;
  const { atClient } = await exchange(
    () => ({
      responseInterest: () => ({ bodyLimit: 500 }),
      response: async ({ body, tooLarge }) => {
        seen = { body, tooLarge };
        await new Promise((resolve) => setImmediate(resolve));
        return { kind: "continue" };
      },
    }),
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    { until: "\r\n\r\n", answer, answerEnd: "!" },
  );
  expect(seen).toEqual({ body: undefined, tooLarge: true });
  expect(atClient).toBe(answer);
});

test("a client that waits for 100 (Continue) is told by us where the body is held, and once", async () => {
  const { atOrigin, atClient } = await exchange(
    () => ({ requestBodyLimit: 100 }),
    "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
    { until: "ab", answer: `HTTP/1.1 100 Continue\r\n\r\n${OK}`, answerEnd: "ok" },
  );
  expect(atOrigin).toContain("Expect: 100-continue\r\n");
  expect(atClient).toBe(`HTTP/1.1 100 Continue\r\n\r\n${OK}`);
});

test("a client that waits for 100 (Continue) is told by us where its body is replaced", async () => {
  const proxy = await ruledProxy(authority, () => ({
    request: () => ({ kind: "continue", body: Buffer.from("ours") }),
  }));
  let asked: (origin: { write(text: string): void }) => void = () => {};
  const atOrigin = new Promise<{ write(text: string): void }>((resolve) => {
    asked = resolve;
  });
  const origin = await opened(rawOrigin((socket) => socket.once("data", () => asked(socket))));
  const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
  socket.write("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  // The origin has said nothing yet.
  expect(await readUntil(socket, "\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  socket.write("ab");
  (await atOrigin).write(OK);
  expect(await readUntil(socket, "ok")).toBe(OK);
  expect(await proxy.next()).toMatchObject({ request: { body: { text: "ab" } }, response: { status: 200 } });
  socket.destroy();
});

test("an answer of ours ends the connection of a client that waits to send its body", async () => {
  const proxy = await ruledProxy(authority, () => ({
    request: () => ({ kind: "respond", status: 200, headers: [], body: Buffer.from("mock") }),
  }));
  const socket = await connectThrough(proxy.port, "localhost:1");
  socket.write("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  const answer = await readUntil(socket, "mock");
  expect(answer).toContain("Connection: close\r\n");
  expect(await proxy.next()).toMatchObject({ response: { status: 200 }, request: { body: { size: 0 } } });
  socket.destroy();
});

test("where the body that came is replaced, its origin is not waited for", async () => {
  const proxy = await ruledProxy(authority, () => ({
    responseInterest: () => "head",
    response: () => ({ kind: "continue", body: Buffer.from("ours") }),
  }));
  const origin = await opened(
    rawOrigin((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthis never ends");
    }),
  );
  const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await readUntil(socket, "ours")).toBe("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nours");
  expect(await proxy.next()).toMatchObject({ response: { body: { text: "ours" } } });
  socket.destroy();
});

test("a response that is cut while it is held is no response", async () => {
  const { atClient, proxy } = await exchange(
    () => ({ responseInterest: () => ({ bodyLimit: 100 }) }),
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    { until: "\r\n\r\n", answer: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut", answerEnd: "\r\n\r\n" },
  );
  expect(atClient).toMatch(/^HTTP\/1\.1 502 /);
  expect(await proxy.next()).toMatchObject({ error: { code: "origin-closed" } });
});

test.each([
  ["a status without a body", { status: 204 }, "HTTP/1.1 204 No Content\r\nX-B: odd\r\n\r\n"],
  ["another status", { status: 404 }, "HTTP/1.1 404 Not Found\r\nX-B: odd\r\nContent-Length: 2\r\n\r\nok"],
  ["an empty body", { body: Buffer.alloc(0) }, "HTTP/1.1 200 Fine\r\nX-B: odd\r\nContent-Length: 0\r\n\r\n"],
  [
    "fields that lie about the body",
    { headers: [["Transfer-Encoding", "chunked"]] as const },
    "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nok",
  ],
])("a response changed to %s, and the next on the same connection", async (_name, change, expected) => {
  const proxy = await ruledProxy(authority, () => ({
    responseInterest: () => ({ bodyLimit: 100 }),
    response: () => ({ kind: "continue", ...change }),
  }));
  const origin = await opened(
    rawOrigin((socket) => {
      socket.on("data", () => socket.write(OK));
    }),
  );
  const socket = await connectThrough(proxy.port, `localhost:${origin.port}`);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nX-Last: 1\r\n\r\n");
  const both = expected + expected;
  let text = "";
  while (text.length < both.length) text += await readUntil(socket, both.at(-1)!);
  expect(text).toBe(both);
  socket.destroy();
});
