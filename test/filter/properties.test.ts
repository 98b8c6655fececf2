// What holds for every filter: its text reads as the same filter, less knowledge never contradicts more, and no text
// does anything worse than being refused.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TrafficError } from "../../src/errors.js";
import type { ExchangeFacts } from "../../src/exchange/facts.js";
import { compileFilter } from "../../src/filter/filter.js";
import { OPERATORS } from "../../src/filter/operators.js";
import { parseFilter } from "../../src/filter/parse.js";
import type { Subject } from "../../src/filter/subject.js";
import { type FilterNode, printFilter } from "../../src/filter/syntax.js";
import { fuzzFor } from "../support/fuzz.js";
import { facts } from "./support.js";

function trees(condition: fc.Arbitrary<FilterNode>): fc.Arbitrary<FilterNode> {
  const parts = (tie: fc.Arbitrary<FilterNode>) => fc.array(tie, { minLength: 2, maxLength: 3 });
  return fc.letrec<{ tree: FilterNode }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      condition,
      tie("tree").map((part): FilterNode => ({ type: "not", part })),
      parts(tie("tree")).map((parts): FilterNode => ({ type: "and", parts })),
      parts(tie("tree")).map((parts): FilterNode => ({ type: "or", parts })),
    ),
  })).tree;
}

function withoutPlaces(node: FilterNode): FilterNode {
  if (node.type === "not") return { type: "not", part: withoutPlaces(node.part) };
  if (node.type !== "condition") return { type: node.type, parts: node.parts.map(withoutPlaces) };
  const { operator, argument } = node;
  return argument === undefined ? { type: "condition", operator } : { type: "condition", operator, argument };
}

const anyText = fc.oneof(
  fc.string(),
  fc.string({
    unit: fc.constantFrom(
      "a",
      " ",
      "\\",
      '"',
      "'",
      "(",
      ")",
      "~",
      "&",
      "|",
      "!",
      "\n",
      "\t",
      "0",
      "x4",
      "ü",
      "😀",
    ),
  }),
);

const anyCondition: fc.Arbitrary<FilterNode> = fc
  .tuple(fc.constantFrom(...OPERATORS.values()), anyText)
  .map(([{ name, argument }, text]) =>
    argument === undefined
      ? { type: "condition", operator: name }
      : { type: "condition", operator: name, argument: text },
  );

test("the text of a tree reads as the same tree", () => {
  fc.assert(
    fc.property(trees(anyCondition), (tree) => {
      expect(withoutPlaces(parseFilter(printFilter(tree)))).toEqual(tree);
    }),
    fuzzFor(500),
  );
});

const conditions = [
  ...["a", "e", "http", "websocket", "tcp", "q", "s", "all", "marked", "replay", "sse", "grpc", "stream"],
  ...[
    "u api",
    "d example",
    "m GET",
    "h x",
    "hq x",
    "hs x",
    "t json",
    "tq json",
    "ts json",
    "b x",
    "bq x",
    "bs x",
    "src 1",
    "dst 4",
  ],
  ...[
    "err time",
    "tag a",
    "rule a",
    "marker a",
    "comment a",
    "c 200",
    "c 101",
    "dur >5ms",
    "size >5",
    "sizeq 0",
    "sizes >5",
  ],
  ...["time >2020-01-01", "id 1", "kind http", "kind websocket", "kind tunnel"],
];

/** What there is in the end, and what an index or a proxy may know of it before. */
const knowledge = fc
  .record({
    kind: fc.constantFrom("http", "websocket", "tunnel"),
    status: fc.constantFrom(null, 200, 101, 500),
    upgrade: fc.boolean(),
    connect: fc.boolean(),
    type: fc.constantFrom("", "application/json", "text/css", "application/grpc"),
    text: fc.constantFrom("", "x", "abc"),
    size: fc.constantFrom(0, 10),
    duration: fc.constantFrom(1, 10),
    failed: fc.boolean(),
    names: fc.constantFrom([], ["a"], ["b", "a"]),
    phase: fc.constantFrom("request", "response", "done"),
    known: fc.record({
      headers: fc.boolean(),
      request: fc.boolean(),
      response: fc.boolean(),
      messages: fc.boolean(),
    }),
  })
  .map(({ kind, upgrade, connect, type, text, size, duration, failed, names, phase, known, ...rest }) => {
    const becomes = kind !== "http";
    const status = kind === "tunnel" ? null : kind === "websocket" ? (connect ? 200 : 101) : rest.status;
    const headers: [string, string][] = upgrade || (becomes && !connect) ? [["Upgrade", "x"]] : [["X", text]];
    const responseHeaders: [string, string][] = [["x", text]];
    const whole: ExchangeFacts = facts({
      kind,
      method: connect ? "CONNECT" : "GET",
      status,
      requestType: type,
      responseType: status === null ? "" : type,
      requestSize: size,
      responseSize: size,
      duration,
      error: failed ? { code: "timeout", message: "" } : null,
      tags: names,
      rules: names,
      streaming: status !== null && size > 0,
    });
    const messages = kind === "websocket" ? [{ direction: "send", opcode: 1, content: text } as const] : [];
    const full: Subject = {
      facts: whole,
      phase: "done",
      requestHeaders: headers,
      responseHeaders: status === null ? null : responseHeaders,
      requestContent: text,
      responseContent: status === null ? null : text,
      messages,
    };
    const early: Partial<ExchangeFacts> = {
      // A tunnel for what was not looked into is one from its CONNECT on; others are HTTP until they turn.
      kind: kind === "tunnel" && connect ? "tunnel" : "http",
      status: phase === "response" ? (kind === "tunnel" && !connect ? 101 : status) : null,
      responseType: phase === "response" ? whole.responseType : "",
      requestSize: 0,
      responseSize: 0,
      duration: null,
      error: null,
      tags: names.slice(1),
      rules: [],
      server: "",
      streaming: phase === "response" && whole.streaming,
    };
    const less: Subject = {
      facts: phase === "done" ? whole : { ...whole, ...early },
      phase,
      ...(known.headers ? { requestHeaders: headers } : {}),
      ...(known.headers && phase !== "request" ? { responseHeaders: full.responseHeaders ?? null } : {}),
      ...(known.request ? { requestContent: text } : {}),
      ...(known.response && phase === "done" ? { responseContent: full.responseContent ?? null } : {}),
      ...(known.messages ? { messages: phase === "done" ? messages : [] } : {}),
    };
    return { full, less };
  });

test("what is known early holds in the end", () => {
  const condition = fc.constantFrom(...conditions).map((text) => parseFilter(`~${text}`));
  fc.assert(
    fc.property(trees(condition), knowledge, (tree, { full, less }) => {
      const filter = compileFilter(printFilter(tree));
      const verdict = filter.test(full);
      expect(verdict).toBeTypeOf("boolean");
      expect([verdict, undefined]).toContain(filter.test(less));
      for (const each of [full, less]) expect(filter.explain(each).verdict).toBe(filter.test(each));
    }),
    fuzzFor(3000),
  );
});

describe("any text", () => {
  test("is a filter, or refused with a place", () => {
    const names = [...OPERATORS.keys()].map((name) => `~${name} `);
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(...names, "(", ")", "!", "&", "|", " ", "'", '"', "[a", "{1,2}", "*", "\\"),
        anyText,
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          pieces.map((all) => all.join("")),
        ),
        (text) => {
          try {
            const filter = compileFilter(text, { patternLimitMs: 50 });
            filter.explain({ facts: facts(), phase: "done", requestContent: text });
          } catch (error) {
            if (!(error instanceof TrafficError)) throw error;
            expect(error.code).toBe("FILTER_INVALID");
            expect(error.message.split("\n")).toHaveLength(3);
          }
        },
      ),
      fuzzFor(2000),
    );
  });
});
