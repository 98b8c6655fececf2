import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { appendJson, jsonAt, removeJson, setJson } from "../../src/content/json-edit.js";
import { parsePointer } from "../../src/content/json-pointer.js";

const steps = (pointer: string): readonly string[] => parsePointer(pointer)!;

/** What no double holds, what stands twice, escapes and blanks. */
const KEPT = '"n": 1.0, "big": 12345678901234567890, "e": 1e400, "z": -0, "d": 1, "d": 2, "u": "\\u00e9\\/"';

describe("JSON texts", () => {
  test.each([
    [`{${KEPT}, "a": 1}\n`, "/a", "2", `{${KEPT}, "a": 2}\n`],
    [`{${KEPT}}`, "/a", "2", `{${KEPT}, "a": 2}`],
    [
      `{\n  "a": 1,\n  "b": [\n    1.0\n  ]\n}\n`,
      "/b/-",
      "2",
      `{\n  "a": 1,\n  "b": [\n    1.0,\n    2\n  ]\n}\n`,
    ],
    [`{\n  "a": 1\n}`, "/b", "2", `{\n  "a": 1,\n  "b": 2\n}`],
    ['{"a":1}', "/b/c", "2", '{"a":1,"b":{"c":2}}'],
    ['{"a":1}', "/b/-", "2", '{"a":1,"b":[2]}'],
    ['{"a":1}', "/b/-/c", "2", undefined],
    ['{"a":{}}', "/a/b", "2", '{"a":{"b":2}}'],
    ['{"a":[ ]}', "/a/0", "2", '{"a":[2 ]}'],
    ['{"a":[1,2]}', "/a/1", "3", '{"a":[1,3]}'],
    ['{"a":[1, 2]}', "/a/2", "3", '{"a":[1, 2, 3]}'],
    ['{"a":[1,2]}', "/a/9", "3", undefined],
    ['{"a":[1,2]}', "/a/x", "3", undefined],
    ['{"a":[1,2]}', "/a/-/b", "3", undefined],
    ['{"a":1}', "/a/b", "3", undefined],
    ['{"a":null}', "/a/b", "3", undefined],
    [' {"a":1} ', "", "[1]", " [1] "],
    ["{}", "/__proto__/x", "1", '{"__proto__":{"x":1}}'],
    ['{"d": 1, "d": 2, "e": 3}', "/d", "9", '{"d": 9, "d": 9, "e": 3}'],
    ['{"d": {"x": 1}, "d": {"x": 2}}', "/d/x", "9", '{"d": {"x": 1}, "d": {"x": 9}}'],
    ['{"a": 1}', "/a", "2", '{"a": 2}'],
    ['{"\\u0061": 1}', "/a", "2", '{"\\u0061": 2}'],
    ['{"a\\"b": [{"x": "]},"}, 5]}', '/a"b/1', "6", '{"a\\"b": [{"x": "]},"}, 6]}'],
    ['{"\\\\": "\\\\", "b": 1}', "/b", "2", '{"\\\\": "\\\\", "b": 2}'],
    ['"text"', "/a", "2", undefined],
  ])("set: %s at %s", (text, pointer, json, expected) => {
    expect(setJson(text, steps(pointer), json)).toBe(expected);
  });

  test.each([
    ['{"a":[1.0]}', "/a", '{"a":[1.0,"x"]}'],
    ["[]", "", '["x"]'],
    ['{"a":1}', "/a", undefined],
    ['{"a":{}}', "/a", undefined],
    ['{"a":1}', "/b", undefined],
  ])("append: %s at %s", (text, pointer, expected) => {
    expect(appendJson(text, steps(pointer), '"x"')).toBe(expected);
  });

  test.each([
    [`{"a": 1, ${KEPT}}`, "/a", `{${KEPT}}`],
    [`{${KEPT}, "a": 1 }`, "/a", `{${KEPT} }`],
    ['{"a":[1, 2, 3]}', "/a/1", '{"a":[1, 3]}'],
    ["[\n  1,\n  2\n]", "/1", "[\n  1\n]"],
    ["[\n  1,\n  2\n]", "/0", "[\n  2\n]"],
    ['{"a":1,"b":2}', "/a", '{"b":2}'],
    ['{ "a": 1 }', "/a", "{}"],
    ['{"d": 1, "x": 0, "d": 2, "y": 0, "d": 3}', "/d", '{"x": 0, "y": 0}'],
    ['{"a":1}', "/b", undefined],
    ['{"a":[1]}', "/a/1", undefined],
    ['{"a":[1]}', "/a/-", undefined],
    ['{"a":1}', "/toString", undefined],
    ['{"a":1}', "/a/b", undefined],
  ])("remove: %s at %s", (text, pointer, expected) => {
    expect(removeJson(text, steps(pointer))).toBe(expected);
  });

  test.each([
    ["/big", "12345678901234567890"],
    ["/d", "2"],
    ["/u", '"\\u00e9\\/"'],
    ["", `{${KEPT}}`],
    ["/none", undefined],
    ["/n/x", undefined],
  ])("read: %s", (pointer, expected) => {
    expect(jsonAt(`{${KEPT}}`, steps(pointer))).toBe(expected);
  });

  test("what is read, set and removed is what it would be of the parsed document", () => {
    const documents = fc.tuple(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, 1, "\t"));
    fc.assert(
      fc.property(documents, fc.nat(), fc.jsonValue({ maxDepth: 1 }), ([made, indent], at, value) => {
        const document: unknown = JSON.parse(made);
        const text = JSON.stringify(document, null, indent);
        const places = placesOf(document);
        const [path, held] = places[at % places.length]!;
        expect(JSON.parse(jsonAt(text, path)!)).toEqual(held);
        const set = setJson(text, path, JSON.stringify(value))!;
        expect(JSON.stringify(JSON.parse(jsonAt(set, path)!))).toBe(JSON.stringify(value));
        if (path.length === 0) return;
        const removed = removeJson(text, path)!;
        const others = placesOf(JSON.parse(removed)).length;
        expect(others).toBe(places.length - placesOf(held).length);
      }),
    );
  });

  test("five million numbers are no five million objects", () => {
    const text = `[${"1,".repeat(4_999_999)}1.0]`;
    expect(jsonAt(text, ["4999999"])).toBe("1.0");
    expect(setJson(text, ["0"], "2")).toBe(`[2${text.slice(2)}`);
    expect(removeJson(text, ["0"])).toHaveLength(text.length - 2);
  });
});

function placesOf(value: unknown, path: readonly string[] = []): [path: readonly string[], value: unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return [[path, value], ...Object.entries(value).flatMap(([name, each]) => placesOf(each, [...path, name]))];
}
