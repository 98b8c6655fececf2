// The filter of breakpoints: where it holds an exchange.
import { expect, test } from "vitest";
import { breakpointRule } from "../../../src/operations/intercept/breakpoint-rule.js";
import { ruleSetOf } from "../../../src/rules/types.js";
import { request, response, trial } from "../../rules/support.js";

test.each([
  ["~m GET", ["request", "response"]],
  ["~q", ["request"]],
  ["~m GET & ~q", ["request"]],
  ["~q & ~u orders", ["request"]],
  ["~m POST & ~q", []],
  ["~m GET & ~s", ["response"]],
])("%s", async (filter, pauses) => {
  const set = ruleSetOf([await breakpointRule(filter)], []);
  const came = { head: response(), body: Buffer.alloc(0) };
  expect((await trial(set, { request: request(), response: came })).effect.pauses).toEqual(pauses);
});

test.each(["~q | ~m GET", "!~q"])("%s can't be told at a breakpoint", async (filter) => {
  await expect(breakpointRule(filter)).rejects.toMatchObject({ code: "FILTER_INVALID" });
});
