// Rules on the messages of a WebSocket: what traffic under them is recorded as, and what they make of the same traffic
// when it had been recorded without them, are one and the same.
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import type { Exchange } from "../../src/exchange/exchange.js";
import type { WebSocketMessage } from "../../src/exchange/websocket-message.js";
import { applyRules } from "../../src/operations/rules/apply-rules.js";
import { tempFolder } from "../rules/support.js";
import { readAll } from "../session/support.js";
import { http2Through } from "../support/http2-client.js";
import { http2Origin, httpOrigin, type Origin } from "../support/origin.js";
import { connectThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { acceptWebSocket, webSocketOver } from "../support/websocket-http2.js";
import { world } from "../support/world.js";

const { authority, opened } = world();

const RULES = `
rules:
  - name: told late
    match: '~hs "protocol: feed" & ~tag early'
    actions: {message: {match: secret, drop: true}, tag: late}
  - name: told early
    priority: 1
    match: {url: "ws*://localhost*"}
    actions:
      - tag: early
      - message: {match: price, replace: {find: "/[0-9]+/", with: "1"}}
      - message: {direction: receive, match: more, inject: [{direction: receive, text: and more}]}
      - message: {direction: send, match: more, inject: [{direction: send, text: and more}]}
      - message: {match: bytes, set: {base64: /wAB}}
      - set-response: {headers: {set: {x-never: "1"}}}
  - name: skipped
    match: ~c 101 & ~u nothing
    actions: [skip-recording]
`;

const FROM_CLIENT = ["price 5", "secret", "", "more", "plain"];
const FROM_SERVER = ["price 7 and 8", "secret", "more", "plain", Buffer.from([0xff, 0x00])];

interface Recorded {
  readonly exchange: Exchange;
  readonly messages: readonly WebSocketMessage[];
}

/** An origin that says all it has to say, closes when the client does, and tells what it got. */
async function feed(protocol: "h1" | "h2"): Promise<{ origin: Origin; got: string[] }> {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: true,
    handleProtocols: () => "feed",
  });
  const got: string[] = [];
  sockets.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data) => got.push(String(data)));
    for (const each of FROM_SERVER) socket.send(each);
    socket.send("last");
  });
  if (protocol === "h2") {
    const onStream: Parameters<typeof http2Origin>[1] = (stream, headers) =>
      acceptWebSocket(sockets, stream, headers);
    return {
      got,
      origin: await opened(http2Origin(authority, onStream, undefined, { enableConnectProtocol: true })),
    };
  }
  const origin = await opened(httpOrigin((_request, response) => response.writeHead(426).end()));
  origin.server.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit("connection", webSocket));
  });
  return { origin, got };
}

async function connect(recording: TestRecording, port: number, protocol: "h1" | "h2"): Promise<WebSocket> {
  if (protocol === "h2") {
    const session = await http2Through(recording, port);
    if (!session.remoteSettings.enableConnectProtocol) await once(session, "remoteSettings");
    return webSocketOver(session, "/feed", { protocols: ["feed"], perMessageDeflate: true });
  }
  const socket = await connectThrough(recording.port, `localhost:${port}`);
  return new WebSocket(`ws://localhost:${port}/feed`, ["feed"], { createConnection: () => socket });
}

async function conversation(
  protocol: "h1" | "h2",
  files: readonly string[],
): Promise<Recorded & { recording: TestRecording; got: string[]; client: string[] }> {
  const { origin, got } = await feed(protocol);
  const recording = await opened(testRecording({ tls: { upstreamCa: authority.caPath }, rules: { files } }));
  const user = await connect(recording, origin.port, protocol);
  const client: string[] = [];
  const last = new Promise<void>((resolve) => {
    user.on("message", (data) => {
      client.push(String(data));
      if (String(data) === "last") resolve();
    });
  });
  await once(user, "open");
  for (const each of FROM_CLIENT) user.send(each);
  await last;
  user.close(1000, "done");
  await once(user, "close");
  const { exchanges, messages } = await recording.finish();
  expect(exchanges).toHaveLength(1);
  return { recording, got, client, exchange: exchanges[0]!, messages };
}

async function applied(recording: TestRecording, file: string): Promise<Recorded> {
  const { home } = recording;
  const { session } = await applyRules({ home, files: [file], words: ["last"], into: "applied" });
  const items = await readAll(session?.path ?? "");
  const exchange = items.flatMap((item) => (item.type === "exchange" ? [item.exchange] : []))[0]!;
  return { exchange, messages: items.flatMap((item) => (item.type === "message" ? [item.message] : [])) };
}

/** Which of two directions is first is left to the network. */
function told({ exchange, messages }: Recorded) {
  const ofDirection = (wanted: string) =>
    messages
      .filter(({ direction }) => direction === wanted)
      .map(({ opcode, compressed = false, body }) => ({ opcode, compressed, body }));
  const isSteady = ([name]: readonly [string, string]) =>
    !/^(?:sec-websocket-(?:key|accept)|host)$/i.test(name);
  const { kind, rules, tags, request, forwarded } = exchange;
  const of = exchange.kind === "websocket" ? exchange : undefined;
  return {
    ...{ kind, rules, tags, close: of?.close, messageCount: of?.messageCount },
    request: request.headers.filter(isSteady),
    forwarded: forwarded?.headers.filter(isSteady),
    response: of?.response.headers.filter(isSteady).map(([name, value]) => [name.toLowerCase(), value]),
    send: ofDirection("send"),
    receive: ofDirection("receive"),
  };
}

describe.each(["h1", "h2"] as const)("over %s", (protocol) => {
  test("rules over recorded traffic give what traffic under rules is recorded as", async () => {
    const file = join(tempFolder(), "rules.yaml");
    await writeFile(file, RULES);
    const live = await conversation(protocol, [file]);
    expect(live.client).toEqual(["price 1 and 1", "more", "and more", "plain", "\ufffd\0", "last"]);
    expect(live.got).toEqual(["price 1", "", "more", "and more", "plain"]);
    const seen = told(live);
    expect(seen).toMatchObject({
      rules: ["told early", "told late"],
      tags: ["early", "late"],
      send: [
        ...FROM_CLIENT.map((text) => ({ body: text === "" ? { kind: "empty" } : { text } })),
        { opcode: 8 },
      ],
    });
    const plain = await conversation(protocol, []);
    expect(told(plain).receive).not.toEqual(seen.receive);
    const again = await applied(plain.recording, file);
    expect(told(again)).toEqual(seen);
  });
});

test.each(["h1", "h2"] as const)(
  "over %s a rule that asks about the answer that opens it can keep it out of the recording",
  async (protocol) => {
    const { origin } = await feed(protocol);
    const file = join(tempFolder(), "rules.yaml");
    await writeFile(file, "rules: [{name: out, match: ~hs feed, actions: [skip-recording]}]");
    const recording = await opened(
      testRecording({ tls: { upstreamCa: authority.caPath }, rules: { files: [file] } }),
    );
    const user = await connect(recording, origin.port, protocol);
    await once(user, "open");
    user.close();
    await once(user, "close");
    expect(await recording.finish()).toEqual({ exchanges: [], messages: [] });
  },
);
