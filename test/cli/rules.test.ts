// `record --rules` and `trafficctl rules`, in processes of their own.
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RunningCli, startRecord, trafficctl } from "../support/cli.js";
import { httpOrigin, type Origin } from "../support/origin.js";
import { run } from "../support/run.js";

let origin: Origin;
let home: string;
let rulesPath: string;
const running: RunningCli[] = [];

beforeAll(async () => {
  origin = await httpOrigin((request, response) => {
    request.resume().on("end", () => response.end(`${request.method} ${request.headers["x-a"] ?? "-"}`));
  });
});
afterAll(() => origin.close());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-rules-"));
  rulesPath = join(home, "rules.yaml");
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

/** As editors do: whole, or not at all. */
async function save(yaml: string): Promise<void> {
  await writeFile(`${rulesPath}.tmp`, yaml);
  await rename(`${rulesPath}.tmp`, rulesPath);
}

const rules = (...args: string[]) => trafficctl(["rules", ...args, "--home", home]);
const listed = async () => JSON.parse((await rules("list", "--json")).stdout).rules;
const curl = ({ ready }: RunningCli, path: string, ...args: string[]) =>
  run("curl", ["-sS", "-x", String(ready.url), `http://127.0.0.1:${origin.port}${path}`, ...args]);

const answering = (text: string, name = "mock"): string =>
  `rules:\n  - name: ${name}\n    match: ~u /mock\n    actions: {respond: {text: ${text}}, tag: [mocked]}\n`;

describe("record --rules", () => {
  test("a saved file holds at once, a broken one does not, and says where", async () => {
    await save(answering("one"));
    const cli = await start("live", "--rules", rulesPath);
    expect((await curl(cli, "/mock")).stdout).toBe("one");
    expect((await curl(cli, "/")).stdout).toBe("GET -");
    await save(answering("two"));
    expect(await cli.next("rules")).toMatchObject({ rules: 1, error: null });
    expect((await curl(cli, "/mock")).stdout).toBe("two");
    await save("rules:\n  - {name: a, actions: {delai: 1}}\n");
    const { error } = await cli.next("rules");
    expect(error).toEqual({
      code: "RULES_INVALID",
      message: `${rulesPath}:2:25: there is no 'delai' here (did you mean delay?)`,
    });
    expect((await curl(cli, "/mock")).stdout).toBe("two");
    cli.child.kill("SIGINT");
    expect(await cli.ended()).toMatchObject({ code: 0 });
    expect(cli.stderr()).toContain(`${rulesPath}:2:25`);
    const log = await readFile(join(home, "sessions", "live", "exchanges.jsonl"), "utf8");
    expect(log).toContain('"tags":["mocked"],"rules":["mock"]');
  });

  test("a file with a mistake, or one that is missing, starts nothing and leaves nothing", async () => {
    await save("rules:\n  - {name: a, actions: {respond: {file: nope}}}\n");
    const result = await trafficctl([
      "record",
      "--port",
      "0",
      "--home",
      home,
      "--rules",
      rulesPath,
      "--",
      "true",
    ]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`${rulesPath}:2:`);
    expect((await trafficctl(["sessions", "list", "--json", "--home", home])).stdout.trim()).toBe(
      '{"sessions":[]}',
    );
  });

  test("shortcuts", async () => {
    const body = join(home, "body.json");
    await writeFile(body, "[1]");
    const cli = await start(
      "short",
      ...["--mock", `GET /api/x=201 @${body}`],
      ...["--set-header", "X-A: set", "--set-header", "response X-B: b", "--block", "/blocked=403"],
      ...["--map-remote", `http://gone.invalid=http://127.0.0.1:${origin.port}`],
    );
    expect((await curl(cli, "/api/x", "-w", " %{http_code}")).stdout).toBe("[1] 201");
    expect((await curl(cli, "/", "-i")).stdout).toMatch(/^X-B: b\r\n[\s\S]*GET set$/m);
    expect((await curl(cli, "/blocked", "-w", "%{http_code}")).stdout).toBe("403");
    const mapped = await run("curl", ["-sS", "-x", String(cli.ready.url), "http://gone.invalid/"]);
    expect(mapped.stdout).toBe("GET set");
  });
});

describe("rules of a running proxy", () => {
  test("are listed with what they did, added, changed and removed", async () => {
    await save(answering("one"));
    const cli = await start("live", "--rules", rulesPath);
    await curl(cli, "/mock");
    expect(await listed()).toMatchObject([
      {
        name: "mock",
        enabled: true,
        source: "file",
        changed: false,
        matched: 1,
        acted: 1,
        match: "~u /mock",
      },
    ]);
    expect((await rules("disable", "mock")).stdout).toBe("live: 0 rules in force\n");
    expect((await curl(cli, "/mock")).stdout).toBe("GET -");
    await rules("enable", "mock");
    const more = join(home, "more.yaml");
    await writeFile(more, answering("added", "other").replace("/mock", "/other"));
    expect((await rules("add", more)).code).toBe(0);
    expect((await curl(cli, "/other")).stdout).toBe("added");
    expect(await rules("add", more)).toMatchObject({ code: 2, stderr: /there is a rule 'other' already/ });
    await writeFile(more, answering("updated"));
    expect((await rules("update", more)).code).toBe(0);
    expect((await curl(cli, "/mock")).stdout).toBe("updated");
    expect((await rules("remove", "other")).code).toBe(0);
    expect((await curl(cli, "/other")).stdout).toBe("GET -");
    expect(await rules("remove", "mok")).toMatchObject({ code: 2, stderr: /did you mean mock\?/ });
    const table = await rules("list");
    expect(table.stdout).toMatch(/^mock +100 +\d+ +\d+ +file, changed/m);
    // The file is the newer word.
    await save(answering("saved"));
    await cli.next("rules");
    expect((await curl(cli, "/mock")).stdout).toBe("saved");
  });

  test("a recording without rules takes some", async () => {
    const cli = await start("bare");
    expect(await listed()).toEqual([]);
    await save(answering("late"));
    await rules("add", rulesPath, "bare");
    expect((await curl(cli, "/mock")).stdout).toBe("late");
    const status = await trafficctl(["status", "--json", "--home", home]);
    expect(JSON.parse(status.stdout).proxies).toMatchObject([{ session: "bare", rules: 1 }]);
  });
});

describe("rules check", () => {
  test("every mistake with its place, and exit code 3", async () => {
    await save("rules:\n  - {name: a, actions: {delai: 1}}\n  - {name: a, match: ~x, actions: [pass]}\n");
    const result = await rules("check", rulesPath, "--json");
    expect(result.code).toBe(3);
    expect(JSON.parse(result.stdout)).toMatchObject({
      valid: false,
      mistakes: [
        { file: rulesPath, line: 2, column: 25 },
        { file: rulesPath, line: 3 },
      ],
    });
    expect((await rules("check", rulesPath)).stdout).toContain(
      `error ${rulesPath}:2:25: there is no 'delai' here`,
    );
  });

  test("what is in a right one", async () => {
    await save(answering("one"));
    expect(await rules("check", rulesPath)).toMatchObject({
      code: 0,
      stdout: /mock: ~u \/mock\n +.*answers 200/,
    });
  });
});

describe("rules test", () => {
  test("a request that flags describe", async () => {
    await save(answering("one"));
    const hit = await rules("test", rulesPath, "--url", "http://a.test/mock", "--json");
    expect(JSON.parse(hit.stdout)).toMatchObject({
      request: { method: "GET", url: "http://a.test/mock" },
      winner: "mock",
      effect: { request: null, response: { status: 200, body: { size: 3 } }, tags: ["mocked"] },
    });
    const missed = await rules("test", rulesPath, "--url", "http://a.test/other");
    expect(missed.stdout).toContain("no rule acts");
    expect(missed.stdout).toContain("nearest miss: mock (~u /mock, saw http://a.test/other)");
    expect((await rules("test", rulesPath)).code).toBe(2);
  });

  test("a recorded exchange, and a whole session", async () => {
    const cli = await start("source");
    await curl(cli, "/mock");
    await curl(cli, "/other");
    cli.child.kill("SIGINT");
    await cli.ended();
    await save(answering("changed"));
    const tested = await rules("test", rulesPath, "--exchange", "source", "1");
    expect(tested.stdout).toContain("decided by mock");
    const dry = await rules("apply", rulesPath, "source", "--dry-run", "--diff", "--json");
    expect(JSON.parse(dry.stdout)).toMatchObject({
      exchanges: 2,
      changed: 1,
      rules: [{ name: "mock", matched: 1, acted: 1 }],
      changes: [{ seq: 1, rules: ["mock"] }],
    });
    const applied = await rules("apply", rulesPath, "source", "-o", "target", "--diff");
    expect(applied.stdout).toContain("+ request: not sent");
    const body = (seq: string) => trafficctl(["show", "target", seq, "--body", "--home", home]);
    expect((await body("1")).stdout).toBe("changed");
    expect((await body("2")).stdout).toBe("GET -");
    expect((await rules("apply", rulesPath, "source")).code).toBe(2);
    const log = await readFile(join(home, "sessions", "target", "exchanges.jsonl"), "utf8");
    expect(log).toContain('"rules":["mock"]');
  });
});
