// What rules require of requests: whatever a rule may match has it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseQuery } from "../../src/content/query.js";
import type { Requirement, Trace } from "../../src/rules/requirement.js";
import type { SubjectTest } from "../../src/rules/shared-tests.js";
import { type RequestHead, RuleSubject } from "../../src/rules/subject.js";
import type { Rule } from "../../src/rules/types.js";
import { anyHead, anyRule, compiled } from "./any-rules.js";

function requirementsOf({ matcher }: Rule): readonly Requirement[] {
  const { requirements = [] }: SubjectTest = matcher.test;
  return requirements;
}

function isMet(requirement: Requirement, head: RequestHead): boolean {
  return "method" in requirement
    ? requirement.method(head.method)
    : requirement.anyOf.some((trace) => isThere(trace, head));
}

/** Where the index can't tell, everything is there. */
function isThere(trace: Trace, { url, headers }: RequestHead): boolean {
  const isIn = (whole: string): boolean =>
    /[^\r\n -~]/.test(whole) || whole.toLowerCase().includes(trace.text.toLowerCase());
  const isField = (hasName: (field: string, name: string) => boolean, name: string): boolean =>
    headers.some(
      ([field, value]) => hasName(field.toLowerCase(), name.toLowerCase()) && isIn(`: ${value}\r\n`),
    );
  switch (trace.place) {
    case "field":
      return isField((field, name) => field === name, trace.name);
    case "line":
      return (
        isField((field, name) => field.endsWith(name), trace.name) ||
        headers.some(([, value]) => value.includes(": "))
      );
    case "query":
      return isIn(url) || parseQuery(url).some(({ name, value }) => isIn(`${name}=${value}`));
    default:
      return isIn(url);
  }
}

describe("the requirements of a rule", () => {
  test("are met wherever it matches, or can't be told", async () => {
    let met = 0;
    let unmet = 0;
    await fc.assert(
      fc.asyncProperty(anyRule, fc.array(anyHead, { minLength: 20, maxLength: 20 }), async (made, heads) => {
        for (const rule of (await compiled([made])).rules) {
          for (const head of heads) {
            const verdict = rule.matcher.test(new RuleSubject(head, [], 0));
            for (const requirement of requirementsOf(rule)) {
              const holds = isMet(requirement, head);
              if (verdict !== false) expect({ requirement, holds }).toEqual({ requirement, holds: true });
              if (holds) met++;
              else unmet++;
            }
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(met, unmet)).toBeGreaterThan(1000);
  });

  test.each<[match: unknown, expected: readonly string[]]>([
    ["~u /orders/[0-9]+/items", ["url:/orders/", "url:/items"]],
    [
      "~u '^https://(api|www)\\\\.example\\\\.com/$'",
      ["url:https://", "url:.example.com/", "url:api|url:www"],
    ],
    ["~u '(orders|)x+'", ["url:x"]],
    ["~u orders | ~d users", ["url:orders|host:users"]],
    ["~u orders | ~c 200", []],
    ["~u orders & !(~u users) & ~c 200", ["url:orders"]],
    ["~uc Ord\u00e9rs", ["url:Ord", "url:rs"]],
    ["~hq '^x-tenant: t1'", ["line x-tenant:: t1"]],
    ["~hq 'a\\\\r\\\\nx-tenant: t\\\\r\\\\nb'", ["line x-tenant:: t"]],
    ["~hq '^x-tenant:t1'", []],
    ["~tq json", ["field content-type:", "field content-type:json"]],
    ["~h x-tenant", []],
    [{ host: "*.Example.com" }, ["host:.example.com"]],
    [{ host: "[2001:db8::1]" }, ["host:2001:db8::1"]],
    [{ host: ["a.test", "*.bb.test.*"] }, ["host:a.test|host:.bb.test."]],
    [{ path: "/orders/*/items" }, ["url:/orders/", "url:/items"]],
    [{ url: "wss://a.test/*" }, ["url:://a.test/"]],
    [{ url: "/^https:..a/i" }, ["url:https:", "url:a"]],
    [{ query: { page: 2, q: true, x: "", y: null } }, ["query:page=2", "query:q", "query:x"]],
    [{ query: { page: "/^2.*3$/" } }, ["query:page", "query:2", "query:3"]],
    [{ headers: { "X-Tenant": "t1" } }, ["field X-Tenant:", "field X-Tenant:: t1\r\n"]],
    [
      { headers: { a: true, b: "/b.c/", c: null, d: "\u00e9" } },
      ["field a:", "field b:", "field b:b", "field b:c", "field d:", "field d:: ", "field d:\r\n"],
    ],
    [{ json: { "/a": 1 } }, []],
  ])("%j: %j", async (match, expected) => {
    const [rule] = (await compiled([{ match, actions: { tag: "a" } }])).rules;
    const texts = requirementsOf(rule!).map((requirement) =>
      "anyOf" in requirement ? requirement.anyOf.map(shown).join("|") : "method",
    );
    expect(texts).toEqual(expected);
  });
});

function shown(trace: Trace): string {
  return `${trace.place}${"name" in trace ? ` ${trace.name}` : ""}:${trace.text}`;
}
