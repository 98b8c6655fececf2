import { describe, expect, test } from "vitest";
import { compileRegexLiteral, isRegex } from "../../src/rules/regex.js";

describe("regular expressions of rules", () => {
  test.each([
    [String.raw`/id=(\d+)(x)?/`, "a id=12 b", ["id=12", "12", ""]],
    ["/^A(?P<rest>.*)$/i", "abc", ["abc", "bc"]],
    ["/a.c/s", "a\nc", ["a\nc"]],
    ["/^b/m", "a\nb", ["b"]],
    ["/(a)(b)|(c)/", "c", ["c", "", "", "c"]],
    [String.raw`/(.)\1/`, "abccd", ["cc", "c"]],
    ["/x/", "y", undefined],
  ])("%s on %j", (text, input, expected) => {
    const regex = compileRegexLiteral(text)!;
    expect(regex.match(input)).toEqual(expected);
    expect(regex.test(input)).toBe(expected !== undefined);
    // A search leaves nothing behind for the next one.
    expect(regex.match(input)).toEqual(expected);
  });

  test("what is no literal is a text", () => {
    expect(compileRegexLiteral("/api/x")).toBeUndefined();
    expect(isRegex("/")).toBe(false);
    expect(compileRegexLiteral("//")).toBeUndefined();
  });

  test("replaces each match with what is made of its groups", () => {
    const regex = compileRegexLiteral(String.raw`/(\w+)@(\w+)/`)!;
    expect(regex.replace("a@b, c@d", [2, ".", 1])).toBe("b.a, d.c");
    expect(compileRegexLiteral("/x*/")!.replace("ab", ["-"])).toBe("-a-b-");
  });

  test.each(["(a+)+$", "(a|aa)+$", "a*a*a*a*a*b"])("%s is stopped", (pattern) => {
    const regex = compileRegexLiteral(`/${pattern}/`)!;
    const input = `${"a".repeat(50_000)}!`;
    for (const run of [() => regex.match(input), () => regex.replace(input, ["x"])]) {
      expect(run).toThrow(expect.objectContaining({ code: "PATTERN_TOO_SLOW" }));
    }
  });

  test("replaces no more often than memory bears", () => {
    const regex = compileRegexLiteral("/a/")!;
    expect(regex.replace("a".repeat(1_000_000), ["b"])).toBe("b".repeat(1_000_000));
    expect(regex.replace("a".repeat(99_000), ["b".repeat(1_000)])).toHaveLength(99_000_000);
    for (const [input, text] of [
      ["a".repeat(1_000_001), "b"],
      ["a".repeat(100_001), "b".repeat(1_000)],
    ] as const) {
      expect(() => regex.replace(input, [text])).toThrow(
        expect.objectContaining({ code: "PATTERN_TOO_SLOW" }),
      );
    }
    expect(regex.replace(`a${"c".repeat(2_000_000)}`, ["$&$1$$", 0])).toMatch(/^\$&\$1\$\$ac/);
    expect(() => compileRegexLiteral("/(?=a)/")!.replace("a".repeat(1_000_001), ["b"])).toThrow("1000000");
    const slow = compileRegexLiteral("/(a|b)*c/")!;
    expect(slow.replace("abc-c".repeat(10), [1, "$"])).toBe("b$-$".repeat(10));
  });

  test("a mistake has its place", () => {
    expect(() => compileRegexLiteral("/ab(c/")).toThrow(expect.objectContaining({ start: 3 }));
  });
});
