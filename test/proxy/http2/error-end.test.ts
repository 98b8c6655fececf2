// The end of a connection whose peer broke the protocol: a peer that goes on sending still gets to read why.
import { once } from "node:events";
import net from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { CLIENT_PREFACE, FrameType } from "../../../src/proxy/http2/frames.js";
import { Http2Transport } from "../../../src/proxy/http2/transport.js";
import { type Origin, rawOrigin } from "../../support/origin.js";
import { EventLog, frame, SETTINGS } from "./support.js";

const open: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of open.splice(0).reverse()) await close();
});

const MEGABYTE = 1024 * 1024;
/** PING on a stream, which breaks the connection. */
const BROKEN = Buffer.concat([CLIENT_PREFACE, SETTINGS, frame(FrameType.PING, 0, 1, "0000000000000000")]);

interface Ends {
  readonly client: net.Socket;
  /** The proxy's end. */
  readonly server: net.Socket;
  readonly log: EventLog;
}

/** A client that reads nothing yet, joined to a server that ends what is broken. */
async function ends(): Promise<Ends> {
  const log = new EventLog();
  let transport: Http2Transport | undefined;
  log.onBroken = () => transport?.endBroken();
  let take: (socket: net.Socket) => void;
  const taken = new Promise<net.Socket>((resolve) => {
    take = resolve;
  });
  const origin: Origin = await rawOrigin((socket) => {
    transport = new Http2Transport("server", socket, log, { closed: () => {} });
    transport.begin(Buffer.alloc(0));
    take(socket);
  });
  const client = net.connect({ host: "127.0.0.1", port: origin.port, allowHalfOpen: true });
  client.on("error", () => {});
  client.pause();
  open.push(
    () => origin.close(),
    () => client.destroy(),
  );
  return { client, server: await taken, log };
}

test("a client that sends 12 MB more reads the GOAWAY, and an orderly end", async () => {
  const { client, log } = await ends();
  client.write(BROKEN);
  // More than the kernel takes while nobody reads it. The client reads when it has got rid of it, or has been reset.
  await new Promise((resolve) => client.write(Buffer.alloc(12 * MEGABYTE), resolve));
  const pieces: Buffer[] = [];
  client.on("data", (piece: Buffer) => pieces.push(piece)).resume();
  await once(client, "end");
  expect(Buffer.concat(pieces).toString("latin1")).toContain("a PING frame on a wrong stream");
  expect(log.goneWrong).toBe("PROTOCOL_ERROR");
});

test("what comes after the error does nothing", async () => {
  const { client, log } = await ends();
  client.end(Buffer.concat([BROKEN, frame(FrameType.PING, 0, 1, "0000000000000000"), SETTINGS]));
  client.resume();
  await once(client, "end");
  expect(log.events).toEqual(["connection error PROTOCOL_ERROR"]);
});

test("a client that never stops sending is cut off", async () => {
  const { client, server } = await ends();
  client.write(BROKEN);
  const piece = Buffer.alloc(MEGABYTE);
  let sent = 0;
  const over = once(server, "close");
  while (!server.destroyed && sent < 200) {
    sent++;
    await new Promise((resolve) => client.write(piece, resolve));
  }
  await over;
  expect(sent).toBeLessThan(200);
});

test("a client that neither sends nor ends is cut off after a while", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { client, server } = await ends();
  client.write(BROKEN);
  client.resume();
  await once(client, "end");
  expect(server.destroyed).toBe(false);
  vi.advanceTimersByTime(60_000);
  expect(server.destroyed).toBe(true);
});

test("nor can a client keep it that does not even read", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { client, server, log } = await ends();
  // Waits in the process, before the GOAWAY.
  server.write(Buffer.alloc(64 * MEGABYTE));
  client.write(BROKEN);
  await vi.waitUntil(() => log.goneWrong !== undefined, { interval: 5 });
  vi.advanceTimersByTime(60_000);
  expect(server.destroyed).toBe(true);
});
