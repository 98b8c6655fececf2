// `trafficctl status`, `stop` and `set` beside real recordings, in processes of their own.
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RunningCli, startRecord, trafficctl } from "../support/cli.js";
import { httpOrigin, type Origin } from "../support/origin.js";
import { run } from "../support/run.js";

let origin: Origin;
let home: string;
const running: RunningCli[] = [];

beforeAll(async () => {
  origin = await httpOrigin((request, response) => {
    if (request.url !== "/slow") request.pipe(response.writeHead(200));
  });
});
afterAll(() => origin.close());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-status-"));
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill("SIGKILL");
    await ended();
  }
  await rm(home, { recursive: true, force: true });
});

async function start(session: string, ...args: string[]): Promise<RunningCli> {
  const cli = await startRecord(["--port", "0", "--home", home, "--session", session, ...args]);
  running.push(cli);
  return cli;
}

const control = (command: string, ...args: string[]) => trafficctl([command, "--home", home, ...args]);
const status = async () => JSON.parse((await control("status", "--json")).stdout).proxies;
const runFiles = () => readdir(join(home, "run"));
const curl = ({ ready }: RunningCli, ...args: string[]) =>
  run("curl", ["-sS", "-x", String(ready.url), ...args]);
const manifest = async (session: string) =>
  JSON.parse(await readFile(join(home, "sessions", session, "manifest.json"), "utf8"));

describe("status", () => {
  test("says that none runs", async () => {
    const result = await control("status");
    expect(result).toMatchObject({
      code: 0,
      stdout: "no proxy is running: `trafficctl record` starts one\n",
    });
    expect(await status()).toEqual([]);
  });

  test("lists two proxies with what they have recorded", async () => {
    const one = await start("one", "--filter", "~m POST");
    const two = await start("two");
    await curl(one, "-d", "x", `http://127.0.0.1:${origin.port}/`);
    await one.next("exchange");
    expect(await status()).toMatchObject([
      {
        state: "running",
        session: "one",
        pid: one.child.pid,
        url: one.ready.url,
        counts: { exchanges: 1 },
        rules: 0,
        paused: 0,
        options: { filter: "~m POST", "max-body": null },
      },
      { session: "two", port: two.ready.port, counts: { exchanges: 0 }, options: { filter: null } },
    ]);
    const [head, ...rows] = (await control("status")).stdout.trimEnd().split("\n");
    expect(head).toMatch(/^SESSION +URL +PID +UP +EXCHANGES +ERRORS +RULES +PAUSED +NOTE/);
    expect(rows[0]).toMatch(/^one +http:\/\/127\.0\.0\.1:\d+ +\d+ .* 1 +0 +0 +0 +only ~m POST$/);
    expect(rows[1]).toMatch(/^two /);
    await control("set", "one", "filter=");
    // Where there is nothing to note: in the width of a usual terminal.
    const lines = (await control("status")).stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/ PAUSED$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("kill -9 leaves a socket that is cleaned up", async () => {
    const { child, ended } = await start("dead");
    child.kill("SIGKILL");
    await ended();
    expect(await runFiles()).toHaveLength(2);
    expect(await status()).toEqual([]);
    expect(await runFiles()).toEqual([]);
  });

  test.skipIf(process.platform === "win32")(
    "one that is suspended is there, and does not answer",
    async () => {
      const { child } = await start("asleep");
      child.kill("SIGSTOP");
      try {
        const result = await control("status");
        expect(result.code).toBe(0);
        expect(result.stdout).toMatch(/^asleep .* does not answer$/m);
      } finally {
        child.kill("SIGCONT");
      }
      expect(await status()).toMatchObject([{ session: "asleep", state: "running" }]);
    },
  );

  test("a recording that can't be controlled goes on, and says so", async () => {
    await writeFile(join(home, "run"), "in the way");
    const cli = await start("alone");
    await curl(cli, `http://127.0.0.1:${origin.port}/`);
    await cli.next("exchange");
    cli.child.kill("SIGINT");
    expect(await cli.ended()).toMatchObject({ code: 0 });
    expect(cli.stderr()).toContain("nothing can control this recording while it runs (EEXIST)");
  });
});

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

describe("stop", () => {
  test("waits until everything is on disk, and prints the counts", async () => {
    const cli = await start("one");
    await curl(cli, "-d", "hello", `http://127.0.0.1:${origin.port}/`);
    const result = await control("stop");
    expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^stopped one: 1 exchange, \d/) });
    expect(await manifest("one")).toMatchObject({ endedAt: expect.any(String), counts: { exchanges: 1 } });
    expect(await runFiles()).toEqual([]);
    expect(await cli.ended()).toMatchObject({ code: 0 });
    expect(await cli.next("stopped")).toMatchObject({ counts: { exchanges: 1 } });
  });

  test("needs a name where several run, and stops that one", async () => {
    const one = await start("smoke-1");
    await start("smoke-2");
    const unclear = await control("stop");
    expect(unclear).toMatchObject({ code: 1, stdout: "" });
    expect(unclear.stderr).toContain("2 proxies are running");
    expect(unclear.stderr).toContain("name one: smoke-1, smoke-2");
    const wrong = await control("stop", "smoke-3");
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("no proxy is recording session 'smoke-3'");
    expect(wrong.stderr).toContain("running: smoke-1, smoke-2");
    expect(await control("stop", "smoke-1", "--json")).toMatchObject({ code: 0 });
    expect(await one.ended()).toMatchObject({ code: 0 });
    expect(await status()).toMatchObject([{ session: "smoke-2" }]);
    expect((await control("stop", "last")).stdout).toContain("stopped smoke-2");
    expect((await control("stop")).stderr).toContain("no proxy is running");
  });

  test("--all stops all, also none", async () => {
    const all = [await start("one"), await start("two")];
    const { stdout } = await control("stop", "--all", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ stopped: [{ session: "one" }, { session: "two" }] });
    for (const { ended } of all) expect(await ended()).toMatchObject({ code: 0 });
    expect(await control("stop", "--all")).toMatchObject({ code: 0, stdout: "no proxy is running\n" });
    expect(await control("stop", "one", "--all")).toMatchObject({ code: 2 });
  });

  test.skipIf(process.platform === "win32")("--all says which ones it could not stop", async () => {
    const asleep = await start("asleep");
    const { ended } = await start("awake");
    asleep.child.kill("SIGSTOP");
    const result = await control("stop", "--all");
    expect(result).toMatchObject({ code: 1, stdout: expect.stringMatching(/^stopped awake: .*\n$/) });
    expect(result.stderr).toMatch(
      /^error: the proxy of session 'asleep' \(process \d+\) did not answer within 5 s/,
    );
    expect(await ended()).toMatchObject({ code: 0 });
  });

  test("two at once stop the same one", async () => {
    const { ended } = await start("one");
    const results = await Promise.all([control("stop"), control("stop")]);
    // The later one may find none.
    const codes = results.map(({ code }) => code);
    expect(codes).toContain(0);
    expect(await ended()).toMatchObject({ code: 0 });
    for (const { code, stdout, stderr } of results) {
      if (code === 0) expect(stdout).toContain("stopped one: 0 exchanges");
      else expect(stderr).toMatch(/no proxy is running|has ended/);
    }
  });

  test("ends what is under way after its grace, and the command that is recorded", async () => {
    const cli = await start("slow", "--", "curl", "-sS", `http://127.0.0.1:${origin.port}/slow`);
    const arrived = once(origin.server, "request");
    await arrived;
    expect((await control("stop")).stdout).toContain("stopped slow: 1 exchange");
    expect(await cli.ended()).toMatchObject({ code: 143 });
  });

  test("one that dies meanwhile: what it left tells", async () => {
    const cli = await start("torn");
    await curl(cli, `http://127.0.0.1:${origin.port}/`);
    await cli.next("exchange");
    // An exchange holds it up for the seconds of its grace.
    const slow = curl(cli, `http://127.0.0.1:${origin.port}/slow`);
    await once(origin.server, "request");
    const stopping = control("stop");
    while (await accepts(Number(cli.ready.port)));
    cli.child.kill("SIGKILL");
    expect(await stopping).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("stopped torn: 1 exchange,"),
    });
    await slow;
  });
});

describe("set", () => {
  test("shows and changes what may change", async () => {
    const cli = await start("one");
    expect((await control("set")).stdout).toMatch(
      /^one\n {2}filter +all\n {2}intercept +none\n {2}max-body +all\n/,
    );
    expect(await control("set", "one", "filter=~u kept", "max-body=1KB")).toMatchObject({ code: 0 });
    for (const path of ["other", "kept"]) await curl(cli, `http://127.0.0.1:${origin.port}/${path}`);
    expect(await cli.next("exchange")).toMatchObject({ url: `http://127.0.0.1:${origin.port}/kept` });
    expect((await control("set", "filter=")).stdout).toMatch(
      /^one\n {2}filter +all\n {2}intercept +none\n {2}max-body +1 KB\n/,
    );
  });

  test.each([
    [["port=9"], "port can't be changed while the proxy runs"],
    [["insecure=true"], "certificate checking is never changed"],
    [["filtre=~m GET"], "did you mean filter?"],
    [["filter=~m ("], "FILTER"],
    [["max-body=many"], "max-body many is no size"],
    [["one", "filter"], "'filter' sets nothing"],
    [["=x"], "'=x' sets nothing"],
    [["__proto__=x"], "'__proto__=x' sets nothing"],
    [["max-body=5", "har=x"], "har can't be changed while the proxy runs"],
  ])("%j: exit code 2, and nothing changes", async (words, said) => {
    await start("one");
    const result = await control("set", ...words);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(said === "FILTER" ? "the filter is wrong" : said);
    expect(await status()).toMatchObject([{ options: { filter: null, "max-body": null } }]);
  });
});

test.skipIf(process.platform === "win32")(
  "all of it in a home whose path is too long for a socket",
  async () => {
    const short = home;
    home = join(home, "long".repeat(30));
    try {
      const { ended } = await start("far");
      expect(await status()).toMatchObject([{ session: "far", state: "running" }]);
      expect(await control("set", "max-body=5")).toMatchObject({ code: 0 });
      expect((await control("stop")).stdout).toContain("stopped far");
      expect(await ended()).toMatchObject({ code: 0 });
      expect(await runFiles()).toEqual([]);
    } finally {
      home = short;
    }
  },
);
