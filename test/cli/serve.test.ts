// `trafficctl serve` and `fixtures` as processes: events, a command in its environment, exit codes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordedSession } from "../replay/support.js";
import { trafficctl } from "../support/cli.js";
import { run } from "../support/run.js";

const CLI = resolve(import.meta.dirname, "../../dist/bin/trafficctl.js");
let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-serve-"));
  await recordedSession(home, "smoke", [{ url: "http://api.test/a?t=1", response: "answer" }]);
});
afterAll(() => rm(home, { recursive: true, force: true }));

const cli = (...args: string[]) => trafficctl(args, { TRAFFICCTL_HOME: home });

describe("serve", () => {
  test("says where it is, what it answered and what not, and ends in order", async () => {
    const env = { ...process.env, TRAFFICCTL_HOME: home };
    const args = [CLI, "serve", "smoke", "--port", "0", "--json", "--fail-on-miss"];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value);
    const ready = await next();
    expect(ready).toMatchObject({ event: "ready", exchanges: 1, caCert: join(home, "ca", "ca.pem") });
    await run("curl", ["-sS", "--noproxy", "*", `${ready.url}/a?t=1`]);
    await run("curl", ["-sS", "--noproxy", "*", `${ready.url}/a?t=2`]);
    expect(await next()).toMatchObject({ event: "answer", method: "GET", status: 200, seq: 1 });
    expect(await next()).toMatchObject({
      event: "miss",
      nearest: { differs: "the query differs: t=2 came, t=1 was recorded" },
    });
    child.kill("SIGTERM");
    expect(await next()).toEqual({ event: "stopped", hits: 1, misses: 1 });
    expect((await exited)[0]).toBe(3);
  });

  test("runs a command in its environment, and ends with it", async () => {
    const options = ["--port", "0", "--ignore-query", "t", "--fail-on-miss"];
    const hit = await cli("serve", "smoke", ...options, "--", "curl", "-sS", "http://api.test/a?t=9");
    expect(hit).toMatchObject({ code: 0, stdout: "answer" });
    const miss = await cli("serve", "smoke", ...options, "--", "curl", "-sS", "http://api.test/b");
    expect(miss.code).toBe(3);
    expect(miss.stderr).toContain("miss: no answer to GET http://api.test/b: the nearest is GET");
    const failing = await cli("serve", "smoke", ...options, "--", "sh", "-c", "exit 7");
    expect(failing.code).toBe(7);
  });

  test.each([
    [["serve"], "missing required argument"],
    [["serve", "smoke", "--miss", "maybe"], "404, 502, pass, record"],
    [["serve", "smoke", "--pace", "quickly"], "--pace quickly"],
    [["serve", "smoke", "--ignore-body", "id"], "--ignore-body id is no JSON pointer"],
    [["serve", "smoke", "--session", "x"], "--session has a meaning with --miss record only"],
  ])("%j is wrong usage", async (args, message) => {
    const { code, stderr } = await cli(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe("fixtures", () => {
  test("writes a file that serve answers from", async () => {
    const file = join(home, "f.json");
    const { code, stderr } = await cli("fixtures", "smoke", "--path", "/a", "-o", file);
    expect(code).toBe(0);
    expect(stderr).toContain(`${file}: 1 exchange\n`);
    const served = await cli(
      "serve",
      file,
      "--port",
      "0",
      "-q",
      "--",
      "curl",
      "-sS",
      "http://api.test/a?t=1",
    );
    expect(served).toMatchObject({ code: 0, stdout: "answer" });
    const shown = await cli("fixtures", "smoke");
    expect(JSON.parse(shown.stdout)).toMatchObject({
      exchanges: [{ response: { body: { text: "answer" } } }],
    });
  });
});
