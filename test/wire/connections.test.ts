// Wire tests of connections: many at once, pooled ones, ones that die, ones that never begin.
import { once } from "node:events";
import net from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, vi } from "vitest";
import type { OutgoingResponse } from "../../src/proxy/ends.js";
import { Http1ClientConnection } from "../../src/proxy/http1/client-connection.js";
import { httpOrigin, httpsOrigin, type Origin, rawOrigin } from "../support/origin.js";
import { connectThrough, readToEnd, readUntil, secureThrough } from "../support/raw-client.js";
import { openBench, type WireBench } from "./bench.js";
import { head } from "./case.js";
import { wireTest } from "./statement.js";

let bench: WireBench;
const origins: Origin[] = [];
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  for (const origin of origins.splice(0)) await origin.close();
});

async function started(origin: Promise<Origin>): Promise<Origin> {
  origins.push(await origin);
  return origin;
}

/** An answer after which the connection stays. */
const stays = (body: string): string => head("HTTP/1.1 200 OK", `Content-Length: ${body.length}`) + body;

/** One request on a connection of its own, without an end. @returns the answer, read to the end of `body` */
async function ask(
  port: number,
  text: string,
  body: string,
): Promise<{ answer: string; socket: net.Socket }> {
  const socket = await connectThrough(bench.recording.port, `localhost:${port}`);
  socket.write(text);
  return { answer: await readUntil(socket, body), socket };
}

const get = (path: string, ...fields: string[]): string =>
  head(`GET ${path} HTTP/1.1`, "Host: localhost", ...fields);
const post = (path: string): string =>
  `${head(`POST ${path} HTTP/1.1`, "Host: localhost", "Content-Length: 5")}hello`;

interface WatchedOrigin extends Origin {
  /** Its end of the only connection that is open. */
  readonly open: () => net.Socket;
}

/** An origin that answers each read, which is a request here. */
async function watchedOrigin(onRequest: (text: string, socket: net.Socket) => void): Promise<WatchedOrigin> {
  const sockets = new Set<net.Socket>();
  const origin = await started(
    rawOrigin((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("end", () => socket.end());
      socket.on("data", (chunk) => onRequest(chunk.toString("latin1"), socket));
    }),
  );
  const open = (): net.Socket => {
    const [socket, ...others] = sockets;
    if (socket === undefined || others.length > 0) throw new Error(`${sockets.size} connections are open`);
    return socket;
  };
  return { ...origin, open };
}

/** Sends this in one request to the proxy's own port, and reads to the end. */
async function askProxy(text: string): Promise<string> {
  const socket = net.connect({ host: "127.0.0.1", port: bench.recording.port, allowHalfOpen: true });
  socket.write(text);
  return (await readToEnd(socket)).text;
}

describe("many", () => {
  wireTest("100-hosts", async () => {
    const origin = await started(
      httpsOrigin(bench.authority, (request, response) => response.end(request.url)),
    );
    const ask = async (host: string): Promise<string> => {
      // Verified by the client against this name, and by the proxy against the origin's.
      const socket = await secureThrough(bench.recording.port, `localhost:${origin.port}`, {
        ca: bench.recording.ca.certPem,
        servername: host,
      });
      const names = socket.getPeerCertificate().subjectaltname;
      socket.write(head(`GET /${host} HTTP/1.1`, `Host: ${host}`, "Connection: close"));
      const { text } = await readToEnd(socket);
      return `${names} ${text.slice(text.indexOf("/"))}`;
    };
    const hosts = Array.from({ length: 100 }, (_, n) => `new-${n}.host-${n % 10}.test`);
    const answers = await Promise.all(hosts.map(ask));
    for (const [index, host] of hosts.entries()) {
      expect(answers[index]).toContain(`DNS:${host} `);
      expect(answers[index]).toContain(`/${host}`);
    }
    expect(await bench.recorded(origin.port, 100)).toHaveLength(100);
  });

  wireTest("300-at-once", async () => {
    const origin = await started(
      httpOrigin((request, response) =>
        request.on("data", () => {}).on("end", () => response.end(`for ${request.url}`)),
      ),
    );
    const answers = await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        const socket = await connectThrough(bench.recording.port, `localhost:${origin.port}`);
        socket.end(`${head(`POST /${n} HTTP/1.1`, "Host: localhost", "Content-Length: 5")}hello`);
        return (await readToEnd(socket)).text;
      }),
    );
    for (const [n, answer] of answers.entries())
      expect(answer.endsWith(`\r\n\r\nfor /${n}`), answer).toBe(true);
    const exchanges = await bench.recorded(origin.port, 300);
    expect(new Set(exchanges.map(({ request }) => request.target)).size).toBe(300);
    expect(exchanges.every(({ error }) => error === undefined)).toBe(true);
  });

  wireTest("pipelined-1mb", async () => {
    const origin = await started(httpOrigin((request, response) => response.end(`<${request.url}>`)));
    const socket = await connectThrough(bench.recording.port, `localhost:${origin.port}`);
    const count = 4000;
    const padding = `X-Padding: ${"p".repeat(200)}`;
    const requests = Array.from({ length: count }, (_, n) => get(`/${n}`, padding));
    socket.end(requests.join(""));
    const { text, ending } = await readToEnd(socket);
    expect(text.match(/<\/\d+>/g)).toEqual(requests.map((_, n) => `</${n}>`));
    expect(ending).toBe("clean");
  });

  wireTest("pool-reuse", async () => {
    const origin = await watchedOrigin((_text, socket) => socket.write(stays("ok")));
    for (let n = 0; n < 5; n++) (await ask(origin.port, get(`/${n}`), "ok")).socket.destroy();
    expect(origin.connections()).toBe(1);
    const exchanges = await bench.recorded(origin.port, 5);
    expect(exchanges.map(({ server }) => server?.reused)).toEqual([false, true, true, true, true]);
  });
});

describe("pooled connections", () => {
  wireTest("pool-died-unused", async () => {
    const received: string[] = [];
    const origin = await watchedOrigin((text, socket) => {
      received.push(text);
      socket.write(stays("ok"));
    });
    for (const how of ["end", "resetAndDestroy"] as const) {
      const { socket } = await ask(origin.port, get("/first"), "ok");
      const waiting = origin.open();
      waiting[how]();
      await once(waiting, "close");
      socket.write(post("/second"));
      expect(await readUntil(socket, "ok")).toBe(stays("ok"));
      socket.destroy();
      expect(received.splice(0)).toEqual([get("/first"), post("/second")]);
      origin.open().destroy();
    }
    const exchanges = await bench.recorded(origin.port, 4);
    expect(exchanges.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
  });

  wireTest("pool-died-with-request", async () => {
    const received: string[] = [];
    const origin = await watchedOrigin((text, socket) => {
      received.push(text);
      if (text.startsWith("GET /first")) socket.write(stays("ok"));
      else socket.resetAndDestroy();
    });
    const { socket } = await ask(origin.port, get("/first"), "ok");
    socket.write(post("/second"));
    expect((await readToEnd(socket)).text).toMatch(
      /^HTTP\/1\.1 502 Bad Gateway\r\n[\s\S]*error=connection_terminated/,
    );
    expect(received).toEqual([get("/first"), post("/second")]);
    expect(origin.connections()).toBe(1);
  });

  wireTest("pool-ntlm", async () => {
    // As IIS does: the connection is what is authenticated, its later requests need no credentials.
    const steps = new WeakMap<net.Socket, "negotiating" | "authenticated">();
    const served: string[] = [];
    const origin = await watchedOrigin((text, socket) => {
      const [, path] = text.split(" ");
      if (text.includes("Authorization: NTLM one")) {
        steps.set(socket, "negotiating");
        socket.write(challenge("NTLM two"));
      } else if (text.includes("Authorization: NTLM three") && steps.get(socket) === "negotiating") {
        steps.set(socket, "authenticated");
        served.push(path!);
        socket.write(stays("secret"));
      } else if (steps.get(socket) === "authenticated") {
        served.push(path!);
        socket.write(stays("secret"));
      } else socket.write(challenge("NTLM"));
    });
    const alice = await ask(origin.port, get("/1"), "denied");
    alice.socket.write(get("/2", "Authorization: NTLM one"));
    await readUntil(alice.socket, "denied");
    alice.socket.write(get("/3", "Authorization: NTLM three"));
    await readUntil(alice.socket, "secret");
    alice.socket.write(get("/4"));
    await readUntil(alice.socket, "secret");
    // Another client, without credentials.
    const mallory = await ask(origin.port, get("/5", "Connection: close"), "\r\n\r\n");
    alice.socket.destroy();
    mallory.socket.destroy();
    expect(served).toEqual(["/3", "/4"]);
  });

  wireTest("pool-after-cut", async () => {
    const origin = await watchedOrigin((text, socket) => {
      if (text.startsWith("GET /cut")) socket.write(`${head("HTTP/1.1 200 OK", "Content-Length: 10")}part`);
      else socket.write(stays("ok"));
    });
    const { socket } = await ask(origin.port, get("/cut"), "part");
    const cut = origin.open();
    socket.resetAndDestroy();
    await once(cut, "close");
    const next = await ask(origin.port, get("/next"), "ok");
    next.socket.destroy();
    expect(next.answer).toBe(stays("ok"));
    expect(origin.connections()).toBe(2);
  });

  wireTest("pool-unasked-bytes", async () => {
    const origin = await watchedOrigin((_text, socket) => socket.write(stays("ok")));
    const { socket } = await ask(origin.port, get("/1"), "ok");
    const waiting = origin.open();
    waiting.write(stays("evil"));
    await once(waiting, "close");
    socket.write(get("/2"));
    expect(await readUntil(socket, "ok")).toBe(stays("ok"));
    socket.destroy();
    expect(origin.connections()).toBe(2);
  });
});

const challenge = (scheme: string): string =>
  `${head("HTTP/1.1 401 Unauthorized", `WWW-Authenticate: ${scheme}`, "Content-Length: 6")}denied`;

describe("time", () => {
  wireTest("silence", async () => {
    // Of its own: a load would make others late.
    const impatient = await openBench({ timeoutMs: 300 });
    try {
      const origin = await watchedOrigin(() => {});
      const socket = await connectThrough(impatient.recording.port, `localhost:${origin.port}`);
      socket.write(get("/"));
      const { text } = await readToEnd(socket);
      expect(text).toMatch(
        /^HTTP\/1\.1 504 Gateway Timeout\r\n[\s\S]*error=http_response_timeout[\s\S]*within 0\.3 s\n$/,
      );
      const [exchange] = await impatient.recorded(origin.port, 1);
      expect(exchange?.error?.code).toBe("timeout");
    } finally {
      await impatient.close();
    }
  });

  wireTest("slow-reader", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      // More than any kernel buffers, so that the last of it waits in the process when the answer is over.
      const body = Buffer.alloc(64 * 1024 * 1024, "x");
      const response: OutgoingResponse = {
        status: 200,
        reason: "OK",
        httpVersion: "HTTP/1.1",
        headers: [["Content-Length", String(body.length)]],
        bytes: undefined,
        framing: { kind: "length", length: body.length },
        closes: true,
      };
      const server = await started(
        rawOrigin((socket) => {
          new Http1ClientConnection({
            socket,
            transport: socket,
            endpoint: { address: "", port: 0, tls: null },
            route: () => ({ kind: "answer", answer: { head: response, body } }),
            onMalformed: () => {},
            onClose: () => {},
          }).begin(Buffer.alloc(0));
        }),
      );
      const client = net.connect({ host: "127.0.0.1", port: server.port, allowHalfOpen: true });
      client.write(get("/"));
      const answerHead = await readUntil(client, "\r\n\r\n");
      vi.advanceTimersByTime(60_000);
      const { text, ending } = await readToEnd(client);
      expect(answerHead).toBe(head("HTTP/1.1 200 OK", `Content-Length: ${body.length}`));
      expect(text.length).toBe(body.length);
      expect(ending).toBe("clean");
      client.destroy();
    } finally {
      vi.useRealTimers();
    }
  });

  wireTest("interim-flood", async () => {
    const hint = head("HTTP/1.1 103 Early Hints", "Link: </a>");
    const count = 20_000;
    const origin = await watchedOrigin((_text, socket) => socket.write(hint.repeat(count) + stays("ok")));
    const { answer, socket } = await ask(origin.port, get("/"), "\r\n\r\nok");
    socket.destroy();
    expect(answer).toBe(hint.repeat(count) + stays("ok"));
    const [exchange] = await bench.recorded(origin.port, 1);
    if (exchange?.kind !== "http") throw new Error("no exchange");
    expect(exchange.response?.informational?.length).toBeLessThan(1000);
  });

  wireTest("slow-head", async () => {
    const slow = net.connect({ host: "127.0.0.1", port: bench.recording.port });
    slow.write("GET / HTTP/1.1\r\nX: ");
    const origin = await watchedOrigin((_text, socket) => socket.write(stays("ok")));
    const { socket } = await ask(origin.port, get("/"), "ok");
    socket.destroy();
    // Still there, still served: its first bytes and the rest are one request.
    slow.write("1\r\n\r\n");
    expect((await readToEnd(slow)).text).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: text\/html/);
  });
});

describe("no connection", () => {
  wireTest("refused", async () => {
    const origin = await started(rawOrigin(() => {}));
    await origins.pop()!.close();
    for (const ask of [viaAbsolute, viaConnect]) {
      expect(await ask("localhost", origin.port)).toMatch(
        /^HTTP\/1\.1 502 Bad Gateway\r\n[\s\S]*error=connection_refused\r\n[\s\S]*refused the connection/,
      );
    }
    const exchanges = await bench.recorded(origin.port, 2);
    expect(exchanges.map(({ error }) => error?.code)).toEqual(["connect-refused", "connect-refused"]);
  });

  wireTest("dns-failure", async () => {
    for (const ask of [viaAbsolute, viaConnect]) {
      expect(await ask("nowhere.invalid", 80)).toMatch(
        /^HTTP\/1\.1 502 Bad Gateway\r\n[\s\S]*error=dns_error\r\n[\s\S]*nowhere\.invalid/,
      );
    }
  });

  wireTest("loop", async () => {
    const self = `127.0.0.1:${bench.recording.port}`;
    const detected = /^HTTP\/1\.1 502 Bad Gateway\r\n[\s\S]*error=proxy_loop_detected\r\n/;
    // Its own page is no loop; what would come back to it is.
    expect(await askProxy(get(`http://${self}/`, "Connection: close"))).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    const nestedUrl = get(`http://${self}/http://${self}/`, "Connection: close");
    expect(await askProxy(nestedUrl)).toMatch(detected);
    for (const inside of [get("/http://x/"), get(`http://${self}/http://${self}/`), nestedUrl]) {
      const tunnel = await connectThrough(bench.recording.port, self);
      tunnel.write(inside);
      expect((await readToEnd(tunnel)).text).toMatch(detected);
    }
    const nested = await connectThrough(bench.recording.port, self);
    nested.write(`CONNECT ${self} HTTP/1.1\r\n\r\n`);
    expect((await readToEnd(nested)).text).toMatch(/^HTTP\/1\.1 501 /);
  });
});

const viaAbsolute = (host: string, port: number): Promise<string> =>
  askProxy(get(`http://${host}:${port}/`, "Connection: close"));

async function viaConnect(host: string, port: number): Promise<string> {
  const socket = await connectThrough(bench.recording.port, `${host}:${port}`);
  socket.write(get("/", "Connection: close"));
  return (await readToEnd(socket)).text;
}
