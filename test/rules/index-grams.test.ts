// Many texts looked for at once.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GramMap, gramsOf, lastGramOf } from "../../src/rules/index-grams.js";

const letters = fc.string({
  unit: fc.constantFrom("a", "A", "b", "B", "-", "[", "{", ":", " "),
  minLength: 4,
  maxLength: 6,
});

/** Each text by one of its grams. */
function mapOf(texts: readonly string[], which: number): GramMap<readonly string[]> {
  const found = new Map<number, string[]>();
  for (const text of texts) {
    const grams = gramsOf(text);
    const gram = grams[which % grams.length]!;
    found.set(gram, [...(found.get(gram) ?? []), text]);
  }
  return new GramMap(found);
}

function found(map: GramMap<readonly string[]>, text: string): { isAll: boolean; texts: readonly string[] } {
  const hits: (readonly string[])[] = [];
  const isAll = map.search(text, hits);
  return { isAll, texts: hits.flat() };
}

describe("a map by grams", () => {
  test("finds each text that is there, in any case, whichever part it is known by", () => {
    fc.assert(
      fc.property(fc.array(letters), fc.array(letters), fc.nat(2), (texts, parts, which) => {
        const whole = parts.join("");
        const { isAll, texts: hits } = found(mapOf(texts, which), whole);
        expect(isAll).toBe(true);
        const there = texts.filter((text) => whole.toLowerCase().includes(text.toLowerCase()));
        expect(hits).toEqual(expect.arrayContaining(there));
      }),
    );
  });

  test("finds little else", () => {
    const map = mapOf(
      Array.from({ length: 1000 }, (_, n) => `/items/${n + 1000}/`),
      8,
    );
    for (let n = 1000; n < 2000; n += 7) {
      expect(found(map, `https://a.test/items/${n}/users?x=${n}`).texts).toEqual([`/items/${n}/`]);
    }
  });

  test("finds what lies far behind in a long text", () => {
    const map = mapOf(["orders"], 2);
    for (let before = 4085; before < 4105; before++) {
      expect(found(map, `${"x".repeat(before)}orders`)).toEqual({ isAll: true, texts: ["orders"] });
      expect(found(map, `${"x".repeat(before)}orderx`)).toEqual({ isAll: true, texts: [] });
    }
  });

  test("says that there may be more in a text beyond ASCII", () => {
    const map = mapOf(["orders"], 0);
    for (const text of ["\u212a", "\u00e9", "\ud800", `${"x".repeat(5000)}\u{1f600}`]) {
      expect(found(map, `a${text}b orders`)).toEqual({ isAll: false, texts: ["orders"] });
    }
    expect(found(map, "")).toEqual({ isAll: true, texts: [] });
    expect(found(mapOf([], 0), "orders")).toEqual({ isAll: true, texts: [] });
  });

  test("has the ends of texts, short ones as a whole", () => {
    const ends = ["a", "-a", "te", "via", "host", "xhost", "X-Host"].map(lastGramOf);
    expect(new Set(ends).size).toBe(5);
    expect(lastGramOf("HOST")).toBe(lastGramOf("x-host"));
    expect(lastGramOf("")).toBe(0);
    expect(lastGramOf("\u212aiss")).toBeUndefined();
    expect(lastGramOf("\u212aa-name")).toBe(lastGramOf("name"));
    expect(new GramMap(new Map([[lastGramOf("host")!, 1]])).get(lastGramOf("X-HOST")!)).toBe(1);
  });
});
