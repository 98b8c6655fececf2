// Clients at once, clients that vanish, and a stdout that carries nothing but the protocol.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { CLI, httpServer, list, removeAll, stdioClient, tempHome, text } from "./support.js";

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

describe("two clients at once", () => {
  test("of one HTTP server have each a proxy of their own, and the same placeholders", async () => {
    const server = await httpServer(await newHome(), "--allow-exec");
    closing.push(() => server.close());
    const [one, other] = await Promise.all([server.connect(), server.connect()]);
    const started = await Promise.all([one, other].map((client) => client.ok("start_capture")));
    const [first, second] = started.map(({ data }) => text(data.session));
    expect(first).not.toBe(second);
    const status = await one.ok("capture_status");
    const own = list(status.data.proxies).filter(({ startedByThisClient }) => startedByThisClient === true);
    expect(own).toMatchObject([{ session: first }]);
    const command = { command: "curl", args: ["-sS", "http://127.0.0.1:1/?access_token=s3cr3t-of-both"] };
    await Promise.all([one.ok("run_command", command), other.ok("run_command", command)]);
    const shown = await Promise.all([
      one.ok("get_exchange", { session: first ?? "", exchange: "1" }),
      other.ok("get_exchange", { session: second ?? "", exchange: "1" }),
    ]);
    const placeholders = shown.map((called) => /access_token=(REDACTED-\d+)/.exec(called.text)?.[1]);
    expect(placeholders[0]).toMatch(/^REDACTED-\d+$/);
    expect(placeholders[1]).toBe(placeholders[0]);
    await one.close();
    await other.close();
  });

  test("over stdin and stdout see each other's proxies, and stop only their own by default", async () => {
    const home = await newHome();
    const [one, other] = await Promise.all([stdioClient(home), stdioClient(home)]);
    closing.push(
      () => one.close(),
      () => other.close(),
    );
    const session = text((await one.ok("start_capture")).data.session);
    expect((await other.ok("capture_status")).data).toMatchObject({
      total: 1,
      proxies: [{ session, startedByThisClient: false }],
    });
    expect((await other.call("stop_capture")).isError).toBe(true);
    expect((await other.ok("set_options", { session, values: { "max-body": 10 } })).text).toContain(
      "max-body = 10",
    );
    await other.ok("stop_capture", { session });
    expect((await one.ok("capture_status")).data.total).toBe(0);
    await one.ok("start_capture");
  });
});

describe("a client that vanishes", () => {
  test.each(["stdin ends", "both pipes break"])(
    "over stdin and stdout (%s) ends its proxy and its command",
    async (how) => {
      const home = await newHome();
      const raw = rawServer(home);
      await raw.initialize();
      const started = await raw.call("start_capture", { session: "left" });
      const port = z.object({ port: z.number() }).parse(started.structuredContent).port;
      const pidFile = join(home, "pid");
      const script = `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000)`;
      raw.send("tools/call", {
        name: "run_command",
        arguments: { command: process.execPath, args: ["-e", script] },
      });
      const pid = await written(pidFile);
      raw.child.stdin.destroy();
      if (how === "both pipes break") raw.child.stdout.destroy();
      const [code] = await once(raw.child, "exit");
      expect(code).toBe(0);
      expect(isRunning(pid)).toBe(false);
      await expect(connects(port)).resolves.toBe(false);
      const manifest: unknown = JSON.parse(await readFile(join(home, "sessions/left/manifest.json"), "utf8"));
      expect(manifest).toMatchObject({ endedAt: expect.any(String) });
    },
  );

  test("over HTTP says goodbye, and its proxy ends; the server and the others go on", async () => {
    const server = await httpServer(await newHome());
    closing.push(() => server.close());
    const [leaving, staying] = await Promise.all([server.connect(), server.connect()]);
    await leaving.ok("start_capture", { session: "leaving" });
    await staying.ok("start_capture", { session: "staying" });
    await leaving.transport.terminateSession();
    const status = await staying.ok("capture_status");
    expect(status.data).toMatchObject({ total: 1, proxies: [{ session: "staying" }] });
    await leaving.close();
    await staying.close();
  });

  test("over HTTP without a word is missed, and its proxy ends", async () => {
    const server = await httpServer(await newHome(), "--client-timeout", "100ms");
    closing.push(() => server.close());
    const [leaving, staying] = await Promise.all([server.connect(), server.connect()]);
    await leaving.ok("start_capture", { session: "leaving" });
    await leaving.close();
    await expect
      .poll(async () => (await staying.ok("capture_status")).data.total, { timeout: 20_000 })
      .toBe(0);
    expect((await staying.ok("show_session", { session: "leaving" })).data.state).toBe("stopped");
    await staying.close();
  });

  test("SIGTERM ends the server with all that runs", async () => {
    const home = await newHome();
    const server = await httpServer(home);
    const client = await server.connect();
    await client.ok("start_capture", { session: "cut" });
    await server.close();
    expect(server.child.exitCode).toBe(0);
    const manifest: unknown = JSON.parse(await readFile(join(home, "sessions/cut/manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ endedAt: expect.any(String) });
    await client.close();
  });
});

describe("stdout", () => {
  test("carries nothing but the protocol", async () => {
    const raw = rawServer(await newHome());
    await raw.initialize();
    await raw.call("start_capture", {});
    await raw.call("run_command", { command: "curl", args: ["-sS", "http://127.0.0.1:1/"] });
    expect((await raw.call("list_exchanges", { session: "last" })).structuredContent.total).toBe(1);
    await raw.call("no_such_tool", {}).catch(() => {});
    raw.send("nonsense", {});
    raw.child.stdin.write("this is no JSON\n");
    await raw.call("stop_capture", {});
    raw.child.stdin.end();
    await once(raw.child, "exit");
    expect(raw.lines.length).toBeGreaterThan(5);
    for (const line of raw.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  });

  test("answers what was asked before stdin ended", async () => {
    const raw = rawServer(await newHome());
    await raw.initialize();
    raw.send("tools/call", { name: "explain_filters", arguments: {} });
    raw.child.stdin.end();
    await once(raw.child, "close");
    expect(raw.lines.at(-1)).toContain("~c STATUS");
  });
});

/** The server as a client sees it that writes the protocol by hand. */
function rawServer(home: string) {
  const child = spawn(process.execPath, [CLI, "mcp", "--home", home, "--allow-exec"], {
    cwd: home,
    stdio: ["pipe", "pipe", "inherit"],
  });
  closing.push(async () => child.kill("SIGKILL"));
  child.stdin.on("error", () => {});
  const lines: string[] = [];
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  const answer = z.object({
    id: z.number(),
    result: z.unknown().optional(),
    error: z.object({ message: z.string() }).optional(),
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    const { data } = answer.safeParse(JSON.parse(line));
    const asked = data === undefined ? undefined : waiting.get(data.id);
    if (data?.error === undefined) asked?.resolve(data?.result);
    else asked?.reject(new Error(data.error.message));
  });
  let last = 0;
  const write = (message: object): void => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  };
  const send = (method: string, params: object): number => {
    write({ id: ++last, method, params });
    return last;
  };
  const ask = (method: string, params: object): Promise<unknown> =>
    new Promise((resolve, reject) => waiting.set(send(method, params), { resolve, reject }));
  const result = z.object({ structuredContent: z.record(z.string(), z.unknown()) });
  return {
    child,
    lines,
    send,
    initialize: async () => {
      await ask("initialize", {
        protocolVersion: "2025-06-18",
        capabilities: {},
        clientInfo: { name: "raw", version: "1" },
      });
      write({ method: "notifications/initialized" });
    },
    call: async (name: string, args: object) =>
      result.parse(await ask("tools/call", { name, arguments: args })),
  };
}

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

async function connects(port: number): Promise<boolean> {
  const socket = net.connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
