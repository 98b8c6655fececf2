// A relay's pace: its slowest part sets it, be it the other end or whoever observes.
import { once } from "node:events";
import net from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { relay } from "../../src/proxy/relay.js";

/** A connection: the end that the relay has, and the peer's. */
async function connection(): Promise<{ ours: net.Socket; peer: net.Socket }> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const accepted = once(server, "connection");
  const peer = net.connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
  const [ours] = (await accepted) as [net.Socket];
  server.close();
  onTestFinished(() => {
    ours.destroy();
    peer.destroy();
  });
  return { ours, peer };
}

test("a drain does not resume reading while the observer is behind", async () => {
  const [client, origin] = [await connection(), await connection()];
  origin.peer.pause();
  const bytes = Buffer.alloc(16 * 1024 * 1024, 1);
  let behind = false;
  let ready: () => void = () => {};
  let observed = 0;
  const rest = Buffer.alloc(0);
  relay(
    { socket: client.ours, rest },
    { socket: origin.ours, rest },
    {
      fromClient: (chunk) => {
        observed += chunk.length;
      },
      fromOrigin: () => {},
      get behind() {
        return behind;
      },
      onReady: (callback) => {
        ready = callback;
      },
      closed: () => {},
    },
  );
  client.peer.end(bytes);
  let seen = -1;
  const stands = (): boolean => {
    const same = seen === observed;
    seen = observed;
    return same && origin.ours.writableNeedDrain;
  };
  await expect.poll(stands).toBe(true);
  behind = true;
  let received = 0;
  origin.peer.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  origin.peer.resume();
  const before = observed;
  await once(origin.ours, "drain");
  expect(client.ours.isPaused()).toBe(true);
  await expect.poll(() => received).toBe(before);
  expect(observed).toBe(before);
  behind = false;
  ready();
  await once(origin.peer, "end");
  expect(received).toBe(bytes.length);
});
