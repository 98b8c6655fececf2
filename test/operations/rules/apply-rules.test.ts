// Rules over a recorded session: what the new one has, and what is told of each rule.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Body } from "../../../src/exchange/body.js";
import type { Exchange, WebSocketExchange } from "../../../src/exchange/exchange.js";
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { createExchangeIds } from "../../../src/exchange/id.js";
import type { WebSocketMessage } from "../../../src/exchange/websocket-message.js";
import { applyRules } from "../../../src/operations/rules/apply-rules.js";
import { type SessionWriter, writeSession } from "../../../src/operations/write-session.js";
import { bodyBytes } from "../../../src/session/body-reader.js";
import {
  httpExchange,
  readAll,
  tempFolder,
  tunnelExchange,
  webSocketExchange,
  webSocketMessage,
} from "../../session/support.js";

const NONE = Buffer.alloc(0);

/** `send text` or `receive text`, in their order; `send 8:…` has an opcode. */
type Said = string;

function feed(fields: Partial<WebSocketExchange> = {}): WebSocketExchange {
  const exchange = webSocketExchange();
  return {
    ...exchange,
    request: {
      ...exchange.request,
      method: "GET",
      url: "https://api.test/feed",
      headers: [
        ["Host", "api.test"],
        ["Upgrade", "websocket"],
        ["Sec-WebSocket-Extensions", "permessage-deflate"],
      ],
    },
    response: {
      ...exchange.response,
      status: 101,
      reason: "Switching Protocols",
      headers: [
        ["Upgrade", "websocket"],
        ["Sec-WebSocket-Extensions", "permessage-deflate"],
      ],
    },
    close: { by: "client", code: 1000, reason: "" },
    ...fields,
  };
}

async function write(
  writer: SessionWriter,
  exchange: WebSocketExchange,
  said: readonly Said[],
): Promise<void> {
  for (const [at, each] of said.entries()) {
    const [, direction, opcode = "1", text = ""] = /^(send|receive) (?:(\d+):)?(.*)$/s.exec(each) ?? [];
    if (direction !== "send" && direction !== "receive") throw new Error(each);
    const data = Buffer.from(text);
    const message: WebSocketMessage = {
      ...webSocketMessage(exchange.id, at + 1, { kind: "empty", size: data.length }),
      direction,
      opcode: Number(opcode),
      compressed: true,
    };
    await writer.message(message, data);
  }
  await writer.exchange({ ...exchange, messageCount: said.length }, { request: NONE, response: NONE });
}

async function apply(rules: unknown, fill: (writer: SessionWriter) => Promise<void>) {
  const home = tempFolder();
  await writeSession({ home, name: "before", options: {} }, fill);
  const file = join(home, "rules.json");
  await writeFile(file, JSON.stringify({ rules }));
  const input = { home, files: [file], words: ["before"] };
  const dry = await applyRules({ ...input, into: undefined });
  const { session, ...applied } = await applyRules({ ...input, into: "after" });
  // Nothing is written, and everything told.
  expect(dry).toEqual(applied);
  const path = session?.path ?? "";
  const items = await readAll(path);
  const exchanges: Exchange[] = items.flatMap((item) => (item.type === "exchange" ? [item.exchange] : []));
  const messages = items.flatMap((item) => (item.type === "message" ? [item.message] : []));
  const said = await Promise.all(
    messages.map(async ({ direction, opcode, body }) => {
      const text = (await bodyBytes(path, body)).toString("latin1");
      return `${direction} ${opcode === 1 ? "" : `${opcode}:`}${text}`;
    }),
  );
  return { applied, exchanges, messages, said, path };
}

const RULES = [
  {
    name: "prices",
    match: { url: "wss://api.test/*" },
    actions: { message: { match: "price", replace: { find: "/[0-9]+/", with: "1" } } },
  },
  { name: "secrets", match: "~websocket", actions: { message: { match: "secret", drop: true } } },
  {
    name: "answers",
    match: "~c 101",
    actions: {
      message: {
        direction: "send",
        match: "ask",
        inject: [
          { direction: "receive", text: "answer" },
          { direction: "send", text: "more" },
        ],
      },
      tag: "answered",
    },
  },
];

describe("a WebSocket", () => {
  test("has what the client sent, and what it would have got", async () => {
    const { applied, exchanges, messages, said } = await apply(RULES, (writer) =>
      write(writer, feed(), [
        ...[
          "send price 5",
          "receive price 7",
          "send secret",
          "receive secret",
          "send ask",
          "receive 2:price 8",
        ],
        ...["send 9:price 5", "receive 10:price 5", "send 8:bye", "receive ask", "receive 8:bye"],
      ]),
    );
    expect(said).toEqual([
      ...[
        "send price 5",
        "receive price 1",
        "send secret",
        "send ask",
        "receive answer",
        "receive 2:price 1",
      ],
      ...["send 9:price 5", "receive 10:price 5", "send 8:bye"],
      ...["receive ask", "receive 8:bye"],
    ]);
    expect(messages.map(({ seq }) => seq)).toEqual(said.map((_, index) => index + 1));
    // As in traffic, where no compression is agreed on that would keep rules from reading.
    expect(messages.some(({ compressed }) => compressed)).toBe(false);
    expect(exchanges).toMatchObject([
      {
        kind: "websocket",
        messageCount: said.length,
        close: { by: "client", code: 1000 },
        rules: ["prices", "secrets", "answers"],
        tags: ["answered"],
        forwarded: {
          headers: [
            ["Host", "api.test"],
            ["Upgrade", "websocket"],
          ],
        },
        response: { status: 101, headers: [["Upgrade", "websocket"]] },
      },
    ]);
    const counts = { changed: 3, dropped: 2, injected: 2 };
    expect(applied).toMatchObject({
      exchanges: 1,
      changed: 1,
      tunnels: 0,
      messages: { seen: 7, unseen: 0, ...counts },
      rules: [
        { name: "prices", messages: { changed: 3, dropped: 0, injected: 0 } },
        { name: "secrets", messages: { changed: 0, dropped: 2, injected: 0 } },
        { name: "answers", messages: { changed: 0, dropped: 0, injected: 2 } },
      ],
    });
    const [change] = applied.changes;
    expect(change?.messages).toMatchObject({ seen: 7, ...counts });
    expect(change?.messages?.changes.map(({ seq, direction, rules }) => [seq, direction, ...rules])).toEqual([
      [1, "send", "prices"],
      [2, "receive", "prices"],
      [3, "send", "secrets"],
      [4, "receive", "secrets"],
      [5, "receive", "answers"],
      [5, "send", "answers"],
      [6, "receive", "prices"],
    ]);
    expect(change?.messages?.changes[1]).toMatchObject({
      before: { text: "price 7", size: 7 },
      after: { text: "price 1" },
    });
  });

  test("nothing is injected where a side has said that it is closed", async () => {
    const rules = [
      {
        name: "r",
        actions: {
          message: {
            inject: [
              { direction: "send", text: "s" },
              { direction: "receive", text: "r" },
            ],
          },
        },
      },
    ];
    const { applied, said } = await apply(rules, (writer) =>
      write(writer, feed(), ["send 8:", "receive late", "receive 8:", "send never"]),
    );
    expect(said).toEqual(["send 8:", "receive late", "receive r", "receive 8:", "send never"]);
    expect(applied.messages).toMatchObject({ injected: 1 });
    expect(applied.rules).toMatchObject([{ messages: { injected: 1 } }]);
  });

  test("what is not all there passes unseen, and that is told", async () => {
    const socket = feed();
    const rules = [{ name: "r", actions: { message: { drop: true } } }];
    const { applied, messages } = await apply(rules, async (writer) => {
      const message = { ...webSocketMessage(socket.id, 1, { kind: "empty", size: 9 }), opcode: 1 };
      await writer.message(
        { ...message, body: { kind: "empty", size: 9, truncated: "max-body" } },
        Buffer.from("a"),
      );
      await writer.message({ ...message, seq: 2, body: { kind: "omitted", size: 9 } }, NONE);
      await writer.message(
        { ...message, seq: 3, body: { kind: "empty", size: 10_000_001 } },
        Buffer.alloc(10_000_001, "a"),
      );
      await writer.exchange({ ...socket, messageCount: 3 }, { request: NONE, response: NONE });
    });
    expect(applied.messages).toEqual({ seen: 0, unseen: 3, changed: 0, dropped: 0, injected: 0 });
    expect(messages.map(({ body }) => [body.kind, body.truncated ?? ""])).toEqual([
      ["text", "max-body"],
      ["omitted", ""],
      ["file", ""],
    ]);
  });

  test("keeps its messages where rules act on the rest of it", async () => {
    const rules = [{ name: "r", actions: { tag: "seen", "set-request": { headers: { set: { x: "1" } } } } }];
    const { applied, exchanges, messages, said } = await apply(rules, (writer) =>
      write(writer, feed(), ["send a", "receive b"]),
    );
    expect(said).toEqual(["send a", "receive b"]);
    expect(messages.every(({ compressed }) => compressed)).toBe(true);
    expect(exchanges).toMatchObject([{ kind: "websocket", messageCount: 2, tags: ["seen"] }]);
    expect(exchanges[0]?.forwarded?.headers).toContainEqual(["x", "1"]);
    expect(applied.changes[0]?.messages).toBeUndefined();
    expect(applied.messages).toMatchObject({ seen: 0, changed: 0 });
  });

  test.each([
    [{ respond: { status: 403, text: "no" } }, { response: { status: 403, body: { text: "no" } } }],
    [{ abort: "reset" }, { error: { code: "aborted" } }],
  ])("that %j keeps from coming about is an exchange without messages", async (actions, expected) => {
    const rules = [
      { name: "m", actions: { message: { drop: true } } },
      { name: "r", actions },
    ];
    const { applied, exchanges, messages } = await apply(rules, (writer) =>
      write(writer, feed(), ["send a"]),
    );
    expect(exchanges).toMatchObject([{ kind: "http", ...expected }]);
    expect(exchanges[0]).not.toHaveProperty("messageCount");
    expect(exchanges[0]).not.toHaveProperty("close");
    expect(exchanges[0]).not.toHaveProperty("server");
    expect(messages).toEqual([]);
    expect(applied.changes[0]?.differences).toContainEqual({
      of: "exchange",
      before: "a WebSocket (messages: 1)",
      after: null,
    });
  });

  test("that is not recorded leaves nothing, and the next one stays", async () => {
    const rules = [
      { name: "r", match: "~u /feed & ~c 101", actions: { "skip-recording": true, message: { drop: true } } },
    ];
    const other = feed();
    const { applied, exchanges, said } = await apply(rules, async (writer) => {
      await write(writer, feed(), ["send a"]);
      const request = { ...other.request, url: "https://api.test/other" };
      await write(writer, { ...other, request }, ["send b"]);
    });
    expect(exchanges).toMatchObject([{ id: other.id, messageCount: 1 }]);
    expect(said).toEqual(["send b"]);
    expect(applied).toMatchObject({ changed: 1, leftOut: 1, messages: { dropped: 1 } });
  });

  test("one of a HAR, whose URL says wss, and one over HTTP/2", async () => {
    const [har, http2] = [feed(), feed()];
    const { said } = await apply([RULES[0], RULES[2]], async (writer) => {
      const { request } = har;
      await write(writer, { ...har, request: { ...request, url: "wss://api.test/feed" } }, [
        "receive price 2",
      ]);
      const connect = { ...http2.request, method: "CONNECT", protocol: "websocket", authority: "api.test" };
      const response = { ...http2.response, status: 200 };
      await write(writer, { ...http2, request: connect, response }, ["receive price 3", "send ask"]);
    });
    expect(said).toEqual(["receive price 1", "receive price 1", "send ask"]);
  });

  test("of many changes the first are told one by one, and all are counted", async () => {
    const rules = [{ name: "r", actions: { message: { drop: true } } }];
    const texts = Array.from({ length: 1_500 }, (_, index) => `receive ${index}`);
    const { applied, exchanges, messages } = await apply(rules, (writer) => write(writer, feed(), texts));
    expect(messages).toEqual([]);
    expect(exchanges).toMatchObject([{ messageCount: 0 }]);
    expect(applied.messages).toMatchObject({ seen: 1_500, dropped: 1_500 });
    expect(applied.changes[0]?.messages?.changes).toHaveLength(1_000);
  });
});

test("tunnels are left as they are and counted; one that was asked for by HTTP is seen at its request", async () => {
  const rules = [{ name: "r", actions: { tag: "seen" } }];
  const upgrade = tunnelExchange({ reason: "upgrade" });
  const { applied, exchanges } = await apply(rules, async (writer) => {
    await writer.exchange(tunnelExchange(), { request: NONE });
    await writer.exchange(tunnelExchange({ reason: "not-http" }), { request: NONE });
    await writer.exchange(upgrade, { request: NONE });
    await writer.exchange(httpExchange(), { request: NONE, response: NONE });
  });
  expect(applied).toMatchObject({ exchanges: 4, changed: 2, tunnels: 2 });
  expect(exchanges.map(({ kind, tags = [] }) => [kind, ...tags])).toEqual([
    ["tunnel"],
    ["tunnel"],
    ["tunnel", "seen"],
    ["http", "seen"],
  ]);
  const ended = await apply([{ name: "r", actions: { abort: "close" } }], (writer) =>
    writer.exchange(upgrade, { request: NONE }),
  );
  expect(ended.exchanges).toMatchObject([{ kind: "http", error: { code: "aborted" } }]);
});

test("an answer of a rule has nothing of the response that had come", async () => {
  const came = httpExchange();
  const response = { ...came.response!, httpVersion: "HTTP/1.0" as const, trailers: [["a", "b"]] as const };
  const { exchanges } = await apply([{ name: "r", actions: { respond: { text: "mine" } } }], (writer) =>
    writer.exchange({ ...came, response }, { request: NONE, response: Buffer.from("theirs") }),
  );
  const [exchange] = exchanges;
  expect(exchange).toMatchObject({ response: { httpVersion: "HTTP/1.1", body: { text: "mine", size: 4 } } });
  expect(exchange?.kind === "http" && exchange.response?.trailers).toBeUndefined();
});

describe("what is redacted", () => {
  const SECRET = "corr3ct-h0rse/battery";
  const newId = createExchangeIds();
  const redact = { json: ["/token"], query: ["key"], headers: ["authorization"] };

  test("is not in the new session: heads, bodies, coded ones, and those that rules made", async () => {
    const rules = [
      { name: "kept out", priority: 1, match: "~u /asked", actions: { redact } },
      { name: "mock", match: "~u /mocked", actions: { respond: { json: { token: SECRET, n: 1 } } } },
      { name: "mocked too", priority: 1, match: "~u /mocked", actions: { redact } },
    ];
    const body = Buffer.from(`{"token":"${SECRET}","n":1.0}`);
    const coded = gzipSync(body);
    const exchangeTo = (path: string): Exchange => {
      const { request, response, ...rest } = httpExchange();
      const url = `https://api.test/${path}?key=${encodeURIComponent(SECRET)}`;
      const type = ["Content-Type", "application/json"] as const;
      const plain = { kind: "empty", size: body.length } as const;
      return {
        ...rest,
        id: newId(Date.now()),
        request: { ...request, url, target: url, headers: [type, ["Authorization", SECRET]], body: plain },
        response: {
          ...response!,
          headers: [type, ["Content-Encoding", "gzip"]],
          body: { kind: "empty", size: coded.length },
        },
      };
    };
    const { applied, exchanges, path } = await apply(rules, async (writer) => {
      for (const name of ["asked", "mocked", "other"])
        await writer.exchange(exchangeTo(name), { request: body, response: coded });
    });
    const [asked, mocked, other] = exchanges;
    const clean = { kind: "text", text: '{"token":"REDACTED","n":1.0}', size: body.length };
    expect(asked?.request).toMatchObject({ url: "https://api.test/asked?key=REDACTED", body: clean });
    expect(asked).toMatchObject({ response: { body: { ...clean, size: coded.length, decoded: "content" } } });
    expect(mocked).toMatchObject({ response: { body: { text: '{"token":"REDACTED","n":1}' } } });
    expect(JSON.stringify([asked, mocked])).not.toContain("h0rse");
    expect(await bodyBytes(path, (other as { response: { body: Body } }).response.body)).toEqual(coded);
    expect(applied.changes[0]?.differences).toContainEqual({
      of: "exchange",
      before: null,
      after: "redacted",
    });
  });

  test("is not in messages, and what is too large to look at is left out", async () => {
    const rules = [{ name: "kept out", match: "~websocket", actions: { redact } }];
    const said = [`send {"token":"${SECRET}"}`, `receive again ${SECRET}`, "receive plain"];
    const result = await apply(rules, async (writer) => {
      await write(writer, feed(), said);
    });
    expect(result.said).toEqual(['send {"token":"REDACTED"}', "receive again REDACTED", "receive plain"]);
  });

  test("bodies as a whole", async () => {
    const rules = [{ name: "kept out", actions: { redact: { body: "response" } } }];
    const { exchanges } = await apply(rules, async (writer) => {
      const exchange = httpExchange();
      await writer.exchange(exchange, { request: Buffer.from("a"), response: Buffer.from("secret") });
    });
    expect(exchanges[0]).toMatchObject({ response: { body: { kind: "omitted" } } });
  });
});

describe("a body that is not recorded as it passed", () => {
  const CODED: RawHeaders = [
    ["Content-Type", "application/json; charset=iso-8859-1"],
    ["Content-Encoding", "gzip"],
  ];
  const EDIT = [{ name: "r", actions: { "set-response": { "edit-json": { set: { "/a": 2 } } } } }];

  async function edited(bytes: Buffer, fields: Partial<Body>, rules: unknown = EDIT, kept = bytes) {
    const exchange = httpExchange();
    const body = { kind: "empty", size: bytes.length, ...fields } as Body;
    const response = { ...exchange.response!, headers: CODED, body };
    const { exchanges, applied, path } = await apply(rules, (writer) =>
      writer.exchange({ ...exchange, response }, { request: NONE, response: kept }),
    );
    const [first] = exchanges;
    if (first?.kind !== "http" || first.response === undefined) throw new Error("no exchange");
    return { response: first.response, bytes: await bodyBytes(path, first.response.body), applied };
  }

  test("but without its coding, as of a HAR: it is changed as if it had one", async () => {
    const { response, bytes } = await edited(Buffer.from('{"a":1,"b":"ä"}'), { decoded: "text" });
    expect(response.headers).toEqual(CODED);
    expect(response.body.decoded).toBeUndefined();
    expect(gunzipSync(bytes)).toEqual(Buffer.from('{"a":2,"b":"ä"}', "latin1"));
  });

  test("stays so where nothing changes it", async () => {
    const { response, bytes } = await edited(Buffer.from('{"c":1}'), { decoded: "content" }, [
      { name: "r", actions: { tag: "t" } },
    ]);
    expect(response.body.decoded).toBe("content");
    expect(bytes.toString()).toBe('{"c":1}');
  });

  test("in part, or not at all: rules that look at it can't be told, and change nothing", async () => {
    const part = gzipSync('{"a":1}').subarray(0, 12);
    const cut = await edited(part, { truncated: "max-body", size: 1_000 });
    expect(cut.bytes).toEqual(part);
    expect(cut.response.body).toMatchObject({ truncated: "max-body", size: 1_000 });
    expect(cut.applied.changes[0]?.notes).toEqual([expect.stringContaining("not at hand")]);
    const omitted = await edited(NONE, { kind: "omitted", size: 1_000 });
    expect(omitted.response.body).toEqual({ kind: "omitted", size: 1_000 });
    expect(omitted.applied.changes[0]?.notes).toEqual([expect.stringContaining("not at hand")]);
  });
});

test("what is named is left out where it can't be told whether the rule matches", async () => {
  const exchange = httpExchange();
  const { response: _none, ...unanswered } = exchange;
  const headers: RawHeaders = [["Authorization", "Bearer corr3ct-h0rse-battery"]];
  const { exchanges, applied } = await apply(
    [{ name: "r", match: "~bs nothing", actions: { redact: { headers: ["authorization"] } } }],
    (writer) =>
      writer.exchange({ ...unanswered, request: { ...exchange.request, headers } }, { request: NONE }),
  );
  expect(exchanges[0]?.request.headers).toEqual([["Authorization", "REDACTED"]]);
  expect(applied.changes[0]?.differences).toContainEqual({ of: "exchange", before: null, after: "redacted" });
});

test("secrets have the same numbers in all exchanges", async () => {
  const exchange = (token: string) => {
    const { request } = httpExchange();
    return { ...httpExchange(), request: { ...request, headers: [["X-Api-Key", token]] as const } };
  };
  const { exchanges } = await apply([{ name: "r", actions: { redact: true } }], async (writer) => {
    for (const token of ["one-Secr3t-value", "two-Secr3t-value", "one-Secr3t-value"]) {
      await writer.exchange(exchange(token), { request: NONE, response: NONE });
    }
  });
  expect(exchanges.map(({ request }) => request.headers)).toEqual([
    [["X-Api-Key", "REDACTED-1"]],
    [["X-Api-Key", "REDACTED-2"]],
    [["X-Api-Key", "REDACTED-1"]],
  ]);
});
