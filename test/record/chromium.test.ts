// A real browser through the proxy: pages, subresources, fetch, a form, server-sent events, a WebSocket.
import type { Readable, Writable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { launchChromium } from "../support/chromium.js";
import {
  http2Origin,
  httpsOrigin,
  type Origin,
  type OriginAuthority,
  originAuthority,
} from "../support/origin.js";
import { testRecording } from "../support/recording.js";

const PAGE = `<!doctype html><meta charset="utf-8"><title>Wait</title><link rel="stylesheet" href="/style.css">
<script type="module">
  const posted = await (await fetch("/echo", { method: "POST", body: "häh" })).text();
  const events = await new Promise((resolve) => {
    const seen = [];
    const source = new EventSource("/events");
    source.onmessage = ({ data }) => { seen.push(data); if (seen.length === 2) { source.close(); resolve(seen.join()); } };
  });
  const message = await new Promise((resolve) => {
    const socket = new WebSocket("wss://" + location.host + "/socket");
    socket.onopen = () => socket.send("ping?");
    socket.onmessage = ({ data }) => { socket.close(1000, "done"); socket.onclose = () => resolve(data); };
  });
  document.title = [posted, events, message].join("|");
</script>`;

let authority: OriginAuthority;
const origins: Origin[] = [];

beforeAll(async () => {
  authority = await originAuthority();
});
afterAll(async () => {
  for (const origin of origins) await origin.close();
  await authority.remove();
});

/** Answers over HTTP/1.1 and, where the origin speaks it, HTTP/2. */
function answer(request: Readable & { url?: string | undefined }, response: Response): void {
  switch (request.url) {
    case "/":
      response.writeHead(200, { "content-type": "text/html", "content-encoding": "gzip" });
      response.end(gzipSync(PAGE));
      return;
    case "/style.css":
      response.writeHead(200, { "content-type": "text/css" });
      response.end("body { color: green }");
      return;
    case "/echo":
      response.writeHead(200, { "content-type": "text/plain" });
      request.pipe(response);
      return;
    case "/events":
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: one\n\n");
      setImmediate(() => response.write("data: two\n\n"));
      return;
    default:
      response.writeHead(404, {});
      response.end();
  }
}

type Response = Writable & { writeHead(status: number, headers: Record<string, string>): unknown };

async function startOrigin(version: "1.1" | "2.0"): Promise<Origin> {
  const origin =
    version === "1.1"
      ? await httpsOrigin(authority, answer)
      : await http2Origin(authority, undefined, answer);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  origin.server.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("message", () => webSocket.send("pong!"));
    });
  });
  origins.push(origin);
  return origin;
}

test.each(["1.1", "2.0"] as const)(
  "Chromium works through the proxy, its origin speaks HTTP/%s",
  { timeout: 60_000 },
  async (version) => {
    const origin = await startOrigin(version);
    const recording = await testRecording({ tls: { upstreamCa: authority.caPath } });
    const browser = await launchChromium(recording.url, recording.ca.spkiFingerprint);
    try {
      const page = await browser.newPage();
      await page.goto(`https://localhost:${origin.port}/`);
      await page.waitForFunction("document.title !== 'Wait'");
      expect(await page.title()).toBe("häh|one,two|pong!");
    } finally {
      await browser.close();
    }
    const { exchanges, messages } = await recording.finish();
    const byPath = new Map(exchanges.map((exchange) => [new URL(exchange.request.url).pathname, exchange]));
    expect([...byPath.keys()]).toEqual(
      expect.arrayContaining(["/", "/style.css", "/echo", "/events", "/socket"]),
    );
    expect(byPath.get("/echo")).toMatchObject({
      request: { body: { kind: "text", text: "häh" } },
      response: { status: 200 },
    });
    expect(byPath.get("/")).toMatchObject({
      response: { body: { kind: "base64", base64: gzipSync(PAGE).toString("base64") } },
    });
    expect(byPath.get("/style.css")?.request.httpVersion).toBe(`HTTP/${version}`);
    expect(byPath.get("/socket")).toMatchObject({ kind: "websocket", close: { code: 1000, reason: "done" } });
    const texts = messages
      .filter(({ opcode }) => opcode === 1)
      .map(({ body }) => (body.kind === "text" ? body.text : body.kind));
    expect(texts).toEqual(["ping?", "pong!"]);
    await recording.remove();
  },
);
