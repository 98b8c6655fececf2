import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { appendAt, parsePointer, removeAt, setAt, valueAt } from "../../src/rules/pointer.js";

const steps = (pointer: string): readonly string[] => parsePointer(pointer)!;

describe("JSON pointers", () => {
  // RFC 6901 section 5.
  const DOCUMENT = {
    foo: ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
  };
  test.each([
    ["", DOCUMENT],
    ["/foo", ["bar", "baz"]],
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/e^f", 3],
    ["/g|h", 4],
    ["/i\\j", 5],
    ['/k"l', 6],
    ["/ ", 7],
    ["/m~0n", 8],
    ["/foo/00", undefined],
    ["/foo/-1", undefined],
    ["/foo/length", undefined],
    ["/toString", undefined],
    ["/__proto__", undefined],
    ["/foo/0/x", undefined],
  ])("%s", (pointer, value) => {
    expect(valueAt(DOCUMENT, steps(pointer))).toEqual(value);
  });

  test.each(["a", "a/b", "/~", "/~2", "#/a"])("%s is none", (text) => {
    expect(parsePointer(text)).toBeUndefined();
  });

  test.each([
    ['{"a":1}', "/a", 2, '{"a":2}'],
    ['{"a":1}', "/b/c", 2, '{"a":1,"b":{"c":2}}'],
    ['{"a":1}', "/b/-", 2, '{"a":1,"b":[2]}'],
    ['{"a":[1,2]}', "/a/1", 3, '{"a":[1,3]}'],
    ['{"a":[1,2]}', "/a/2", 3, '{"a":[1,2,3]}'],
    ['{"a":[1,2]}', "/a/-", 3, '{"a":[1,2,3]}'],
    ['{"a":[1,2]}', "/a/9", 3, undefined],
    ['{"a":[1,2]}', "/a/x", 3, undefined],
    ['{"a":1}', "/a/b", 3, undefined],
    ['{"a":1}', "", [1], "[1]"],
    ["{}", "/__proto__/x", 1, '{"__proto__":{"x":1}}'],
  ])("set: %s at %s", (document, pointer, value, expected) => {
    const changed = setAt(JSON.parse(document), steps(pointer), value);
    expect(changed === undefined ? undefined : JSON.stringify(changed)).toBe(expected);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test.each([
    ['{"a":[1]}', "/a", '{"a":[1,"x"]}'],
    ["[]", "", '["x"]'],
    ['{"a":1}', "/a", undefined],
    ['{"a":1}', "/b", undefined],
  ])("append: %s at %s", (document, pointer, expected) => {
    const changed = appendAt(JSON.parse(document), steps(pointer), "x");
    expect(changed === undefined ? undefined : JSON.stringify(changed)).toBe(expected);
  });

  test.each([
    ['{"a":[1,2,3]}', "/a/1", '{"a":[1,3]}'],
    ['{"a":1,"b":2}', "/a", '{"b":2}'],
    ['{"a":1}', "/b", undefined],
    ['{"a":[1]}', "/a/1", undefined],
    ['{"a":[1]}', "/a/-", undefined],
    ['{"a":1}', "/toString", undefined],
  ])("remove: %s at %s", (document, pointer, expected) => {
    const changed = removeAt(JSON.parse(document), steps(pointer));
    expect(changed === undefined ? undefined : JSON.stringify(changed)).toBe(expected);
  });

  test("what is set is there, and what is removed is not", () => {
    fc.assert(
      fc.property(
        fc.object(),
        fc.array(fc.string(), { minLength: 1 }),
        fc.string(),
        (document, path, value) => {
          const pointer = path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
          const read = steps(pointer);
          expect(read).toEqual(path);
          const changed = setAt(document, read, value);
          if (changed === undefined) return;
          if (path.at(-1) !== "-") expect(valueAt(changed, read)).toBe(value);
          const removed = removeAt(changed, read);
          if (removed !== undefined && !path.some((step) => /^\d+$/.test(step)))
            expect(valueAt(removed, read)).toBeUndefined();
        },
      ),
    );
  });
});
