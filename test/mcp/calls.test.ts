// Calls that take long: they tell how far they are, end when they are given up, and leave nothing behind.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import type { Progress } from "@modelcontextprotocol/sdk/types.js";
import { afterEach, describe, expect, test } from "vitest";
import { makeSession } from "../support/made-session.js";
import { httpServer, removeAll, stdioClient, type TestClient, tempHome } from "./support.js";

const folders: string[] = [];
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await removeAll(folders);
});

async function newHome(): Promise<string> {
  const home = await tempHome();
  folders.push(home);
  return home;
}

/** It says which process it is, and runs on. */
function endless(pidFile: string) {
  const script = `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000)`;
  return { command: process.execPath, args: ["-e", script] };
}

describe.each(["stdio", "http"])("over %s", (transport) => {
  async function connect(home: string): Promise<TestClient> {
    if (transport === "stdio") {
      const client = await stdioClient(home, "--allow-exec");
      closing.push(() => client.close());
      return client;
    }
    const server = await httpServer(home, "--allow-exec");
    closing.push(() => server.close());
    const client = await server.connect();
    closing.push(() => client.close());
    return client;
  }

  test("a command that is given up ends with what it started; the server goes on", async () => {
    const home = await newHome();
    const { client, ok } = await connect(home);
    const pidFile = join(home, "pid");
    const givenUp = new AbortController();
    const called = client
      .callTool({ name: "run_command", arguments: endless(pidFile) }, undefined, { signal: givenUp.signal })
      .catch((error: unknown) => error);
    const pid = await written(pidFile);
    givenUp.abort("enough");
    expect(await called).toBeInstanceOf(Error);
    await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
    await expect.poll(async () => (await ok("capture_status")).data.total, { timeout: 20_000 }).toBe(0);
    expect((await ok("list_sessions")).data).toMatchObject({ sessions: [{ state: "stopped" }] });
  });

  test("a capture that is given up ends, and its port is free again", async () => {
    const home = await newHome();
    const { client, ok } = await connect(home);
    const port = await freePort();
    const givenUp = new AbortController();
    const called = client
      .callTool({ name: "capture_traffic", arguments: { seconds: 30, port } }, undefined, {
        signal: givenUp.signal,
      })
      .catch((error: unknown) => error);
    await expect.poll(async () => (await ok("capture_status")).data.total, { timeout: 20_000 }).toBe(1);
    givenUp.abort("enough");
    expect(await called).toBeInstanceOf(Error);
    await expect.poll(async () => (await ok("capture_status")).data.total, { timeout: 20_000 }).toBe(0);
    expect((await ok("start_capture", { port })).data.port).toBe(port);
  });

  test("who asks is told how far it is, and never less than before", async () => {
    const home = await newHome();
    await makeSession(home, "made");
    const { client } = await connect(home);
    for (const [name, args] of [
      ["capture_traffic", { seconds: 1.5, port: 0 }],
      ["export_har", { session: "made", output: "out.har" }],
      ["redact_session", { session: "made", into: "clean" }],
    ] as const) {
      const told: Progress[] = [];
      await client.callTool({ name, arguments: args }, undefined, { onprogress: (each) => told.push(each) });
      expect(told.length, name).toBeGreaterThan(0);
      for (const [at, { progress, total = 0 }] of told.entries()) {
        expect(progress, name).toBeLessThanOrEqual(total);
        if (at > 0) expect(progress, name).toBeGreaterThan(told[at - 1]!.progress);
      }
    }
  });
});

test("a client that is gone in the middle of a call is missed, and the call's command ends", async () => {
  const home = await newHome();
  const server = await httpServer(home, "--allow-exec", "--client-timeout", "100ms");
  closing.push(() => server.close());
  const { client, transport } = await server.connect();
  const pidFile = join(home, "pid");
  client.callTool({ name: "run_command", arguments: endless(pidFile) }).catch(() => {});
  const pid = await written(pidFile);
  await transport.close();
  await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
});

test("what a client subscribes to is bounded", async () => {
  const home = await newHome();
  const { client, close } = await stdioClient(home);
  closing.push(close);
  const uri = (n: number): string => `trafficctl://sessions/s${n}/summary`;
  for (let n = 0; n < 100; n++) await client.subscribeResource({ uri: uri(n) });
  await expect(client.subscribeResource({ uri: uri(100) })).rejects.toThrow(/100 subscriptions/);
  await client.subscribeResource({ uri: uri(99) });
  await client.unsubscribeResource({ uri: uri(5) });
  await client.subscribeResource({ uri: uri(100) });
});

async function written(path: string): Promise<number> {
  await expect.poll(() => readFile(path, "utf8").catch(() => ""), { timeout: 20_000 }).toMatch(/^\d+$/);
  return Number(await readFile(path, "utf8"));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
