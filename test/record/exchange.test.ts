// Recording end to end: a real client, the proxy, a real origin, and the session on disk.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { httpOrigin, httpsOrigin, rawOrigin, rawTlsOrigin } from "../support/origin.js";
import { connectThrough, readToEnd, readUntil, secureThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { run } from "../support/run.js";
import { world } from "../support/world.js";

const { authority, opened, trusting } = world();

/** One request on a connection of its own. */
async function ask(
  recording: TestRecording,
  port: number,
  text: string,
  host = "localhost",
): Promise<string> {
  const socket = await secureThrough(recording.port, `${host}:${port}`, {
    ca: recording.ca.certPem,
    servername: host,
  });
  socket.write(text, "latin1");
  return (await readToEnd(socket)).text;
}

describe("an HTTPS exchange", () => {
  test("is forwarded byte for byte and recorded whole", async () => {
    const seen: string[] = [];
    const origin = await opened(
      rawTlsOrigin(authority, async (socket) => {
        seen.push(await readUntil(socket, "\r\n\r\n"), await readUntil(socket, "hello"));
        socket.end(
          "HTTP/1.1 201 Made it\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Latin: caf\xe9\r\nContent-Length: 2\r\n\r\nok",
          "latin1",
        );
      }),
    );
    const recording = await trusting();
    const head = `POST //a%2Fb?q=%zz|{} HTTP/1.1\r\nhOST:localhost:${origin.port}\r\nCookie: x=1\r\ncookie: y=2\r\nX-Empty:\r\nConnection: close\r\nContent-Length: 5\r\n\r\n`;
    const answer = await ask(recording, origin.port, `${head}hello`);
    expect(seen).toEqual([head.replace("Connection: close\r\n", ""), "hello"]);
    expect(answer).toBe(
      "HTTP/1.1 201 Made it\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Latin: caf\xe9\r\nContent-Length: 2\r\n\r\nok",
    );

    const { exchanges } = await recording.finish();
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]).toMatchObject({
      v: 1,
      kind: "http",
      seq: 1,
      client: { address: "127.0.0.1", tls: { version: "TLSv1.3", sni: "localhost" } },
      server: { address: "127.0.0.1", port: origin.port, reused: false, tls: { sni: "localhost" } },
      request: {
        method: "POST",
        url: `https://localhost:${origin.port}//a%2Fb?q=%zz|{}`,
        target: "//a%2Fb?q=%zz|{}",
        httpVersion: "HTTP/1.1",
        headers: [
          ["hOST", `localhost:${origin.port}`],
          ["Cookie", "x=1"],
          ["cookie", "y=2"],
          ["X-Empty", ""],
          ["Connection", "close"],
          ["Content-Length", "5"],
        ],
        headersSize: head.length,
        body: { kind: "text", size: 5, text: "hello" },
      },
      response: {
        status: 201,
        reason: "Made it",
        headers: [
          ["Set-Cookie", "a=1"],
          ["set-cookie", "b=2"],
          ["X-Latin", "caf\xe9"],
          ["Content-Length", "2"],
        ],
        body: { kind: "text", size: 2, text: "ok" },
      },
    });
    const timings = exchanges[0]!.timings;
    for (const phase of ["blocked", "dns", "connect", "ssl", "send", "wait", "receive"] as const) {
      expect(timings[phase], phase).toBeGreaterThanOrEqual(0);
    }
    expect(timings.ssl).toBeLessThanOrEqual(timings.connect);
  });

  test("with large bodies both ways keeps every byte, in files of their own", async () => {
    const origin = await opened(httpsOrigin(authority, (request, response) => request.pipe(response)));
    const recording = await trusting();
    const body = randomBytes(3 * 1024 * 1024);
    const socket = await secureThrough(recording.port, `localhost:${origin.port}`, {
      ca: recording.ca.certPem,
      servername: "localhost",
    });
    socket.write(
      `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
    );
    socket.write(body);
    const { text } = await readToEnd(socket);
    expect(text).toContain("200 OK");
    const { exchanges } = await recording.finish();
    const exchange = exchanges[0]!;
    if (exchange.kind !== "http") throw new Error(exchange.kind);
    for (const recorded of [exchange.request.body, exchange.response!.body]) {
      expect(recorded).toMatchObject({ kind: "file", size: body.length, stored: body.length });
      if (recorded.kind !== "file") continue;
      expect((await readFile(join(recording.session.path, recorded.file))).equals(body)).toBe(true);
    }
  });

  test("on one connection: fifty requests, pipelined ones answered in order", async () => {
    const origin = await opened(
      httpsOrigin(authority, (request, response) => {
        // The first answers are the slowest: order must not come from luck.
        const turns = 50 - Number(request.url!.slice(1));
        const answer = (left: number): void => {
          if (left > 0) setImmediate(answer, left - 1);
          else response.end(`<${request.url}>`);
        };
        answer(turns);
      }),
    );
    const recording = await trusting();
    const requests = Array.from(
      { length: 50 },
      (_, index) => `GET /${index} HTTP/1.1\r\nHost: x\r\n${index === 49 ? "Connection: close\r\n" : ""}\r\n`,
    );
    const answer = await ask(recording, origin.port, requests.join(""));
    expect([...answer.matchAll(/<\/(\d+)>/g)].map((match) => Number(match[1]))).toEqual(
      requests.map((_, index) => index),
    );
    expect(origin.connections()).toBe(1);
    const { exchanges } = await recording.finish();
    expect(exchanges.map((exchange) => exchange.seq)).toEqual(requests.map((_, index) => index + 1));
    expect(exchanges[49]).toMatchObject({
      server: { reused: true },
      timings: { dns: -1, connect: -1, ssl: -1 },
    });
  });

  test("session files are for their owner alone", async () => {
    const recording = await trusting();
    for (const [path, mode] of [
      [recording.home, 0o700],
      [recording.session.path, 0o700],
      [join(recording.session.path, "exchanges.jsonl"), 0o600],
      [join(recording.session.path, "manifest.json"), 0o600],
      [join(recording.home, "ca", "ca.key"), 0o600],
    ] as const) {
      expect(((await stat(path)).mode & 0o777).toString(8), path).toBe(mode.toString(8));
    }
  });
});

describe("plain HTTP", () => {
  test("in absolute form: the origin sees origin form and nothing that was for the proxy", async () => {
    const seen: string[] = [];
    const origin = await opened(
      rawOrigin(async (socket) => {
        seen.push(await readUntil(socket, "\r\n\r\n"));
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      }),
    );
    const recording = await opened(testRecording());
    const socket = (await import("node:net")).connect(recording.port, "127.0.0.1");
    socket.end(
      `GET http://localhost:${origin.port}/a?b HTTP/1.1\r\nHost: localhost\r\nProxy-Connection: keep-alive\r\nA: 1\r\n\r\n`,
    );
    expect((await readToEnd(socket)).text).toBe("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    expect(seen).toEqual(["GET /a?b HTTP/1.1\r\nHost: localhost\r\nA: 1\r\n\r\n"]);
  });

  test("inside a CONNECT", async () => {
    const origin = await opened(httpOrigin((request, response) => response.end(`got ${request.url}`)));
    const recording = await opened(testRecording());
    const socket = await connectThrough(recording.port, `127.0.0.1:${origin.port}`);
    socket.end("GET /inside HTTP/1.1\r\nHost: named.test\r\n\r\n");
    expect((await readToEnd(socket)).text).toContain("got /inside");
    const { exchanges } = await recording.finish();
    expect(exchanges[0]).toMatchObject({
      request: { url: `http://named.test:${origin.port}/inside` },
      client: { tls: null },
    });
  });
});

describe("streaming", () => {
  test("the client sees the first chunk while the origin holds the second back", async () => {
    let release: () => void = () => {};
    const origin = await opened(
      httpsOrigin(authority, (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: one\n\n");
        release = () => response.end("data: two\n\n");
      }),
    );
    const recording = await trusting();
    const socket = await secureThrough(recording.port, `localhost:${origin.port}`, {
      ca: recording.ca.certPem,
      servername: "localhost",
    });
    socket.write("GET /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(await readUntil(socket, "data: one\n\n")).toContain("text/event-stream");
    release();
    expect((await readToEnd(socket)).text).toContain("data: two");
    const { exchanges } = await recording.finish();
    expect(exchanges).toHaveLength(1);
    const exchange = exchanges[0]!;
    if (exchange.kind !== "http") throw new Error(exchange.kind);
    const body = exchange.response!.body;
    expect(body.chunks?.map(([, bytes]) => bytes)).toEqual([11, 11]);
    expect(body.chunks![0]![0]).toBeLessThanOrEqual(body.chunks![1]![0]);
    expect(body.size).toBe(22);
  });
});

describe("an origin that fails", () => {
  const cases: [string, (socket: import("node:tls").TLSSocket) => void, RegExp, string][] = [
    [
      "closes without a response",
      (socket) => socket.end(),
      /^HTTP\/1.1 502 .*without a response/s,
      "origin-closed",
    ],
    [
      "sends garbage",
      (socket) => socket.end("what?\r\n\r\n"),
      /^HTTP\/1.1 502 .*status line/s,
      "origin-malformed",
    ],
    [
      "closes in its head",
      (socket) => socket.end("HTTP/1.1 200 OK\r\nConte"),
      /^HTTP\/1.1 502 /s,
      "origin-closed",
    ],
  ];
  test.each(cases)("%s: 502", async (_name, behave, expected, code) => {
    const origin = await opened(
      rawTlsOrigin(authority, async (socket) => {
        await readUntil(socket, "\r\n\r\n");
        behave(socket);
      }),
    );
    const recording = await trusting();
    expect(await ask(recording, origin.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(expected);
    const { exchanges } = await recording.finish();
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]!.error?.code).toBe(code);
    expect(exchanges[0]).not.toHaveProperty("response");
  });

  test.each([
    ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", 18],
    ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", 18],
  ])(
    "ends in the middle of a body with %s: the client sees a truncation",
    async (_name, text, partialFile) => {
      const origin = await opened(
        rawTlsOrigin(authority, async (socket) => {
          await readUntil(socket, "\r\n\r\n");
          socket.end(text);
        }),
      );
      const recording = await trusting();
      const url = `https://localhost:${origin.port}/`;
      const curl = await run("curl", ["-sS", "-x", recording.url, "--cacert", recording.ca.certPath, url]);
      // 18: a partial file; 56: the reset came first.
      expect([partialFile, 56]).toContain(curl.code);
      expect("abc").toContain(curl.stdout);
      const { exchanges } = await recording.finish();
      expect(exchanges[0]).toMatchObject({
        error: { code: "origin-closed" },
        response: { body: { truncated: "origin-closed" } },
      });
    },
  );

  test("that nobody listens at: 502", async () => {
    const origin = await httpOrigin(() => {});
    await origin.close();
    const recording = await trusting();
    expect(await ask(recording, origin.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(
      /^HTTP\/1.1 502 .*refused the connection/s,
    );
  });

  test("whose certificate is not trusted: 502 that says so", async () => {
    const origin = await opened(httpsOrigin(authority, (_request, response) => response.end()));
    const recording = await opened(testRecording());
    expect(await ask(recording, origin.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(
      /^HTTP\/1.1 502 .*authority that is not trusted/s,
    );
    const { exchanges } = await recording.finish();
    expect(exchanges[0]!.error?.code).toBe("tls-untrusted");
  });

  test("that stays silent: 504", async () => {
    const origin = await opened(rawTlsOrigin(authority, () => {}));
    const recording = await opened(testRecording({ tls: { upstreamCa: authority.caPath }, timeoutMs: 50 }));
    expect(await ask(recording, origin.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(
      /^HTTP\/1.1 504 .*no response within/s,
    );
  });

  test("is not asked twice when a pooled connection dies with the request", async () => {
    let requests = 0;
    const origin = await opened(
      rawTlsOrigin(authority, async (socket) => {
        for (;;) {
          await readUntil(socket, "\r\n\r\n");
          requests++;
          if (requests === 2) {
            socket.destroy();
            return;
          }
          socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
      }),
    );
    const recording = await trusting();
    const answer = await ask(
      recording,
      origin.port,
      "POST /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 .*HTTP\/1.1 502 /s);
    expect(requests).toBe(2);
  });
});

describe("a client that leaves", () => {
  test("ends the origin's side", async () => {
    let ended: Promise<unknown> | undefined;
    const origin = await opened(
      rawTlsOrigin(authority, (socket) => {
        socket.write("");
        socket.resume();
        ended = once(socket, "end");
      }),
    );
    const recording = await trusting();
    const socket = await secureThrough(recording.port, `localhost:${origin.port}`, {
      ca: recording.ca.certPem,
      servername: "localhost",
    });
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await expect.poll(() => ended !== undefined).toBe(true);
    socket.destroy();
    await ended;
  });

  test("in the middle of its request is recorded", async () => {
    const origin = await opened(httpsOrigin(authority, (request) => request.resume().on("error", () => {})));
    const recording = await trusting();
    const socket = await secureThrough(recording.port, `localhost:${origin.port}`, {
      ca: recording.ca.certPem,
      servername: "localhost",
    });
    socket.end("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
    const exchange = await recording.nextExchange();
    expect(exchange).toMatchObject({
      error: { code: "client-closed" },
      request: { body: { size: 3, truncated: "client-closed" } },
    });
  });
});

describe("requests to the proxy itself", () => {
  test("the page and the certificate", async () => {
    const recording = await opened(testRecording());
    const page = await fetch(`${recording.url}/`);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await page.text()).toContain(recording.ca.fingerprint256);
    expect(await (await fetch(`${recording.url}/ca.pem`)).text()).toBe(recording.ca.certPem);
    expect((await fetch(`${recording.url}/other`)).status).toBe(404);
    const { exchanges } = await recording.finish();
    expect(exchanges).toEqual([]);
  });

  test.each([
    ["CONNECT nonsense HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400],
    ["\x00\x01garbage\r\n\r\n", 400],
  ])("%j is refused", async (text, status) => {
    const recording = await opened(testRecording());
    const socket = (await import("node:net")).connect(recording.port, "127.0.0.1");
    socket.write(text, "latin1");
    expect((await readToEnd(socket)).text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await fetch(`${recording.url}/ca.pem`)).status).toBe(200);
  });
});

describe("tunnels", () => {
  test("a host that is passed through keeps its own certificate and is recorded as a tunnel", async () => {
    const origin = await opened(httpsOrigin(authority, (_request, response) => response.end("through")));
    const recording = await opened(testRecording({ tls: { passthrough: ["local*"] } }));
    const caPem = await readFile(authority.caPath, "utf8");
    const socket = await secureThrough(recording.port, `localhost:${origin.port}`, {
      ca: caPem,
      servername: "localhost",
    });
    socket.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect((await readToEnd(socket)).text).toContain("through");
    const exchange = await recording.nextExchange();
    expect(exchange).toMatchObject({
      kind: "tunnel",
      reason: "passthrough",
      request: { method: "CONNECT", target: `localhost:${origin.port}` },
    });
    if (exchange.kind === "tunnel")
      expect(Math.min(exchange.bytesSent, exchange.bytesReceived)).toBeGreaterThan(100);
  });

  test("a protocol that is not HTTP passes, whoever speaks first", async () => {
    const origin = await opened(
      rawOrigin(async (socket) => {
        socket.write("220 server speaks first\r\n");
        await readUntil(socket, "QUIT\r\n");
        socket.end("221 bye\r\n");
      }),
    );
    const recording = await opened(testRecording());
    for (const waits of [true, false]) {
      const socket = await connectThrough(recording.port, `127.0.0.1:${origin.port}`);
      if (waits) expect(await readUntil(socket, "\r\n")).toBe("220 server speaks first\r\n");
      socket.end("QUIT\r\n");
      expect((await readToEnd(socket)).text).toContain("221 bye");
      expect(await recording.nextExchange()).toMatchObject({
        kind: "tunnel",
        reason: "not-http",
        bytesSent: 6,
        bytesReceived: 34,
      });
    }
  });

  test("a client that does not trust us is recorded with a hint", async () => {
    const recording = await opened(testRecording());
    await expect(secureThrough(recording.port, "localhost:1", { servername: "localhost" })).rejects.toThrow();
    const exchange = await recording.nextExchange();
    expect(exchange).toMatchObject({ error: { code: "client-tls-failed" }, request: { method: "CONNECT" } });
    expect(recording.failures).toHaveLength(1);
  });
});

describe("stopping", () => {
  test("lets an exchange under way finish, and takes no new connection", async () => {
    let answer: () => void = () => {};
    const origin = await opened(
      httpOrigin((_request, response) => {
        answer = () => response.end("done");
        arrived();
      }),
    );
    let arrived: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const recording = await opened(testRecording());
    const request = http.get({
      host: "127.0.0.1",
      port: recording.port,
      path: `http://127.0.0.1:${origin.port}/slow`,
    });
    const response = once(request, "response") as Promise<[http.IncomingMessage]>;
    await asked;
    const stopped = recording.stop();
    await expect(fetch(`${recording.url}/ca.pem`)).rejects.toThrow();
    answer();
    const [message] = await response;
    message.setEncoding("utf8");
    expect((await message.toArray()).join("")).toBe("done");
    expect(await stopped).toMatchObject({ exchanges: 1, errors: 0 });
  });

  test("cuts off what does not finish in time and records it so", async () => {
    const origin = await opened(httpOrigin(() => arrived()));
    let arrived: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const recording = await opened(testRecording());
    const request = http.get({
      host: "127.0.0.1",
      port: recording.port,
      path: `http://127.0.0.1:${origin.port}/never`,
    });
    request.on("error", () => {});
    await asked;
    await recording.stop(0);
    const { exchanges } = await recording.finish();
    expect(exchanges[0]!.error?.code).toBe("stopped");
  });
});
