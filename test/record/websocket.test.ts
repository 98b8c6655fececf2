// WebSocket end to end with the ws package: bytes pass untouched, messages are recorded.
import { once } from "node:events";
import type http from "node:http";
import { expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { httpOrigin, httpsOrigin, type Origin } from "../support/origin.js";
import { connectThrough, secureThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { world } from "../support/world.js";

const { authority, keep } = world();

/** An origin that echoes messages and closes with 4001 when told to. */
async function echoOrigin(secure: boolean, perMessageDeflate: boolean): Promise<Origin> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate, handleProtocols: () => "chat" });
  const refuse: http.RequestListener = (_request, response) => response.writeHead(426).end("no upgrade");
  const origin = secure ? await httpsOrigin(authority, refuse) : await httpOrigin(refuse);
  origin.server.on("upgrade", (request: http.IncomingMessage, socket, head) => {
    if (request.url === "/refused") {
      socket.end("HTTP/1.1 403 Not you\r\nX-Why: because\r\nContent-Length: 3\r\n\r\nno!");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("message", (data, isBinary) => {
        if (String(data) === "bye") webSocket.close(4001, "as you wish");
        else webSocket.send(data, { binary: isBinary });
      });
    });
  });
  keep(origin);
  return origin;
}

async function connect(
  recording: TestRecording,
  origin: Origin,
  secure: boolean,
  path = "/chat",
  deflate = false,
) {
  const authorityName = `localhost:${origin.port}`;
  const socket = secure
    ? await secureThrough(recording.port, authorityName, {
        ca: recording.ca.certPem,
        servername: "localhost",
      })
    : await connectThrough(recording.port, authorityName);
  return new WebSocket(`ws${secure ? "s" : ""}://${authorityName}${path}`, ["chat", "other"], {
    createConnection: () => socket,
    perMessageDeflate: deflate,
    headers: { "X-Extra": "yes" },
  });
}

test.each([
  ["ws", false, false],
  ["wss", true, false],
  ["wss with permessage-deflate", true, true],
])("%s", async (_name, secure, deflate) => {
  const origin = await echoOrigin(secure, deflate);
  const recording = await testRecording({ tls: { upstreamCa: authority.caPath } });
  keep(recording);
  const client = await connect(recording, origin, secure, "/chat", deflate);
  await once(client, "open");
  expect(client.protocol).toBe("chat");
  expect(client.extensions).toBe(deflate ? "permessage-deflate" : "");
  const binary = Buffer.alloc(100_000, 7);
  client.send("hällo");
  expect(String((await once(client, "message"))[0])).toBe("hällo");
  client.send(binary);
  expect(((await once(client, "message"))[0] as Buffer).equals(binary)).toBe(true);
  client.send("bye");
  expect((await once(client, "close")).map(String)).toEqual(["4001", "as you wish"]);

  const { exchanges, messages } = await recording.finish();
  expect(exchanges).toHaveLength(1);
  expect(exchanges[0]).toMatchObject({
    kind: "websocket",
    request: { method: "GET", url: `http${secure ? "s" : ""}://localhost:${origin.port}/chat` },
    response: { status: 101 },
    close: { by: "server", code: 4001, reason: "as you wish" },
  });
  expect(exchanges[0]!.request.headers).toContainEqual(["X-Extra", "yes"]);
  expect(messages.map(({ direction, opcode }) => `${direction} ${opcode}`)).toEqual([
    "send 1",
    "receive 1",
    "send 2",
    "receive 2",
    "send 1",
    "receive 8",
    "send 8",
  ]);
  expect(messages[0]!.body).toMatchObject({ kind: "text", text: "hällo" });
  expect(messages[2]!.body.size).toBe(binary.length);
  expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test("a refused upgrade reaches the client whole", async () => {
  const origin = await echoOrigin(true, false);
  const recording = await testRecording({ tls: { upstreamCa: authority.caPath } });
  keep(recording);
  const client = await connect(recording, origin, true, "/refused");
  const [, response] = (await once(client, "unexpected-response")) as [unknown, http.IncomingMessage];
  expect(response.statusCode).toBe(403);
  expect(response.statusMessage).toBe("Not you");
  expect(response.headers["x-why"]).toBe("because");
  expect((await response.setEncoding("utf8").toArray()).join("")).toBe("no!");
  client.on("error", () => {});
  client.terminate();
  const { exchanges } = await recording.finish();
  expect(exchanges[0]).toMatchObject({ kind: "http", response: { status: 403, body: { text: "no!" } } });
});
