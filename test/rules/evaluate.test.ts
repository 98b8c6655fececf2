// Which rules act: order, terminal actions, how often, by chance, and when the match is told.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileFilter, type Filter } from "../../src/filter/filter.js";
import { RuleSubject } from "../../src/rules/subject.js";
import { NO_RULES, ruleSetOf, withEnabled } from "../../src/rules/types.js";
import { json, request, response, rules, surroundings, trial } from "./support.js";

const three = `
rules:
  - {name: late, priority: 200, actions: [{tag: late}]}
  - {name: mock, match: ~u orders, actions: {respond: {status: 418}}}
  - {name: early, priority: 1, actions: {tag: early}}
`;

describe("the order", () => {
  test("is by priority, and the first terminal action ends it", async () => {
    const outcome = await trial(await rules(three));
    expect(outcome.rules.map(({ name, outcome: what }) => `${name} ${what}`)).toEqual([
      "early acts",
      "mock acts",
      "late not-reached",
    ]);
    expect(outcome.winner).toBe("mock");
    expect(outcome.effect).toMatchObject({ response: { status: 418 }, request: undefined, tags: ["early"] });
  });

  test("is the file's among equals, whatever the priorities", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 }), async (priorities) => {
        const data = priorities.map((priority, index) => ({
          name: `${index}`,
          priority,
          actions: { tag: `${index}` },
        }));
        const { acting, effect } = await trial(await rules(JSON.stringify({ rules: data })));
        const expected = [...data].sort((a, b) => a.priority - b.priority).map(({ name }) => name);
        expect(acting).toEqual(expected);
        expect(effect.tags).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test("changes add up, each on what the one before left; matches see what the client sent", async () => {
    const set = await rules(`
rules:
  - name: a
    actions:
      - set-request: {headers: {set: {x: "1"}, append: {y: a}}}
      - rewrite: {host: b.example.com}
  - {name: b, match: {host: api.example.com, headers: {x: null}}, actions: {set-request: {headers: {append: {x: "2"}}}}}
  - {name: c, match: {host: b.example.com}, actions: {set-request: {headers: {remove: [y]}}}}
`);
    const { effect, acting } = await trial(set);
    expect(acting).toEqual(["a", "b"]);
    expect(effect.request).toEqual({
      url: "https://b.example.com/orders/42?page=2",
      headers: [
        ["Host", "b.example.com"],
        ["x", "1"],
        ["y", "a"],
        ["x", "2"],
      ],
    });
  });

  test("pass ends it and leaves what was changed", async () => {
    const set = await rules(`
rules:
  - {name: a, actions: {set-request: {method: PUT}}}
  - {name: b, actions: [pass]}
  - {name: c, actions: {abort: close}}
`);
    const { effect, winner } = await trial(set);
    expect(winner).toBe("b");
    expect(effect).toMatchObject({ abort: undefined, request: { method: "PUT" } });
  });
});

describe("a rule that matches but does not act", () => {
  test("disabled, until it is enabled", async () => {
    const set = await rules("rules: [{name: a, enabled: false, actions: {abort: close}}]");
    expect((await trial(set)).rules[0]).toMatchObject({
      matched: true,
      eligible: false,
      barrier: { kind: "disabled" },
      outcome: "not-eligible",
    });
    const enabled = withEnabled(set, "a", true)!;
    expect((await trial(enabled)).effect.abort).toBe("close");
    expect((await trial(set)).effect.abort).toBeUndefined();
    expect(withEnabled(set, "b", true)).toBeUndefined();
  });

  test("used up", async () => {
    const set = await rules("rules: [{name: a, times: 2, actions: {abort: close}}]");
    const around = surroundings();
    const outcomes = [];
    for (let i = 0; i < 3; i++) outcomes.push((await trial(set, {}, around)).rules[0]?.outcome);
    expect(outcomes).toEqual(["acts", "acts", "not-eligible"]);
    expect(around.counts.of(set.rules[0]!)).toMatchObject({ matched: 3, acted: 2 });
    // A rule that reads the same goes on where it was, another one begins anew.
    const same = await rules("rules:\n  - name: a\n    times: 2\n    actions: {abort: close}");
    expect((await trial(same, {}, around)).rules[0]?.barrier).toEqual({ kind: "used-up", times: 2 });
    const other = await rules("rules: [{name: a, times: 3, actions: {abort: close}}]");
    expect((await trial(other, {}, around)).rules[0]?.outcome).toBe("acts");
    around.counts.keepOnly(NO_RULES);
    expect(around.counts.of(other.rules[0]!)).toMatchObject({ matched: 0, acted: 0 });
  });

  test("by chance, drawn once for each exchange", async () => {
    const set = await rules("rules: [{name: a, probability: 0.5, actions: {abort: close}}]");
    const around = surroundings([0.49, 0.5, 0.2]);
    const outcomes = [];
    for (let i = 0; i < 3; i++) outcomes.push((await trial(set, {}, around)).rules[0]);
    expect(outcomes.map((each) => each?.outcome)).toEqual(["acts", "not-eligible", "acts"]);
    expect(outcomes[1]?.barrier).toEqual({ kind: "chance", drawn: 0.5, probability: 0.5 });
  });

  test("nothing is drawn for a rule that does not match", async () => {
    const set = await rules(`
rules:
  - {name: a, match: ~m POST, probability: 0.1, actions: {abort: close}}
  - {name: b, probability: 0.1, actions: {abort: reset}}
`);
    expect((await trial(set, {}, surroundings([0, 1]))).effect.abort).toBe("reset");
  });
});

describe("when a match is told", () => {
  const late = `
rules:
  - {name: failed, match: ~c 5xx, actions: {tag: failed, set-response: {headers: {set: {x: "1"}}}}}
  - {name: mock, match: ~u orders, actions: {respond: {status: 503}}}
`;

  test("by the response that came", async () => {
    const set = await rules(late);
    const other = request({ url: "https://api.example.com/x" });
    const came = { head: response({ status: 502 }), body: Buffer.alloc(0) };
    const { effect, acting } = await trial(set, { request: other, response: came });
    expect(acting).toEqual(["failed"]);
    expect(effect).toMatchObject({ tags: ["failed"], response: { headers: [["x", "1"]] } });
    const fine = { head: response(), body: Buffer.alloc(0) };
    expect((await trial(set, { request: other, response: fine })).acting).toEqual([]);
  });

  test("by the answer of a rule as well", async () => {
    const { effect, acting, winner } = await trial(await rules(late));
    expect(acting).toEqual(["mock", "failed"]);
    expect(winner).toBe("mock");
    expect(effect.response).toMatchObject({ status: 503, headers: expect.arrayContaining([["x", "1"]]) });
  });

  test("not without a response", async () => {
    const other = request({ url: "https://api.example.com/x" });
    const { rules: reports } = await trial(await rules(late), { request: other });
    expect(reports.map(({ outcome }) => outcome)).toEqual(["undecided", "no-match"]);
  });

  test("a rule that looks at the response may answer in its place", async () => {
    const set = await rules(`
rules:
  - {name: calm, match: ~c 500, actions: {respond: {status: 200, json: {ok: true}}}}
  - {name: mark, actions: {set-response: {headers: {set: {x: "1"}}}}}
`);
    const came = { head: response({ status: 500 }), body: Buffer.from("broken") };
    const { effect } = await trial(set, { response: came });
    expect(effect.response).toMatchObject({ status: 200, reason: "OK", body: Buffer.from('{"ok":true}') });
    expect(effect.response?.headers).toContainEqual(["x", "1"]);
  });

  test("a request's part of a rule comes too late after the response, which is noted", async () => {
    const set = await rules(`
rules: [{name: a, match: ~t html, actions: {set-request: {method: PUT}, tag: html}}]
`);
    const came = { head: response({ headers: [["Content-Type", "text/html"]] }), body: Buffer.alloc(0) };
    const { effect } = await trial(set, { response: came });
    expect(effect.tags).toEqual(["html"]);
    expect(effect.notes).toEqual([expect.stringContaining("the request had gone by then")]);
  });

  test("by the bodies", async () => {
    const set = await rules(`
rules:
  - {name: json, match: {json: {/user/name: Bob, /n: 1, /list: [1, {a: null}]}}, actions: {tag: json}}
  - {name: pattern, match: {json: {/user/name: /^B/, /n: /^1$/}}, actions: {tag: pattern}}
  - {name: text, match: ~bq Bob, actions: {tag: text}}
  - {name: answer, match: ~bs secret, actions: {tag: answer}}
`);
    const { headers, body } = json({ user: { name: "Bob" }, n: 1, list: [1, { a: null }] });
    const sent = { request: request({ method: "POST", headers }), requestBody: body };
    const came = { head: response(), body: Buffer.from("a secret") };
    const { effect } = await trial(set, { ...sent, response: came });
    expect(effect.tags).toEqual(["json", "pattern", "text", "answer"]);
    expect((await trial(set, { body: "{" })).effect.tags).toEqual([]);
  });

  test("a WebSocket is one from its request on", async () => {
    const set = await rules(
      "rules: [{name: a, match: ~websocket, actions: {set-request: {headers: {set: {x: y}}}}}]",
    );
    expect((await trial(set, { request: request({ upgrade: "websocket" }) })).acting).toEqual(["a"]);
    expect((await trial(set)).acting).toEqual([]);
  });
});

describe("a structured match", () => {
  test.each([
    ["{method: get}", true],
    ["{method: [POST, PUT]}", false],
    ["{url: 'https://api.example.com/orders/*'}", true],
    ["{url: 'https://api.example.com/orders/42'}", true],
    ["{url: 'https://api.example.com/orders/42?*'}", true],
    ["{url: 'https://api.example.com/orders/42?page=3'}", false],
    ["{url: 'http://*'}", false],
    ["{url: 'HTTPS://Api.Example.COM/orders/*'}", true],
    ["{url: 'https://api.example.com/ORDERS/*'}", false],
    ["{url: '/orders.[0-9]+/'}", true],
    ["{host: '*.example.com'}", true],
    ["{host: API.Example.COM}", true],
    ["{host: example.com}", false],
    ["{host: [example.com, api.*]}", true],
    ["{path: /orders/*}", true],
    ["{path: /orders}", false],
    ["{query: {page: 2}}", true],
    ["{query: {page: '3'}}", false],
    ["{query: {page: '/[23]/', other: null}}", true],
    ["{query: {page: true, other: true}}", false],
    ["{query: {page: null}}", false],
    ["{headers: {HOST: api.example.com}}", true],
    ["{headers: {host: /^www/}}", false],
    ["{headers: {cookie: null}}", true],
    ["{method: GET, host: '*', path: /x}", false],
    ["{method: GET, filter: ~u orders}", true],
    ["{method: GET, filter: '!~u orders'}", false],
  ])("%s: %s", async (match, expected) => {
    const set = await rules(`rules: [{name: a, match: ${match}, actions: {tag: a}}]`);
    expect((await trial(set)).rules[0]?.matched).toBe(expected);
  });
});

test("a number is compared as it is written, in parameters and header fields", async () => {
  const set = await rules(
    "rules: [{name: a, match: {headers: {x-version: 1.0}, query: {v: 2.50}}, actions: {tag: a}}]",
  );
  const asked = (version: string, v: string) =>
    trial(set, {
      request: request({ url: `https://API.example.com/?v=${v}`, headers: [["X-Version", version]] }),
    });
  expect((await asked("1.0", "2.50")).acting).toEqual(["a"]);
  expect((await asked("1", "2.50")).acting).toEqual([]);
  expect((await asked("1.0", "2.5")).acting).toEqual([]);
});

test("the host of a URL is the same in either case", async () => {
  const set = await rules(
    "rules: [{name: a, match: {url: 'https://api.example.com/a/*'}, actions: {rewrite: {path: /b/$1}}}]",
  );
  const { effect } = await trial(set, { request: request({ url: "https://API.Example.com/a/C" }) });
  expect(effect.request?.url).toBe("https://API.Example.com/b/C");
});

describe("what is told", () => {
  test("every check with what it saw, and the nearest miss", async () => {
    const set = await rules(`
rules:
  - {name: far, match: {method: POST, host: other.test, path: /x}, actions: {abort: close}}
  - {name: near, match: {method: POST, host: "*.example.com", path: /orders/*}, actions: {abort: close}}
  - {name: filter, match: "~m PUT | (~d example & ~u nope)", actions: {abort: close}}
`);
    const { rules: reports, nearestMiss } = await trial(set);
    expect(nearestMiss).toMatchObject({
      name: "near",
      failed: [{ text: "method POST", saw: "GET", verdict: false }],
    });
    expect(reports[1]?.checks).toEqual([
      { type: "condition", text: "method POST", verdict: false, saw: "GET" },
      { type: "condition", text: "host *.example.com", verdict: true, saw: "api.example.com" },
      { type: "condition", text: "path /orders/*", verdict: true, saw: "/orders/42" },
    ]);
    expect(reports[2]?.checks[0]).toMatchObject({ type: "or", verdict: false });
    expect(reports[0]).toMatchObject({ does: ["closes the connection"], place: { line: 3, column: 5 } });
  });

  test("nothing misses where nothing is", async () => {
    expect((await trial(ruleSetOf([], []))).nearestMiss).toBeUndefined();
    expect((await trial(await rules("rules: [{name: a, actions: [pass]}]"))).nearestMiss).toBeUndefined();
  });

  test("a pattern that takes too long holds nothing up", async () => {
    const set = await rules(`
rules:
  - {name: slow, match: {headers: {x: "/(a+)+$/"}}, actions: {abort: close}}
  - {name: fine, actions: {tag: fine}}
`);
    const headers = [["x", `${"a".repeat(40_000)}!`]] as const;
    const { effect, rules: reports } = await trial(set, { request: request({ headers }) });
    expect(effect).toMatchObject({ abort: undefined, tags: ["fine"] });
    expect(effect.notes).toEqual([expect.stringContaining("took longer than 50 ms")]);
    expect(reports[0]?.problem).toContain("took longer");
  });
});

describe("the quick tests of filters", () => {
  test("say what the filter says", async () => {
    const texts = fc.constantFrom(
      "a",
      "A",
      "example",
      "\\\\.",
      ".",
      "x",
      "^",
      "$",
      "k",
      "\u212a",
      "s",
      "\u017f",
      "\u00e9",
      "\u00c9",
      "/",
      "[a-z]",
      "-",
      "api",
    );
    const argument = fc.array(texts, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
    const condition = fc
      .tuple(fc.constantFrom("m", "d", "u", "uc", "hq"), argument)
      .map(([name, text]) => `~${name} "${text}"`);
    const filter = fc.array(condition, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(" & "));
    const url = fc
      .array(
        fc.constantFrom("a", "Example", ".", "k", "K", "s", "\u00c3\u00a9", "\u00c5\u00bf", "api", "/", "-"),
        { maxLength: 6 },
      )
      .map((parts) => `https://api.Example.com/${parts.join("")}`);
    await fc.assert(
      fc.asyncProperty(
        filter,
        url,
        fc.constantFrom("GET", "aK", "EXAMPLE"),
        async (text, address, method) => {
          const compiled = ((): Filter | undefined => {
            try {
              return compileFilter(text);
            } catch {
              return undefined;
            }
          })();
          fc.pre(compiled !== undefined);
          const set = await rules(JSON.stringify({ rules: [{ name: "a", match: text, actions: ["pass"] }] }));
          const subject = new RuleSubject(request({ url: address, method }), [], 0);
          expect(set.rules[0]?.matcher.test(subject)).toBe(compiled.test(subject));
          // Asked again, and for the next one.
          expect(set.rules[0]?.matcher.test(subject)).toBe(compiled.test(subject));
          const next = new RuleSubject(request({ method: "x" }), [], 0);
          expect(set.rules[0]?.matcher.test(next)).toBe(compiled.test(next));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("are not mixed up between a list and a text that reads like one", async () => {
    const set = await rules(`
rules:
  - {name: list, match: {path: [/a, /b]}, actions: {tag: list}}
  - {name: text, match: {path: "/a or /b"}, actions: {tag: text}}
`);
    const { effect } = await trial(set, { request: request({ url: "https://a.test/a" }) });
    expect(effect.tags).toEqual(["list"]);
  });
});
