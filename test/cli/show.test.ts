// `trafficctl show` as a person and as a pipe sees it.
import { beforeAll, describe, expect, test } from "vitest";
import { writeSession } from "../../src/operations/write-session.js";
import { httpExchange, tempFolder } from "../session/support.js";
import { trafficctl } from "../support/cli.js";
import { MADE, makeSession } from "../support/made-session.js";
import type { RunResult } from "../support/run.js";

let home: string;
const show = (...args: string[]): Promise<RunResult> => trafficctl(["show", ...args, "--home", home]);

beforeAll(async () => {
  home = tempFolder();
  await makeSession(home, "made");
});

describe("for a person", () => {
  test("facts, timings, both heads and the decoded body, JSON with every digit", async () => {
    const { code, stdout } = await show("made", "2");
    expect(code).toBe(0);
    expect(stdout).toContain("GET https://api.test/users/2?full=1  200 OK");
    expect(stdout).toMatch(/wait +█+ +12 ms/);
    expect(stdout).toContain("Content-Encoding: gzip");
    expect(stdout).toContain('  "big": 12345678901234567890');
    expect(stdout).toMatch(/as sent, gzip/);
  });

  test("a form as fields, an error in words, bytes as a dump, a WebSocket as a conversation", async () => {
    expect((await show("3")).stdout).toMatch(/name +Grace Hopper\nrole +admin/);
    expect((await show("6")).stdout).toContain("gone.test has no address (ENOTFOUND) (dns-failed)");
    expect((await show("5")).stdout).toMatch(/binary, 68\.4 KB\n00000000 {2}00 07 0e 15/);
    const socket = (await show("7")).stdout;
    expect(socket).toMatch(/→ text 14 B\n[\s\S]*"op": "hello"[\s\S]*← text 4 B\n {4}pong[\s\S]*← close/);
    expect(socket).toContain("closed by the server with 1000 done");
  });

  test("a request that rules changed, as it went on", async () => {
    const nothing = Buffer.alloc(0);
    const forwarded = {
      method: "PUT",
      url: "http://127.0.0.1:3000/moved",
      headers: [["X-Added", "1"]],
      bodySize: 5,
    } as const;
    const other = tempFolder();
    await writeSession({ home: other, name: undefined, options: {} }, (writer) =>
      writer.exchange({ ...httpExchange(), forwarded }, { request: nothing, response: nothing }),
    );
    const { stdout } = await trafficctl(["show", "1", "--home", other]);
    expect(stdout).toMatch(
      /as it went on ─+\nPUT http:\/\/127\.0\.0\.1:3000\/moved\nX-Added: 1\nanother body: 5 B\n/,
    );
  });

  test("only a part of it", async () => {
    const request = (await show("3", "--request")).stdout;
    expect(request).toMatch(/^── Request [\s\S]*Grace Hopper/);
    expect(request).not.toContain("Response");
    const heads = (await show("3", "--headers")).stdout;
    expect(heads).toContain("── Response");
    expect(heads).not.toContain("Grace");
  });

  test("what a peer sent never steers the terminal", async () => {
    const { stdout } = await show("3");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
  });
});

describe("for a pipe", () => {
  test("--body gives the decoded bytes and nothing else", async () => {
    expect((await show("2", "--body")).stdout).toBe(MADE[1]?.body);
    expect((await show("3", "--request", "--body")).stdout).toBe("name=Grace+Hopper&role=admin");
    expect((await show("7", "--body")).stdout).toBe("pong\n");
  });

  test("--raw gives heads and bodies as sent", async () => {
    const { stdout } = await show("3", "--raw", "--request");
    expect(stdout).toBe(
      "POST /users HTTP/1.1\r\nHost: api.test\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nname=Grace+Hopper&role=admin",
    );
  });

  test("--json has the exchange and what its bodies mean", async () => {
    const shown = JSON.parse((await show("made", "2", "--json")).stdout);
    expect(shown).toMatchObject({ session: "made", open: false, exchange: { seq: 2, kind: "http" } });
    expect(shown.response.view).toMatchObject({ kind: "json" });
  });

  test("--curl, --httpie, --fetch and --python give text that sends it again", async () => {
    expect((await show("3", "--curl")).stdout).toContain("--data-raw 'name=Grace+Hopper&role=admin'");
    expect((await show("3", "--httpie")).stdout).toMatch(/^http .* POST https:\/\/api\.test\/users/);
    expect((await show("3", "--fetch")).stdout).toContain('await fetch("https://api.test/users"');
    expect((await show("3", "--python")).stdout).toContain('HTTPSConnection("api.test")');
  });
});

describe("mistakes", () => {
  test.each([
    [["99"], 1, "there is no exchange '99' in last"],
    [["6", "--body"], 1, "no response came"],
    [["1", "--body", "--curl"], 2, "exclude each other"],
    [["a", "b", "c"], 2, "one session and one exchange"],
    [["nosuch", "1"], 1, "there is no session 'nosuch'"],
  ])("%j is exit code %i: %s", async (args, code, message) => {
    const result = await show(...args);
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toContain(message);
  });
});
