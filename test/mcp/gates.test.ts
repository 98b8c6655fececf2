// What a client may not do, and what the server says then: commands, sending, files, redaction; and toolsets.
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeSession } from "../support/made-session.js";
import { httpOrigin, type Origin } from "../support/origin.js";
import { errorOf, list, removeAll, stdioClient, type TestClient, tempHome, text } from "./support.js";

const folders: string[] = [];
let home: string;
let outside: string;
let origin: Origin;
let other: Origin;
const reached: string[] = [];
let client: TestClient;

beforeAll(async () => {
  home = await tempHome();
  outside = await tempHome();
  folders.push(home, outside);
  origin = await httpOrigin((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.end("ok");
  });
  other = await httpOrigin((request, response) => {
    reached.push(`other ${request.method} ${request.url}`);
    response.end("other");
  });
  await makeSession(home, "made");
  // Recorded by a client of a proxy, as it has to be.
  const maker = await stdioClient(home, "--allow-exec");
  await maker.ok("start_capture", { session: "seen" });
  const url = `http://127.0.0.1:${origin.port}`;
  await maker.ok("run_command", { command: "curl", args: ["-sS", `${url}/get`] });
  await maker.ok("run_command", { command: "curl", args: ["-sS", "-d", "a=1", `${url}/post`] });
  await maker.ok("export_har", { session: "made", output: "made.har" });
  const har = await readFile(join(home, "made.har"), "utf8");
  await writeFile(join(home, "evil.har"), har.replaceAll("api.test", "evil.test"));
  await maker.ok("import_har", { files: ["evil.har"], name: "evil" });
  await maker.close();
  reached.splice(0);
  client = await stdioClient(home);
});

afterAll(async () => {
  await client.close();
  await origin.close();
  await other.close();
  await removeAll(folders);
});

async function refused(
  name: string,
  args: Record<string, unknown>,
  flag: RegExp,
  by = client,
): Promise<void> {
  const error = errorOf(await by.call(name, args));
  expect(error.code).toBe("NOT_ALLOWED");
  expect(`${error.message} ${error.hint}`).toMatch(flag);
  expect(reached).toEqual([]);
}

test("a command needs --allow-exec", async () => {
  await refused("run_command", { command: "true" }, /--allow-exec/);
});

describe("without --allow-send", () => {
  const url = (path: string): string => `http://127.0.0.1:${origin.port}${path}`;

  test("a safe request to a recorded origin is sent", async () => {
    await client.ok("send_request", { url: url("/again") });
    await client.ok("resend_exchange", { session: "seen", exchange: "1" });
    await client.ok("replay_exchanges", { session: "seen", filter: "~m GET" });
    expect(reached.splice(0)).toEqual(["GET /again", "GET /get", "GET /get"]);
  });

  test.each([
    ["send_request", () => ({ url: url("/x"), method: "DELETE" })],
    ["send_request", () => ({ url: url("/x"), body: "a POST" })],
    ["send_request", () => ({ url: `http://127.0.0.1:${other.port}/` })],
    ["send_request", () => ({ url: `http://127.0.0.1:${origin.port}@127.0.0.1:${other.port}/` })],
    ["resend_exchange", () => ({ session: "seen", exchange: "2" })],
    ["resend_exchange", () => ({ session: "seen", exchange: "1", method: "PUT" })],
    ["resend_exchange", () => ({ session: "seen", exchange: "1", url: `http://127.0.0.1:${other.port}/` })],
    ["replay_exchanges", () => ({ session: "seen" })],
    [
      "replay_exchanges",
      () => ({ session: "seen", filter: "~m GET", target: `http://127.0.0.1:${other.port}` }),
    ],
    // A file may name any host: only what a client of the proxy talked to counts.
    ["resend_exchange", () => ({ session: "evil.har", exchange: "1" })],
    ["resend_exchange", () => ({ session: "evil", exchange: "1" })],
    ["send_request", () => ({ url: "https://evil.test/users/1" })],
  ] as const)("%s is refused and sends nothing (%#)", async (name, args) => {
    await refused(name, args(), /--allow-send/);
  });

  test("a rule that rewrites is refused", async () => {
    await client.ok("start_capture");
    const rule = {
      name: "away",
      match: "~all",
      actions: { rewrite: { to: `http://127.0.0.1:${other.port}/` } },
    };
    await refused("add_rules", { rules: [rule] }, /--allow-send/);
    await refused(
      "add_rules",
      { rules: [{ ...rule, actions: ["pause", { rewrite: { host: "x" } }] }] },
      /--allow-send/,
    );
    await client.ok("stop_capture");
  });
});

test("with --allow-send all of it is sent", async () => {
  const allowed = await stdioClient(home, "--allow-send");
  await allowed.ok("resend_exchange", { session: "seen", exchange: "2" });
  await allowed.ok("replay_exchanges", { session: "seen", target: `http://127.0.0.1:${other.port}` });
  expect(reached.splice(0)).toEqual(["POST /post", "other GET /get", "other POST /post"]);
  await allowed.close();
});

describe("files", () => {
  beforeAll(async () => {
    await writeFile(join(outside, "secret.har"), await readFile(join(home, "made.har")));
    await symlink(join(outside, "secret.har"), join(home, "link.har"));
    await symlink(outside, join(home, "folder"));
    await mkdir(join(home, "www"));
  });

  test.each([
    ["import_har", () => ({ files: [join(outside, "secret.har")] })],
    ["import_har", () => ({ files: ["link.har"] })],
    ["import_har", () => ({ files: ["folder/secret.har"] })],
    ["import_har", () => ({ files: [`www/../../${outside.split("/").at(-1)}/secret.har`] })],
    ["import_har", () => ({ files: ["ca/ca.pem"] })],
    ["validate_har", () => ({ file: "link.har" })],
    ["list_exchanges", () => ({ session: join(outside, "secret.har") })],
    ["get_exchange", () => ({ session: "./link.har", exchange: "1" })],
    ["merge_sessions", () => ({ sessions: ["made", "folder/secret.har"], into: "x" })],
    ["export_har", () => ({ session: "made", output: join(outside, "out.har") })],
    ["export_har", () => ({ session: "made", output: "link.har" })],
    ["export_har", () => ({ session: "made", output: "folder/out.har" })],
    ["export_har", () => ({ session: "made", output: "ca/out.har" })],
    ["export_har", () => ({ session: "made", output: "../out.har" })],
    ["record_fixtures", () => ({ session: "made", output: join(outside, "f.json") })],
    ["start_serving", () => ({ from: [join(outside, "secret.har")] })],
    ["start_capture", () => ({ upstreamCa: "/etc/hostname" })],
    ["redact_session", () => ({ session: "made", into: "y", policy: "/etc/hostname" })],
    [
      "test_rules",
      () => ({ url: "http://a/", rules: [{ name: "f", actions: { respond: { file: "/etc/hostname" } } }] }),
    ],
    [
      "test_rules",
      () => ({ url: "http://a/", rules: [{ name: "f", actions: { "serve-dir": { dir: outside } } }] }),
    ],
    ["test_rules", () => ({ url: "http://a/", rules: [{ name: "f", actions: { "serve-dir": outside } }] })],
    [
      "test_rules",
      () => ({
        url: "http://a/",
        rules: [{ name: "f", actions: ["pause", { "set-request": { body: { file: "/etc/hostname" } } }] }],
      }),
    ],
  ] as const)("%s stays inside the roots (%#)", async (name, args) => {
    const error = errorOf(await client.call(name, args()));
    expect(error.code).toBe("NOT_ALLOWED");
  });

  test("a body that begins with @ is a body, not a file", async () => {
    const rules = [{ name: "b", match: "~b hostname", actions: { respond: { status: 204 } } }];
    const tested = await client.ok("test_rules", { rules, url: "http://a/", body: "@/etc/hostname" });
    expect(tested.data.winner).toBe("b");
  });

  test("inside the roots they are read and written", async () => {
    await writeFile(join(home, "www/body.txt"), "hello");
    const rules = [{ name: "f", actions: { respond: { file: "www/body.txt" } } }];
    const tested = await client.ok("test_rules", { rules, url: "http://a/" });
    expect(tested.text).toContain("'f' decides it");
    expect((await client.ok("count_exchanges", { session: "made.har" })).data.total).toBe(7);
  });

  test("--root takes the place of the default", async () => {
    const rooted = await stdioClient(home, "--root", outside);
    expect((await rooted.ok("count_exchanges", { session: join(outside, "secret.har") })).data.total).toBe(7);
    expect(errorOf(await rooted.call("validate_har", { file: join(home, "made.har") })).code).toBe(
      "NOT_ALLOWED",
    );
    await rooted.close();
  });
});

test("what is redacted stays so: an export without redaction is refused", async () => {
  await refused("export_har", { session: "made", output: "raw.har", redact: false }, /--no-redact/);
});

test("--toolsets loads fewer tools, and the prompts that need others are gone", async () => {
  const small = await stdioClient(home, "--toolsets", "query,har");
  const names = (await small.client.listTools()).tools.map(({ name }) => name);
  expect(names).toContain("list_exchanges");
  expect(names).toContain("export_har");
  expect(names).not.toContain("start_capture");
  expect(names).not.toContain("send_request");
  const { prompts } = await small.client.listPrompts();
  expect(prompts.map(({ name }) => name)).toEqual(["debug_failing_request", "mock_from_traffic"]);
  await expect(small.call("start_capture")).rejects.toThrow(/there is no tool/);
  await small.close();
});

test("a session is deleted by its full name only, and never while it is recorded", async () => {
  await client.ok("duplicate_exchange", { session: "made", exchange: "1", into: "whole-name" });
  expect(errorOf(await client.call("delete_session", { session: "whole" })).code).toBe("NOT_ALLOWED");
  expect(errorOf(await client.call("delete_session", { session: home })).code).toBe("NOT_ALLOWED");
  const session = text((await client.ok("start_capture")).data.session);
  expect(errorOf(await client.call("delete_session", { session })).code).toBe("SESSION_BUSY");
  await client.ok("stop_capture");
  const { data } = await client.ok("list_sessions");
  expect(list(data.sessions).map((each) => each.session)).toContain("whole-name");
});
