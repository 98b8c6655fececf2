// A TLS peer that ended TCP without close_notify and takes nothing more must not be held for ever.
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import { afterEach, expect, test, vi } from "vitest";
import { cutIfStalled } from "../../src/proxy/stall.js";
import { issueIdentity } from "../support/identity.js";

afterEach(() => vi.useRealTimers());

/** Both ends of a TLS connection, the server's writes unread. */
async function pair(): Promise<{ server: tls.TLSSocket; client: tls.TLSSocket; close: () => void }> {
  const identity = issueIdentity();
  const listener = tls.createServer({ ...identity, allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const accepted = once(listener, "secureConnection") as Promise<[tls.TLSSocket]>;
  const { port } = listener.address() as AddressInfo;
  const client = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca: identity.cert });
  await once(client, "secureConnect");
  const [server] = await accepted;
  for (const socket of [server, client]) socket.on("error", () => {});
  client.pause();
  return {
    server,
    client,
    close: () => {
      server.destroy();
      client.destroy();
      listener.close();
    },
  };
}

test("a write that does not move ends the connection, one that moves does not", async () => {
  const { server, client, close } = await pair();
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  // More than any kernel buffers: the rest waits for the client.
  server.write(Buffer.alloc(64 * 1024 * 1024));
  cutIfStalled(server);
  vi.advanceTimersByTime(9_000);
  expect(server.destroyed).toBe(false);
  client.resume();
  const before = server.writableLength + server.bytesWritten;
  await once(client, "data");
  client.pause();
  expect(server.writableLength + server.bytesWritten).toBe(before);
  vi.advanceTimersByTime(60_000);
  expect(server.destroyed).toBe(true);
  close();
});

test("without TLS nothing is done: the kernel tells", async () => {
  const timers = vi.spyOn(globalThis, "setInterval");
  cutIfStalled(new net.Socket());
  expect(timers).not.toHaveBeenCalled();
  timers.mockRestore();
});
