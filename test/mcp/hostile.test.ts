// Clients that ask for what they should not have, or for nonsense: refused with a code, and nothing is harmed.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeSession } from "../support/made-session.js";
import { errorOf, removeAll, stdioClient, type TestClient, tempHome } from "./support.js";

const folders: string[] = [];
let home: string;
let client: TestClient;

beforeAll(async () => {
  home = await tempHome();
  folders.push(home);
  await makeSession(home, "made");
  await mkdir(join(home, "pages"));
  await writeFile(join(home, "pages/index.html"), "<p>hello</p>");
  client = await stdioClient(home, "--allow-exec");
  await client.ok("start_capture", { session: "hostile" });
});

afterAll(async () => {
  await client.close();
  await removeAll(folders);
});

describe("what the program keeps for itself", () => {
  test.each([
    ["export_har", { output: "sessions/made/exchanges.har" }],
    ["export_har", { output: "sessions/new.har" }],
    ["export_har", { output: "run/x.har" }],
    ["export_har", { output: "ca/x.har" }],
    ["record_fixtures", { output: "sessions/made/manifest.json" }],
  ])("is not written by %s %j", async (name, args) => {
    await mkdir(join(home, "run"), { recursive: true });
    const before = await readFile(join(home, "sessions/made/manifest.json"), "utf8");
    const error = errorOf(await client.call(name, { session: "made", ...args }));
    expect(error).toMatchObject({ code: "NOT_ALLOWED", hint: expect.stringMatching(/\S/) });
    expect(await readFile(join(home, "sessions/made/manifest.json"), "utf8")).toBe(before);
  });

  test.each(["", "ca", "sessions", "sessions/made"])(
    "is not served from a folder (home/%s)",
    async (folder) => {
      for (const settings of [join(home, folder), { dir: join(home, folder) }]) {
        const rules = [{ name: "served", match: "~u served.test", actions: { "serve-dir": settings } }];
        expect(errorOf(await client.call("add_rules", { rules })).code).toBe("NOT_ALLOWED");
        expect(errorOf(await client.call("test_rules", { rules, url: "http://served.test/" })).code).toBe(
          "NOT_ALLOWED",
        );
      }
      expect((await client.ok("list_rules")).data.total).toBe(0);
    },
  );

  test("leaves the other folders to be served", async () => {
    const rules = [{ name: "pages", match: "~u pages.test", actions: { "serve-dir": "pages" } }];
    await client.ok("add_rules", { rules });
    const got = await client.ok("run_command", { command: "curl", args: ["-sS", "http://pages.test/"] });
    expect(got.data.output).toBe("<p>hello</p>");
    await client.ok("remove_rules", { names: ["pages"] });
  });
});

describe("commands that can't be", () => {
  test.each([
    [{ command: "echo", args: ["a\0b"] }, "BAD_OPTION"],
    [{ command: "e\0cho" }, "BAD_OPTION"],
    [{ command: "echo", env: { A: "b\0c" } }, "BAD_OPTION"],
    [
      { command: "echo", args: Array.from({ length: 100 }, () => "x".repeat(100_000)) },
      "COMMAND_NOT_EXECUTABLE",
    ],
    [{ command: "echo", cwd: "pages/index.html" }, "COMMAND_NOT_EXECUTABLE"],
    [{ command: "pages" }, "COMMAND_NOT_FOUND"],
  ])("%#", async (args, code) => {
    expect(errorOf(await client.call("run_command", args)).code).toBe(code);
  });

  test.each([
    ["SEGV", 139],
    ["INT", 130],
    ["KILL", 137],
  ])("one that ends by SIG%s has the exit code that a shell gives", async (signal, exitCode) => {
    const ran = await client.ok("run_command", { command: "sh", args: ["-c", `kill -${signal} $$`] });
    expect(ran.data.exitCode).toBe(exitCode);
  });
});

test("a path that a shell would have made another says so", async () => {
  const error = errorOf(await client.call("validate_har", { file: "~/x.har" }));
  expect(error).toMatchObject({ code: "FILE_NOT_FOUND", hint: expect.stringContaining("'~'") });
});

test("what a person's rules match and set is redacted", async () => {
  const token = "tok_9fK2mQ8xLw4ZrT7vBn3c";
  await client.ok("add_rules", {
    rules: [{ name: "secret", match: `~hq "Authorization: Bearer ${token}"`, actions: { tag: "x" } }],
  });
  const listed = await client.ok("list_rules");
  expect(listed.text + JSON.stringify(listed.data)).not.toContain(token);
  await client.ok("set_options", { values: { filter: `~hq "Authorization: Bearer ${token}"` } });
  for (const name of ["get_options", "capture_status", "show_session"] as const) {
    const told = await client.ok(name, name === "show_session" ? { session: "hostile" } : {});
    expect(told.text + JSON.stringify(told.data), name).not.toContain(token);
  }
});
