import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { finderOf } from "../../src/filter/finder.js";

const text = { regex: false, caseSensitive: false };
const regex = { regex: true, caseSensitive: false };

describe("a finder", () => {
  test("finds a text as it is, whatever it means in a pattern", () => {
    expect(finderOf("a.b", text).find("A.B axb a.b", 10)).toEqual([
      { start: 0, end: 3 },
      { start: 8, end: 11 },
    ]);
    expect(finderOf("a.b", { ...text, caseSensitive: true }).find("A.B a.b", 10)).toEqual([
      { start: 4, end: 7 },
    ]);
  });

  test("finds UTF-8 in bytes", () => {
    const bytes = Buffer.from("xx Müller").toString("latin1");
    expect(finderOf("Müller", text).find(bytes, 10)).toEqual([{ start: 3, end: 10 }]);
  });

  test("gives the whole of what a pattern matches, and no empty place", () => {
    expect(finderOf("\\d+", regex).find("a12b345", 10)).toEqual([
      { start: 1, end: 3 },
      { start: 4, end: 7 },
    ]);
    expect(finderOf("x*", regex).find("axxa", 10)).toEqual([{ start: 1, end: 3 }]);
  });

  test("gives no more than was asked for", () => {
    expect(finderOf("a", text).find("aaaa", 2)).toHaveLength(2);
  });

  test("any text is found where it stands", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), (before, what, after) => {
        const bytes = (value: string): string => Buffer.from(value).toString("latin1");
        const found = finderOf(what, { ...text, caseSensitive: true });
        const input = bytes(before) + bytes(what) + bytes(after);
        const first = found.find(input, 1)[0];
        expect(input.slice(first?.start, first?.end)).toBe(bytes(what));
      }),
    );
  });

  test("says where a pattern is wrong", () => {
    expect(() => finderOf("a(b", regex)).toThrow(/a\(b\n +\^/);
  });

  test("stops a search that would run for minutes", () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256)).toString("latin1");
    expect(() => finderOf("(.+.+)+[a-b]{9}", regex).find(bytes, 1)).toThrow(
      expect.objectContaining({ code: "PATTERN_TOO_SLOW" }),
    );
  });
});
