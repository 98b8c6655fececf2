// Which proxies run: what is left behind is removed, what may be alive is not, and which one a person means.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, readdir, stat, symlink, utimes, writeFile } from "node:fs/promises";
import net from "node:net";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { type ControlHome, chooseProxy, type ProxyEntry, runningProxies } from "../../src/control/running.js";
import { isAlive, ownIdentity } from "../../src/session/process-identity.js";
import { run } from "../support/run.js";
import { temporaryHome, testServer } from "./support.js";

const RUNNING_MODULE = resolve(import.meta.dirname, "../../dist/src/control/running.js");

let home: string;
let folder: string;
let where: ControlHome;
beforeEach(async () => {
  home = await temporaryHome();
  folder = join(home, "run");
  where = { home, isAlive };
  await mkdir(folder, { mode: 0o700 });
});

const names = async () => (await runningProxies(where)).map(({ session }) => session);
const files = async () => (await readdir(folder)).sort();

async function writeEntry(name: string, values: object = {}): Promise<void> {
  const entry = {
    v: 1,
    machine: hostname(),
    session: name,
    sessionPath: join(home, "sessions", name),
    ...(await ownIdentity()),
    version: "0.0.0",
    url: "http://127.0.0.1:1",
    startedAt: "2026-11-20T10:15:30.123Z",
    socket: join(folder, `${name}.sock`),
    ...values,
  };
  await writeFile(join(folder, `${name}.json`), JSON.stringify(entry), { mode: 0o600 });
}

/** A process that listened there and was killed: the socket's file stays. */
async function killedListener(path: string): Promise<number> {
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => console.log("up"))`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  return child.pid!;
}

describe.skipIf(process.platform === "win32")("entries", () => {
  test("of servers that listen are found, the oldest first, and one does not disturb the other", async () => {
    await using _one = await testServer({ home, session: "one" });
    await using two = await testServer({ home, session: "two" });
    // The name of a session that was deleted under its recorder.
    await using _again = await testServer({ home, session: "two" });
    expect(await names()).toEqual(["one", "two", "two"]);
    await two.close();
    expect(await names()).toEqual(["one", "two"]);
    expect(await files()).toHaveLength(4);
  });

  test("of a process that was killed are removed, by however many look at once", async () => {
    const pid = await killedListener(join(folder, "dead.sock"));
    await writeEntry("dead", { pid, start: "long ago" });
    expect(await files()).toEqual(["dead.json", "dead.sock"]);
    const seen = await Promise.all(Array.from({ length: 5 }, () => runningProxies(where)));
    expect(seen.flat()).toEqual([]);
    expect(await files()).toEqual([]);
  });

  test("whose process id another process has by now are removed", async () => {
    await writeEntry("reused", { start: "another run" });
    expect(await names()).toEqual([]);
    expect(await files()).toEqual(process.platform === "linux" ? [] : ["reused.json"]);
  });

  test.each([
    ["of a process that is alive", {}],
    ["of another machine", { machine: "elsewhere", pid: 999_999_999 }],
    ["of a later version", { v: 2, pid: 999_999_999 }],
  ])("%s stay, listening or not", async (_, values) => {
    await writeEntry("other", values);
    expect(await names()).toEqual([]);
    expect(await files()).toEqual(["other.json"]);
  });

  test("torn by a crash are removed, new ones not", async () => {
    await writeFile(join(folder, "torn.json"), '{"v":1,"ses');
    await writeFile(join(folder, "new.json"), '{"v":1,"ses');
    await killedListener(join(folder, "orphan.sock"));
    const long = new Date(Date.now() - 3_600_000);
    await utimes(join(folder, "torn.json"), long, long);
    await utimes(join(folder, "orphan.sock"), long, long);
    expect(await names()).toEqual([]);
    expect(await files()).toEqual(["new.json"]);
  });

  test("whose socket others could have put there are not connected to", async () => {
    const open = join(home, "open");
    await mkdir(open);
    await chmod(open, 0o777);
    const server = net.createServer(() => {
      throw new Error("nobody is to connect");
    });
    server.listen(join(open, "control.sock"));
    await once(server, "listening");
    await writeEntry("trap", { socket: join(open, "control.sock") });
    expect(await names()).toEqual([]);
    server.close();
  });

  test("take nothing with them but a socket of their own", async () => {
    const gone = { pid: 999_999_999, start: null };
    const precious = join(home, "precious");
    await writeFile(precious, "kept");
    await mkdir(join(home, "folder"));
    const elsewhere = join(home, "agent.sock");
    await killedListener(elsewhere);
    await writeEntry("file", { ...gone, socket: precious });
    await writeEntry("folder", { ...gone, socket: join(home, "folder") });
    await writeEntry("socket", { ...gone, socket: elsewhere });
    await writeEntry("neighbour", { ...gone, socket: join(folder, "other.sock") });
    await killedListener(join(folder, "other.sock"));
    await chmod(home, 0o700);
    expect(await names()).toEqual([]);
    expect(await files()).toEqual(["other.sock"]);
    await Promise.all([precious, join(home, "folder"), elsewhere].map((path) => stat(path)));
  });

  test("that are no files are passed by", async () => {
    expect(await run("mkfifo", [join(folder, "pipe.json")])).toMatchObject({ code: 0 });
    await mkdir(join(folder, "folder.json"));
    await mkdir(join(folder, "folder.sock"));
    await writeFile(join(folder, "file.sock"), "");
    await symlink(join(home, "nothing"), join(folder, "link.json"));
    const long = new Date(Date.now() - 3_600_000);
    for (const name of ["folder.json", "folder.sock", "file.sock"])
      await utimes(join(folder, name), long, long);
    const before = await files();
    expect(await names()).toEqual([]);
    expect(await files()).toEqual(before);
  });

  test.skipIf(process.getuid?.() !== 0)("that can't be removed are none of a proxy's", async () => {
    await killedListener(join(folder, "dead.sock"));
    await writeEntry("dead", { pid: 999_999_999, start: null });
    const script = `
      const { runningProxies } = await import(${JSON.stringify(RUNNING_MODULE)});
      process.setegid(65534);
      process.seteuid(65534);
      console.log((await runningProxies({ home: ${JSON.stringify(home)}, isAlive: async () => false })).length);`;
    await chown(folder, 65_534, 65_534);
    for (const name of await files()) await chown(join(folder, name), 65_534, 65_534);
    await chmod(home, 0o755);
    await chmod(folder, 0o500);
    const { code, stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", script]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "0\n", stderr: "" });
    expect(await files()).toEqual(["dead.json", "dead.sock"]);
  });

  test.skipIf(process.getuid?.() !== 0)("root trusts no third user's socket", async () => {
    const other = join(home, "trafficctl-abcdef");
    await mkdir(other, { mode: 0o700 });
    const server = net.createServer(() => {
      throw new Error("nobody is to connect");
    });
    server.listen(join(other, "control.sock"));
    await once(server, "listening");
    await chown(other, 65_534, 65_534);
    await writeEntry("trap", { socket: join(other, "control.sock") });
    expect(await names()).toEqual([]);
    server.close();
  });

  test("there are none without the folder", async () => {
    expect(await runningProxies({ home: join(home, "none"), isAlive })).toEqual([]);
  });
});

describe("the proxy that a person means", () => {
  const entry = (session: string): ProxyEntry => ({
    session,
    sessionPath: `/home/sessions/${session}`,
    pid: 1,
    start: null,
    version: "0",
    url: "",
    startedAt: "",
    socket: "",
  });
  const running = ["smoke-1", "smoke-2", "smoke", "api"].map(entry);

  test.each([
    ["smoke", "smoke"],
    ["smoke-2", "smoke-2"],
    ["a", "api"],
    ["last", "api"],
    ["/home/sessions/smoke-1", "smoke-1"],
  ])("%s: %s", (reference, session) => {
    expect(chooseProxy(running, reference).session).toBe(session);
  });

  test("is the only one where none is named", () => {
    expect(chooseProxy(running.slice(0, 1), undefined).session).toBe("smoke-1");
  });

  test.each([
    [running, undefined, "SESSION_AMBIGUOUS", "name one: smoke-1, smoke-2, smoke, api"],
    [running, "smo", "SESSION_AMBIGUOUS", "name one: smoke-1, smoke-2, smoke"],
    [running, "x", "NOT_RUNNING", "running: smoke-1, smoke-2, smoke, api"],
    [running, "", "NOT_RUNNING", "running: smoke-1, smoke-2, smoke, api"],
    [[], undefined, "NOT_RUNNING", "`trafficctl record` starts one"],
    [[], "last", "NOT_RUNNING", "`trafficctl record` starts one"],
    [[], "x", "NOT_RUNNING", "`trafficctl record` starts one"],
  ])("%#: refused with the names of those that run", (list, reference, code, hint) => {
    expect(() => chooseProxy(list, reference)).toThrow(expect.objectContaining({ code, hint }));
  });
});
