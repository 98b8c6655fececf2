import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileGlob } from "../../src/rules/glob.js";

describe("globs", () => {
  test.each([
    ["*", "", [""]],
    ["*", "abc", ["abc"]],
    ["a*c", "abbc", ["bb"]],
    ["a*c", "ac", [""]],
    ["a*c", "abcd", undefined],
    ["https://*/v1/*", "https://x.test/v1/a/v1/b", ["x.test", "a/v1/b"]],
    ["*.*", "a.b.c", ["a", "b.c"]],
    ["aa*aa", "aaa", undefined],
    ["a+b?", "a+b?", []],
    ["a.c", "abc", undefined],
    ["**", "ab", ["", "ab"]],
  ])("%s on %s takes %j", (glob, text, captures) => {
    expect(compileGlob(glob).captures(text)).toEqual(captures);
    expect(compileGlob(glob).test(text)).toBe(captures !== undefined);
  });

  test("case", () => {
    expect(compileGlob("*.Example.com", { ignoreCase: true }).test("API.example.COM")).toBe(true);
    expect(compileGlob("*.Example.com").test("api.example.com")).toBe(false);
  });

  test("are the same as the regular expression that they stand for, and captures put together are the text", () => {
    const piece = fc.string({ unit: fc.constantFrom("a", "b", "*", ".") });
    fc.assert(
      fc.property(piece, fc.string({ unit: fc.constantFrom("a", "b", ".") }), (glob, text) => {
        const parts = glob.split("*");
        const expression = new RegExp(`^${parts.map((part) => part.replaceAll(".", "[.]")).join(".*")}$`);
        const captures = compileGlob(glob).captures(text);
        expect(captures !== undefined).toBe(expression.test(text));
        if (captures === undefined) return;
        expect(parts.map((part, index) => part + (captures[index] ?? "")).join("")).toBe(text);
      }),
    );
  });

  test("many stars on a long text take no time to speak of", () => {
    const glob = compileGlob(`${"*a".repeat(50)}*b`);
    expect(glob.test("a".repeat(100_000))).toBe(false);
  });
});
