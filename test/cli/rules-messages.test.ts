// `trafficctl rules` on WebSockets and from standard input, in processes of their own.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRecord, trafficctl } from "../support/cli.js";
import { makeSession } from "../support/made-session.js";

const FEED = "wss://live.test/feed";
let home: string;
let file: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "trafficctl-rules-"));
  file = join(home, "rules.yaml");
  await makeSession(home, "made");
  await writeFile(
    file,
    `
rules:
  - {name: greeting, match: {url: "${FEED}"}, actions: {message: {direction: send, match: hello, set: {text: HELLO}}}}
  - {name: pong, match: ~c 101, actions: {message: {match: pong, drop: true, inject: [{direction: receive, text: "\\u001b[31m"}]}}}
`,
  );
});
afterAll(() => rm(home, { recursive: true, force: true }));

const rules = (...args: string[]) => trafficctl(["rules", ...args, "--home", home]);
const rulesFrom = (input: string, ...args: string[]) =>
  trafficctl(["rules", ...args, "--home", home], {}, input);

test("apply tells what became of the messages", async () => {
  const dry = await rules("apply", file, "made", "--dry-run", "--diff");
  expect(dry.stdout).toContain(
    '  - message 1, to the server: "{\\"op\\":\\"hello\\"}"\n  + message 1, to the server: "HELLO"',
  );
  expect(dry.stdout).toContain(
    '  - message 2, to the client: "pong"\n  + behind message 2, to the client: "\\u001b[31m"',
  );
  expect(dry.stdout).toContain(
    "  of 3 messages 1 changed, 1 dropped, 1 injected\n    greeting: 1 changed\n    pong: 1 dropped, 1 injected\n",
  );
  expect(dry.stdout).toMatch(
    / {2}pong {6}matched 1, acted on 1; messages: 1 dropped, 1 injected\nof 3 messages/,
  );
  const json = JSON.parse((await rules("apply", file, "made", "--dry-run", "--json")).stdout);
  expect(json).toMatchObject({
    tunnels: 0,
    messages: { seen: 3, unseen: 0, changed: 1, dropped: 1, injected: 1 },
    rules: [{ messages: { changed: 1 } }, { messages: { dropped: 1, injected: 1 } }],
  });
  expect(json.changes).toBeUndefined();
  await rules("apply", file, "made", "-o", "applied");
  const shown = JSON.parse((await trafficctl(["show", "applied", "7", "--json", "--home", home])).stdout);
  expect(shown).toMatchObject({ exchange: { messageCount: 4, rules: ["greeting", "pong"] } });
});

test("test tries messages, described and recorded", async () => {
  const tested = await rules(
    "test",
    file,
    "--url",
    FEED,
    "--message",
    "send:hello",
    "--message",
    "receive:pong",
  );
  expect(tested.stdout).toContain(`of 2 messages 1 changed, 1 dropped, 1 injected
  send "hello" becomes "HELLO"
    greeting: acts
    pong: does not match its text
  receive "pong" is dropped
    + receive "\\u001b[31m" behind it
    greeting: is for the other direction
    pong: acts
`);
  const recorded = await rules("test", file, "--exchange", "made", "7", "--json");
  expect(JSON.parse(recorded.stdout).messages).toMatchObject({
    seen: 3,
    changed: 1,
    dropped: 1,
    injected: 1,
  });
  const http = await rules("test", file, "--exchange", "made", "1", "--message", "a");
  expect(http).toMatchObject({ code: 2, stderr: expect.stringContaining("exchange 1 is no WebSocket") });
});

const SLOW = "rules: [{name: slow, match: ~u /users, actions: {delay: 1ms}}]";

test("rules come from standard input as from a file", async () => {
  expect(await rulesFrom(SLOW, "check", "-")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("slow: ~u /users"),
  });
  const wrong = await rulesFrom("rules: [{name: a, actoins: {delay: 1ms}}]", "check", "-");
  expect(wrong).toMatchObject({ code: 3, stdout: expect.stringContaining("stdin:1:19: ") });
  const tested = await rulesFrom(SLOW, "test", "-", "--exchange", "made", "1", "--json");
  expect(JSON.parse(tested.stdout)).toMatchObject({ acting: ["slow"] });
  const applied = await rulesFrom(SLOW, "apply", "-", "made", "--dry-run", "--json");
  expect(JSON.parse(applied.stdout)).toMatchObject({ changed: 3 });
});

test("rules of a running proxy come from standard input as well", async () => {
  const cli = await startRecord(["--port", "0", "--home", home, "--session", "live"]);
  try {
    expect((await rulesFrom(SLOW, "add", "-")).stdout).toBe("live: 1 rule in force\n");
    const twice = await rulesFrom(SLOW, "add", "-");
    expect(twice).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there is a rule 'slow' already"),
    });
    expect((await rulesFrom(SLOW.replace("1ms", "2ms"), "update", "-")).code).toBe(0);
    const mistake = await rulesFrom("rules: [{name: b, actions: {delay: soon}}]", "add", "-");
    expect(mistake).toMatchObject({ stdout: "", stderr: expect.stringContaining("stdin:1:36: ") });
    const nothing = await rulesFrom("", "add", "-");
    expect(nothing).toMatchObject({ stdout: "", stderr: expect.stringContaining("stdin:1:1: ") });
    const listed = JSON.parse((await rules("list", "--json")).stdout);
    expect(listed.rules).toMatchObject([
      { name: "slow", does: ["waits 2 ms"], place: { file: "stdin", line: 1 } },
    ]);
  } finally {
    cli.child.kill("SIGINT");
    await cli.ended();
  }
});

test("a recording watches its rule files, which standard input can't be", async () => {
  const args = ["record", "--home", home, "--port", "0", "--rules", "-"];
  const refused = await trafficctl(args, {}, "rules: []");
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("trafficctl rules add -") });
});
