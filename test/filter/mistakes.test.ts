// A mistake in a filter is shown with a caret under the place.
import { describe, expect, test } from "vitest";
import { TrafficError } from "../../src/errors.js";
import { compileFilter } from "../../src/filter/filter.js";

/** The marked part of the text, what was said of it, and the hint. */
function mistake(text: string): { marked: string; problem: string; hint: string | undefined } {
  try {
    compileFilter(text);
  } catch (error) {
    if (!(error instanceof TrafficError) || error.code !== "FILTER_INVALID") throw error;
    const [problem, shown, carets] = error.message.split("\n");
    const start = carets!.indexOf("^");
    const marked = [...shown!].slice(start, carets!.length).join("");
    return { marked, problem: problem!.replace("the filter is wrong: ", ""), hint: error.hint };
  }
  throw new Error(`'${text}' is right`);
}

describe("mistakes", () => {
  test.each([
    ["", "", "it is empty"],
    ["  ", "", "it is empty"],
    ["~m POST & ~zz x", "~zz", "there is no operator ~zz"],
    ["~status 500", "~status", "there is no operator ~status"],
    ["~ q", "~", "an operator's name is missing"],
    ["~u", "", "~u needs a regular expression"],
    ["~u ~q", "~", "~u needs a regular expression"],
    ["~u (a|b)", "(", "~u needs a regular expression"],
    ["(~q & ~c)", ")", "~c needs a value"],
    ["~c200", "2", "after ~c comes a blank"],
    ["~c 200a", "200a", "'200a' is no status"],
    ["~c 404,oops", "oops", "'oops' is no status"],
    ["~c 404, oops", "oops", "'oops' is no status"],
    ["~c 500..400", "500..400", "the range is upside down"],
    ["~c 404,", "", "a status is missing"],
    ["~dur 500ms", "500ms", "nothing takes exactly so long"],
    ["~dur >5parsecs", "5parsecs", "'5parsecs' is not a duration"],
    ["~dur >", "", "a duration is missing"],
    ["~size 1..2XB", "2XB", "'2XB' is not a size"],
    ["~time yesterday", "yesterday", "'yesterday' is no time"],
    ["~time 2026-13-01", "2026-13-01", "'2026-13-01' is no time"],
    ["~time 2026-02-30", "2026-02-30", "'2026-02-30' is no time"],
    ["~time 2026-11-20T11:00..10:00", "2026-11-20T11:00..10:00", "the range ends before it begins"],
    ["~time ..", "..", "a range has at least one end"],
    ["~id a/b", "a/b", "'a/b' is neither an id nor a number"],
    ["~id 1,x..", "x", "'x' is no number of an exchange"],
    ["~kind ftp", "ftp", "'ftp' is no kind of exchange"],
    ["(~q", "(", "this parenthesis is not closed"],
    ["a (b (c)", "(", "this parenthesis is not closed"],
    ["~q)", ")", "no parenthesis is open here"],
    ["()", ")", "something is missing before this parenthesis"],
    ["~u 'abc", "'", "this quote is not closed"],
    ['a"b', '"', "this quote is not closed"],
    ["~u a[b", "[b", "this set is not closed"],
    ["~u ab\\", "\\", "a backslash with nothing behind it"],
    ['~b "x\\\\\\"(y" & ~q', "(y", "this parenthesis is not closed"],
    ["~b Müü**", "*", "repeated twice"],
    ["~b 'ü\\\\y'", "\\\\y", "there is no escape \\y"],
    ["~u 😀(?z)", "(?z)", "there is no flag z"],
    ["~u a{3,2}", "{3,2}", "the smaller number comes first"],
  ])("%s", (text, marked, problem) => {
    // Parentheses need quotes in a filter; where a case is about the pattern it is quoted here.
    const filter = text.startsWith("~u 😀") ? "~u '😀(?z)'" : text;
    expect(mistake(filter)).toMatchObject({ marked, problem });
  });

  test.each([
    ["~status 500", "did you mean ~c?"],
    ["~Q", "did you mean ~q?"],
    ["~websockets", "did you mean ~websocket?"],
    ["~qh", "did you mean ~hq?"],
    ["~dt >2026-01-01", "did you mean ~time?"],
    ["~u (a|b)", "write quotes around what has parentheses"],
    ["~c", "for example: ~c 5xx"],
    ["~dur 500ms", "write >500ms or <500ms"],
  ])("%s: %s", (text, hint) => {
    expect(mistake(text).hint).toContain(hint);
  });

  test("are shown in a window of a long filter, on one line", () => {
    const text = `${"~u abc & ".repeat(50)}~zz x${" & ~u\ndef".repeat(50)}`;
    const { marked } = mistake(text);
    expect(marked).toBe("~zz");
    try {
      compileFilter(text);
    } catch (error) {
      const lines = String((error as Error).message).split("\n");
      expect(lines).toHaveLength(3);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(140);
    }
  });

  test("nesting has an end", () => {
    expect(mistake(`${"(".repeat(5000)}a`).problem).toContain("in each other");
    expect(mistake(`${"!".repeat(5000)}a`).problem).toContain("in each other");
    expect(mistake(`~u '${"(".repeat(5000)}a'`).problem).toContain("in each other");
  });
});
