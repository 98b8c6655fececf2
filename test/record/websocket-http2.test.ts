// WebSocket over HTTP/2 (RFC 8441) end to end: offered as the origin offers it, bytes pass untouched, messages are recorded.
import { once } from "node:events";
import http2 from "node:http2";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import type { WebSocketMessage } from "../../src/exchange/websocket-message.js";
import { clientFrame, compress } from "../proxy/websocket/frames.js";
import { launchChromium } from "../support/chromium.js";
import { ask, http2Through } from "../support/http2-client.js";
import { http2Origin, httpsOrigin, type Origin } from "../support/origin.js";
import { connectThrough, secureThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { acceptWebSocket, webSocketOver } from "../support/websocket-http2.js";
import { world } from "../support/world.js";

const { authority, opened, trusting } = world();

const OFFERED = { enableConnectProtocol: true };
const CONNECT = { ":method": "CONNECT", ":protocol": "websocket", ":scheme": "https", ":path": "/chat" };

type OnStream = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;

/** An origin that offers extended CONNECT. */
function offering(onStream: OnStream): Promise<Origin> {
  const quiet: OnStream = (stream, headers) => {
    stream.on("error", () => {});
    onStream(stream, headers);
  };
  return opened(http2Origin(authority, quiet, undefined, OFFERED));
}

/** Echoes messages, closes with 4001 when told to, refuses /refused, and answers other requests. */
function echoing(perMessageDeflate = false): Promise<Origin> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate, handleProtocols: () => "chat" });
  sockets.on("connection", (webSocket) => {
    webSocket.on("message", (data, isBinary) => {
      if (String(data) === "bye") webSocket.close(4001, "as you wish");
      else webSocket.send(data, { binary: isBinary });
    });
  });
  return offering((stream, headers) => {
    if (headers[":path"] === "/refused") {
      stream.respond({ ":status": 403, "x-why": "because" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-end": "1" }));
      stream.end("no!");
    } else if (headers[":protocol"] === "websocket") acceptWebSocket(sockets, stream, headers);
    else {
      stream.respond({ ":status": 200 });
      stream.end("plain");
    }
  });
}

/** A session to which SETTINGS have come. */
async function sessionTo(recording: TestRecording, origin: Origin): Promise<http2.ClientHttp2Session> {
  const session = await http2Through(recording, origin.port);
  await once(session, "remoteSettings");
  return session;
}

/** A bare stream. @returns it when the answer is there */
async function tunnel(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders = CONNECT,
): Promise<http2.ClientHttp2Stream> {
  const stream = session.request(headers, { endStream: false });
  stream.on("error", () => {});
  await once(stream, "response");
  return stream;
}

/** Waits until a count has begun and does not grow any more. */
async function stands(count: () => number): Promise<void> {
  let before = 0;
  const still = (): boolean => {
    const same = before > 0 && count() === before;
    before = count();
    return same;
  };
  await expect.poll(still, { interval: 200, timeout: 15_000 }).toBe(true);
}

/** Bytes of buffers that are in use, and not only not yet collected. */
function held(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  // V8 frees buffers on another thread, which may be late; the second collection waits for it.
  for (let times = 0; times < 2; times++) collect();
  return process.memoryUsage().arrayBuffers;
}

const closed = (stream: http2.Http2Stream): Promise<number> =>
  new Promise((resolve) => stream.on("close", () => resolve(stream.rstCode ?? -1)));

const shown = (messages: readonly WebSocketMessage[]): string[] =>
  messages.map(({ direction, opcode }) => `${direction} ${opcode}`);

describe("a WebSocket", () => {
  test.each([false, true])("echoes, and is recorded; permessage-deflate: %s", async (deflate) => {
    const origin = await echoing(deflate);
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const client = webSocketOver(session, "/chat?x=1", {
      protocols: ["chat", "other"],
      perMessageDeflate: deflate,
      headers: { "X-Extra": "yes" },
    });
    await once(client, "open");
    expect(client.protocol).toBe("chat");
    expect(client.extensions).toBe(deflate ? "permessage-deflate" : "");
    client.send("hällo");
    expect(String((await once(client, "message"))[0])).toBe("hällo");
    const binary = Buffer.alloc(100_000, 7);
    client.send(binary);
    expect(((await once(client, "message"))[0] as Buffer).equals(binary)).toBe(true);
    client.send("in ", { fin: false });
    client.send("three ", { fin: false });
    client.send("parts");
    expect(String((await once(client, "message"))[0])).toBe("in three parts");
    client.ping("are you there");
    expect(String((await once(client, "pong"))[0])).toBe("are you there");
    client.send("bye");
    expect((await once(client, "close")).map(String)).toEqual(["4001", "as you wish"]);
    session.close();

    const { exchanges, messages } = await recording.finish();
    expect(exchanges).toMatchObject([
      {
        kind: "websocket",
        client: { tls: { alpn: "h2" } },
        server: { tls: { alpn: "h2" } },
        request: {
          method: "CONNECT",
          protocol: "websocket",
          url: `https://localhost:${origin.port}/chat?x=1`,
          target: "/chat?x=1",
          httpVersion: "HTTP/2.0",
        },
        response: { status: 200, httpVersion: "HTTP/2.0" },
        close: { by: "server", code: 4001, reason: "as you wish" },
        messageCount: messages.length,
      },
    ]);
    expect(exchanges[0]).not.toHaveProperty("error");
    expect(exchanges[0]!.request.headers).toContainEqual(["x-extra", "yes"]);
    expect(shown(messages)).toEqual([
      ...["send 1", "receive 1", "send 2", "receive 2", "send 1", "receive 1"],
      ...["send 9", "receive 10", "send 1", "receive 8", "send 8"],
    ]);
    expect(messages[0]!.body).toMatchObject({ kind: "text", text: "hällo" });
    expect(messages[2]!.body.size).toBe(binary.length);
    expect(messages[4]!.body).toMatchObject({ text: "in three parts" });
    expect(messages.some(({ compressed }) => compressed === true)).toBe(deflate);
  });

  test("that is refused: status, headers, body and trailers reach the client", async () => {
    const origin = await echoing();
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const answer = await ask(session, { ...CONNECT, ":path": "/refused" }, "");
    expect(answer).toMatchObject({
      headers: { ":status": 403, "x-why": "because" },
      trailers: { "x-end": "1" },
    });
    expect(answer.body.toString()).toBe("no!");
    session.close();
    const { exchanges } = await recording.finish();
    expect(exchanges).toMatchObject([
      {
        kind: "http",
        request: { method: "CONNECT", protocol: "websocket", body: { size: 0 } },
        response: { status: 403, body: { text: "no!" }, trailers: [["x-end", "1"]] },
      },
    ]);
    expect(exchanges[0]).not.toHaveProperty("error");
  });

  test("twenty of them and other requests share one connection", async () => {
    const origin = await echoing();
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const clients = Array.from({ length: 20 }, (_, index) => webSocketOver(session, `/${index}`));
    await Promise.all(clients.map((client) => once(client, "open")));
    const echoes = clients.map(async (client, index) => {
      client.send(`I am ${index}`);
      return String((await once(client, "message"))[0]);
    });
    const plain = Array.from({ length: 20 }, () => ask(session, { ":path": "/plain" }));
    expect(await Promise.all(echoes)).toEqual(clients.map((_, index) => `I am ${index}`));
    for (const { body } of await Promise.all(plain)) expect(body.toString()).toBe("plain");
    expect(origin.connections()).toBe(1);
    for (const client of clients) client.close(1000);
    await Promise.all(clients.map((client) => once(client, "close")));
    session.close();
    const { exchanges, messages } = await recording.finish();
    expect(exchanges.filter(({ kind }) => kind === "websocket")).toHaveLength(20);
    expect(exchanges.filter(({ kind }) => kind === "http")).toHaveLength(20);
    expect(messages).toHaveLength(80);
    expect(exchanges.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  test("outlives its origin's GOAWAY; others go to a new connection", async () => {
    const origin = await echoing();
    const sessions: http2.ServerHttp2Session[] = [];
    origin.server.on("session", (session) => sessions.push(session));
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const first = webSocketOver(session, "/first");
    await once(first, "open");
    sessions[0]!.goaway();
    await expect.poll(async () => (await ask(session, { ":path": "/" })) && origin.connections()).toBe(2);
    const second = webSocketOver(session, "/second");
    await once(second, "open");
    for (const client of [first, second]) {
      client.send("still here");
      expect(String((await once(client, "message"))[0])).toBe("still here");
      client.close(1000);
      await once(client, "close");
    }
    session.close();
    const { exchanges } = await recording.finish();
    expect(exchanges.filter(({ kind }) => kind === "websocket")).toMatchObject([
      { close: { code: 1000 } },
      { close: { code: 1000 }, server: { reused: true } },
    ]);
  });

  test("that is open when trafficctl stops is recorded, with what had passed", async () => {
    const origin = await echoing(true);
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const client = webSocketOver(session, "/chat");
    client.on("error", () => {});
    await once(client, "open");
    client.send("a word");
    await once(client, "message");
    await recording.stop(0);
    const { exchanges, messages } = await recording.finish();
    expect(exchanges).toMatchObject([{ kind: "websocket", messageCount: 2, error: { code: "stopped" } }]);
    expect(messages).toHaveLength(2);
  });

  test("its messages are recorded although they are still being inflated when trafficctl stops", async () => {
    let received = 0;
    const origin = await offering((stream) => {
      stream.respond({ ":status": 200, "sec-websocket-extensions": "permessage-deflate" });
      stream.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
    });
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const stream = await tunnel(session);
    const message = clientFrame({ opcode: 2, rsv: 4, payload: compress(Buffer.alloc(5_000_000)) });
    for (let sent = 0; sent < 6; sent++) stream.write(message);
    await expect.poll(() => received, { interval: 1 }).toBe(6 * message.length);
    await recording.stop(0);
    const { exchanges, messages } = await recording.finish();
    expect(exchanges).toMatchObject([{ kind: "websocket", messageCount: 6, error: { code: "stopped" } }]);
    expect(messages.map(({ body }) => body.size)).toEqual(Array.from({ length: 6 }, () => 5_000_000));
  });

  test("that is not to be recorded passes", async () => {
    const origin = await echoing();
    const recording = await opened(
      testRecording({ tls: { upstreamCa: authority.caPath }, select: { streaming: true } }),
    );
    const session = await sessionTo(recording, origin);
    const client = webSocketOver(session, "/chat");
    await once(client, "open");
    client.send("unseen");
    expect(String((await once(client, "message"))[0])).toBe("unseen");
    client.close(1000);
    await once(client, "close");
    session.close();
    expect(await recording.finish()).toEqual({ exchanges: [], messages: [] });
  });
});

describe("the stream below it", () => {
  test("what the client sends before the answer is recorded when it is there", async () => {
    let answer: () => void = () => {};
    let received = 0;
    const origin = await offering((stream) => {
      stream.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
      stream.on("end", () => stream.end());
      answer = () => stream.respond({ ":status": 200 });
    });
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const stream = session.request(CONNECT, { endStream: false });
    const message = clientFrame({ opcode: 2, payload: Buffer.alloc(4 * 1024 * 1024) });
    stream.write(message);
    await stands(() => received);
    // The rest waits for the answer: before that it is not known what it is.
    expect(received).toBeGreaterThan(256 * 1024);
    expect(received).toBeLessThan(message.length);
    answer();
    await once(stream, "response");
    stream.end();
    stream.resume();
    await closed(stream);
    expect(received).toBe(message.length);
    session.close();
    const { exchanges, messages } = await recording.finish();
    expect(exchanges).toMatchObject([{ kind: "websocket", messageCount: 1 }]);
    expect(messages).toMatchObject([{ direction: "send", body: { size: 4 * 1024 * 1024 } }]);
  });

  test.each(["client", "origin"] as const)("the %s ends its side first, the other goes on", async (side) => {
    let theirs: http2.ServerHttp2Stream | undefined;
    const origin = await offering((stream) => {
      stream.respond({ ":status": 200 });
      theirs = stream;
    });
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const ours = await tunnel(session);
    const [first, second] = side === "client" ? [ours, theirs!] : [theirs!, ours];
    const ends = [first, second].map((stream) => {
      const text: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => text.push(chunk));
      return once(stream, "end").then(() => Buffer.concat(text).toString("latin1"));
    });
    const codes = [closed(ours), closed(theirs!)];
    first.end("last words");
    expect(await ends[1]).toBe("last words");
    second.write("one ");
    await once(first, "data");
    second.end("two");
    expect(await ends[0]).toBe("one two");
    expect(await Promise.all(codes)).toEqual([0, 0]);
    session.close();
    const { exchanges } = await recording.finish();
    expect(exchanges).toMatchObject([{ kind: "websocket" }]);
  });

  test.each(["CANCEL", "ENHANCE_YOUR_CALM", "INTERNAL_ERROR"] as const)(
    "resets pass with their code, from either side and after an end: %s",
    async (name) => {
      const code = http2.constants[`NGHTTP2_${name}`];
      const theirs: http2.ServerHttp2Stream[] = [];
      const origin = await offering((stream) => {
        stream.respond({ ":status": 200 });
        stream.resume();
        theirs.push(stream);
      });
      const recording = await trusting();
      const session = await sessionTo(recording, origin);
      for (const [index, side] of ["client", "origin", "client", "origin"].entries()) {
        const ours = await tunnel(session);
        ours.resume();
        const [from, to] = side === "client" ? [ours, theirs[index]!] : [theirs[index]!, ours];
        if (index >= 2) {
          from.end();
          await once(to, "end");
        }
        const told = closed(to);
        from.close(code);
        expect(await told).toBe(code);
      }
      session.close();
      const { exchanges } = await recording.finish();
      expect(exchanges.map(({ kind, error }) => `${kind} ${error?.code}`)).toEqual([
        "websocket client-closed",
        "websocket origin-reset",
        "websocket client-closed",
        "websocket origin-reset",
      ]);
      for (const { error } of exchanges) expect(error?.message).toContain(name);
    },
  );

  test("a connection that breaks on either side resets it with CANCEL", async () => {
    const theirs: http2.ServerHttp2Stream[] = [];
    const origin = await offering((stream) => {
      stream.respond({ ":status": 200 });
      stream.resume();
      theirs.push(stream);
    });
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const ours = await tunnel(session);
    const told = closed(ours);
    theirs[0]!.session!.destroy();
    expect(await told).toBe(http2.constants.NGHTTP2_CANCEL);
    await tunnel(session);
    const toldThem = closed(theirs[1]!);
    session.destroy();
    expect(await toldThem).toBe(http2.constants.NGHTTP2_CANCEL);
    const { exchanges } = await recording.finish();
    expect(exchanges.map(({ error }) => error?.code)).toEqual([
      expect.stringMatching(/^origin-(closed|reset)$/),
      "client-closed",
    ]);
  });

  test.each(["client", "origin"] as const)(
    "the writer waits for a reader that does not read: the %s",
    async (reader) => {
      let theirs: http2.ServerHttp2Stream | undefined;
      const origin = await offering((stream) => {
        stream.respond({ ":status": 200 });
        theirs = stream;
      });
      const recording = await trusting();
      const session = await sessionTo(recording, origin);
      const ours = await tunnel(session);
      const [from, to] = reader === "origin" ? [ours, theirs!] : [theirs!, ours];
      const piece = Buffer.concat([Buffer.from([0x82, 126, 0xff, 0xff]), Buffer.alloc(65_535)]);
      let written = 0;
      const write = (): void => {
        do written += piece.length;
        while (!from.destroyed && from.write(piece));
        from.once("drain", write);
      };
      write();
      await stands(() => written);
      expect(written).toBeLessThan(8 * 1024 * 1024);
      // And goes on when it is read.
      const stoppedAt = written;
      to.resume();
      await expect.poll(() => written).toBeGreaterThan(stoppedAt + 8 * 1024 * 1024);
      session.destroy();
    },
  );

  test("what the client sends to one that refuses is the request's body", async () => {
    const origin = await offering((stream) => {
      stream.on("data", () => {
        if (stream.headersSent) return;
        stream.respond({ ":status": 400, "content-length": 2 });
        stream.write("no");
      });
      stream.on("end", () => stream.end());
    });
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const answer = await ask(session, CONNECT, "too early");
    expect(answer.body.toString()).toBe("no");
    session.close();
    const { exchanges, messages } = await recording.finish();
    expect(exchanges).toMatchObject([
      {
        kind: "http",
        request: { body: { text: "too early" } },
        response: { status: 400, body: { text: "no" } },
      },
    ]);
    expect(messages).toEqual([]);
  });

  test("another protocol is a tunnel whose bytes are counted", async () => {
    const origin = await offering((stream, headers) => {
      stream.respond({ ":status": 200, "capsule-protocol": String(headers["capsule-protocol"]) });
      stream.pipe(stream);
    });
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    const path = "/.well-known/masque/udp/192.0.2.1/443/";
    const stream = await tunnel(session, {
      ...CONNECT,
      ":protocol": "connect-udp",
      ":path": path,
      "capsule-protocol": "?1",
    });
    stream.end(Buffer.from([0, 1, 2]));
    expect((await once(stream, "data"))[0]).toEqual(Buffer.from([0, 1, 2]));
    await closed(stream);
    session.close();
    const { exchanges } = await recording.finish();
    expect(exchanges).toMatchObject([
      {
        kind: "tunnel",
        reason: "upgrade",
        request: { method: "CONNECT", protocol: "connect-udp", target: path },
        bytesSent: 3,
        bytesReceived: 3,
      },
    ]);
    expect(exchanges[0]).not.toHaveProperty("error");
  });

  test.each([
    [60, false],
    [40, true],
  ])(
    "%i messages of 500 KB each way in bounded memory; deflate: %s",
    { timeout: 60_000 },
    async (count, deflate) => {
      const origin = await echoing(deflate);
      const recording = await trusting();
      const session = await sessionTo(recording, origin);
      const client = webSocketOver(session, "/chat", { perMessageDeflate: deflate });
      await once(client, "open");
      const message = Buffer.alloc(500_000, 5);
      const before = held();
      // So many ahead of their echoes: no more may wait in the ends themselves, which are not what is measured.
      const ahead = 4;
      let [echoes, peak] = [0, 0];
      const all = new Promise<void>((resolve) => {
        client.on("message", (echo: Buffer) => {
          expect(echo.length).toBe(message.length);
          if (++echoes % 10 === 0) peak = Math.max(peak, held() - before);
          if (echoes + ahead <= count) client.send(message);
          if (echoes === count) resolve();
        });
      });
      for (let sent = 0; sent < ahead; sent++) client.send(message);
      await all;
      // Both ends and the proxy between them, and what waits for the disk. Each way, 20 MB or more passed.
      expect(peak).toBeLessThan(16 * 1024 * 1024);
      client.close(1000);
      await once(client, "close");
      session.close();
      const { exchanges } = await recording.finish();
      expect(exchanges).toMatchObject([{ kind: "websocket", messageCount: 2 * count + 2 }]);
    },
  );
});

describe("it is offered exactly when the origin offers it", () => {
  test.each([true, false])("%s, to the first client and to the next", async (enableConnectProtocol) => {
    const origin = await opened(
      http2Origin(authority, (stream) => stream.respond({ ":status": 200 }, { endStream: true }), undefined, {
        enableConnectProtocol,
      }),
    );
    const recording = await trusting();
    for (let index = 0; index < 2; index++) {
      const session = await sessionTo(recording, origin);
      expect(session.remoteSettings.enableConnectProtocol ?? false).toBe(enableConnectProtocol);
      await ask(session, { ":path": "/" });
      session.close();
    }
    expect(origin.connections()).toBe(1);
  });

  test("to a client that names no server in TLS", async () => {
    const origin = await echoing();
    const recording = await trusting();
    const authorityName = `localhost:${origin.port}`;
    const socket = await secureThrough(recording.port, authorityName, {
      ca: recording.ca.certPem,
      ALPNProtocols: ["h2"],
    });
    const session = http2.connect(`https://${authorityName}`, { createConnection: () => socket });
    await once(session, "remoteSettings");
    expect(session.remoteSettings.enableConnectProtocol).toBe(true);
    const client = webSocketOver(session, "/chat");
    await once(client, "open");
    client.close();
    await once(client, "close");
    session.close();
    // The connection that was asked serves the exchange, without a name as well.
    expect(origin.connections()).toBe(1);
    const { exchanges } = await recording.finish();
    expect(exchanges).toMatchObject([{ client: { tls: { sni: null } }, server: { tls: { sni: null } } }]);
  });

  test("without TLS, by prior knowledge", async () => {
    const server = http2.createServer({ settings: OFFERED });
    server.on("stream", (stream) => {
      stream.respond({ ":status": 200 });
      stream.pipe(stream);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const recording = await trusting();
    const socket = await connectThrough(recording.port, `localhost:${port}`);
    const session = http2.connect(`http://localhost:${port}`, { createConnection: () => socket });
    await once(session, "remoteSettings");
    expect(session.remoteSettings.enableConnectProtocol).toBe(true);
    const stream = await tunnel(session, { ...CONNECT, ":scheme": "http" });
    stream.end(clientFrame({ payload: "hi" }));
    await once(stream, "data");
    await closed(stream);
    session.close();
    const { exchanges, messages } = await recording.finish();
    expect(exchanges).toMatchObject([
      { kind: "websocket", request: { url: `http://localhost:${port}/chat` } },
    ]);
    expect(messages[0]).toMatchObject({ direction: "send", body: { text: "hi" } });
    server.close();
  });

  test("a client that only speaks HTTP/2 is not offered it for an origin of HTTP/1", async () => {
    const origin = await opened(httpsOrigin(authority, (_request, response) => response.end()));
    const recording = await trusting();
    await expect(http2Through(recording, origin.port)).rejects.toThrow("http/1.1 was agreed on");
  });

  test("an origin that offers it no more is an honest error", async () => {
    const settings: http2.Settings = { enableConnectProtocol: true };
    const sessions: http2.ServerHttp2Session[] = [];
    const origin = await opened(
      http2Origin(
        authority,
        (stream) => stream.respond({ ":status": 200 }, { endStream: true }),
        undefined,
        settings,
      ),
    );
    const { server } = origin;
    if (!("updateSettings" in server) || typeof server.updateSettings !== "function")
      throw new Error("no HTTP/2");
    server.on("session", (session) => sessions.push(session));
    const recording = await trusting();
    const session = await sessionTo(recording, origin);
    server.updateSettings({ enableConnectProtocol: false });
    for (const each of sessions) each.goaway();
    await expect.poll(async () => (await ask(session, { ":path": "/" })) && sessions.length).toBe(2);
    const stream = await tunnel(session);
    expect(stream.sentHeaders[":protocol"]).toBe("websocket");
    const text = String((await once(stream, "data"))[0]);
    expect(text).toMatch(/sent no SETTINGS that offer the extended CONNECT/);
    session.close();
    const { exchanges } = await recording.finish();
    expect(exchanges.at(-1)).toMatchObject({ kind: "http", error: { code: "connect-failed" } });
  });
});

test("Chromium's WebSocket shares the page's connection", { timeout: 60_000 }, async () => {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  sockets.on("connection", (webSocket) => webSocket.on("message", (data) => webSocket.send(`${data}!`)));
  const origin = await offering((stream, headers) => {
    if (headers[":protocol"] === "websocket") acceptWebSocket(sockets, stream, headers);
    else {
      stream.respond({ ":status": 200, "content-type": "text/html" });
      stream.end(PAGE);
    }
  });
  const recording = await trusting();
  const browser = await launchChromium(recording.url, recording.ca.spkiFingerprint);
  try {
    const page = await browser.newPage();
    await page.goto(`https://localhost:${origin.port}/`);
    await page.waitForFunction("document.title !== 'Wait'");
    expect(await page.title()).toBe("hello!");
  } finally {
    await browser.close();
  }
  expect(origin.connections()).toBe(1);
  const { exchanges, messages } = await recording.finish();
  expect(exchanges.find(({ kind }) => kind === "websocket")).toMatchObject({
    request: { method: "CONNECT", protocol: "websocket", httpVersion: "HTTP/2.0" },
    response: { status: 200, httpVersion: "HTTP/2.0" },
    close: { by: "client", code: 1000, reason: "done" },
  });
  expect(messages.map(({ direction, opcode }) => `${direction} ${opcode}`).slice(0, 3)).toEqual([
    "send 1",
    "receive 1",
    "send 8",
  ]);
  expect(messages[1]!.body).toMatchObject({ text: "hello!" });
});

const PAGE = `<!doctype html><title>Wait</title><script type="module">
  const socket = new WebSocket("wss://" + location.host + "/socket");
  socket.onopen = () => socket.send("hello");
  socket.onmessage = ({ data }) => { socket.close(1000, "done"); socket.onclose = () => { document.title = data; }; };
</script>`;
