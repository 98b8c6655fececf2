import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Engine } from "../../src/proxy/engine.js";

/** What `tr` in /proc/net/tcp says of a connection on which nothing waits and keep-alive probes are due (proc_net_tcp). */
const PROBES = 2;

describe.skipIf(process.platform !== "linux")("a client's connection", () => {
  it("is probed by the system, so that one whose client vanished does not stay for ever", async () => {
    const accepted = withResolvers<Socket>();
    const engine = new Engine({ host: "127.0.0.1", port: 0, accept: accepted.resolve });
    const port = await engine.start();
    onTestFinished(() => engine.stop());
    const client = connect(port, "127.0.0.1");
    const socket = await accepted.promise;
    expect(timerOf(port, socket.remotePort)).toBe(PROBES);
    client.destroy();
    socket.destroy();
  });
});

/** @returns the kind of timer that runs on the connection, as the kernel numbers them */
function timerOf(localPort: number | undefined, remotePort: number | undefined): number | undefined {
  const hexadecimal = (port = 0) => port.toString(16).toUpperCase().padStart(4, "0");
  for (const line of readFileSync("/proc/net/tcp", "latin1").split("\n")) {
    const [, local, remote, , , timer] = line.trim().split(/\s+/);
    if (local?.endsWith(`:${hexadecimal(localPort)}`) && remote?.endsWith(`:${hexadecimal(remotePort)}`))
      return Number.parseInt(timer ?? "", 16);
  }
  return undefined;
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
