// Patterns must never run for long: what is known of their cost beforehand, and what stops those that could.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileFilter } from "../../src/filter/filter.js";
import { Mistake } from "../../src/filter/mistake.js";
import { compilePattern, type Pattern } from "../../src/filter/pattern.js";
import { worstCost } from "../../src/filter/regex/cost.js";
import { parseRegex } from "../../src/filter/regex/parse.js";
import { simplifyForSearch } from "../../src/filter/regex/simplify.js";
import { fuzzFor } from "../support/fuzz.js";
import { subject } from "./support.js";

const flags = { ignoreCase: true, multiline: false, dotAll: true };

function pattern(text: string, bytes = true, limitMs = 20): Pattern {
  return compilePattern(text, { ...flags, bytes, limitMs });
}

function cost(text: string, bytes: boolean): { power: number; ways: number } {
  return worstCost(simplifyForSearch(parseRegex(text, flags, bytes)));
}

describe("the cost of a pattern", () => {
  test.each([
    "api/users",
    "users/\\d+$",
    "foo\\s*=\\s*bar",
    '"token":\\s*"[^"]+"',
    "https?://[^/]+/api",
    "\\.(?:png|jpe?g|gif)(?:\\?|$)",
    ".*api.*",
    "\\s+$",
    "^(a|b)*$",
    "x(ab?)*y",
    "[a-z]+@[a-z]+\\.com",
  ])("%s reads each character once", (text) => {
    expect(cost(text, true)).toMatchObject({ power: 1 });
    expect(cost(text, false)).toMatchObject({ power: 1 });
  });

  test.each([
    ["(a+)+", 2],
    ["a.*b", 2],
    ["a.*b.*c", 3],
    ["x\\w*\\d*y", 3],
    ["(.)\\1", 2],
    ["(?=.*a)b", 2],
    ["[^a]x*x*b", 3],
  ])("%s grows with the power of %d", (text, power) => {
    expect(cost(text, true).power).toBe(power);
  });

  test.each([
    "x(a+)+y",
    "x(a|a)*y",
    "x(\\w+\\s?)+y",
    "x(a*b*)*c",
    "x(?:a|b|ab)*c",
    "x(a?b?)*y",
    "x(aa|aaa)+y",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "x(a{1,9}){1,9}y",
  ])("%s doubles", (text) => {
    expect(cost(text, true).power).toBe(Number.POSITIVE_INFINITY);
    expect(cost(text, false).power).toBe(Number.POSITIVE_INFINITY);
  });

  test("counts choices without loops", () => {
    expect(cost(`${"a?".repeat(30)}${"a".repeat(30)}`, true).ways).toBeGreaterThan(2 ** 20);
    expect(cost("(?:ab|ac)d", true)).toEqual({ power: 1, ways: 2, branches: 1 });
    expect(cost("z(?:x(?:ab|ac)d)*y", true)).toEqual({ power: 1, ways: 1, branches: 1 });
    expect(cost("\\.(?:png|jpe?g|gif)$", true)).toMatchObject({ branches: 0 });
  });
});

describe("a pattern that could take minutes", () => {
  test.each([
    ["x(a+)+y", `x${"a".repeat(60)}`],
    ["(?:x|y)(a|a)*$", `x${"a".repeat(60)}b`],
    ["a.*b", "a".repeat(2_000_000)],
    ["(x+x+)+y", "x".repeat(200_000)],
    ["(a*)\\1b", "a".repeat(200_000)],
    ["x(?=(a+)+y)", `x${"a".repeat(60)}`],
  ])("%s is stopped", (text, input) => {
    const wanted = { code: "PATTERN_TOO_SLOW", message: expect.stringContaining("took longer than 20 ms") };
    expect(() => pattern(text).test(input)).toThrow(expect.objectContaining(wanted));
  });

  test("is named, with the limit", () => {
    const filter = compileFilter("~b 'x(a+)+y'", { patternLimitMs: 7 });
    const body = subject({}, { responseContent: `x${"a".repeat(60)}` });
    expect(() => filter.test(body)).toThrow(
      "the regular expression x(a+)+y took longer than 7 ms on 61 characters",
    );
  });

  test("finds nothing quickly where a text that it needs is missing", () => {
    expect(pattern("abc(a+)+y").test(`ab${"a".repeat(60)}`)).toBe(false);
  });

  test("still answers on what it can read in time", () => {
    expect(pattern("x(a+)+y").test(`${"-".repeat(50)}xaaay`)).toBe(true);
    expect(pattern("x(a+)+y").test("-".repeat(50))).toBe(false);
  });

  test("runs out of memory with a word about it", () => {
    const input = "ab".repeat(20_000_000);
    expect(() => pattern("x?(?:a|b)*c", true, 5000).test(input)).not.toThrow(RangeError);
    expect(() => pattern("^(?:a|b)*c", true, 5000).test(input)).toThrow(
      expect.objectContaining({ code: "PATTERN_TOO_SLOW", message: expect.stringContaining("memory") }),
    );
  });
});

describe("patterns", () => {
  test("that are too large are refused", () => {
    // V8 would compile this one for seconds.
    expect(() => pattern(`x${"a?".repeat(40)}${"[ab]".repeat(40)}`)).toThrow(Mistake);
    expect(() => pattern(`x(?:${"a?".repeat(40)}${"[ab]".repeat(40)})*y`)).toThrow(Mistake);
    expect(() => pattern("[ab]".repeat(30_000))).toThrow(Mistake);
  });

  test("over bytes find UTF-8 and fold ASCII only", () => {
    const bytes = Buffer.from("Grüße, ŞTRASSE").toString("latin1");
    expect(pattern("grüße").test(bytes)).toBe(true);
    expect(pattern("GRÜSSE").test(bytes)).toBe(false);
    expect(pattern("GRÜ").test(bytes)).toBe(false);
    expect(pattern("^gr..sse", true).test(bytes)).toBe(false);
    expect(pattern("^gr..\\W").test(bytes)).toBe(true);
    // The case of latin-1 is not the case of bytes: C3 and E3 are two different bytes.
    expect(pattern("\\xc3").test("\xe3")).toBe(false);
    expect(pattern("[\\xc0-\\xdf]").test("\xe3")).toBe(false);
  });

  test("give the same answer directly, within the limit, and simplified", () => {
    const atom = fc.constantFrom("a", "b", "x", ".", "[ab]", "[^a]", "\\w", "$", "^", "\\b", "(?=a)");
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        atom,
        fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => a + b),
        fc.tuple(tie("tree"), tie("tree")).map(([a, b]) => `(?:${a}|${b})`),
        fc.tuple(tie("tree"), fc.constantFrom("*", "+", "?", "{2}", "*?")).map(([a, b]) => `(?:${a})${b}`),
      ),
    }));
    const input = fc.string({ unit: fc.constantFrom("a", "b", "x", " "), minLength: 17, maxLength: 40 });
    const limited = (text: string): Pattern => compilePattern(text, { ...flags, bytes: true, limitMs: 500 });
    fc.assert(
      fc.property(tree, input, (text, subject) => {
        // A backreference keeps the pattern from being simplified, and makes it run under the limit.
        expect(limited(text).test(subject)).toBe(limited(`(?:(?P<n>)(?P=n))${text}`).test(subject));
      }),
      fuzzFor(200),
    );
  });
});
