// `trafficctl record` as a person and as CI use it: the built program, real clients, exit codes and what is printed.
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type CliEvent, startRecord, trafficctl } from "../support/cli.js";
import { httpsOrigin, type Origin, type OriginAuthority, originAuthority } from "../support/origin.js";
import { run } from "../support/run.js";

let authority: OriginAuthority;
let origin: Origin;
let base: string;
let home: string;

beforeAll(async () => {
  authority = await originAuthority();
  origin = await httpsOrigin(authority, (request, response) => {
    const status = /^\/status\/(\d+)/.exec(request.url!);
    if (request.url === "/sse") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end("data: 1\n\n");
    } else if (status !== null) response.writeHead(Number(status[1])).end();
    else
      request.pipe(
        response.writeHead(200, {
          "content-type": "text/plain",
          "content-length": request.headers["content-length"] ?? 0,
        }),
      );
  });
  base = `https://localhost:${origin.port}`;
});
afterAll(async () => {
  await origin.close();
  await authority.remove();
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-cli-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const common = () => ["--port", "0", "--home", home, "--upstream-ca", authority.caPath];
const record = (...args: string[]) => trafficctl(["record", ...common(), ...args]);
const curl = (proxy: CliEvent, ...args: string[]) =>
  run("curl", ["-sS", "-x", String(proxy.url), "--cacert", String(proxy.caCert), ...args]);

async function lines(session: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(home, "sessions", session, "exchanges.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

describe("record -- command", () => {
  test("records it, leaves its stdout alone, passes its exit code on", async () => {
    const result = await record("--session", "one", "--", "sh", "-c", `curl -sS -d hello ${base}/x; exit 5`);
    expect(result.code).toBe(5);
    expect(result.stdout).toBe("hello");
    expect(result.stderr).toContain("recorded 1 exchange,");
    expect(await lines("one")).toMatchObject([{ request: { url: `${base}/x`, body: { text: "hello" } } }]);
  });

  test.each([
    ["INT", 130],
    ["KILL", 137],
  ])("ended by SIG%s gives 128 + n", async (signal, code) => {
    expect((await record("--", "sh", "-c", `kill -${signal} $$`)).code).toBe(code);
  });

  test("that does not exist is 127 and leaves nothing behind", async () => {
    const result = await record("--session", "none", "--", "no-such-command-here");
    expect(result.code).toBe(127);
    expect(result.stderr).toContain("there is no command 'no-such-command-here'");
    expect(await readdir(join(home, "sessions"))).toEqual([]);
  });

  test("brings Node's fetch to the proxy, in a grandchild too", async () => {
    const script = `require("node:child_process").execFileSync(process.execPath, ["-e", "fetch('${base}/deep')"])`;
    const result = await record("--session", "fetch", "--", process.execPath, "-e", script);
    expect(result.code).toBe(0);
    expect(await lines("fetch")).toMatchObject([{ request: { url: `${base}/deep` } }]);
  });

  test("with --json: events alone on stdout, the command's stdout on stderr", async () => {
    const result = await record("--json", "--", "curl", "-sS", "-d", "hello", `${base}/x`);
    const events = result.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(["ready", "exchange", "stopped"]);
    expect(events[0]).toEqual({
      event: "ready",
      host: "127.0.0.1",
      port: expect.any(Number),
      url: `http://127.0.0.1:${events[0].port}`,
      caCert: join(home, "ca", "ca.pem"),
      caFingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      session: expect.any(String),
      sessionPath: join(home, "sessions", events[0].session),
    });
    expect(events[1]).toMatchObject({
      seq: 1,
      method: "POST",
      url: `${base}/x`,
      status: 200,
      type: "text/plain",
      responseSize: 5,
      error: null,
    });
    expect(events[2]).toMatchObject({
      counts: { exchanges: 1, messages: 0 },
      dropped: 0,
      errors: 0,
      commandExitCode: 0,
    });
    expect(result.stderr).toContain("hello");
  });
});

describe("--fail-on", () => {
  test("a match after success is 3, and it is listed", async () => {
    const result = await record("--fail-on", "5xx", "--", "curl", "-sS", `${base}/status/503`);
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/--fail-on: 1 exchange matches\n.*GET +503 /);
  });

  test("no match is 0, the command's own failure comes first", async () => {
    expect((await record("--fail-on", "5xx,404", "--", "curl", "-sS", `${base}/status/403`)).code).toBe(0);
    expect((await record("--fail-on", "403", "--", "curl", "-sSf", `${base}/status/403`)).code).toBe(22);
  });

  test("an origin that can't be reached counts as the 502 that the client saw", async () => {
    expect((await record("--fail-on", "502", "--", "curl", "-sS", "https://localhost:1/")).code).toBe(3);
  });
});

describe("what is recorded", () => {
  const requests = (paths: string[]) =>
    `for url in ${paths.map((path) => `'${base}${path}'`).join(" ")}; do curl -sS -o /dev/null $url; done`;
  const urls = async (session: string) =>
    (await lines(session)).map((line) => String((line.request as { url: string }).url).slice(base.length));

  test.each([
    [["--url", "/B"], ["/a", "/b"], ["/b"]],
    [
      ["--url", "/\\/(a|c)$/"],
      ["/a", "/b", "/c"],
      ["/a", "/c"],
    ],
    [["--hostname", "LOCAL*"], ["/a"], ["/a"]],
    [["--hostname", "example"], ["/a"], []],
    [["--method", "POST,PUT"], ["/a"], []],
    [["--streaming"], ["/a", "/sse"], ["/sse"]],
    [
      ["--max-exchanges", "2"],
      ["/1", "/2", "/3"],
      ["/2", "/3"],
    ],
  ])("%j", async (flags, paths, expected) => {
    const result = await record("--session", "s", ...flags, "--", "sh", "-c", requests(paths));
    expect(result.code).toBe(0);
    const exchanges = (await lines("s")).filter(({ type }) => type === "exchange");
    expect(exchanges.map((line) => String((line.request as { url: string }).url).slice(base.length))).toEqual(
      expected,
    );
  });

  test("--no-bodies and --max-body say what is missing", async () => {
    await record("--session", "none", "--no-bodies", "--", "curl", "-sS", "-d", "hello", base);
    expect(await lines("none")).toMatchObject([{ request: { body: { kind: "omitted", size: 5 } } }]);
    await record("--session", "cut", "--max-body", "2", "--", "curl", "-sS", "-d", "hello", base);
    expect(await lines("cut")).toMatchObject([
      { response: { body: { text: "he", size: 5, truncated: "max-body" } } },
    ]);
    expect(await urls("cut")).toEqual(["/"]);
  });

  test("--max-disk stops recording, loudly, and not the proxy", async () => {
    const result = await record(
      "--session",
      "full",
      "--max-disk",
      "3KB",
      "--",
      "sh",
      "-c",
      requests(["/1", "/2", "/3", "/4", "/5"]),
    );
    expect(result.code).toBe(0);
    expect(result.stderr).toContain("recording has stopped");
    const manifest = JSON.parse(await readFile(join(home, "sessions", "full", "manifest.json"), "utf8"));
    expect(manifest.stop.reason).toBe("max-disk");
    expect(manifest.counts.exchanges + manifest.counts.dropped).toBe(5);
  });
});

describe("wrong usage", () => {
  test.each([
    [["--port", "70000"], "--port 70000"],
    [["--session", "../x"], "--session ../x"],
    [["--max-body", "many"], "--max-body many"],
    [["--duration", "soon"], "--duration soon"],
    [["--fail-on", "oops"], "'oops'"],
    [["--url", "/(/"], "--url /(/"],
    [["--bogus"], "--bogus"],
  ])("%j is 2, says why, and leaves nothing on disk", async (flags, text) => {
    const result = await trafficctl(["record", "--home", join(home, "new"), ...flags]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(text);
    expect(await readdir(home)).toEqual([]);
  });

  test("a taken port names --port 0; a taken name is refused", async () => {
    const taken = net.createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const result = await trafficctl(["record", "--home", home, "--port", String(port)]);
    taken.close();
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(new RegExp(`port ${port} is already in use[^]*--port 0`));
    expect(await readdir(join(home, "sessions"))).toEqual([]);

    await record("--session", "twice", "--", "true");
    const second = await record("--session", "twice", "--", "true");
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("twice");
  });
});

describe("stopping", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("%s ends in order with 0", async (signal) => {
    const running = await startRecord(common());
    await curl(running.ready, "-d", "hello", base);
    running.child.kill(signal);
    expect(await running.next("stopped")).toMatchObject({ counts: { exchanges: 1 } });
    expect(await running.ended()).toEqual({ code: 0, signal: null });
    const listed = await trafficctl(["sessions", "list", "--home", home, "--json"]);
    expect(JSON.parse(listed.stdout).sessions).toMatchObject([
      { state: "stopped", counts: { exchanges: 1 } },
    ]);
  });

  test("a second signal leaves at once", async () => {
    const slow = await httpsOrigin(authority, () => {});
    const running = await startRecord(common());
    const request = curl(running.ready, `https://localhost:${slow.port}/`);
    await expect.poll(() => slow.connections()).toBe(1);
    running.child.kill("SIGINT");
    running.child.kill("SIGINT");
    await expect
      .poll(() => {
        running.child.kill("SIGINT");
        return running.child.exitCode;
      })
      .toBe(130);
    await request;
    await slow.close();
  });

  test("--duration ends it", async () => {
    const running = await startRecord([...common(), "--duration", "50ms"]);
    expect(await running.next("stopped")).toBeDefined();
    expect((await running.ended()).code).toBe(0);
  });

  test("kill -9 loses nothing that a client had completed 100 ms before", async () => {
    const running = await startRecord(common());
    const count = 20;
    for (let index = 0; index < count; index++)
      await curl(running.ready, "-d", "x".repeat(50_000), `${base}/${index}`);
    // The promise is about 100 ms; the clock is part of it, not a wait for something to happen.
    await new Promise((resolve) => setTimeout(resolve, 100));
    running.child.kill("SIGKILL");
    await running.ended();
    expect(await lines(String(running.ready.session))).toHaveLength(count);
    const shown = await trafficctl(["sessions", "list", "--home", home, "--json"]);
    expect(JSON.parse(shown.stdout).sessions).toMatchObject([{ state: "crashed" }]);
    expect((await trafficctl(["sessions", "recover", "last", "--home", home])).code).toBe(0);
  });
});

describe("output", () => {
  test("NO_COLOR and pipes have no colour, FORCE_COLOR has", async () => {
    const sgr = String.fromCharCode(27);
    const args = ["record", ...common(), "--", "curl", "-sS", base];
    expect((await trafficctl(args)).stderr).not.toContain(sgr);
    expect((await trafficctl(args, { FORCE_COLOR: "1", NO_COLOR: "1" })).stderr).not.toContain(sgr);
    expect((await trafficctl(args, { FORCE_COLOR: "1" })).stderr).toContain(sgr);
  });

  test("--quiet says nothing of what went well", async () => {
    expect((await record("--quiet", "--", "curl", "-sS", base)).stderr).toBe("");
  });

  test("any other address than loopback is warned of", async () => {
    const result = await trafficctl([
      "record",
      "--home",
      home,
      "--port",
      "0",
      "--host",
      "0.0.0.0",
      "--duration",
      "1ms",
    ]);
    expect(result.stderr).toContain("open to the network");
  });
});
