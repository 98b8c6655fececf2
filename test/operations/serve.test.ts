// Answers from a recording with the origin gone: as a proxy and as a server, HTTP/1.1 and HTTP/2, streams, WebSockets,
// and what passes.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import http2 from "node:http2";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { exportHar } from "../../src/operations/export-har.js";
import { makeFixtures } from "../../src/operations/fixtures.js";
import type { RunningServer } from "../../src/operations/serve.js";
import { writeSession } from "../../src/operations/write-session.js";
import { recordedSession } from "../replay/support.js";
import { httpExchange } from "../session/support.js";
import { ask } from "../support/http2-client.js";
import { httpOrigin, httpsOrigin, type Origin } from "../support/origin.js";
import { connectThrough, secureThrough } from "../support/raw-client.js";
import type { TestRecording } from "../support/recording.js";
import { run } from "../support/run.js";
import { world } from "../support/world.js";
import { curl, get, servers, status } from "./serve-support.js";

const { authority, opened, trusting } = world();
const { answering, home, started } = servers();

const WORDS = ["The", " sky", " is", " blue", "."];

/** Streams a completion, as the APIs of language models do. */
function chatOrigin(): Promise<Origin> {
  return httpsOrigin(authority, (request, response) => {
    request.resume();
    request.on("end", async () => {
      response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "X-Request-Id": "r-1" });
      for (const [at, content] of WORDS.entries()) {
        const chunk = {
          id: "c-1",
          object: "chat.completion.chunk",
          choices: [{ index: 0, delta: { content } }],
        };
        if (at === 2) response.write(": keep-alive\n\n");
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end("data: [DONE]\n\n");
    });
  });
}

const COMPLETION = JSON.stringify({
  model: "m-1",
  stream: true,
  messages: [{ role: "user", content: "Sky?" }],
});
const ASK = [
  "-N",
  "-H",
  "Content-Type: application/json",
  "-H",
  "Authorization: Bearer sk-test-4711-4711-4711",
  "-d",
  COMPLETION,
];

/** A client that reads a stream as SDKs do: the text of its deltas. */
function textOf(stream: string): string {
  return stream
    .split("\n\n")
    .flatMap((event) =>
      event.startsWith("data: {") ? [JSON.parse(event.slice(6)).choices[0].delta.content] : [],
    )
    .join("");
}

async function recordedChat(): Promise<{ recording: TestRecording; url: string; body: string }> {
  const origin = await chatOrigin();
  const recording = await trusting();
  const url = `https://localhost:${origin.port}/v1/chat/completions`;
  const place = ["-x", recording.url, "--cacert", recording.ca.certPath, "--noproxy", ""];
  const { stdout } = await run("curl", ["-sS", ...place, ...ASK, url]);
  await recording.stop();
  await origin.close();
  return { recording, url, body: stdout };
}

async function http2To(server: RunningServer, authorityOf: string): Promise<http2.ClientHttp2Session> {
  const options = { ca: server.ca.certPem, servername: "localhost", ALPNProtocols: ["h2"] };
  const socket = await secureThrough(server.port, authorityOf, options);
  const session = http2.connect(`https://${authorityOf}`, { createConnection: () => socket });
  session.on("error", () => {});
  return session;
}

describe("a streaming client, recorded, made into fixtures, the origin gone", () => {
  test.each(["session", "fixtures", "har"])("from %s", async (kind) => {
    const { recording, url, body } = await recordedChat();
    expect(textOf(body)).toBe("The sky is blue.");
    const file = join(recording.home, kind === "har" ? "chat.har" : "chat.json");
    const chosen = { home: recording.home, words: ["last"], output: file };
    if (kind === "har") await exportHar(chosen);
    else await makeFixtures(chosen);
    const from = kind === "session" ? recording.session.id : file;
    const server = await started({ from, home: recording.home, pace: 10, delay: "recorded" });

    const answers = [
      await get(server, url, ...ASK),
      await get(server, url, ...ASK, "--http2"),
      await get(server, "/v1/chat/completions", ...ASK),
      await get(server, "/v1/chat/completions", ...ASK, "--http2-prior-knowledge"),
    ];
    for (const answer of answers) expect(answer).toBe(body);
    const head = await get(server, url, ...ASK, "-D", "-", "-o", "/dev/null", "--http1.1");
    expect(head).toMatch(/^x-request-id: r-1/im);
    expect(server).toMatchObject({ hits: 5, misses: [] });
  });

  test("each event is sent on its own, in its order, at its time", async () => {
    const { recording, url, body } = await recordedChat();
    const server = await started({ from: recording.session.id, home: recording.home, pace: 20 });
    const session = await http2To(server, new URL(url).host);
    const stream = session.request({ ":method": "POST", ":path": new URL(url).pathname });
    stream.end(COMPLETION);
    const pieces: string[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece.toString()));
    await once(stream, "end");
    session.close();
    expect(pieces.join("")).toBe(body);
    // A comment goes with the event behind it, and the client may get two events in one read.
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) expect(piece.endsWith("\n\n")).toBe(true);
  });

  test("a client that leaves ends the stream", async () => {
    const { recording, url } = await recordedChat();
    const server = await started({ from: recording.session.id, home: recording.home, pace: 3_600_000 });
    const session = await http2To(server, new URL(url).host);
    const stream = session.request({ ":method": "POST", ":path": new URL(url).pathname });
    stream.end(COMPLETION);
    // The head and the first event come at once, though the next is an hour away.
    const [first] = await once(stream, "data");
    expect(String(first)).toContain("The");
    stream.close(http2.constants.NGHTTP2_CANCEL);
    session.destroy();
    await server.stop(10_000);
  });
});

describe("bytes", () => {
  const BIG = Buffer.alloc(3_000_000, "0123456789abcdef");

  test("large, empty, HEAD, trailers, statuses", async () => {
    const server = await answering([
      { url: "https://api.test/big", response: BIG },
      { url: "https://api.test/empty", status: 204 },
      { method: "HEAD", url: "https://api.test/big", responseHeaders: [["Content-Length", "3000000"]] },
      { url: "https://api.test/odd", status: 999, response: "odd" },
      {
        url: "https://api.test/hop",
        responseHeaders: [
          ["Connection", "close"],
          ["Transfer-Encoding", "chunked"],
          ["Set-Cookie", "a=1"],
          ["Set-Cookie", "b=2"],
        ],
        response: "hop",
      },
    ]);
    expect(await get(server, "https://api.test/big")).toBe(BIG.toString());
    expect(await status(server, "/empty")).toBe(204);
    expect(await get(server, "/big", "-I")).toMatch(/^content-length: 3000000/im);
    expect(await status(server, "/odd")).toBe(999);
    const hop = await get(server, "/hop", "-i");
    expect(hop).toMatch(/set-cookie: a=1\r\nset-cookie: b=2/i);
    expect(hop).toMatch(/content-length: 3\r/i);
    expect(hop).not.toMatch(/^connection: close/im);
  });

  test("over HTTP/2 by TLS at the port itself", async () => {
    const server = await answering([{ url: "https://api.test/x", response: "x" }]);
    const session = http2.connect(`https://127.0.0.1:${server.port}`, { ca: server.ca.certPem });
    const { body, headers } = await ask(session, { ":path": "/x" });
    session.destroy();
    expect([headers[":status"], body.toString()]).toEqual([200, "x"]);
  });

  test("several sources answer as one", async () => {
    const folder = await home();
    await recordedSession(folder, "a", [{ url: "https://a.test/", response: "a" }]);
    await recordedSession(folder, "b", [{ url: "https://b.test/", response: "b" }]);
    const server = await started({ from: ["a", "b"], home: folder });
    expect([await get(server, "https://a.test/"), await get(server, "https://b.test/")]).toEqual(["a", "b"]);
    expect(server.exchanges).toBe(2);
  });

  test("what is no HTTP is closed, and the log says so", async () => {
    const warnings: string[] = [];
    const server = await answering([], { onWarning: (message) => warnings.push(message) });
    const socket = await connectThrough(server.port, "mail.test:25");
    socket.write("\x00\x01\x02binary");
    await once(socket.resume(), "end");
    expect(warnings).toEqual([expect.stringContaining("a tunnel to mail.test:25 was closed")]);
  });
});

describe("what was cut off", () => {
  /** A session whose one response was not complete. */
  async function cutSession(truncated: "origin-closed" | "client-closed"): Promise<string> {
    const folder = await home();
    await writeSession({ home: folder, name: "cut", options: {} }, async (writer) => {
      const base = httpExchange();
      const body = { kind: "empty", size: 5, truncated } as const;
      const request = { ...base.request, url: "http://api.test/cut", method: "GET" };
      const response = { ...base.response!, headers: [["Content-Type", "text/plain"]] as const, body };
      const bytes = { request: Buffer.alloc(0), response: Buffer.from("half ") };
      await writer.exchange({ ...base, request, response }, bytes);
    });
    return folder;
  }

  test("by the origin is cut off again", async () => {
    const server = await started({ from: "cut", home: await cutSession("origin-closed") });
    const { code, stdout } = await curl(server, "/cut");
    expect(stdout).toBe("half ");
    expect(code).not.toBe(0);
  });

  test("by a client that had enough is all there is", async () => {
    const server = await started({ from: "cut", home: await cutSession("client-closed") });
    expect(await curl(server, "/cut")).toMatchObject({ code: 0, stdout: "half " });
  });
});

describe("a miss", () => {
  test("passes to the origin, and is recorded", async () => {
    const origin = await opened(httpOrigin((_request, response) => response.end("live")));
    const server = await answering([{ url: `http://127.0.0.1:${origin.port}/old`, response: "old" }], {
      miss: "record",
      session: "misses",
    });
    const url = `http://127.0.0.1:${origin.port}/new`;
    expect([await get(server, "/old"), await get(server, url), await get(server, "/new?x=1")]).toEqual([
      "old",
      "live",
      "live",
    ]);
    await server.stop();
    const lines = (await readFile(join(server.session?.path ?? "", "exchanges.jsonl"), "utf8"))
      .trim()
      .split("\n");
    const recorded = lines.map((line) => JSON.parse(line));
    expect(recorded.map(({ request, forwarded }) => forwarded?.url ?? request.url)).toEqual([
      url,
      `${url}?x=1`,
    ]);
    expect(server.misses.map(({ passedTo }) => passedTo)).toEqual([
      `http://127.0.0.1:${origin.port}`,
      `http://127.0.0.1:${origin.port}`,
    ]);
  });

  test("of a server that stands for several origins can't pass", async () => {
    const server = await answering([{ url: "http://a.test/" }, { url: "http://b.test/" }], { miss: "pass" });
    expect(await status(server, "/new")).toBe(502);
  });

  test("nothing is recorded, and no origin is asked, without --miss", async () => {
    const origin = await opened(httpOrigin((_request, response) => response.end("live")));
    const server = await answering([{ url: "http://api.test/" }]);
    expect(await status(server, `http://127.0.0.1:${origin.port}/`)).toBe(404);
    const secure = await curl(
      server,
      `https://127.0.0.1:${origin.port}/`,
      "--http2",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
    );
    expect(secure.stdout).toBe("404");
    expect(origin.connections()).toBe(0);
  });
});

describe("a WebSocket", () => {
  async function recordedTalk(
    speak: (client: WebSocket) => Promise<unknown> = talk,
  ): Promise<{ recording: TestRecording; path: string }> {
    const origin = await opened(httpOrigin((_request, response) => response.end()));
    const sockets = new WebSocketServer({ noServer: true });
    origin.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client)),
    );
    sockets.on("connection", (socket) => {
      socket.send("welcome");
      socket.on("message", (data, isBinary) => {
        socket.send(isBinary ? data : `you said ${data}`);
        if (String(data) === "bye") socket.close(4001, "as you wish");
      });
    });
    const recording = await trusting();
    const tunnel = await connectThrough(recording.port, `127.0.0.1:${origin.port}`);
    const client = new WebSocket(`ws://127.0.0.1:${origin.port}/talk`, { createConnection: () => tunnel });
    await speak(client);
    await recording.stop();
    await origin.close();
    return { recording, path: "/talk" };
  }

  /** @returns everything that the client was told, its close at the end. */
  async function talk(client: WebSocket): Promise<unknown[]> {
    const told: unknown[] = [];
    const says = ["hello", Buffer.from([0, 1, 255]), "bye"];
    client.on("message", (data: Buffer, isBinary) => {
      told.push(isBinary ? data : data.toString());
      const next = says.shift();
      if (next !== undefined) client.send(next);
    });
    const [code, reason] = await once(client, "close");
    return [...told, code, String(reason)];
  }

  test.each(["session", "fixtures"])(
    "answers with the recorded messages in order, and the close, from %s",
    async (kind) => {
      const { recording, path } = await recordedTalk();
      const file = join(recording.home, "talk.json");
      await makeFixtures({ home: recording.home, words: ["last"], output: file });
      const from = kind === "session" ? recording.session.id : file;
      const server = await started({ from, home: recording.home, pace: "recorded" });
      const expected = [
        "welcome",
        "you said hello",
        Buffer.from([0, 1, 255]),
        "you said bye",
        4001,
        "as you wish",
      ];
      expect(await talk(new WebSocket(`ws://127.0.0.1:${server.port}${path}`))).toEqual(expected);
      const tunnel = await connectThrough(server.port, "127.0.0.1:1");
      const other = new WebSocket(`ws://127.0.0.1:1${path}`, { createConnection: () => tunnel });
      const [error] = await once(other, "error");
      expect(String(error)).toContain("404");
      expect(server.misses[0]?.nearest?.differs).toContain("the origin differs");
    },
  );

  test("a client that closes as it did then gets the reason too that the server gave", async () => {
    const leave = async (client: WebSocket, code: number): Promise<unknown[]> => {
      await once(client, "message");
      client.close(code, "enough");
      return await once(client, "close");
    };
    const { recording, path } = await recordedTalk((client) => leave(client, 1000));
    const server = await started({ from: recording.session.id, home: recording.home });
    const url = `ws://127.0.0.1:${server.port}${path}`;
    expect(await leave(new WebSocket(url), 1000)).toEqual([1000, Buffer.from("enough")]);
    expect(await leave(new WebSocket(url), 4000)).toEqual([4000, Buffer.alloc(0)]);
  });

  test("a client that closes is answered, and one that stays does not hold the stop up", async () => {
    const { recording, path } = await recordedTalk();
    const server = await started({ from: recording.session.id, home: recording.home });
    const leaving = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
    await once(leaving, "message");
    leaving.close(1000, "enough");
    expect(await once(leaving, "close")).toEqual([1000, Buffer.alloc(0)]);
    const staying = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
    staying.on("error", () => {});
    await once(staying, "message");
    const closed = once(staying, "close");
    await server.stop();
    await closed;
  });
});
