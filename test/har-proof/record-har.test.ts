// `record --har FILE`: a HAR of the session when the recording ends, however the command ended.
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { tempFolder } from "../session/support.js";
import { startRecord, trafficctl } from "../support/cli.js";
import { httpOrigin, type Origin } from "../support/origin.js";
import { type RunResult, run } from "../support/run.js";

const SECRET = "hK7Wq2Zt9Lm4Xv8Bn";
let origin: Origin;
let url: string;
let home: string;
let file: string;
beforeAll(async () => {
  origin = await httpOrigin((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  });
  url = `http://localhost:${origin.port}/?token=${SECRET}`;
});
afterAll(() => origin.close());
beforeEach(() => {
  home = tempFolder();
  file = join(home, "out.har");
});

const record = (...args: string[]): Promise<RunResult> =>
  trafficctl(["record", "--port", "0", "--home", home, "--session", "one", ...args]);
const sessions = (): Promise<string[]> => readdir(join(home, "sessions"));

test("is written redacted, and says so", async () => {
  const { code, stdout, stderr } = await record("--har", file, "--", "curl", "-sS", url);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"ok":true}' });
  const text = await readFile(file, "utf8");
  expect(JSON.parse(text).log.entries).toHaveLength(1);
  expect(text).toContain("token=REDACTED-1");
  expect(text).not.toContain(SECRET);
  expect(stderr).toContain(`${file}: 1 entry\nredacted: `);
});

test("also when the command fails, whose code goes on", async () => {
  const { code } = await record("--har", file, "--", "sh", "-c", `curl -sS '${url}'; exit 7`);
  expect(code).toBe(7);
  expect(JSON.parse(await readFile(file, "utf8")).log.entries).toHaveLength(1);
});

test("with everything where that is asked for; compressed by its name", async () => {
  const zipped = join(home, "out.har.gz");
  const { stderr } = await record("--har", zipped, "--no-redact", "--", "curl", "-sS", url);
  expect(gunzipSync(await readFile(zipped)).toString()).toContain(SECRET);
  expect(stderr).toContain("warning: not redacted (--no-redact)");
});

test("with a policy", async () => {
  const policy = join(home, "policy.yaml");
  await writeFile(policy, "version: 1\nfields:\n  keep: [token]\n");
  await record("--har", file, "--policy", policy, "--", "curl", "-sS", url);
  expect(await readFile(file, "utf8")).toContain(SECRET);
});

test("that cannot be written is said, makes it fail, and costs nothing of the session", async () => {
  await mkdir(file);
  const { code, stderr } = await record("--har", file, "--fail-on", "2xx", "--", "curl", "-sS", url);
  expect(code).toBe(1);
  expect(stderr).toContain(`error: no HAR was written: cannot write ${file}`);
  expect(stderr).toContain("recorded 1 exchange");
  expect((await trafficctl(["query", "one", "--count", "--home", home])).stdout).toBe("1\n");
});

test("its own failure does not hide the command's", async () => {
  await mkdir(file);
  expect((await record("--har", file, "--", "sh", "-c", "exit 9")).code).toBe(9);
});

test("--fail-on still tells when it was written", async () => {
  expect((await record("--har", file, "--fail-on", "2xx", "--", "curl", "-sS", url)).code).toBe(3);
});

test.each<[string, string[], string]>([
  ["stdout", ["--har", "-"], "--har needs a file"],
  ["--no-redact alone", ["--no-redact"], "--no-redact is about --har"],
  ["a policy that is not there", ["--har", "x.har", "--policy", "nowhere.yaml"], "nowhere.yaml"],
])("refuses %s before anything is recorded", async (_name, args, said) => {
  const { code, stderr } = await record(...args, "--", "curl", "-sS", url);
  expect(code).not.toBe(0);
  expect(stderr).toContain(said);
  await expect(sessions()).rejects.toThrow();
});

test("after a signal; --json reports it", async () => {
  const running = await startRecord(["--port", "0", "--home", home, "--har", file]);
  await run("curl", ["-sS", "-x", String(running.ready.url), "--noproxy", "", url]);
  await running.next("exchange");
  running.child.kill("SIGINT");
  expect(await running.next("stopped")).toMatchObject({ har: { path: file, entries: 1 } });
  expect((await running.ended()).code).toBe(0);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});
