// What others wrote does not steer the terminal, and stays readable.
import { expect, test } from "vitest";
import { printable, printableLine, printableText } from "../../src/cli/printable.js";

test.each([
  ["ünï 😀", "\\xfcn\\xef \\ud83d\\ude00", "ünï 😀", "ünï 😀"],
  ["a\tb\nc", "a\\x09b\\x0ac", "a\tb\nc", "a\\x09b\\x0ac"],
  ["\u001b[31m\u009b", "\\x1b[31m\\x9b", "\\x1b[31m\\x9b", "\\x1b[31m\\x9b"],
  ["\u202eabc", "\\u202eabc", "\\u202eabc", "\\u202eabc"],
])("%j", (text, header, block, line) => {
  expect(printable(text)).toBe(header);
  expect(printableText(text)).toBe(block);
  expect(printableLine(text)).toBe(line);
});
