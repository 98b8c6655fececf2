// The flags of `record` that say which way requests go: upstream proxies, reverse mode, credentials.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RunningCli, startRecord, trafficctl } from "../support/cli.js";
import { httpOrigin, type Origin } from "../support/origin.js";
import { run } from "../support/run.js";
import { startTinyConnectProxy } from "../support/tiny-connect-proxy.js";

let home: string;
let origin: Origin;
const running: RunningCli[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-cli-"));
  origin = await httpOrigin((request, response) => response.end(`hello ${request.headers.host}`));
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill("SIGTERM");
    await ended();
  }
  await origin.close();
  await rm(home, { recursive: true, force: true });
});

async function recording(...args: string[]): Promise<RunningCli> {
  const cli = await startRecord(["--port", "0", "--home", home, "--session", "one", ...args]);
  running.push(cli);
  return cli;
}

async function curl(...args: string[]): Promise<string> {
  return (await run("curl", ["-sS", "--noproxy", "", ...args])).stdout;
}

test("--upstream-proxy, for all and for some hosts, and --no-upstream-proxy, in any order", async () => {
  await using everywhere = await startTinyConnectProxy();
  await using some = await startTinyConnectProxy();
  everywhere.aliases.add("a.test");
  some.aliases.add("b.test");
  const withPassword = everywhere.url.replace("//", "//me:s3cret@");
  const cli = await recording(
    ...["--no-upstream-proxy", "localhost, 127.*", "--upstream-proxy", withPassword],
    ...["--upstream-proxy", `*b.test=${some.url}`],
  );
  for (const host of ["a.test", "b.test", "127.0.0.1"]) {
    const url = `http://${host}:${origin.port}/`;
    expect(await curl("-x", String(cli.ready.url), url)).toBe(`hello ${host}:${origin.port}`);
  }
  expect(everywhere.seen).toEqual([`CONNECT a.test:${origin.port}`]);
  expect(some.seen).toEqual([`CONNECT b.test:${origin.port}`]);
  const manifest = await readFile(join(home, "sessions", "one", "manifest.json"), "utf8");
  expect(manifest).not.toContain("s3cret");
  expect(JSON.parse(manifest).options).toMatchObject({
    upstreamProxy: [everywhere.url, `*b.test=${some.url}`],
    noUpstreamProxy: ["localhost", "127.*"],
  });
});

test("--mode reverse", async () => {
  const reverse = `http://127.0.0.1:${origin.port}`;
  const cli = await recording("--mode", `reverse:${reverse}`);
  expect(cli.ready).toMatchObject({ reverse, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
  expect(await curl(`${cli.ready.url}/x`)).toBe(`hello ${String(cli.ready.url).slice("http://".length)}`);
  expect(await cli.next("exchange")).toMatchObject({ url: `${reverse}/x`, status: 200 });
});

test("--proxy-auth shows no password anywhere", async () => {
  const cli = await recording("--proxy-auth", "me:s3cret");
  const proxy = String(cli.ready.url);
  expect(JSON.stringify(cli.ready)).not.toContain("s3cret");
  expect(
    await curl("-x", proxy, "-o", "/dev/null", "-w", "%{http_code}", `http://localhost:${origin.port}/`),
  ).toBe("407");
  const url = `http://127.0.0.1:${origin.port}/`;
  expect(await curl("-x", proxy.replace("//", "//me:s3cret@"), url)).toBe(`hello 127.0.0.1:${origin.port}`);
  cli.child.kill("SIGTERM");
  await cli.ended();
  expect(cli.stderr()).not.toContain("s3cret");
});

test.each([
  [["--mode", "upside-down"], "--mode upside-down is none of proxy, reverse:URL"],
  [["--mode", "reverse:nowhere"], "--mode reverse:nowhere names no origin"],
  [["--mode", "reverse:http://x", "--", "true"], "--mode reverse takes no command"],
  [["--mode", "reverse:http://x", "--proxy-auth", "a:b"], "--proxy-auth has no meaning with --mode reverse"],
  [["--no-upstream-proxy", "x"], "--no-upstream-proxy has no meaning without --upstream-proxy"],
  [["--upstream-proxy", "http://a", "--upstream-proxy", "http://b"], "two proxies for every host"],
  [["--upstream-proxy", "http://me:s3cret"], "a value of --upstream-proxy is no proxy's URL"],
])("%j is wrong usage", async (args, message) => {
  const { code, stderr } = await trafficctl(["record", "--home", home, "--port", "0", ...args]);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain("s3cret");
  expect(code).toBe(2);
});
