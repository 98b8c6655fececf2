// What each operator answers. mitmproxy's own are compared with mitmproxy in mitmproxy.test.ts.
import { describe, expect, test } from "vitest";
import type { ExchangeFacts } from "../../src/exchange/facts.js";
import type { ExchangeId } from "../../src/exchange/id.js";
import { allOf, compileFilter } from "../../src/filter/filter.js";
import { OPERATORS } from "../../src/filter/operators.js";
import type { Subject } from "../../src/filter/subject.js";
import { indexed, subject } from "./support.js";

type Case = [filter: string, facts: Partial<ExchangeFacts>, expected: boolean];

const cases: Case[] = [
  ["~c 5xx", { status: 503 }, true],
  ["~c 5xx", { status: 600 }, false],
  ["~c 5XX", { status: 500 }, true],
  ["~c 400..499", { status: 499 }, true],
  ["~c 400..499", { status: 500 }, false],
  ["~c ..299", { status: 204 }, true],
  ["~c 300..", { status: 204 }, false],
  ["~c 404,5xx", { status: 404 }, true],
  ["~c 404, 5xx", { status: 502 }, true],
  ["~c 404,5xx", { status: 405 }, false],
  ["~c >=400", { status: 400 }, true],
  ["~c > 400", { status: 400 }, false],
  ["~c '<300'", { status: 204 }, true],
  ["~c 5xx", { status: null }, false],
  ["~dur >500ms", { duration: 500.1 }, true],
  ["~dur >500ms", { duration: 500 }, false],
  ["~dur >=.5s", { duration: 500 }, true],
  ["~dur <2m", { duration: 119_999 }, true],
  ["~dur <= 1", { duration: 1000 }, true],
  ["~dur 100ms..1s", { duration: 100 }, true],
  ["~dur 100ms..1s", { duration: 1001 }, false],
  ["~dur <500us", { duration: 0.4 }, true],
  ["~size >1MB", { requestSize: 2 ** 19, responseSize: 2 ** 19 + 1 }, true],
  ["~size >1MB", { requestSize: 2 ** 19, responseSize: 2 ** 19 }, false],
  ["~size 0", { requestSize: 0, responseSize: 0 }, true],
  ["~sizeq 10k..1MiB", { requestSize: 10_240 }, true],
  ["~sizes <1.5kb", { responseSize: 1536 }, false],
  ["~sizes =100b", { responseSize: 100 }, true],
  ["~time 2026-11-20T10:15Z", {}, true],
  ["~time 2026-11-20T10:16Z", {}, false],
  ["~time 2026-11-20T10:15:30Z", {}, true],
  ["~time 2026-11-20T10:15:30.123Z", {}, true],
  ["~time 2026-11-20T10:15:30.124Z", {}, false],
  ["~time 2026-11-20T10:00Z..11:00", {}, true],
  ["~time 2026-11-20T10:00Z..10:15", {}, false],
  ["~time 2026-11-20T12:00+02..12:30", {}, true],
  ["~time 2026-11-20T12:00+02:00..", {}, true],
  ["~time ..2026-11-20T10:15:30Z", {}, false],
  ["~time ..2026-11-20T10:15:31Z", {}, true],
  ["~time >2026-11-20T10:15Z", {}, false],
  ["~time >=2026-11-20T10:15Z", {}, true],
  ["~time <2026-11-20T10:15Z", {}, false],
  ["~time <=2026-11-20T10:15Z", {}, true],
  ["~time '2026-11-20 10:15Z'", {}, true],
  ["~sse", { responseType: "text/event-stream; charset=utf-8" }, true],
  ["~sse", { responseType: "text/event-streams" }, false],
  ["~sse", { responseType: "text/event-stream", status: null }, false],
  ["~grpc", { requestType: "application/grpc" }, true],
  ["~grpc", { responseType: "application/grpc+proto" }, true],
  ["~grpc", { requestType: "application/grpc-web-text" }, true],
  ["~grpc", { requestType: "application/grpcish" }, false],
  ["~stream", { streaming: true }, true],
  ["~stream", { streaming: false }, false],
  ["~id 17", { seq: 17 }, true],
  ["~id 1", { seq: 17 }, false],
  ["~id 3..9", { seq: 9 }, true],
  ["~id 3..9,17", { seq: 17 }, true],
  ["~id >100", { seq: 100 }, false],
  ["~id 01kagvvw9n", {}, true],
  ["~id 01KAGVVW9N0000000000000000", {}, true],
  ["~id 01KAGVVW9P", {}, false],
  ["~tag smoke", { tags: ["a", "Smoke test"] }, true],
  ["~tag ^smoke$", { tags: ["smoke test"] }, false],
  ["~tag smoke", {}, false],
  ["~rule mock", { rules: ["mock-login"] }, true],
  ["~marked", { tags: ["x"] }, true],
  ["~marked", {}, false],
  ["~marker x", { tags: ["ax"] }, true],
  ["~marker ''", {}, true],
  ["~err timeout", { error: { code: "timeout", message: "the origin sent nothing" } }, true],
  ["~err 'sent nothing'", { error: { code: "timeout", message: "the origin sent nothing" } }, true],
  ["~err timeout", {}, false],
  ["~e", { error: { code: "loop", message: "" } }, true],
  ["~kind tunnel", { kind: "tunnel" }, true],
  ["~kind HTTP", {}, true],
  ["~kind http", { kind: "websocket" }, false],
  ["~tcp", { kind: "tunnel", method: "CONNECT" }, true],
  ["~http", { kind: "tunnel", method: "CONNECT" }, false],
  ["~http", { kind: "tunnel", method: "GET" }, true],
  ["~q | ~s", { kind: "tunnel", status: null }, false],
  ["~udp | ~dns | ~replays", {}, false],
  ["~replay & ~replayq", { replays: "01KAGVVW9N0000000000000000" as ExchangeId }, true],
  ["~d ^::1$", { url: "http://[::1]:8080/" }, true],
  ["~d ^example.com$", { url: "https://user@example.com:8443/x@y" }, true],
  ["~d ^example.com$", { url: "https://example.com?x" }, true],
  ["~d :", { url: "http://example.com:80/a:b" }, false],
  ["~u Müller", { url: `https://example.com/${Buffer.from("Müller").toString("latin1")}` }, true],
  ["~u ^https://example.com/\\xff$", { url: "https://example.com/\xff" }, true],
  ["~dst ^192\\.0\\.2\\.1:443$ & ~dst ^example.com:443$", {}, true],
  ["~dst .", { server: "" }, false],
  ["~src ^::1:5$", { client: "[::1]:5" }, true],
];

describe("operators", () => {
  test.each(cases)("%s", (text, facts, expected) => {
    expect(compileFilter(text).test(indexed(facts))).toBe(expected);
  });

  test("have an example that they can read", () => {
    for (const { example, name } of OPERATORS.values()) {
      expect(compileFilter(example).text, name).toBe(example);
      expect(example.startsWith(`~${name}`), example).toBe(true);
    }
  });

  test("take local time where no zone is given", () => {
    const { startedAt } = indexed().facts;
    const local = new Date(startedAt);
    const two = (value: number): string => String(value).padStart(2, "0");
    const day = `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}`;
    const hour = two(local.getHours());
    for (const text of [
      day,
      `${day}..`,
      `..${day}`,
      `${day}..${day}`,
      `${day}T${hour}`,
      `${day}T${hour}:15..${hour}:16`,
    ]) {
      expect(compileFilter(`~time ${text}`).test(indexed()), text).toBe(true);
    }
    expect(compileFilter(`~time ..${day}T${hour}:15`).test(indexed())).toBe(false);
  });
});

describe("what can't be told yet", () => {
  const requested: Subject = {
    ...indexed({ status: null, duration: null, responseType: "" }),
    phase: "request",
  };
  test.each([
    ["~m GET & ~c 200", undefined],
    ["~m POST & ~c 200", false],
    ["~m GET | ~c 200", true],
    ["!~c 200", undefined],
    ["~q", undefined],
    ["~s", undefined],
    ["~e", undefined],
    ["~a | ~sse | ~stream", undefined],
    ["~dur >1s", undefined],
    ["~size 0", undefined],
    ["~tag x", undefined],
    ["~h x", undefined],
    ["~bq x", undefined],
    ["~websocket", undefined],
    ["~http", true],
    ["~all", true],
    ["~hs x & ~m POST", false],
  ])("%s with the request alone: %s", (text, expected) => {
    expect(compileFilter(text).test(requested)).toBe(expected);
  });

  test("a request without Upgrade is no WebSocket, so that its body says all", () => {
    const plain: Subject = { ...requested, requestHeaders: [["Host", "a"]], requestContent: "abc" };
    expect(compileFilter("~websocket | ~tcp").test(plain)).toBe(false);
    expect(compileFilter("!~bq x").test(plain)).toBe(true);
    const upgrade: Subject = { ...plain, requestHeaders: [["upgrade", "websocket"]] };
    expect(compileFilter("~bq x").test(upgrade)).toBeUndefined();
  });

  test("what holds right now is asked as done", () => {
    expect(compileFilter("~q & !~c 200").test({ ...requested, phase: "done" })).toBe(true);
  });

  test("facts decide before bodies are searched", () => {
    const filter = compileFilter("~b x & ~m POST");
    expect(filter.needs).toEqual({
      headers: false,
      requestContent: true,
      responseContent: true,
      messages: true,
    });
    expect(filter.test(indexed({ method: "GET" }))).toBe(false);
    expect(filter.test(indexed({ method: "POST" }))).toBeUndefined();
    const tooSlow = compileFilter("~b 'x(a+)+y' & ~m POST", { patternLimitMs: 5 });
    expect(tooSlow.test(subject({ method: "GET" }, { responseContent: `x${"a".repeat(99)}` }))).toBe(false);
  });
});

describe("a filter", () => {
  test("names what it needs", () => {
    const nothing = { headers: false, requestContent: false, responseContent: false, messages: false };
    expect(compileFilter("~u a ~c 200").needs).toEqual(nothing);
    expect(compileFilter("!~hq a").needs).toEqual({ ...nothing, headers: true });
    expect(compileFilter("~bs a").needs).toEqual({ ...nothing, responseContent: true, messages: true });
  });

  test("searches WebSocket messages, not pings", () => {
    const messages = [
      { direction: "send", opcode: 1, content: "hello" },
      { direction: "receive", opcode: 2, content: "\x00bin" },
      { direction: "send", opcode: 9, content: "ping" },
    ] as const;
    const socket = subject({ kind: "websocket" }, { messages });
    const holds = (text: string) => compileFilter(text).test(socket);
    expect(["~b hello", "~bq hello", "~bs hello", "~bs \\x00", "~b ping"].map(holds)).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  test("is one with others", () => {
    const both = allOf([compileFilter("~m GET | ~m PUT"), compileFilter("~c 200 a")]);
    expect(both.text).toBe("(~m GET | ~m PUT) & (~c 200 a)");
    expect(compileFilter(both.text).test(indexed({ url: "http://a/" }))).toBe(true);
    expect(both.test(indexed({ url: "http://a/", method: "HEAD" }))).toBe(false);
    expect(allOf([]).test(indexed())).toBe(true);
  });

  test("explains itself", () => {
    const filter = compileFilter("~m POST & !(~c 5xx | ~b 'a b')");
    expect(filter.explain(indexed({ method: "POST", status: 200 }))).toEqual({
      type: "and",
      text: '~m POST & !(~c 5xx | ~b "a b")',
      verdict: undefined,
      parts: [
        { type: "condition", text: "~m POST", verdict: true, saw: "POST" },
        {
          type: "not",
          text: '!(~c 5xx | ~b "a b")',
          verdict: undefined,
          parts: [
            {
              type: "or",
              text: '~c 5xx | ~b "a b"',
              verdict: undefined,
              parts: [
                { type: "condition", text: "~c 5xx", verdict: false, saw: "200" },
                {
                  type: "condition",
                  text: '~b "a b"',
                  verdict: undefined,
                  saw: "not known yet, not known yet",
                },
              ],
            },
          ],
        },
      ],
    });
    const long = subject({}, { responseContent: Buffer.from(`ü${"x".repeat(500)}`).toString("latin1") });
    expect(compileFilter("~bs y").explain(long).saw).toMatch(/^üx{98}… \(502 characters\)$/);
  });
});
