// JSON pointers: their steps, and what they lead to.
import { describe, expect, test } from "vitest";
import { parsePointer, valueAt } from "../../src/content/json-pointer.js";

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
});
