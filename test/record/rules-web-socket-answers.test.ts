// A rule's answer to a message is recorded behind it, and bytes in place of a text are a binary message.
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { tempFolder } from "../rules/support.js";
import { httpOrigin } from "../support/origin.js";
import { connectThrough } from "../support/raw-client.js";
import { testRecording } from "../support/recording.js";
import { world } from "../support/world.js";

const { opened } = world();

test("a rule's answer to a message is recorded behind it; bytes in place of a text are a binary message", async () => {
  const sockets = new WebSocketServer({ noServer: true });
  const got: boolean[] = [];
  sockets.on("connection", (socket) => {
    socket.on("message", (_data, isBinary) => got.push(isBinary));
    socket.on("error", () => {});
  });
  const origin = await opened(httpOrigin((_request, response) => response.writeHead(426).end()));
  origin.server.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (each) => sockets.emit("connection", each));
  });
  const file = join(tempFolder(), "rules.yaml");
  await writeFile(
    file,
    `
rules:
  - {name: answers, actions: {message: {match: ask, inject: [{direction: receive, text: answer}]}}}
  - {name: bytes, actions: {message: {match: bytes, set: {base64: /wAB}}}}
`,
  );
  const recording = await opened(testRecording({ rules: { files: [file] } }));
  const socket = await connectThrough(recording.port, `127.0.0.1:${origin.port}`);
  const user = new WebSocket(`ws://127.0.0.1:${origin.port}/`, { createConnection: () => socket });
  await once(user, "open");
  user.send("bytes");
  user.send("ask");
  await once(user, "message");
  user.close(1000);
  await once(user, "close");
  const { exchanges, messages } = await recording.finish();
  expect(exchanges).toMatchObject([{ kind: "websocket", close: { code: 1000 } }]);
  expect(messages.map(({ body }) => (body.kind === "text" ? body.text : ""))).toEqual([
    ...["bytes", "ask", "answer"],
    ...["", ""],
  ]);
  expect(got).toEqual([true, false]);
});
