// `trafficctl import` and `validate` as a person runs them: what comes in, what is said of the rest, and back out again.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { tempFolder } from "../session/support.js";
import { trafficctl } from "../support/cli.js";
import { makeSession } from "../support/made-session.js";
import type { RunResult } from "../support/run.js";

const FIXTURES = join(import.meta.dirname, "../../fixtures/har");
const fixture = (name: string): string => join(FIXTURES, name);

let home: string;
let folder: string;
let good: string;
beforeAll(async () => {
  const source = tempFolder();
  await makeSession(source, "made");
  good = (await trafficctl(["export", "made", "--home", source])).stdout;
});
beforeEach(() => {
  home = tempFolder();
  folder = tempFolder();
});

const cli = (...args: string[]): Promise<RunResult> => trafficctl([...args, "--home", home]);
const sessions = (): Promise<string[]> => readdir(join(home, "sessions")).catch(() => []);

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** The good HAR with an entry that is none, and one whose status is a text. */
function faulty(): string {
  const har = JSON.parse(good);
  har.log.entries[1].response.status = "200";
  har.log.entries.splice(2, 0, 17);
  return JSON.stringify(har);
}

describe("import", () => {
  test("makes a session of the name that is given", async () => {
    const { code, stdout, stderr } = await cli("import", await file("a.har", good), "--session", "mine");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(`mine: 7 exchanges\n${join(home, "sessions", "mine")}\n`);
    expect((await cli("query", "mine", "--count")).stdout).toBe("7\n");
  });

  test.each([
    "chrome.har",
    "firefox.har",
    "safari.har",
    "charles.har",
    "fiddler.har",
    "proxyman.har",
    "http-toolkit.har",
    "insomnia.har",
    "mitmproxy.har",
    "mitmproxy.zhar",
    "playwright-embed.har",
    "playwright-attach.zip",
  ])("takes %s, and what is exported of it is valid", async (name) => {
    expect(await cli("import", fixture(name), "--session", "it")).toMatchObject({ code: 0 });
    const out = join(folder, "out.har");
    await cli("export", "it", "-o", out);
    const { code, stdout } = await cli("validate", out);
    expect({ code, stdout }).toMatchObject({ code: 0 });
  });

  test("several files, compressed or not, in one session", async () => {
    const one = await file("one.har", good);
    const two = await file("two.har.gz", gzipSync(good));
    const marked = await file("three.har", `\ufeff${good}`);
    const { stdout, stderr } = await cli("import", one, two, marked, "--session", "three", "--json");
    expect(stderr).toBe("");
    const report = JSON.parse(stdout);
    expect(report.counts.exchanges).toBe(21);
    expect(report.files.map((each: { exchanges: number }) => each.exchanges)).toEqual([7, 7, 7]);
    const seqs = (await cli("query", "three", "--jsonl", "--fields", "seq")).stdout.trim().split("\n");
    expect(new Set(seqs).size).toBe(21);
  });

  test("lenient keeps what it can and names the rest by its number", async () => {
    const path = await file("faulty.har", faulty());
    const { code, stdout, stderr } = await cli("import", path, "--session", "kept");
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("kept: 7 exchanges") });
    expect(stderr).toContain(`${path}: entry 3 skipped: `);
    expect(stderr).toContain(`${path}: entry 2 repaired: response.status `);
  });

  test("strict refuses and names the first fault; no session is left", async () => {
    const path = await file("faulty.har", faulty());
    const { code, stderr } = await cli("import", path, "--strict", "--session", "none");
    expect(code).toBe(1);
    expect(stderr).toContain(path);
    expect(stderr).toContain("entry 2");
    expect(await sessions()).toEqual([]);
  });

  test.each<[string, () => string]>([
    ["what is no HAR", () => '{"hello":1}'],
    ["what is no JSON", () => "<html>"],
    ["nothing", () => ""],
  ])("a good file and %s leave no session", async (_name, content) => {
    const bad = await file("bad.har", content());
    const { code, stderr } = await cli("import", await file("good.har", good), bad, "--session", "none");
    expect(code).toBe(1);
    expect(stderr).toContain(bad);
    expect(await sessions()).toEqual([]);
  });

  test("a file that was cut gives what it has, and says that the end is missing", async () => {
    const path = await file("cut.har", good.slice(0, good.length * 0.7));
    const { code, stdout, stderr } = await cli("import", path, "--session", "cut");
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^cut: [1-6] exchanges/),
    });
    expect(stderr).toMatch(/the file ends within entry \d/);
  });

  test.each<[string, string[]]>([
    ["a file that is not there", ["nowhere.har"]],
    ["both ways at once", ["x.har", "--strict", "--lenient"]],
    ["no file", []],
  ])("refuses %s", async (_name, args) => {
    const { code, stderr } = await cli("import", ...args);
    expect(code).not.toBe(0);
    expect(stderr).not.toBe("");
    expect(await sessions()).toEqual([]);
  });

  test("a name that is taken keeps its session", async () => {
    const path = await file("a.har", good);
    await cli("import", path, "--session", "mine");
    const { code, stderr } = await cli("import", path, "--session", "mine");
    expect(code).toBe(1);
    expect(stderr).toContain("mine");
    expect((await cli("query", "mine", "--count")).stdout).toBe("7\n");
  });

  test.each(["made.har", "chrome.har", "firefox.har", "playwright-embed.har", "http-toolkit.har"])(
    "export, import and export of %s give the same",
    async (name) => {
      const first = name === "made.har" ? await file(name, good) : fixture(name);
      await cli("import", first, "--session", "one");
      const once = await file("once.har", (await cli("export", "one", "--no-redact")).stdout);
      await cli("import", once, "--session", "two");
      expect((await cli("export", "two", "--no-redact")).stdout).toBe(await readFile(once, "utf8"));
    },
  );

  test("of what we exported, import changes nothing", async () => {
    await cli("import", await file("a.har", good), "--session", "one");
    expect(JSON.parse((await cli("export", "one", "--no-redact")).stdout)).toEqual(JSON.parse(good));
  });
});

describe("validate", () => {
  test("a good file: 0", async () => {
    const { code, stdout } = await cli("validate", await file("a.har", good));
    expect(code).toBe(0);
    expect(stdout).toMatch(/valid, 0 errors, 0 warnings\n$/);
  });

  test("a bad one: 3, with entry, place, and what to do", async () => {
    const path = await file("bad.har", faulty());
    const { code, stdout } = await cli("validate", path);
    expect(code).toBe(3);
    expect(stdout).toMatch(/error entry 2: .*response\.status/);
    expect(stdout).toMatch(/not valid, \d+ errors/);
    const json = await cli("validate", path, "--json");
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({ valid: false });
  });

  test("for one consumer", async () => {
    const har = JSON.parse(good);
    delete har.log.pages;
    const path = await file("pages.har", JSON.stringify(har));
    expect((await cli("validate", path, "--consumer", "chrome")).code).toBe(0);
    expect((await cli("validate", path, "--consumer", "firefox")).code).toBe(3);
  });

  test("what is no HAR at all: 1", async () => {
    expect((await cli("validate", await file("no.har", "{}"))).code).toBe(1);
  });
});
