// The `redact` action where something is known late: what a body gives away, which rules hold, how a body ends.
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import type http from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { tempFolder } from "../rules/support.js";
import { httpOrigin } from "../support/origin.js";
import { connectThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { curl } from "../support/recordings.js";
import { world } from "../support/world.js";

const { opened } = world();

const SECRET = "corr3ct-h0rse/battery+staple";

async function recordingWith(rules: string): Promise<TestRecording> {
  const file = join(tempFolder(), "rules.yaml");
  await writeFile(file, `rules: [${rules}]`);
  return await opened(testRecording({ rules: { files: [file] } }));
}

async function onDisk({ session }: TestRecording): Promise<string> {
  const files = await readdir(session.path, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map(async (file) => await readFile(join(file.parentPath, file.name), "latin1"));
  return (await Promise.all(texts)).join("\n");
}

test("a stream of events whose head echoes what the request's body gives away", async () => {
  const origin = await opened(
    httpOrigin((request, response) => {
      request.resume().on("end", () => {
        response.writeHead(200, { "content-type": "text/event-stream", "x-echo": SECRET });
        response.end("data: 1\n\n");
      });
    }),
  );
  const recording = await recordingWith("{name: k, actions: [{redact: {json: [/password]}}]}");
  const got = await curl(
    recording,
    "-sN",
    "-x",
    recording.url,
    "-d",
    `{"password":"${SECRET}"}`,
    `http://localhost:${origin.port}/`,
  );
  expect(got.stdout).toBe("data: 1\n\n");
  const { exchanges } = await recording.finish();
  expect(exchanges).toHaveLength(1);
  expect(exchanges[0]).toMatchObject({ response: { body: { text: "data: 1\n\n" } } });
  expect(await onDisk(recording)).not.toContain("h0rse");
});

test("messages, when another rule turned out not to hold", async () => {
  const sockets = new WebSocketServer({ noServer: true });
  const origin = await opened(httpOrigin((_request, response) => response.end()));
  origin.server.on("upgrade", (request: http.IncomingMessage, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (ws) => ws.on("message", (data) => ws.send(String(data))));
  });
  const recording = await recordingWith(
    `{name: a, match: ~c 404, actions: [{redact: {json: [/other]}}]}, {name: k, actions: [{redact: {json: [/token], query: [ticket]}}]}`,
  );
  const socket = await connectThrough(recording.port, `localhost:${origin.port}`);
  const client = new WebSocket(`ws://localhost:${origin.port}/?ticket=${encodeURIComponent(SECRET)}`, {
    createConnection: () => socket,
  });
  await once(client, "open");
  client.send(`plain ${SECRET}`);
  expect(String((await once(client, "message"))[0])).toBe(`plain ${SECRET}`);
  client.close();
  await once(client, "close");
  const { messages } = await recording.finish();
  expect(messages.filter(({ opcode }) => opcode === 1).map(({ body }) => body)).toMatchObject([
    { text: "plain REDACTED" },
    { text: "plain REDACTED" },
  ]);
  expect(await onDisk(recording)).not.toContain("h0rse");
});

test("a piece of a document goes as a whole", async () => {
  const origin = await opened(
    httpOrigin((_request, response) => {
      response.writeHead(206, { "content-type": "application/json", "content-range": "bytes 6-60/61" });
      response.end(`word":"${SECRET}","user":"bob"}`);
    }),
  );
  const recording = await recordingWith("{name: k, actions: [{redact: {json: [/password]}}]}");
  const got = await curl(recording, "-x", recording.url, `http://localhost:${origin.port}/`);
  expect(got.stdout).toContain(SECRET);
  const { exchanges } = await recording.finish();
  expect(exchanges[0]).toMatchObject({ response: { status: 206, body: { kind: "omitted" } } });
  expect(await onDisk(recording)).not.toContain("h0rse");
});
