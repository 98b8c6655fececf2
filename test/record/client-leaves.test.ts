// Clients of HTTP/1 that leave in the middle of a response, or end their side and read on.
import { once } from "node:events";
import net from "node:net";
import { describe, expect, test } from "vitest";
import { httpOrigin, httpsOrigin, type Origin, rawOrigin, rawTlsOrigin } from "../support/origin.js";
import { readToEnd, readUntil, secureThrough } from "../support/raw-client.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { useOrigins } from "../support/recordings.js";

const { authority, opened } = useOrigins();

const start = (options: Parameters<typeof testRecording>[0] = {}): Promise<TestRecording> =>
  opened(testRecording({ tls: { upstreamCa: authority().caPath }, ...options }));

type Way = "http" | "https";
const WAYS: readonly Way[] = ["http", "https"];

/** Sends a request; the response is to be read. */
async function requested(recording: TestRecording, way: Way, origin: Origin): Promise<net.Socket> {
  const host = `localhost:${origin.port}`;
  if (way === "http") {
    const socket = net.connect({ host: "127.0.0.1", port: recording.port, allowHalfOpen: true });
    socket.on("error", () => {});
    socket.write(`GET http://${host}/a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    return socket;
  }
  const options = { ca: recording.ca.certPem, servername: "localhost" };
  const socket = await secureThrough(recording.port, host, options);
  socket.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return socket;
}

const LEFT = { error: { code: "client-closed" }, response: { body: { truncated: "client-closed" } } };
const SIZE = 100 * 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024, "x");

/** Ends its connection when its client ends a side, as Node does. @param more goes on until then */
function nodeOrigin(way: Way, more: boolean): Promise<Origin> {
  const make =
    way === "http"
      ? httpOrigin
      : (listener: Parameters<typeof httpOrigin>[0]) => httpsOrigin(authority(), listener);
  return opened(
    make((_request, response) => {
      response.writeHead(200, { "Content-Length": String(SIZE) });
      response.write("begun");
      const write = (): void => {
        while (!response.destroyed && response.write(PIECE));
      };
      if (!more) return;
      response.on("drain", write);
      write();
    }),
  );
}

describe.each(WAYS)("%s", (way) => {
  test.each([
    ["closes its connection in a download", true, "close"],
    ["closes its connection while the origin is silent", false, "close"],
    ["resets its connection in a download", true, "reset"],
    ["ends its side in a download", true, "end"],
    ["ends its side while the origin is silent", false, "end"],
  ] as const)("a client that %s", async (_what, more, how) => {
    for (let round = 0; round < 5; round++) {
      const origin = await nodeOrigin(way, more);
      const recording = await start();
      const socket = await requested(recording, way, origin);
      await readUntil(socket, "begun");
      if (how === "end") {
        socket.end();
        await readToEnd(socket);
      } else if (how === "reset" && way === "http") socket.resetAndDestroy();
      else socket.destroy();
      expect(await recording.nextExchange()).toMatchObject(LEFT);
    }
  });

  test.each(["close", "end"] as const)(
    "a client that leaves (%s) an exchange that a rule is about",
    async (how) => {
      const origin = await nodeOrigin(way, true);
      const recording = await start({ rules: { shortcuts: { setHeader: ["response X-A: b"] } } });
      const socket = await requested(recording, way, origin);
      await readUntil(socket, "begun");
      if (how === "close") socket.destroy();
      else {
        socket.end();
        expect((await readToEnd(socket)).text.length).toBeLessThan(SIZE);
      }
      expect(await recording.nextExchange()).toMatchObject(LEFT);
    },
  );

  test("a client that ends its side and reads on gets the whole of a response that is under way", async () => {
    let answer = (): void => {};
    const onConnection = async (socket: net.Socket): Promise<void> => {
      await readUntil(socket, "\r\n\r\n");
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000005\r\n\r\nbegun");
      answer = () => socket.end(Buffer.alloc(1_000_000, "y"));
      socket.resume();
      await once(socket, "end");
      answer();
    };
    const origin = await opened(
      way === "http" ? rawOrigin(onConnection) : rawTlsOrigin(authority(), onConnection),
    );
    const recording = await start();
    const socket = await requested(recording, way, origin);
    await readUntil(socket, "begun");
    socket.end();
    expect(await readToEnd(socket)).toEqual({ text: "y".repeat(1_000_000), ending: "clean" });
    const exchange = await recording.nextExchange();
    expect(exchange.error).toBeUndefined();
    expect(exchange).toMatchObject({ response: { body: { size: 1_000_005 } } });
  });
});
