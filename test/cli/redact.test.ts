// `trafficctl redact`: the new session has no secret of the old one, in no file and in no form.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { COUNT, leaksIn, makeSecretSession, SECRETS } from "../har-proof/secrets.js";
import { tempFolder } from "../session/support.js";
import { trafficctl } from "../support/cli.js";
import type { RunResult } from "../support/run.js";

let home: string;
let folder: string;
beforeAll(async () => {
  home = tempFolder();
  folder = tempFolder();
  await makeSecretSession(home, "secret");
});

const cli = (...args: string[]): Promise<RunResult> => trafficctl([...args, "--home", home]);

async function filesOf(session: string): Promise<Buffer> {
  const path = join(home, "sessions", session);
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
}

describe("redact", () => {
  let result: RunResult;
  beforeAll(async () => {
    result = await cli("redact", "secret", "-o", "shareable");
  });

  test("says what it made and what it replaced, and no secret", () => {
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toBe(`shareable: ${COUNT} exchanges\n${join(home, "sessions", "shareable")}\n`);
    expect(result.stderr).toMatch(/^redacted: \d+ places, \d+ different secrets/);
    expect(leaksIn(Buffer.from(result.stdout + result.stderr))).toEqual([]);
  });

  test("leaves the old session as it was", async () => {
    expect(leaksIn(await filesOf("secret"))).toContain("bearer");
  });

  test("has no secret in any file", async () => {
    const files = await filesOf("shareable");
    expect(files.length).toBeGreaterThan(9 * 1024 * 1024);
    expect(leaksIn(files)).toEqual([]);
  });

  test("nor in what its bodies decode to", async () => {
    const { stdout } = await cli("export", "shareable", "--no-redact");
    const texts: string[] = JSON.parse(stdout).log.entries.map(
      ({ response }: { response: { content: { text?: string; encoding?: string } } }) =>
        Buffer.from(
          response.content.text ?? "",
          response.content.encoding === "base64" ? "base64" : "utf8",
        ).toString("latin1"),
    );
    expect(leaksIn(Buffer.from(stdout))).toEqual([]);
    expect(leaksIn(Buffer.from(texts.join("\n"), "latin1"))).toEqual([]);
  });

  test("is what an export of the old one is", async () => {
    const lines = async (...args: string[]) => {
      const { stdout } = await cli(
        "query",
        ...args,
        "--jsonl",
        "--fields",
        "seq,method,url,status,responseSize,duration",
      );
      return stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    };
    const before = await lines("secret");
    const after = await lines("shareable");
    expect(after.map(({ url: _url, ...rest }) => rest)).toEqual(before.map(({ url: _url, ...rest }) => rest));
    const entries = async (...args: string[]) =>
      JSON.parse((await cli("export", ...args)).stdout).log.entries;
    const [exported, redacted] = [await entries("secret"), await entries("shareable", "--no-redact")];
    // Of a large content that lost its coding, the size before is not kept.
    for (const list of [exported, redacted]) {
      expect(list[11].response.content.text).toMatch(/ REDACTED-\d+ $/);
      delete list[11].response.content;
    }
    expect(redacted).toEqual(exported);
  });

  test("a filter and a policy", async () => {
    const policy = join(folder, "policy.yaml");
    await writeFile(policy, "version: 1\nheaders:\n  keep: [X-Api-Key]\n");
    const { code, stdout } = await cli(
      "redact",
      "secret",
      "access_token",
      "--policy",
      policy,
      "-o",
      "part",
      "--json",
    );
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.counts.exchanges).toBeLessThan(COUNT);
    expect(report.redaction.total).toBeGreaterThan(3);
    expect((await filesOf("part")).includes(SECRETS.apiKey)).toBe(true);
  });

  test("a name that is taken", async () => {
    const { code, stderr } = await cli("redact", "secret", "-o", "secret");
    expect(code).toBe(1);
    expect(stderr).toContain("secret");
    expect(leaksIn(await filesOf("secret"))).toContain("bearer");
  });

  test("redacted again, nothing changes", async () => {
    const { stderr } = await cli("redact", "shareable", "-o", "twice");
    expect(stderr).toMatch(/redacted: (nothing|0 places)/);
    expect((await cli("export", "twice", "--no-redact")).stdout).toBe(
      (await cli("export", "shareable", "--no-redact")).stdout,
    );
  });
});
