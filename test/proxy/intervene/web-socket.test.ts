// WebSockets whose messages are looked at: between ends that are the ws package, over HTTP/1 and in streams of HTTP/2.
import { once } from "node:events";
import type http from "node:http";
import type http2 from "node:http2";
import { describe, expect, test } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import type { WebSocketData, WebSocketIntervention } from "../../../src/proxy/intervention.js";
import { http2Origin, httpsOrigin, type Origin } from "../../support/origin.js";
import { secureThrough } from "../../support/raw-client.js";
import { acceptWebSocket, webSocketOver } from "../../support/websocket-http2.js";
import { world } from "../../support/world.js";
import { type Acts, http2Session, type Protocol, type RuledProxy, ruledProxy } from "./support.js";

const { authority, opened } = world();

interface EchoOrigin {
  readonly origin: Origin;
  readonly got: string[];
  readonly offers: (string | undefined)[];
}

async function echoOrigin(protocol: Protocol): Promise<EchoOrigin> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  const got: string[] = [];
  const offers: (string | undefined)[] = [];
  sockets.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      got.push(String(data).slice(0, 20));
      socket.send(data, { binary: isBinary });
    });
    socket.on("error", () => {});
  });
  if (protocol === "h1") {
    const origin = await opened(
      httpsOrigin(authority, (_request, response) => response.writeHead(426).end()),
    );
    origin.server.on("upgrade", (request: http.IncomingMessage, socket, head) => {
      offers.push(request.headers["sec-websocket-extensions"]);
      sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit("connection", webSocket));
    });
    return { origin, got, offers };
  }
  const onStream = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void => {
    offers.push(headers["sec-websocket-extensions"]);
    acceptWebSocket(sockets, stream, headers);
  };
  const origin = await opened(http2Origin(authority, onStream, undefined, { enableConnectProtocol: true }));
  return { origin, got, offers };
}

async function connect(proxy: RuledProxy, port: number, protocol: Protocol, path = "/"): Promise<WebSocket> {
  if (protocol === "h2") {
    const session = await http2Session(proxy, port);
    if (!session.remoteSettings.enableConnectProtocol) await once(session, "remoteSettings");
    return webSocketOver(session, path, { perMessageDeflate: true });
  }
  const socket = await secureThrough(proxy.port, `localhost:${port}`, {
    ca: proxy.ca.certPem,
    servername: "localhost",
  });
  return new WebSocket(`wss://localhost:${port}${path}`, {
    createConnection: () => socket,
    perMessageDeflate: true,
  });
}

/** The next so many messages, as text. */
async function messages(socket: WebSocket, count: number): Promise<string[]> {
  const texts: string[] = [];
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data) => {
      texts.push(String(data));
      if (texts.length === count) resolve(texts);
    });
  });
}

describe.each(["h1", "h2"] as const)("over %s", (protocol) => {
  const setUp = async (webSocket: WebSocketIntervention, acts: Acts = {}) => {
    const { origin, got, offers } = await echoOrigin(protocol);
    const proxy = await ruledProxy(authority, (head) => {
      expect(head.upgrade).toBe("websocket");
      return { webSocket, rules: ["ws"], ...acts };
    });
    const user = await connect(proxy, origin.port, protocol);
    return { proxy, user, got, offers };
  };

  test("messages are kept, replaced, dropped and joined by others", async () => {
    const seen: string[] = [];
    const { proxy, user, got, offers } = await setUp({
      messageLimit: 1000,
      message: ({ direction, opcode, data }) => {
        seen.push(`${direction} ${opcode} ${data}`);
        if (direction === "receive") return { kind: "keep" };
        const text = String(data);
        if (text === "drop") return { kind: "drop" };
        if (text === "replace") return { kind: "replace", data: Buffer.from("replaced"), opcode: 2 };
        if (text === "answer") {
          const answer: WebSocketData = { direction: "receive", opcode: 1, data: Buffer.from("answered") };
          return { kind: "drop", inject: [answer] };
        }
        if (text === "more") {
          return { kind: "keep", inject: [{ direction: "send", opcode: 1, data: Buffer.from("and more") }] };
        }
        return { kind: "keep" };
      },
    });
    await once(user, "open");
    const received = messages(user, 5);
    for (const text of ["keep", "drop", "replace", "answer", "more"]) user.send(text);
    expect((await received).sort()).toEqual(["and more", "answered", "keep", "more", "replaced"]);
    expect(got).toEqual(["keep", "replaced", "more", "and more"]);
    expect(seen).toContain("send 1 drop");
    expect(seen).toContain("receive 2 replaced");
    expect(offers).toEqual([undefined]);
    const pong = once(user, "pong");
    user.ping("still there");
    expect(String((await pong)[0])).toBe("still there");
    user.close(4001, "bye");
    await once(user, "close");
    const exchange = await proxy.next();
    expect(exchange).toMatchObject({ kind: "websocket", rules: ["ws"], close: { code: 4001 } });
    expect(exchange.error).toBeUndefined();
    expect(exchange.forwarded?.headers.map(([name]) => name.toLowerCase())).not.toContain(
      "sec-websocket-extensions",
    );
    // What the client sent, and what it got.
    const recorded = proxy.recording.messages.filter(({ opcode }) => opcode < 8);
    const texts = (direction: string) =>
      recorded
        .filter((each) => each.direction === direction)
        .map((each) => (each.body as { text?: string }).text);
    expect(texts("send")).toEqual(["keep", "drop", "replace", "answer", "more"]);
    expect(texts("receive").sort()).toEqual(["and more", "answered", "keep", "more", "replaced"]);
    expect(proxy.ended()).toBe(1);
  });

  test("messages of ours can come at any time, until the connection is over", async () => {
    let inject: (message: WebSocketData) => boolean = () => false;
    const { proxy, user, got } = await setUp({
      messageLimit: 10,
      opened: (send) => {
        inject = send;
      },
      message: () => ({ kind: "keep" }),
    });
    await once(user, "open");
    const received = messages(user, 2);
    expect(inject({ direction: "receive", opcode: 1, data: Buffer.from("to the client") })).toBe(true);
    expect(inject({ direction: "send", opcode: 1, data: Buffer.from("to the origin") })).toBe(true);
    expect((await received).sort()).toEqual(["to the client", "to the origin"]);
    expect(got).toEqual(["to the origin"]);
    user.close();
    await once(user, "close");
    await proxy.next();
    expect(inject({ direction: "receive", opcode: 1, data: Buffer.from("too late") })).toBe(false);
  });

  test("a message longer than the limit passes unseen and whole, fragments as well", async () => {
    const seen: number[] = [];
    const { user } = await setUp({
      messageLimit: 1000,
      message: ({ data }) => {
        seen.push(data.length);
        return { kind: "keep" };
      },
    });
    await once(user, "open");
    const received = messages(user, 3);
    const long = "long ".repeat(60_000);
    user.send("frag", { fin: false });
    user.send("mented", { fin: true });
    user.send(long);
    user.send("");
    expect(await received).toEqual(["fragmented", long, ""]);
    expect(seen.sort()).toEqual([0, 0, 10, 10]);
    user.terminate();
  });

  test("what looking at a message throws ends its connection", async () => {
    const { proxy, user } = await setUp({
      messageLimit: 10,
      message: () => {
        throw new Error("broke");
      },
    });
    await once(user, "open");
    user.on("error", () => {});
    user.send("x");
    await once(user, "close");
    expect(await proxy.next()).toMatchObject({ error: { message: expect.stringContaining("broke") } });
    expect(proxy.ended()).toBe(1);
  });

  test("the upgrade can be answered like any request", async () => {
    const { proxy, user } = await setUp(
      { messageLimit: 10, message: () => ({ kind: "keep" }) },
      { request: () => ({ kind: "respond", status: 403, headers: [], body: Buffer.from("no") }) },
    );
    const [error] = await once(user, "error");
    expect(String(error)).toContain("403");
    expect(await proxy.next()).toMatchObject({ kind: "http", response: { status: 403 } });
  });
});
