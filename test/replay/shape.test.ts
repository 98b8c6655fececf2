// The shape of JSON over many documents, and what has become of it.
import { describe, expect, test } from "vitest";
import { Shape } from "../../src/replay/compare/shape.js";

function shapeOf(...documents: unknown[]): Shape {
  const shape = new Shape();
  for (const document of documents) shape.add(JSON.stringify(document));
  return shape;
}

function differences(before: unknown[], after: unknown[]): string[] {
  return shapeOf(...before)
    .differencesTo(shapeOf(...after))
    .map(({ pointer, change, before: was, after: is }) =>
      [change, pointer, was, is].filter((part) => part !== undefined).join(" "),
    );
}

describe("a shape", () => {
  test.each<[string, unknown[], unknown[], string[]]>([
    ["other values", [{ a: 1, b: "x" }], [{ b: "y", a: 2.5 }], []],
    ["a new field", [{ a: 1 }], [{ a: 1, b: [1] }], ["field-added /b array"]],
    ["a field gone", [{ a: 1, b: null }], [{ a: 1 }], ["field-removed /b null"]],
    ["another type", [{ a: 1 }], [{ a: "1" }], ["type-changed /a number string"]],
    ["one more type", [{ a: 1 }], [{ a: 1 }, { a: null }], ["type-changed /a number null | number"]],
    ["fields of items", [[{ id: 1 }]], [[{ id: 1 }, { id: 2, n: 1 }]], ["field-added /*/n number"]],
    ["merged over documents", [{ a: 1 }, { b: 1 }], [{ a: 1, b: 1 }], []],
    ["an empty list says nothing", [{ l: [] }], [{ l: [{ a: 1 }] }], []],
    ["ids for names are one", [{ "1": { a: 1 }, "2": { a: 1 } }], [{ "77": { a: 1 } }], []],
    ["a whole that changed", [[1]], [{ a: 1 }], ["type-changed  array object"]],
    ["long numbers are numbers", [{ n: 1 }], [{ n: 2 }], []],
  ])("%s", (_name, before, after, expected) => {
    expect(differences(before, after)).toEqual(expected);
  });

  test("a number beyond a double is a number", () => {
    const shape = new Shape();
    expect(shape.add('{"n":12345678901234567890}')).toBe(true);
    expect(shape.differencesTo(shapeOf({ n: 1 }))).toEqual([]);
  });

  test("what is no JSON is said, and hostile documents are bounded", () => {
    const shape = new Shape();
    expect(shape.add("<html>")).toBe(false);
    expect(shape.documents).toBe(0);
    const names = Array.from({ length: 20_000 }, (_, at) => [
      `name${"x".repeat(at % 7)}_${at.toString(26).replace(/\d/g, "z")}q`,
      1,
    ]);
    shape.add(JSON.stringify(Object.fromEntries(names)));
    expect(shape.limited).toBe(true);
  });
});
