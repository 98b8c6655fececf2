// The phases of an exchange.
import { expect, test } from "vitest";
import { ExchangeClock } from "../../src/proxy/exchange-clock.js";

test("a wait for a connection that was made ahead of the request is blocked", () => {
  const clock = new ExchangeClock();
  // Connected while the client shook hands; a rule then held the request.
  const { start } = clock;
  clock.connected({ started: start - 40, resolved: start - 39, connected: start - 30, secured: start - 20 });
  const { blocked, connect, ssl } = clock.timings(performance.now() + 5);
  expect(blocked).toBeGreaterThanOrEqual(0);
  expect([connect, ssl]).toEqual([19, 10]);
  const late = new ExchangeClock();
  const made = { started: late.start - 40, connected: late.start - 30 };
  while (performance.now() < late.start + 3);
  late.connected(made);
  expect(late.timings(performance.now()).blocked).toBeGreaterThanOrEqual(3);
});
