// Exchanges that wait at a breakpoint: how long, and how they go on.
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { HeldExchanges } from "../../../src/operations/intercept/held-exchanges.js";
import { heldRequest } from "./support.js";

test("one is held for longer than the longest timer", async () => {
  // 1,000 hours: a timer of more than 2^31 - 1 milliseconds ends at once.
  const held = new HeldExchanges(3_600_000_000, () => {});
  const { message, outcome } = heldRequest();
  const waiting = held.request(message, outcome, new AbortController().signal);
  await setTimeout(5);
  expect(held.size).toBe(1);
  held.close();
  expect(await waiting).toBe(outcome);
});
