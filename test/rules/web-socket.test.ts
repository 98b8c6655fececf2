// Rules on a WebSocket: when a match is told by the answer that opens it, and what each rule does to a message.
import { describe, expect, test } from "vitest";
import { tryWithMessages } from "../../src/rules/trial.js";
import { request, response, rules, surroundings, trial } from "./support.js";

const UPGRADE = request({
  url: "https://api.example.com/feed",
  headers: [
    ["Host", "api.example.com"],
    ["Upgrade", "websocket"],
    ["Sec-WebSocket-Extensions", "permessage-deflate"],
  ],
  upgrade: "websocket",
});
const OPENED = response({
  status: 101,
  reason: "Switching Protocols",
  headers: [
    ["Sec-WebSocket-Protocol", "prices"],
    ["sec-websocket-extensions", "permessage-deflate"],
  ],
});
const opened = async (yaml: string, head = UPGRADE, answer = OPENED) => {
  const around = surroundings();
  const input = {
    request: head,
    requestBody: Buffer.alloc(0),
    response: { head: answer, body: Buffer.alloc(0) },
  };
  return { around, ...(await tryWithMessages(await rules(yaml), input, around)) };
};

describe("a match that asks about the answer that opens it", () => {
  const yaml = `
rules:
  - {name: by status, match: ~c 101, actions: {message: {match: a, drop: true}, tag: told}}
  - {name: by field, match: '~hs "protocol: prices"', actions: {message: {match: b, set: {text: B}}, set-response: {status: 200}}}
  - {name: other, match: ~c 200, actions: {message: {match: c, drop: true}}}
  - {name: early, match: ~u /feed, actions: {message: {match: B, replace: {find: B, with: BB}}}}
  - {name: late, match: "~c 101 & ~tag told", actions: [skip-recording]}
`;

  test("acts on messages and on the record, and in the order of the rules", async () => {
    const { trial: tried, webSocket, around } = await opened(yaml);
    expect(tried.acting).toEqual(["early", "by status", "by field", "late"]);
    expect(tried.effect).toMatchObject({ abort: undefined, tags: ["told"], recorded: false });
    expect(webSocket?.message("send", 1, Buffer.from("a")).dropped).toBe(true);
    // The earlier rule made it of what the later one looks at.
    expect(webSocket?.message("receive", 1, Buffer.from("b")).data.toString()).toBe("BB");
    expect(webSocket?.message("receive", 1, Buffer.from("c")).dropped).toBe(false);
    expect(tried.rules.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "by status acts",
      "by field acts",
      "other no-match",
      "early acts",
      "late acts",
    ]);
    const counted = (await rules(yaml)).rules.map((rule) => around.counts.of(rule).acted);
    expect(counted).toEqual([1, 1, 0, 1, 1]);
  });

  test("over HTTP/2 as well", async () => {
    const { webSocket } = await opened(
      "rules: [{name: a, match: ~c 200, actions: {message: {drop: true}}}]",
      request({ method: "CONNECT", httpVersion: "HTTP/2.0", upgrade: "websocket" }),
      response({ httpVersion: "HTTP/2.0" }),
    );
    expect(webSocket?.message("send", 2, Buffer.from("a")).dropped).toBe(true);
  });

  test.each([
    [{ "set-response": { status: 200 } }, "~u /feed"],
    [{ "set-response": { headers: { set: { x: "1" } } } }, "~c 101"],
    [{ respond: { status: 403 } }, "~c 101"],
    [{ abort: "close" }, "~c 101"],
    [{ delay: "1s" }, "~c 101"],
    [{ pause: "response" }, "~u /feed"],
  ])("%j with %s changes nothing of the answer, and says so", async (actions, match) => {
    const { trial: tried } = await opened(JSON.stringify({ rules: [{ name: "r", match, actions }] }));
    expect(tried.acting).toEqual(["r"]);
    expect(tried.effect).toMatchObject({ response: {}, abort: undefined, delayMs: 0, pauses: [] });
    expect(tried.effect.notes).toEqual([
      expect.stringContaining("r: a connection that its origin has accepted"),
    ]);
  });

  test("what it can't be told by is said, once", async () => {
    const { trial: tried } = await opened(
      "rules: [{name: r, match: ~bs x, actions: {message: {drop: true}}}]",
    );
    expect(tried.rules[0]?.outcome).toBe("undecided");
    expect(tried.effect.notes).toEqual([expect.stringContaining("r: it can't be told whether it matches")]);
  });
});

test("no compression is offered and agreed on where a rule may concern messages, as in traffic", async () => {
  const { trial: ruled } = await opened("rules: [{name: r, actions: {message: {drop: true}}}]");
  expect(ruled.effect.request?.headers?.map(([name]) => name)).toEqual(["Host", "Upgrade"]);
  expect(ruled.effect.response?.headers?.map(([name]) => name)).toEqual(["Sec-WebSocket-Protocol"]);
  const { trial: other, webSocket } = await opened("rules: [{name: r, actions: {tag: a}}]");
  expect(other.effect).toMatchObject({ request: {}, response: {} });
  expect(webSocket).toBeUndefined();
});

test("a request that a rule answers or ends becomes no WebSocket", async () => {
  for (const actions of [{ abort: "close" }, { respond: { status: 403 } }]) {
    const yaml = JSON.stringify({
      rules: [
        { name: "m", actions: { message: { drop: true } } },
        { name: "r", actions },
      ],
    });
    expect((await opened(yaml)).webSocket).toBeUndefined();
  }
});

test("what each rule did to a message is told", async () => {
  const { webSocket } = await opened(`
rules:
  - {name: sent, actions: {message: {direction: send, drop: true}}}
  - name: two
    actions:
      - message: {match: nothing of this, drop: true}
      - message: {match: ping, set: {text: PING}, inject: [{direction: send, text: more}]}
  - {name: same, actions: {message: {replace: {find: PING, with: PING}}}}
  - {name: binary, actions: {message: {match: PING, set: {base64: /w==}}}}
  - {name: none, actions: {message: {match: PING, drop: true}}}
`);
  const draft = webSocket!.message("receive", 1, Buffer.from("ping"));
  const told = draft.deeds.map(({ rule, missed, changed, dropped, injected }) => [
    ...[rule, missed, changed, dropped],
    injected.map(({ data }) => data.toString()),
  ]);
  expect(told).toEqual([
    ["sent", "direction", false, false, []],
    ["two", undefined, true, false, ["more"]],
    ["same", undefined, false, false, []],
    ["binary", undefined, true, false, []],
    ["none", "text", false, false, []],
  ]);
  // A message of bytes is a binary one, whatever it was.
  expect({ opcode: draft.opcode, data: draft.data, came: draft.came.toString() }).toEqual({
    opcode: 2,
    data: Buffer.from([0xff]),
    came: "ping",
  });
});

test.each([
  "wss://api.example.com/*",
  "WSS://api.example.com/feed",
  "ws*://api.example.com/*",
  "https://api.example.com/*",
])("its URL may be written %s", async (url) => {
  const { trial: tried } = await opened(
    JSON.stringify({ rules: [{ name: "r", match: { url }, actions: ["pass"] }] }),
  );
  expect(tried.acting).toEqual(["r"]);
});

describe("a tag", () => {
  const matching = (match: string, ...priorities: [number, number]) =>
    rules(
      JSON.stringify({
        rules: [
          { name: "tags", priority: priorities[0], actions: { tag: "a" } },
          { name: "sees", priority: priorities[1], match, actions: { respond: { status: 418 } } },
        ],
      }),
    );

  test("is seen by the rules behind it, with the request already", async () => {
    const tried = await trial(await matching("~tag ^a$", 1, 2));
    expect(tried).toMatchObject({ acting: ["tags", "sees"], winner: "sees", effect: { request: undefined } });
    expect((await trial(await matching("~tag ^b$", 1, 2))).acting).toEqual(["tags"]);
    expect((await trial(await matching("~marked", 1, 2))).acting).toEqual(["tags", "sees"]);
  });

  test("is seen by those before it from the response on", async () => {
    const set = await matching("~tag ^a$", 2, 1);
    const early = await trial(set);
    expect(early.acting).toEqual(["tags"]);
    expect(early.rules.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "sees undecided",
      "tags acts",
    ]);
    const late = await trial(set, { response: { head: response(), body: Buffer.alloc(0) } });
    expect(late).toMatchObject({ acting: ["tags", "sees"], effect: { response: { status: 418 } } });
  });

  test("of a rule that does not act is none", async () => {
    const set = await rules(`
rules:
  - {name: off, enabled: false, actions: {tag: a}}
  - {name: by chance, probability: 0.5, actions: {tag: a}}
  - {name: sees, match: ~tag a, actions: {abort: close}}
`);
    expect((await trial(set, {}, surroundings([0.9]))).acting).toEqual([]);
    expect((await trial(set, {}, surroundings([0.1]))).acting).toEqual(["by chance", "sees"]);
  });
});
