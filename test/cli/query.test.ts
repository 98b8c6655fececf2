// `trafficctl query`, `stats`, `merge` and `rm` as a person runs them.
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { tempFolder } from "../session/support.js";
import { trafficctl } from "../support/cli.js";
import { MADE, makeSession } from "../support/made-session.js";
import type { RunResult } from "../support/run.js";

let home: string;
const run = (...args: string[]): Promise<RunResult> => trafficctl([...args, "--home", home]);

beforeAll(async () => {
  home = tempFolder();
  await makeSession(home, "made");
});

async function seqs(...args: string[]): Promise<number[]> {
  const { code, stdout, stderr } = await run("query", ...args, "--jsonl", "--fields", "seq");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line).seq);
}

describe("query", () => {
  test("without words shows what was recorded last, as a table", async () => {
    const { code, stdout } = await run("query");
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(1 + MADE.length + 1);
    expect(lines[0]).toMatch(/^SEQ +TIME +METHOD +STATUS +URL +TYPE +SIZE +DURATION$/);
    expect(lines[3]).toMatch(/POST +201 +https:\/\/api\.test\/users +json +8 B +900 ms$/);
    expect(lines[6]).toMatch(/ERR/);
    expect(lines[7]).toMatch(/101 +wss:\/\/live\.test\/feed +ws 4 msg/);
  });

  test.each<[string, string[], number[]]>([
    ["a filter", ["made", "~c 5xx"], [4]],
    ["a filter of several words", ["made", "~m", "POST", "|", "~e"], [3, 6]],
    ["a filter alone, of the last session", ["~c 5xx"], [4]],
    ["a bare word", ["made", "users"], [1, 2, 3]],
    ["flags", ["made", "--hostname", "api.test", "--method", "get", "--status", "2xx"], [1, 2]],
    ["flags and a filter", ["made", "--hostname", "api.test", "!~m POST"], [1, 2, 4]],
    ["a text in a compressed body", ["made", "--text", "12345678901234567890"], [2]],
    ["a text in a WebSocket message", ["made", "~b hello"], [7]],
    ["a time", ["made", "--from", "2026-11-20T10:00:02Z", "--to", "2026-11-20T10:00:04Z"], [3, 4]],
    ["a duration", ["made", "--min-duration", "800ms"], [3, 5]],
    ["a type", ["made", "--type", "json"], [1, 2, 3]],
    ["the opposite order", ["made", "--sort", "desc", "--limit", "2"], [7, 6]],
    ["the longest", ["made", "--sort", "duration", "--limit", "2"], [5, 3]],
    ["the largest", ["made", "--sort", "size", "--limit", "1"], [5]],
    ["a part", ["made", "--offset", "2", "--limit", "2"], [3, 4]],
  ])("selects by %s", async (_name, args, expected) => {
    expect(await seqs(...args)).toEqual(expected);
  });

  test("--json has the facts, the total, and what is shown of it", async () => {
    const { stdout } = await run("query", "made", "--json", "--limit", "1");
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ total: 7, shown: 1, damagedLines: 0 });
    expect(result.exchanges[0]).toMatchObject({
      session: "made",
      seq: 1,
      method: "GET",
      url: "https://api.test/users/1",
      status: 200,
      responseType: "application/json",
      startedAt: "2026-11-20T10:00:00.000Z",
    });
  });

  test("--csv quotes, and says when it leaves out", async () => {
    const { stdout, stderr } = await run(
      "ls",
      "made",
      "--csv",
      "--fields",
      "seq,status,error",
      "--limit",
      "6",
    );
    expect(stdout).toBe(
      "seq,status,error\r\n1,200,\r\n2,200,\r\n3,201,\r\n4,503,\r\n5,200,\r\n6,,dns-failed\r\n",
    );
    expect(stderr).toContain("showing 6 of 7");
  });

  test("--count counts", async () => {
    expect((await run("query", "made", "~m GET", "--count")).stdout).toBe("6\n");
    expect((await run("query", "made", "--count", "--json")).stdout).toBe('{"total":7}\n');
  });

  test("a session's folder, its log and `all` are places as well", async () => {
    const folder = join(home, "sessions", "made");
    expect(await seqs(folder, "~c 503")).toEqual([4]);
    expect(await seqs(join(folder, "exchanges.jsonl"), "~c 503")).toEqual([4]);
    expect(await seqs("all", "~c 503")).toEqual([4]);
    expect(await seqs("made", folder, "~c 503")).toEqual([4]);
  });

  test("names the near sessions, the place of a mistake, the near field", async () => {
    const unknown = await run("query", "mode");
    expect(unknown).toMatchObject({ code: 1, stdout: "" });
    expect(unknown.stderr).toMatch(/no session 'mode'[\s\S]*did you mean made/);
    const wrong = await run("query", "made", "~c 5xx & ~zz");
    expect(wrong.stderr).toContain("  ~c 5xx & ~zz\n           ^^");
    const field = await run("query", "made", "--fields", "stats");
    expect(field).toMatchObject({ code: 2 });
    expect(field.stderr).toContain("did you mean status");
  });

  test("damaged lines are counted and named, and the rest is answered", async () => {
    const other = tempFolder();
    const { path } = await makeSession(other, "hurt");
    await appendFile(join(path, "exchanges.jsonl"), "garbage\n");
    const { code, stdout, stderr } = await trafficctl(["query", "hurt", "--count", "--home", other]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "7\n" });
    expect(stderr).toMatch(/hurt: 1 damaged line passed by: \d+/);
  });

  test("a pattern that would run for minutes is stopped, and said so", async () => {
    const { code, stderr } = await run("query", "made", "~bs", '"(.+.+)+[a-b]{9}"');
    expect(code).toBe(1);
    expect(stderr).toMatch(/took longer than 1000 ms[\s\S]*exchange \d of made/);
  });
});

describe("stats", () => {
  test("counts by host, method, status and type", async () => {
    const { stdout } = await run("stats", "made", "--json");
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ exchanges: 7, failed: 1, webSocketMessages: 4 });
    expect(result.from).toBe("2026-11-20T10:00:00.000Z");
    expect(result.hosts[0]).toMatchObject({ key: "api.test", exchanges: 4, errors: 1 });
    expect(result.errors).toEqual([
      { code: "dns-failed", exchanges: 1, example: "gone.test has no address (ENOTFOUND)" },
    ]);
    expect(result.slowest[0]).toMatchObject({ seq: 5, duration: 2500 });
    const started = result.timeline.buckets.reduce(
      (sum: number, one: { exchanges: number }) => sum + one.exchanges,
      0,
    );
    expect(started).toBe(7);
  });

  test("--by endpoint folds ids", async () => {
    const { stdout } = await run("stats", "made", "--by", "endpoint");
    expect(stdout).toMatch(/GET https:\/\/api\.test\/users\/\{id\} +2 /);
  });

  test("shows people tables and a plot", async () => {
    const { stdout } = await run("stats", "made");
    for (const title of ["exchanges", "HOST", "STATUS", "SLOWEST", "dns-failed", "█"])
      expect(stdout).toContain(title);
  });
});

describe("merge and rm", () => {
  test("sessions become one, sorted, ids kept, each exchange once", async () => {
    const other = tempFolder();
    const at = (...args: string[]): Promise<RunResult> => trafficctl([...args, "--home", other]);
    await makeSession(other, "a");
    await makeSession(other, "b");
    await at("merge", "a", "--method", "POST", "-o", "part");
    const merged = await at("merge", "a", "b", "part", "-o", "both", "--json");
    expect(JSON.parse(merged.stdout)).toMatchObject({
      id: "both",
      counts: { exchanges: 14, messages: 8 },
      duplicates: 1,
    });
    const { exchanges } = JSON.parse((await at("query", "both", "--json")).stdout);
    const starts = exchanges.map(({ startedAt }: { startedAt: string }) => startedAt);
    expect(starts).toEqual([...starts].sort());
    expect(exchanges.map(({ seq }: { seq: number }) => seq)).toEqual(
      exchanges.map((_: unknown, i: number) => i + 1),
    );
    const body = await at("show", "both", "2", "--body");
    expect(body.stdout).toContain('"name":"Ada"');

    const refused = await at("rm", "a", "nosuch");
    expect(refused.code).toBe(1);
    expect((await at("sessions", "path", "a")).code).toBe(0);
    expect((await at("rm", "a", "b")).code).toBe(0);
    const left = JSON.parse((await at("sessions", "list", "--json")).stdout).sessions;
    expect(left.map(({ id }: { id: string }) => id).sort()).toEqual(["both", "part"]);
  });
});
