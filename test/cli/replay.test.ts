// `trafficctl replay`, `send`, `duplicate` and `diff` as a person runs them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { recordedSession } from "../replay/support.js";
import { tempFolder } from "../session/support.js";
import { trafficctl } from "../support/cli.js";
import { makeSession } from "../support/made-session.js";
import { httpOrigin } from "../support/origin.js";
import type { RunResult } from "../support/run.js";
import { world } from "../support/world.js";

const { opened } = world();
let home: string;
const run = (...args: string[]): Promise<RunResult> => trafficctl([...args, "--home", home]);

beforeEach(() => {
  home = tempFolder();
});

const JSON_TYPE = [["Content-Type", "application/json"]] as const;

/** A session `old` of two requests to an origin that is there, whose second answer has changed since. */
async function changedOrigin(): Promise<string> {
  const origin = await opened(
    httpOrigin((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        response.setHeader("Content-Type", "application/json");
        if (request.url === "/echo") response.end(Buffer.concat(chunks));
        else response.end(request.url === "/b" ? '{"name":"Grace"}' : '{"a":1}');
      });
    }),
  );
  const base = `http://127.0.0.1:${origin.port}`;
  await recordedSession(home, "old", [
    { url: `${base}/a`, responseHeaders: JSON_TYPE, response: '{"a":1}' },
    { url: `${base}/b`, responseHeaders: JSON_TYPE, response: '{"name":"Ada"}' },
    {
      method: "POST",
      url: `${base}/echo`,
      headers: [
        ["Host", "h"],
        ["Content-Type", "application/json"],
      ],
      body: '{"user":{"name":"Ada"}}',
      responseHeaders: JSON_TYPE,
      response: '{"user":{"name":"Ada"}}',
    },
  ]);
  return base;
}

describe("replay", () => {
  test("without --execute shows what would be sent, and why not", async () => {
    await makeSession(home, "made");
    const { code, stdout } = await run("replay", "made");
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^ +SEQ +METHOD +VERSION +BODY +URL$/);
    expect(lines[1]).toMatch(/^ +1 +GET +HTTP\/1\.1 +0 B +https:\/\/api\.test\/users\/1$/);
    expect(stdout).toMatch(/POST.*\n +! refused: POST may change something there: --unsafe sends it/);
    expect(stdout).toMatch(/! skipped: a WebSocket/);
    expect(stdout).toContain("5 planned, 1 refused, 1 skipped; nothing was sent: --execute sends");
    expect(JSON.parse((await run("sessions", "list", "--json")).stdout).sessions).toHaveLength(1);
  });

  test("--execute sends, compares, and says what differs", async () => {
    const base = await changedOrigin();
    const { code, stdout } = await run("replay", "old", "--execute", "--compare", "-o", "new");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`200 +200 +7 B .*${base}/a\n`));
    expect(stdout).toContain(
      `${base}/b\n        ~ /name: "Ada" \\u2192 "Grace"`.replace("\\u2192", "\u2192"),
    );
    expect(stdout).toContain("3 answered, 1 different; in the session new\n");
    const { stdout: listed } = await run("query", "new", "--jsonl", "--fields", "url,replays");
    expect(listed.trim().split("\n")).toHaveLength(3);
    expect(JSON.parse(listed.split("\n")[0]!).replays).toMatch(/^[0-9A-Z]{26}$/);
  });

  test("--fail-on-diff exits with 3, but not for what is ignored", async () => {
    await changedOrigin();
    expect((await run("replay", "old", "--execute", "--fail-on-diff")).code).toBe(3);
    const ignoring = await run("replay", "old", "--execute", "--fail-on-diff", "--ignore", "/name");
    expect(ignoring.code).toBe(0);
  });

  test("--json is one object with a result for each", async () => {
    await changedOrigin();
    const { code, stdout } = await run(
      "replay",
      "old",
      "--execute",
      "--json",
      "--method",
      "GET",
      "--compare",
    );
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(Object.keys(result)).toEqual([
      "results",
      "session",
      "chosen",
      "taken",
      "counts",
      "different",
      "interrupted",
    ]);
    expect(result).toMatchObject({
      chosen: 2,
      counts: { answered: 2, failed: 0 },
      different: 1,
      results: [
        { outcome: "answered", status: 200, comparison: { same: true } },
        { comparison: { same: false, body: { kind: "json" } } },
      ],
    });
  });

  test("a failure makes the exit code 1, and the limit is said when it cuts", async () => {
    await recordedSession(home, "old", [{ url: "http://127.0.0.1:9/1" }, { url: "http://127.0.0.1:9/2" }]);
    const { code, stdout, stderr } = await run("replay", "old", "--execute", "--limit", "1");
    expect(code).toBe(1);
    expect(stdout).toMatch(/ERR.*\n +! 127\.0\.0\.1:9 refused the connection/);
    expect(stderr).toContain("1 of 2 exchanges were taken: --limit takes more");
  });

  test("--id sends one, changed, and shows its response", async () => {
    await changedOrigin();
    const changes = ["--json-set", "/user/name=Grace", "--json-set", "/n=[1]", "--method", "PUT"];
    const { code, stdout } = await run("replay", "old", "--id", "3", "--execute", ...changes);
    expect(code).toBe(0);
    expect(stdout).toMatch(/PUT +200 +200/);
    expect(stdout).toContain('"name": "Grace"');
  });

  test("a bearer's token comes from the environment, and is not on the command line", async () => {
    const heard: (string | undefined)[] = [];
    const origin = await opened(
      httpOrigin((request, response) => {
        heard.push(request.headers.authorization);
        response.end();
      }),
    );
    await recordedSession(home, "old", [
      { url: `http://127.0.0.1:${origin.port}/`, headers: [["Authorization", "old"]] },
    ]);
    const args = ["replay", "old", "--execute", "--home", home, "--auth-from-env", "TEST_TOKEN"];
    expect((await trafficctl(args, { TEST_TOKEN: "abc" })).code).toBe(0);
    expect((await trafficctl(args, { TEST_TOKEN: "Basic eDp5" })).code).toBe(0);
    expect(heard).toEqual(["Bearer abc", "Basic eDp5"]);
    expect((await trafficctl(args)).code).toBe(2);
  });

  test.each([
    ["--pace", "fast"],
    ["--rate", "0"],
    ["--cookies", "none"],
    ["--set-header", "no colon"],
    ["--body", "x"],
    ["--target", "localhost"],
    ["--concurrency", "0"],
  ])("%s %s is wrong usage", async (flag, value) => {
    await makeSession(home, "made");
    const { code, stderr } = await run("replay", "made", "--execute", flag, value);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(flag) });
  });

  test("Ctrl-C ends it with what was sent", async () => {
    const origin = await opened(
      httpOrigin((request, response) => {
        if (request.url === "/1") response.end("ok");
        else child.kill("SIGINT");
      }),
    );
    const urls = ["1", "2", "3"].map((path) => ({ url: `http://127.0.0.1:${origin.port}/${path}` }));
    await recordedSession(home, "old", urls);
    const cli = resolve(import.meta.dirname, "../../dist/bin/trafficctl.js");
    const args = [cli, "replay", "old", "--execute", "--json", "-o", "new", "--home", home];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      interrupted: true,
      counts: { answered: 1, failed: 1 },
      session: { id: "new", counts: { exchanges: 2 } },
    });
  });
});

describe("send", () => {
  test("prints the response, and records it", async () => {
    await changedOrigin();
    const base = await changedOriginAgain();
    const { code, stdout, stderr } = await run("send", `${base}/echo`, "-d", '{"a":[1]}', "-s", "one");
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("session one") });
    expect(stdout).toMatch(/200 OK/);
    expect(stdout).toContain('"a": [');
    const shown = await run("show", "one", "1", "--request", "--body");
    expect(shown.stdout).toBe('{"a":[1]}');
  });

  test("a file as the body, byte for byte; a failure is 1", async () => {
    const base = await changedOriginAgain();
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 13) % 256));
    const file = join(home, "body.bin");
    await writeFile(file, bytes);
    const { code } = await run("send", `${base}/echo`, "-X", "PUT", "-d", `@${file}`, "-s", "one", "--json");
    expect(code).toBe(0);
    const { stdout } = await run("query", "one", "--jsonl", "--fields", "method,requestSize,responseSize");
    expect(JSON.parse(stdout)).toEqual({ method: "PUT", requestSize: 100_000, responseSize: 100_000 });
    const failed = await run("send", "http://127.0.0.1:9/");
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("connect-refused") });
    expect((await run("send", `${base}/`, "-d", "@/no/such/file")).code).toBe(1);
  });

  async function changedOriginAgain(): Promise<string> {
    const origin = await opened(
      httpOrigin((request, response) => {
        response.setHeader("Content-Type", request.headers["content-type"] ?? "application/octet-stream");
        request.pipe(response);
      }),
    );
    return `http://127.0.0.1:${origin.port}`;
  }
});

describe("duplicate and diff", () => {
  test("duplicate copies into a new session", async () => {
    await makeSession(home, "made");
    const { code, stdout } = await run("duplicate", "made", "2", "-o", "copy", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ session: "copy" });
    const { stdout: listed } = await run("query", "copy", "--jsonl", "--fields", "seq,url");
    expect(JSON.parse(listed)).toEqual({ seq: 1, url: "https://api.test/users/2?full=1" });
  });

  async function twoSessions(): Promise<void> {
    const answer = (path: string, body: string) => ({
      url: `https://api.test${path}`,
      responseHeaders: JSON_TYPE,
      response: body,
    });
    await recordedSession(home, "before", [answer("/users/1", '{"id":1}'), answer("/a|b`<&>", "1")]);
    await recordedSession(home, "after", [answer("/users/2", '{"id":"2","new":1}')]);
  }

  test("diff as text and JSON", async () => {
    await twoSessions();
    const { code, stdout } = await run("diff", "before", "after");
    expect(code).toBe(0);
    expect(stdout).toContain("GET https://api.test/users/{id}");
    expect(stdout).toContain("  ~ 200 /id: number \u2192 string\n  + 200 /new: number\n");
    expect(stdout).toContain("0 new, 1 gone, 1 changed, 0 unchanged; 2 exchanges before, 1 after\n");
    const json = JSON.parse((await run("diff", "before", "after", "--json")).stdout);
    expect(json).toMatchObject({ before: { sessions: ["before"] }, failures: [] });
    expect(json.endpoints).toHaveLength(2);
  });

  test("diff as Markdown and JUnit XML, whatever the names are", async () => {
    await twoSessions();
    const args = ["diff", "before", "after", "--fail-on", "endpoints,shape"];
    const markdown = await run(...args, "--format", "markdown");
    expect(markdown.code).toBe(3);
    expect(markdown.stdout).toContain("| `GET https://api.test/a\\|b'<&>` | gone |");
    expect(markdown.stdout).toContain("````diff\n~ 200 /id: number \u2192 string\n");
    const junit = await run(...args, "--format", "junit");
    expect(junit.code).toBe(3);
    expect(junit.stdout).toContain('<testsuites name="trafficctl diff" tests="2" failures="2" errors="0">');
    expect(junit.stdout).toContain('name="GET https://api.test/a|b`&lt;&amp;&gt;"');
  });

  test("diff takes a filter behind the sessions, and refuses what --fail-on does not know", async () => {
    await twoSessions();
    const { stdout } = await run("diff", "before", "after", "~u", "users");
    expect(stdout).toContain("0 gone, 1 changed");
    expect((await run("diff", "before", "after", "--fail-on", "colour")).code).toBe(2);
  });
});
