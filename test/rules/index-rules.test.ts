// The index of the rules changes what requests cost, and nothing else.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { candidates } from "../../src/rules/evaluate.js";
import { possibleRules } from "../../src/rules/index-rules.js";
import { type RequestHead, RuleSubject } from "../../src/rules/subject.js";
import type { Rule } from "../../src/rules/types.js";
import { anyHead, anyRule, compiled } from "./any-rules.js";
import { request } from "./support.js";

function found(set: readonly Rule[], each: RequestHead): readonly string[] {
  return candidates(set, new RuleSubject(each, [], 0)).map(({ name }) => name);
}

describe("the rules that may concern a request", () => {
  test("are the same with the index and without, in the same order", async () => {
    let possible = 0;
    let tested = 0;
    let matching = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRule, { minLength: 1, maxLength: 12 }),
        fc.array(anyHead, { minLength: 30, maxLength: 30 }),
        fc.constantFrom(1, 6),
        async (made, heads, times) => {
          // What a rule is looked up by depends on the others.
          const set = await compiled(Array.from({ length: times }, () => made).flat());
          for (const each of heads) {
            const some = possibleRules(set, each);
            const names = found(set.rules, each);
            expect(found(some, each)).toEqual(names);
            expect(set.rules.filter((one) => some.includes(one))).toEqual(some);
            possible += some.length;
            tested += set.rules.length;
            matching += names.length;
          }
        },
      ),
      { numRuns: 120 },
    );
    // It is about both kinds.
    expect(matching).toBeGreaterThan(0.02 * tested);
    expect(possible).toBeLessThan(0.8 * tested);
  });

  const kelvin = "\u212aiss";
  test.each<[match: unknown, fields: Partial<RequestHead>]>([
    [{ query: { name: "kiss" } }, { url: "https://a.test/?na%6de=k%69ss" }],
    [{ query: { name: "a kiss" } }, { url: "https://a.test/?name=a+kiss" }],
    [{ query: { name: "kiss a" } }, { url: "https://a.test/?name=kiss+a" }],
    [{ query: { q: "/kiss/i" } }, { url: "https://a.test/?q=%E2%84%AAiss" }],
    [{ query: { name: "" } }, { url: "https://a.test/?name" }],
    [{ query: { name: true } }, { url: "https://a.test/?name" }],
    [{ host: "kiss.test" }, { url: `https://${kelvin}.test/` }],
    [{ host: "[2001:DB8::10]" }, { url: "https://[2001:db8::10]:8443/" }],
    ["~u kiss", { url: `https://a.test/${kelvin}` }],
    ["~d ^KISS", { url: "https://kiss.test" }],
    ["~m kiss", { method: "KISS" }],
    ["~mc KISS", { method: "KISS" }],
    [{ method: "kiss" }, { method: "Kiss" }],
    [{ url: "wss://a.test/orders" }, { url: "https://a.test/orders" }],
    [{ headers: { Kiss: true } }, { headers: [["kISS", ""]] }],
    [{ headers: { kiss: "a" } }, { headers: [[kelvin, "a"]] }],
    [{ headers: { name: "/^kiss$/i" } }, { headers: [["name", kelvin]] }],
    [
      "~hq '^name: kiss'",
      {
        headers: [
          ["Accept", "a"],
          ["Name", "KISS"],
        ],
      },
    ],
    ["~hq 'tenant: kiss'", { headers: [["X-Tenant", "kiss"]] }],
    ["~hq 'tenant: kiss'", { headers: [["Name", "a tenant: kiss"]] }],
    ["~hq 'a: kiss'", { headers: [["X-A", "kiss"]] }],
    ["~hq kiss", { headers: [["Name", "kiss"]] }],
    [
      "~hq 'a\\\\r\\\\nname: b'",
      {
        headers: [
          ["Accept", "a"],
          ["Name", "b"],
        ],
      },
    ],
    ["~tq ^application/json$", { headers: [["Content-Type", "Application/JSON"]] }],
    ["~u orders | ~hq kiss", { headers: [["Name", "kiss"]] }],
    ["~u orders | ~c 200", { url: "https://a.test/users" }],
    ["!(~u orders)", { url: "https://a.test/users" }],
  ])("have %j for %j among them", async (match, fields) => {
    const head = request(fields);
    const made = { match, actions: { tag: "a" } };
    for (const set of [await compiled([made]), await compiled([made, ...others, made])]) {
      expect(found(set.rules, head)[0]).toBe("0");
      expect(found(possibleRules(set, head), head)).toEqual(found(set.rules, head));
    }
  });

  const others = Array.from({ length: 40 }, (_, n) => ({
    match: [
      `~u /users/${n}`,
      `~hq "x-tenant: t${n}"`,
      { host: `service-${n}.example.com` },
      { headers: { [`x-flag-${n}`]: true } },
      { query: { version: `v${n}` } },
    ][n % 5],
    actions: { tag: "b" },
  }));

  test("are none where each asks for something that is not there", async () => {
    const set = await compiled([
      ...others,
      { match: { method: "DELETE" }, actions: { tag: "a" } },
      { match: { method: "PUT", path: "/*" }, actions: { tag: "a" } },
      { enabled: false, actions: { tag: "a" } },
    ]);
    expect(set.rules).toHaveLength(43);
    expect(possibleRules(set, request())).toEqual([]);
    expect(possibleRules(set, request({ headers: [["X-Tenant", "t"]] }))).toEqual([]);
  });

  test("are the ones that ask for what is there, and those that ask for nothing", async () => {
    const set = await compiled([...others, { match: "~c 200", actions: { tag: "a" } }]);
    const names = (fields: Partial<RequestHead>): readonly string[] =>
      possibleRules(set, request(fields)).map(({ name }) => name);
    expect(names({ url: "https://a.test/users/35?version=v39" })).toEqual(["35", "39", "40"]);
    expect(
      names({
        headers: [
          ["X-Tenant", "t36"],
          ["X-Flag-3", ""],
        ],
      }),
    ).toEqual(["3", "36", "40"]);
    expect(names({ url: "https://service-12.example.com/" })).toEqual(["12", "40"]);
    expect(names({})).toEqual(["40"]);
  });

  test("are told by the value too where many ask for one field", async () => {
    const values = [...Array.from({ length: 30 }, (_, n) => `tenant-${n + 10}`), "/^kiss$/i"];
    const set = await compiled(
      values.map((value) => ({ match: { headers: { "x-tenant": value } }, actions: { tag: "a" } })),
    );
    const possible = (value: string): readonly Rule[] =>
      possibleRules(set, request({ headers: [["X-Tenant", value]] }));
    expect(possible("tenant-17").map(({ name }) => name)).toEqual(["7"]);
    expect(possible("a")).toEqual([]);
    expect(possible("Kiss")).toEqual(set.rules.slice(-1));
    expect(possible(kelvin)).toEqual(set.rules);
  });

  test("are told for any number of methods", async () => {
    const set = await compiled([{ match: { method: "POST" }, actions: { tag: "a" } }]);
    for (let n = 0; n < 100; n++) expect(possibleRules(set, request({ method: `M${n}` }))).toEqual([]);
    expect(possibleRules(set, request({ method: "POST" }))).toEqual(set.rules);
  });

  test("have one among them whose pattern for the method takes too long", async () => {
    const set = await compiled([{ match: "~m '^(a+)+$'", actions: { tag: "a" } }]);
    expect(set.rules).toHaveLength(1);
    expect(possibleRules(set, request({ method: `${"a".repeat(40_000)}!` }))).toEqual(set.rules);
  });
});
