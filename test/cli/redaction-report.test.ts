// What an export says on stderr about what it replaced.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { reportRedaction } from "../../src/cli/redaction-report.js";

let said = "";
beforeEach(() => {
  said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("the report of a redaction", () => {
  test.each([
    [1, 1, "redacted: 1 place, 1 different secret (json 1)\n"],
    [2, 1, "redacted: 2 places, 1 different secret (json 2)\n"],
    [3, 2, "redacted: 3 places, 2 different secrets (json 3)\n"],
  ])("counts %i places and %i secrets in words", (total, secrets, text) => {
    reportRedaction({ total, secrets, kinds: { json: total }, places: {}, forgone: 0 });
    expect(said).toBe(text);
  });
});
