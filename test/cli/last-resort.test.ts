import { afterEach, expect, test, vi } from "vitest";
import { surviveDefects } from "../../src/cli/last-resort.js";
import type { Logger } from "../../src/log.js";

afterEach(() => vi.restoreAllMocks());

test("what nobody caught is logged while it is held, and no longer", () => {
  const before = process.listenerCount("uncaughtException");
  const errors: string[] = [];
  const log = { error: (message: string) => errors.push(message), debug: () => {} } as unknown as Logger;
  {
    using _held = surviveDefects(log);
    process.listeners("uncaughtException").at(-1)?.(new Error("boom"), "uncaughtException");
    process.listeners("unhandledRejection").at(-1)?.("text", Promise.resolve());
  }
  expect(errors).toEqual([
    expect.stringMatching(/^boom: this is a defect/),
    expect.stringMatching(/^text: this is a defect/),
  ]);
  expect(process.listenerCount("uncaughtException")).toBe(before);
});
