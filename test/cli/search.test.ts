// `trafficctl search` as a person runs it.
import { beforeAll, describe, expect, test } from "vitest";
import { tempFolder } from "../session/support.js";
import { trafficctl } from "../support/cli.js";
import { makeSession } from "../support/made-session.js";
import type { RunResult } from "../support/run.js";

let home: string;
const search = (...args: string[]): Promise<RunResult> => trafficctl(["search", ...args, "--home", home]);

beforeAll(async () => {
  home = tempFolder();
  await makeSession(home, "made");
});

describe("search", () => {
  test.each<[string, string[], number[]]>([
    ["a compressed body", ["12345678901234567890"], [2]],
    ["a request's body", ["made", "--in", "request", "hopper"], [3]],
    ["a URL", ["made", "--in", "url", "users"], [1, 2, 3]],
    ["a header field", ["made", "--in", "headers", "gzip"], [2]],
    ["a WebSocket's messages", ["made", "--in", "websocket", "hello"], [7]],
    ["a regular expression", ["made", "--regex", '"id":\\s*\\d'], [1, 2, 3]],
    ["a text that would be one", ["made", '"id":\\s*\\d'], []],
    ["only what flags leave", ["made", "--method", "POST", '"id"'], [3]],
    ["upper and lower case apart", ["made", "--case-sensitive", "--in", "response", "ADA"], []],
  ])("finds in %s", async (_name, args, expected) => {
    const { code, stdout } = await search(...args, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).hits.map(({ seq }: { seq: number }) => seq)).toEqual(expected);
  });

  test("shows what stands around, counts, and says what was passed by", async () => {
    const { stdout, stderr } = await search("name");
    expect(stdout).toMatch(
      /made 1 {2}GET https:\/\/api\.test\/users\/1 {2}200\n {2}response {2}\{"id":1,"name":"Ada"\}/,
    );
    expect(stderr).toContain("2 matches in 2 of 7 exchanges");
    expect(stderr).toContain("1 binary bodies and messages passed by");
  });

  test.each([
    [["--in", "body", "x"], "there is no place 'body'"],
    [["made", "--regex", "a(b"], "a(b"],
  ])("%j is wrong usage", async (args, message) => {
    const result = await search(...args);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toContain(message);
  });
});
