// Rules through the proxy's port: what each outcome is.
import { describe, expect, test } from "vitest";
import {
  type Breakpoints,
  createRuleIntervention,
  type RuleInterventionOptions,
} from "../../../src/operations/rules/intervene.js";
import { RecordingRedaction } from "../../../src/operations/rules/kept-out/redacted-recording.js";
import type { ExchangeIntervention, InterventionHead } from "../../../src/proxy/intervention.js";
import type { RuleSet } from "../../../src/rules/types.js";
import { acting, response, rules, surroundings } from "../../rules/support.js";

const HEAD: InterventionHead = {
  id: undefined,
  method: "POST",
  url: "https://api.example.com/orders",
  target: "/orders",
  httpVersion: "HTTP/1.1",
  headers: [["Host", "api.example.com"]],
  upgrade: undefined,
  client: { address: "::1", port: 5, tls: null },
};

function optionsFor(set: RuleSet): RuleInterventionOptions {
  const redaction = new RecordingRedaction((error) => {
    throw error;
  });
  return { ...surroundings(), rules: () => set, redaction };
}

function begin(set: RuleSet, breakpoints?: Breakpoints, head = HEAD): ExchangeIntervention {
  const options = optionsFor(set);
  const begun = createRuleIntervention(
    breakpoints === undefined ? options : { ...options, breakpoints },
  ).begin(head);
  if (begun === undefined) throw new Error("no rule concerns it");
  return begun;
}

const signal = new AbortController().signal;
const message = (body?: string) => ({
  head: HEAD,
  body: body === undefined ? undefined : Buffer.from(body),
  tooLarge: false,
  trailers: [],
});

describe("a request", () => {
  test("that no rule concerns is let alone", async () => {
    const set = await acting(["pass"], undefined, "~m GET");
    expect(createRuleIntervention(optionsFor(set)).begin(HEAD)).toBeUndefined();
  });

  test.each([
    [["pass"], 0, { kind: "continue" }],
    [{ abort: "reset" }, 0, { kind: "abort", how: "reset" }],
    [
      { rewrite: { host: "b.test" } },
      0,
      { kind: "continue", url: "https://b.test/orders", headers: [["Host", "b.test"]] },
    ],
    [
      { "set-request": { replace: { find: "a", with: "b" } } },
      10_000_000,
      { kind: "continue", body: Buffer.from("b") },
    ],
    [{ throttle: { up: 5 } }, 0, { kind: "continue", throttle: { up: 5 } }],
    [
      { respond: { status: 404 } },
      0,
      {
        kind: "respond",
        status: 404,
        reason: "Not Found",
        headers: [["Content-Length", "0"]],
        body: Buffer.alloc(0),
        throttle: {},
      },
    ],
    [{ delay: 1 }, 0, { kind: "continue" }],
  ])("%j", async (actions, limit, outcome) => {
    const begun = begin(await acting(actions));
    expect(begun.requestBodyLimit).toBe(limit);
    expect(await begun.request(message("a"), signal)).toEqual(outcome);
    expect(begun.rules).toEqual(["rule"]);
  });

  test("by its client's address", async () => {
    expect(begin(await acting(["pass"], undefined, "~src ^::1:5$")).rules).toEqual([]);
  });

  test("whose client leaves is not held to the end of its delay", async () => {
    const begun = begin(await acting({ delay: "1m" }));
    const leaving = new AbortController();
    const outcome = begun.request(message(), leaving.signal);
    leaving.abort();
    expect(await outcome).toEqual({ kind: "continue" });
  });

  test("an exchange keeps the rules that it began with", async () => {
    let set = await acting({ abort: "close" });
    const intervention = createRuleIntervention(optionsFor(set));
    const begun = intervention.begin(HEAD)!;
    set = await acting(["pass"]);
    expect(await begun.request(message(), signal)).toEqual({ kind: "abort", how: "close" });
  });
});

describe("a response", () => {
  test("changed where a rule says so", async () => {
    const begun = begin(
      await rules(`
rules:
  - {name: a, match: ~c 500, actions: {set-response: {replace: {find: x, with: y}}, tag: failed}}
  - {name: b, match: ~c 404, actions: [skip-recording]}
`),
    );
    await begun.request(message(), signal);
    expect(begun.responseInterest(response())).toBe("none");
    const again = begin(
      await acting(
        { "set-response": { replace: { find: "x", with: "y" } }, tag: "failed" },
        undefined,
        "~c 500",
      ),
    );
    await again.request(message(), signal);
    const head = response({ status: 500, headers: [["content-type", "text/plain"]] });
    expect(again.responseInterest(head)).toEqual({ bodyLimit: 10_000_000 });
    const held = { head, body: Buffer.from("x"), tooLarge: false, trailers: [] };
    expect(await again.response(held, signal)).toEqual({ kind: "continue", body: Buffer.from("y") });
    expect(again).toMatchObject({ tags: ["failed"], skipRecording: false });
  });

  test("only what a rule may keep something out of has a recording of its own", async () => {
    expect(begin(await acting({ redact: { headers: ["cookie"] } })).recording).toBeDefined();
    expect(begin(await acting({ tag: "a" })).recording).toBeUndefined();
    const skipped = begin(await acting(["skip-recording"]));
    await skipped.request(message(), signal);
    expect(skipped.skipRecording).toBe(true);
  });
});

test("a paused exchange does what comes out of the breakpoint", async () => {
  const seen: unknown[] = [];
  const breakpoints: Breakpoints = {
    async request(_, outcome) {
      seen.push(outcome);
      return { kind: "continue", method: "PUT" };
    },
    async response({ head, body }, outcome) {
      seen.push([head.status, body?.toString(), outcome]);
      return { kind: "continue", status: 201 };
    },
  };
  const begun = begin(await acting(["pause"]), breakpoints);
  expect(await begun.request(message(), signal)).toEqual({ kind: "continue", method: "PUT" });
  expect(begun.responseInterest(response())).toEqual({ bodyLimit: 10_000_000 });
  const stream = response({ headers: [["content-type", "text/event-stream"]] });
  expect(begun.responseInterest(stream)).toBe("head");
  const held = { head: response(), body: undefined, tooLarge: false, trailers: [] };
  expect(await begun.response(held, signal)).toEqual({ kind: "continue", status: 201 });
  const answering = begin(await acting(["pause", { respond: { text: "a" } }]), breakpoints);
  expect(await answering.request(message(), signal)).toEqual({ kind: "continue", method: "PUT" });
  const atResponse = begin(await acting([{ pause: "response" }, { respond: { text: "a" } }]), breakpoints);
  expect(await atResponse.request(message(), signal)).toMatchObject({
    kind: "respond",
    status: 201,
    body: Buffer.from("a"),
  });
  expect(seen).toEqual([
    { kind: "continue" },
    [200, undefined, { kind: "continue" }],
    expect.objectContaining({ kind: "respond" }),
    [200, "a", { kind: "continue" }],
  ]);
});

test("messages of a WebSocket", async () => {
  const set = await acting({
    message: { match: "a", replace: { find: "a", with: "b" }, inject: [{ direction: "receive", text: "c" }] },
  });
  const begun = begin(set, undefined, { ...HEAD, upgrade: "websocket" });
  await begun.request(message(), signal);
  const outcome = (text: string) =>
    begun.webSocket?.message({ direction: "send", opcode: 1, data: Buffer.from(text) });
  expect(outcome("x")).toEqual({ kind: "keep" });
  expect(outcome("a")).toEqual({
    kind: "replace",
    opcode: 1,
    data: Buffer.from("b"),
    inject: [{ direction: "receive", opcode: 1, data: Buffer.from("c") }],
  });
  expect(begin(await acting(["pass"])).webSocket).toBeUndefined();
});
