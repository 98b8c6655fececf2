// `rules test` on the messages of WebSockets, those that are described and those of a recording.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRulesInput, testRules } from "../../../src/operations/rules/test-rules.js";
import { tempFolder } from "../../session/support.js";
import { makeSession } from "../../support/made-session.js";

const RULES = `
rules:
  - name: greeting
    match: {url: "wss://live.test/*"}
    actions: {message: {direction: send, match: hello, replace: {find: hello, with: HELLO}}}
  - name: bytes
    match: ~c 101
    actions: {message: {match: pong, set: {base64: /w==}, inject: [{direction: send, json: {a: 1}}]}}
  - name: field
    match: {path: /feed, headers: {upgrade: websocket}}
    actions: {message: {match: bye, drop: true}}
`;

async function tested(input: Omit<TestRulesInput, "home" | "files">, yaml = RULES) {
  const home = tempFolder();
  await makeSession(home, "made");
  const file = join(home, "rules.yaml");
  await writeFile(file, yaml);
  return await testRules({ home, files: [file], ...input });
}

const FEED = { url: "wss://live.test/feed" };

test("messages that are described go one way, or are tried both ways", async () => {
  const { messages, request, acting } = await tested({
    on: FEED,
    messages: ["hello", "receive:pong", "send:bye", "send:send:hello", ""],
  });
  expect(request).toEqual({ method: "GET", url: "https://live.test/feed" });
  expect(acting).toEqual(["greeting", "field", "bytes"]);
  expect(messages).toMatchObject({ seen: 7, unseen: 0, changed: 3, dropped: 1, injected: 1 });
  const told = messages?.shown.map(({ direction, content, outcome, after, injected }) => [
    ...[direction, "text" in content ? content.text : "", outcome],
    ...(after === null ? [] : [after.opcode, after.content]),
    ...injected.map((each) => [each.direction, each.content]),
  ]);
  expect(told).toEqual([
    ["send", "hello", "changed", 1, { size: 5, text: "HELLO" }],
    ["receive", "hello", "kept"],
    ["receive", "pong", "changed", 2, { size: 1, base64: "/w==" }, ["send", { size: 7, text: '{"a":1}' }]],
    ["send", "bye", "dropped"],
    ["send", "send:hello", "changed", 1, { size: 10, text: "send:HELLO" }],
    ["send", "", "kept"],
    ["receive", "", "kept"],
  ]);
  expect(messages?.shown[1]?.rules).toEqual([
    { name: "greeting", outcome: "other-direction" },
    { name: "bytes", outcome: "no-match" },
    { name: "field", outcome: "no-match" },
  ]);
});

test("a text may be in a file, and a long one is shown in part", async () => {
  const folder = tempFolder();
  await writeFile(join(folder, "long"), "é".repeat(5_000));
  await writeFile(join(folder, "bytes"), Buffer.alloc(5_000, 0xff));
  const texts = [`send:@${join(folder, "long")}`, `send:@${join(folder, "bytes")}`];
  const { messages } = await tested({ on: FEED, messages: texts });
  expect(messages?.shown).toMatchObject([
    { opcode: 1, content: { size: 10_000, text: "é".repeat(1_000), cut: true } },
    { opcode: 2, content: { size: 5_000, cut: true } },
  ]);
  const missing = tested({ on: FEED, messages: ["@/no/such/file"] });
  await expect(missing).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

test("a URL of a WebSocket asks for one; whether its origin accepts is not known then", async () => {
  const { rules, messages } = await tested({ on: FEED });
  expect(rules.map(({ name, outcome }) => [name, outcome])).toEqual([
    ["greeting", "acts"],
    ["bytes", "undecided"],
    ["field", "acts"],
  ]);
  expect(messages).toBeUndefined();
});

test("of a recorded one all messages are tried", async () => {
  const { messages } = await tested({ on: { session: "made", exchange: "7" } });
  expect(messages).toMatchObject({ seen: 3, changed: 2, dropped: 0, injected: 1 });
  expect(messages?.shown.map(({ seq, outcome }) => [seq, outcome])).toEqual([
    [1, "changed"],
    [2, "changed"],
  ]);
});

test("of a recorded one others can be tried", async () => {
  const on = { session: "made", exchange: "7" };
  expect((await tested({ on, messages: ["send:hello"] })).messages).toMatchObject({ seen: 1, changed: 1 });
  const http = tested({ on: { session: "made", exchange: "1" }, messages: ["a"] });
  await expect(http).rejects.toMatchObject({
    code: "BAD_OPTION",
    message: "exchange 1 is no WebSocket: it has no messages",
  });
});

test("no message passes where a rule answers", async () => {
  const yaml =
    "rules: [{name: m, actions: {message: {drop: true}}}, {name: r, actions: {respond: {status: 403}}}]";
  const { messages, winner } = await tested({ on: FEED, messages: ["a"] }, yaml);
  expect(winner).toBe("r");
  expect(messages).toBeUndefined();
});

test("where no rule is for messages they pass as they are", async () => {
  const yaml = "rules: [{name: t, actions: {tag: a}}]";
  const { messages } = await tested({ on: FEED, messages: ["a"] }, yaml);
  expect(messages).toMatchObject({
    seen: 2,
    changed: 0,
    shown: [{ outcome: "kept", rules: [] }, { outcome: "kept" }],
  });
});
