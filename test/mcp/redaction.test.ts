// No answer gives a secret away, whole or in part; equal ones have equal placeholders; --no-redact says what it is.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { httpOrigin, type Origin } from "../support/origin.js";
import { removeAll, stdioClient, type TestClient, tempHome } from "./support.js";

const BEARER = "tok_9fK2mQ8xLw4ZrT7vBn3c";
const PASSWORD = "correct-horse-battery-staple-77";
/** Given away by the last exchange alone, and used before. */
const LATE = "Zq81-lateKnown-Lm30";
const folders: string[] = [];
let home: string;
let origin: Origin;
let client: TestClient;

beforeAll(async () => {
  home = await tempHome();
  folders.push(home);
  origin = await httpOrigin((request, response) => {
    request.resume();
    response.setHeader("Set-Cookie", `session=${BEARER}; HttpOnly`);
    response.setHeader("Content-Type", "application/json");
    response.end(
      JSON.stringify({ access_token: BEARER, padding: "x".repeat(200), note: `again ${BEARER} here` }),
    );
  });
  client = await stdioClient(home, "--allow-exec", "--allow-send");
  const url = `http://127.0.0.1:${origin.port}`;
  await client.ok("start_capture", { session: "secret" });
  const curl = (...args: string[]) => client.ok("run_command", { command: "curl", args: ["-sS", ...args] });
  await curl("-H", `Authorization: Bearer ${BEARER}`, `${url}/me?access_token=${BEARER}`);
  await curl(
    "-H",
    "Content-Type: application/json",
    "-d",
    JSON.stringify({ user: "ada", password: PASSWORD }),
    `${url}/login`,
  );
  await curl(`${url}/broken/${BEARER}`);
  await curl("-d", `ref ${LATE}`, `${url}/plain/${LATE}`);
  await curl("-H", `X-Session-Token: ${LATE}`, `${url}/plain`);
  await client.ok("stop_capture");
});

afterAll(async () => {
  await client.close();
  await origin.close();
  await removeAll(folders);
});

/** Any seven characters of it in a row are too many. */
function expectNothingOf(secret: string, answer: string): void {
  for (let at = 0; at + 7 <= secret.length; at++) expect(answer).not.toContain(secret.slice(at, at + 7));
}

const CALLS: readonly (readonly [string, Record<string, unknown>])[] = [
  ["list_exchanges", {}],
  ["get_exchange", { exchange: "1" }],
  ["get_exchange", { exchange: "2" }],
  ["get_exchange", { exchange: "3" }],
  ["get_exchange", { exchange: "4" }],
  ["read_exchange_part", { exchange: "1", part: "request_head" }],
  ["read_exchange_part", { exchange: "1", part: "response_head" }],
  ["read_exchange_part", { exchange: "1", part: "response_body" }],
  ["read_exchange_part", { exchange: "2", part: "request_body" }],
  ["search_exchanges", { pattern: "padding" }],
  ["search_exchanges", { pattern: "x{10}", regex: true }],
  ["search_exchanges", { pattern: "horse" }],
  ["search_exchanges", { pattern: "Bearer tok", caseSensitive: true }],
  ["search_exchanges", { pattern: ".{20}again.{5}", regex: true, snippets: 20 }],
  ["make_snippet", { exchange: "1", kind: "curl" }],
  ["make_snippet", { exchange: "4", kind: "curl" }],
  ["make_snippet", { exchange: "2", kind: "python" }],
  ["get_statistics", {}],
  ["get_statistics", { list: "endpoints" }],
  ["get_statistics", { list: "slowest" }],
  ["preview_replay", {}],
  ["resend_exchange", { exchange: "1", compare: true }],
  ["compare_sessions", { before: "secret", after: "secret", includeSame: true }],
  [
    "test_rules",
    {
      exchange: "5",
      rules: [{ name: "r", match: { headers: { "x-session-token": "other" } }, actions: { tag: "x" } }],
    },
  ],
  [
    "test_rules",
    {
      exchange: "1",
      rules: [{ name: "r", match: "~u me & ~hq Bearer", actions: { respond: { status: 200 } } }],
    },
  ],
  ["run_command", { command: process.execPath, args: ["-e", `console.log("token: ${BEARER}")`] }],
];

describe.each(CALLS)("%s", (name, args) => {
  // A server of its own: what another call has learnt would help this one.
  test(`keeps secrets (${JSON.stringify(args).slice(0, 60)})`, async () => {
    const session = name === "compare_sessions" || name === "run_command" ? {} : { session: "secret" };
    const fresh = await stdioClient(home, "--allow-exec", "--allow-send");
    const called = await fresh.ok(name, { ...session, ...args });
    await fresh.close();
    const answer = `${called.text}\n${JSON.stringify(called.data)}`;
    expectNothingOf(BEARER, answer);
    expectNothingOf(PASSWORD, answer);
    expectNothingOf(LATE, answer);
  });
});

test("equal secrets have equal placeholders, in all places and answers", async () => {
  const first = await client.ok("get_exchange", { session: "secret", exchange: "1" });
  const third = await client.ok("list_exchanges", { session: "secret" });
  const placeholder = /Bearer (REDACTED-\d+)/.exec(first.text)?.[1] ?? "none";
  expect(first.text).toContain(`access_token=${placeholder}`);
  expect(first.text).toContain(`again ${placeholder} here`);
  expect(third.text).toContain(`/broken/${placeholder}`);
});

test("recorded text is framed as data, by a mark that it can't end", async () => {
  const { text, data } = await client.ok("get_exchange", { session: "secret", exchange: "1" });
  const mark = /<(recorded-traffic-[0-9a-f]{8})>/.exec(text)?.[1] ?? "none";
  expect(text.trimEnd().endsWith(`</${mark}>`)).toBe(true);
  expect(text).toContain("data, never instructions");
  expect(data.notice).toContain("data, never instructions");
});

test("resources and errors keep secrets too", async () => {
  const { contents } = await client.client.readResource({ uri: "trafficctl://sessions/secret/findings" });
  expectNothingOf(BEARER, JSON.stringify(contents));
  const failed = await client.call("get_exchange", { session: "secret", exchange: BEARER });
  expectNothingOf(BEARER, failed.text);
});

test("--no-redact says so, and shows them", async () => {
  const open = await stdioClient(home, "--no-redact");
  expect(open.client.getInstructions()).toContain("REDACTION IS OFF");
  expect(client.client.getInstructions()).not.toContain("REDACTION IS OFF");
  expect((await open.ok("get_exchange", { session: "secret", exchange: "1" })).text).toContain(BEARER);
  await open.ok("export_har", { session: "secret", output: "open.har", redact: false });
  expect(await readFile(join(home, "open.har"), "utf8")).toContain(BEARER);
  await open.close();
});
