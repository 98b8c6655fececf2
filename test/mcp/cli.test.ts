// `trafficctl mcp` as a command: what it refuses, what it says without the SDK, what else a client sees.
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { makeSession } from "../support/made-session.js";
import { run } from "../support/run.js";
import { CLI, removeAll, stdioClient, tempHome } from "./support.js";

const folders: string[] = [];
afterAll(() => removeAll(folders));

async function folder(): Promise<string> {
  const path = await tempHome();
  folders.push(path);
  return path;
}

describe("refuses", () => {
  test.each([
    [["--toolsets", "query,dance"], 2, /there is no 'dance'[\s\S]*capture, query, har/],
    [["--root", "/no/such/folder"], 1, /there is no \/no\/such\/folder/],
    [["--root", process.execPath], 2, /is no folder/],
    [["--budget", "10"], 2, /--budget/],
    [["--http", "--port", "99999"], 2, /is no port/],
    [["--http", "--client-timeout", "soon"], 2, /--client-timeout/],
  ] as const)("%s", async (args, code, message) => {
    const ended = await run(process.execPath, [CLI, "mcp", "--home", await folder(), ...args]);
    expect(ended.stderr).toMatch(message);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe("");
  });
});

test("without the SDK it says how to install it, and the other commands work", async () => {
  const place = await folder();
  const root = dirname(dirname(CLI));
  const modules = resolve(import.meta.dirname, "../../node_modules");
  await cp(root, join(place, "dist"), { recursive: true });
  await cp(resolve(import.meta.dirname, "../../package.json"), join(place, "package.json"));
  await mkdir(join(place, "node_modules"));
  for (const name of await readdir(modules)) {
    if (name !== "@modelcontextprotocol")
      await symlink(join(modules, name), join(place, "node_modules", name));
  }
  const cli = join(place, "dist/bin/trafficctl.js");
  const ended = await run(process.execPath, [cli, "mcp", "--home", place]);
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/@modelcontextprotocol\/sdk is not installed[\s\S]*npm install/);
  expect(ended.stdout).toBe("");
  expect((await run(process.execPath, [cli, "sessions", "list", "--home", place])).code).toBe(0);
});

test("a client that asks for it is told how far a call is", async () => {
  const home = await folder();
  await makeSession(home, "made");
  const { client, close } = await stdioClient(home);
  const told: number[] = [];
  const params = { name: "export_har", arguments: { session: "made", output: "out.har" } };
  await client.callTool(params, undefined, { onprogress: ({ progress }) => told.push(progress) });
  expect(told[0]).toBe(1);
  await close();
});

test("a call that is given up ends what it began", async () => {
  const home = await folder();
  const { client, ok, close } = await stdioClient(home);
  const giveUp = new AbortController();
  const call = client.callTool({ name: "capture_traffic", arguments: { seconds: 30, port: 0 } }, undefined, {
    signal: giveUp.signal,
  });
  await expect.poll(async () => (await ok("capture_status")).data.total, { timeout: 20_000 }).toBe(1);
  giveUp.abort();
  await expect(call).rejects.toThrow();
  await expect.poll(async () => (await ok("capture_status")).data.total, { timeout: 20_000 }).toBe(0);
  await close();
});
