// A WebSocket of HTTP/1 whose origin speaks HTTP/2 alone: the Upgrade goes on as an extended CONNECT (RFC 8441).
import { once } from "node:events";
import http2 from "node:http2";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { clientFrame } from "../proxy/websocket/frames.js";
import { http2Origin, type Origin } from "../support/origin.js";
import { connectThrough, readToEnd, readUntil, secureThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { acceptWebSocket } from "../support/websocket-http2.js";
import { world } from "../support/world.js";

const { authority, opened, trusting } = world();

type OnStream = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;

function speakingHttp2(onStream: OnStream, offers = true): Promise<Origin> {
  const quiet: OnStream = (stream, headers) => {
    stream.on("error", () => {});
    onStream(stream, headers);
  };
  return opened(http2Origin(authority, quiet, undefined, { enableConnectProtocol: offers }));
}

/** Echoes messages, and closes with 4001 when told to. @param seen the heads of the requests */
function echoing(seen: http2.IncomingHttpHeaders[] = [], perMessageDeflate = false): Promise<Origin> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate, handleProtocols: () => "chat" });
  sockets.on("connection", (webSocket) => {
    webSocket.on("message", (data, isBinary) => {
      if (String(data) === "bye") webSocket.close(4001, "as you wish");
      else webSocket.send(data, { binary: isBinary });
    });
  });
  return speakingHttp2((stream, headers) => {
    seen.push(headers);
    if (headers[":protocol"] === "websocket") acceptWebSocket(sockets, stream, headers);
    else {
      stream.respond({ ":status": 200 });
      stream.end("plain");
    }
  });
}

function secure(recording: TestRecording, origin: Origin): Promise<tls.TLSSocket> {
  const options = { ca: recording.ca.certPem, servername: "localhost", ALPNProtocols: ["http/1.1"] };
  return secureThrough(recording.port, `localhost:${origin.port}`, options);
}

async function client(
  recording: TestRecording,
  origin: Origin,
  perMessageDeflate = false,
): Promise<WebSocket> {
  const socket = await secure(recording, origin);
  return new WebSocket(`wss://localhost:${origin.port}/chat?x=1`, ["chat", "other"], {
    createConnection: () => socket,
    perMessageDeflate,
    headers: { "X-Extra": "yes" },
  });
}

const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
// The key and its answer are the example of RFC 6455 section 1.3.
const HANDSHAKE = `GET /a HTTP/1.1\r\nHost: named.test\r\n${UPGRADE}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;

describe("an Upgrade", () => {
  test.each([false, true])("echoes, and is recorded; permessage-deflate: %s", async (deflate) => {
    const seen: http2.IncomingHttpHeaders[] = [];
    const origin = await echoing(seen, deflate);
    const recording = await trusting();
    const webSocket = await client(recording, origin, deflate);
    await once(webSocket, "open");
    expect(webSocket.protocol).toBe("chat");
    expect(webSocket.extensions).toBe(deflate ? "permessage-deflate" : "");
    webSocket.send("hällo");
    expect(String((await once(webSocket, "message"))[0])).toBe("hällo");
    const binary = Buffer.alloc(5_000_000, 7);
    webSocket.send(binary);
    expect(((await once(webSocket, "message"))[0] as Buffer).equals(binary)).toBe(true);
    webSocket.send("bye");
    expect((await once(webSocket, "close")).map(String)).toEqual(["4001", "as you wish"]);

    expect(seen).toMatchObject([
      {
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":scheme": "https",
        ":authority": `localhost:${origin.port}`,
        ":path": "/chat?x=1",
        "sec-websocket-version": "13",
        "sec-websocket-protocol": "chat,other",
        "x-extra": "yes",
      },
    ]);
    for (const name of ["connection", "upgrade", "host", "sec-websocket-key"])
      expect(seen[0]).not.toHaveProperty(name);
    const { exchanges, messages } = await recording.finish();
    expect(exchanges).toMatchObject([
      {
        kind: "websocket",
        client: { tls: { alpn: "http/1.1" } },
        server: { tls: { alpn: "h2" } },
        request: {
          method: "GET",
          url: `https://localhost:${origin.port}/chat?x=1`,
          httpVersion: "HTTP/1.1",
        },
        response: { status: 101, httpVersion: "HTTP/2.0" },
        close: { by: "server", code: 4001, reason: "as you wish" },
        messageCount: messages.length,
      },
    ]);
    expect(exchanges[0]).not.toHaveProperty("error");
    const data = messages.filter(({ opcode }) => opcode < 8);
    expect(data.map(({ direction, body }) => `${direction} ${body.size}`)).toEqual([
      ...["send 6", "receive 6", "send 5000000", "receive 5000000", "send 3"],
    ]);
  });

  test("is answered as RFC 6455 wants it, and what comes with the request is not lost", async () => {
    const received: Buffer[] = [];
    const reply = Buffer.from([0x81, 2, 0x68, 0x69]);
    const origin = await speakingHttp2((stream) => {
      stream.respond({ ":status": 200, "sec-websocket-protocol": "chat", "x-a": "b" });
      stream.on("data", (chunk: Buffer) => {
        received.push(chunk);
        stream.write(reply);
      });
      stream.on("end", () => stream.end());
    });
    const recording = await trusting();
    const socket = await secure(recording, origin);
    const first = clientFrame({ opcode: 1, payload: Buffer.from("early") });
    socket.write(Buffer.concat([Buffer.from(HANDSHAKE), first]));
    expect(await readUntil(socket, "\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\nsec-websocket-protocol: chat\r\nx-a: b\r\n(?:date: .*\r\n)?\r\n$/,
    );
    expect(await readUntil(socket, "hi")).toBe(reply.toString("latin1"));
    expect(Buffer.concat(received).equals(first)).toBe(true);
    // Either side ends on its own: the origin's end comes after the client's.
    socket.end();
    expect(await readToEnd(socket)).toEqual({ text: "", ending: "clean" });
    expect((await recording.finish()).exchanges).toMatchObject([{ kind: "websocket", messageCount: 2 }]);
  });

  test("that is refused: status, fields and body reach the client, and the connection serves on", async () => {
    const ended: Promise<unknown>[] = [];
    const origin = await speakingHttp2((stream, headers) => {
      if (headers[":protocol"] === undefined) {
        stream.respond({ ":status": 200, "content-length": "5" });
        stream.end("plain");
        return;
      }
      stream.resume();
      ended.push(once(stream, "end"));
      stream.respond({ ":status": 403, "x-why": "because", "content-length": "3" });
      stream.end("no!");
    });
    const recording = await trusting();
    const socket = await secure(recording, origin);
    socket.write(HANDSHAKE);
    const answer = await readUntil(socket, "no!");
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(answer).toContain("x-why: because\r\n");
    await Promise.all(ended);
    socket.write("GET /b HTTP/1.1\r\nHost: named.test\r\n\r\n");
    expect(await readUntil(socket, "plain")).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    socket.destroy();
    const { exchanges } = await recording.finish();
    expect(exchanges).toMatchObject([
      { kind: "http", request: { method: "GET" }, response: { status: 403, body: { text: "no!" } } },
      { kind: "http", response: { status: 200 } },
    ]);
    expect(exchanges[0]).not.toHaveProperty("error");
  });

  test("to an origin that does not offer it is an error that says so", async () => {
    let streams = 0;
    const origin = await speakingHttp2(() => {
      streams++;
    }, false);
    const recording = await trusting();
    const socket = await secure(recording, origin);
    socket.write(HANDSHAKE);
    const { text } = await readToEnd(socket);
    expect(text).toMatch(/^HTTP\/1\.1 502 /);
    const why = `localhost:${origin.port} speaks HTTP/2 alone, and offers no WebSocket over it (RFC 8441)`;
    expect(text).toContain(why);
    expect(streams).toBe(0);
    expect((await recording.finish()).exchanges).toMatchObject([
      { kind: "http", error: { code: "connect-failed", message: why } },
    ]);
  });

  test("that a rule is about: its request is changed, its messages are looked at", async () => {
    const seen: http2.IncomingHttpHeaders[] = [];
    const origin = await echoing(seen);
    const recording = await opened(
      testRecording({
        tls: { upstreamCa: authority.caPath },
        rules: { shortcuts: { setHeader: ["request X-Set: by a rule"] } },
      }),
    );
    const webSocket = await client(recording, origin);
    await once(webSocket, "open");
    webSocket.send("bye");
    await once(webSocket, "close");
    expect(seen).toMatchObject([{ ":protocol": "websocket", "x-set": "by a rule" }]);
    expect((await recording.finish()).exchanges).toMatchObject([
      { kind: "websocket", close: { code: 4001 } },
    ]);
  });
});

describe("the tunnel", () => {
  async function tunnel() {
    let theirs: http2.ServerHttp2Stream | undefined;
    const origin = await speakingHttp2((stream) => {
      theirs = stream;
      stream.respond({ ":status": 200 });
    });
    const recording = await trusting();
    const transport = await connectThrough(recording.port, `localhost:${origin.port}`);
    const ours = tls.connect({ socket: transport, ca: recording.ca.certPem, servername: "localhost" });
    ours.on("error", () => {});
    ours.write(HANDSHAKE);
    await readUntil(ours, "\r\n\r\n");
    const stream = theirs!;
    const closed = new Promise((resolve) => stream.on("close", resolve));
    return { recording, transport, ours, theirs: stream, closed };
  }

  test("a client's reset is one of the stream", async () => {
    const { transport, theirs, closed, recording } = await tunnel();
    transport.resetAndDestroy();
    await closed;
    expect(theirs.rstCode).toBe(http2.constants.NGHTTP2_CANCEL);
    expect((await recording.finish()).exchanges).toMatchObject([
      { kind: "websocket", error: { code: "client-closed" } },
    ]);
  });

  test("an origin's reset of the stream is one of the client's connection", async () => {
    const { ours, theirs, recording } = await tunnel();
    const ended = readToEnd(ours);
    // Destroyed, not closed: Node ends the stream first where it closes one.
    theirs.destroy(new Error("no more"));
    expect((await ended).ending).toBe("ECONNRESET");
    expect((await recording.finish()).exchanges).toMatchObject([
      { kind: "websocket", error: { code: "origin-reset" } },
    ]);
  });

  test("an origin's end ends the client's connection, and the client's the stream", async () => {
    const { ours, theirs, closed, recording } = await tunnel();
    theirs.resume().end("last words");
    expect(await readToEnd(ours)).toEqual({ text: "last words", ending: "clean" });
    ours.end();
    await closed;
    expect(theirs.rstCode).toBe(http2.constants.NGHTTP2_NO_ERROR);
    const { exchanges } = await recording.finish();
    expect(exchanges).toMatchObject([{ kind: "websocket" }]);
  });

  test.each(["up", "down"] as const)(
    "who does not read stops who writes, and gets all of it: %s",
    async (way) => {
      const { ours, theirs } = await tunnel();
      const [writer, reader]: Duplex[] = way === "up" ? [ours, theirs] : [theirs, ours];
      const piece = Buffer.alloc(64 * 1024);
      let written = 0;
      const write = (): void => {
        while (written < 32 * 1024 * 1024) {
          written += piece.length;
          if (!writer!.write(piece)) return;
        }
      };
      writer!.on("drain", write);
      write();
      let before = 0;
      const stands = (): boolean => {
        const same = written === before;
        before = written;
        return same;
      };
      await expect.poll(stands, { interval: 300, timeout: 15_000 }).toBe(true);
      expect(written).toBeLessThan(24 * 1024 * 1024);
      let received = 0;
      reader!.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
      await expect.poll(() => received, { timeout: 15_000 }).toBe(32 * 1024 * 1024);
    },
  );

  test("that is open when trafficctl stops is recorded", async () => {
    const { ours, recording } = await tunnel();
    ours.write(clientFrame({ opcode: 1, payload: Buffer.from("a word") }));
    await recording.stop(0);
    expect((await recording.finish()).exchanges).toMatchObject([{ kind: "websocket" }]);
  });
});
