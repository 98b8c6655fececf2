// The pace of a throttled body, by a clock that the test moves.
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PacedBody } from "../../../src/proxy/intervene/paced-body.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function rig(bytesPerSecond: number) {
  const out: Buffer[] = [];
  const told: string[] = [];
  const body = new PacedBody(
    bytesPerSecond,
    (piece) => out.push(piece),
    () => told.push("room"),
  );
  return { body, told, bytes: () => Buffer.concat(out), sent: () => Buffer.concat(out).length };
}

test("so many bytes a second, and then the end", () => {
  const { body, told, sent } = rig(1000);
  body.push([Buffer.alloc(2500)]);
  body.end(() => told.push("end"));
  vi.advanceTimersByTime(1000);
  expect(sent()).toBeGreaterThan(900);
  expect(sent()).toBeLessThanOrEqual(1000);
  vi.advanceTimersByTime(1000);
  expect(sent()).toBeLessThanOrEqual(2000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(sent()).toBe(2500);
  expect(told).toEqual(["end"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("less than a byte in a tick adds up", () => {
  const { body, sent } = rig(2);
  body.push([Buffer.alloc(3)]);
  vi.advanceTimersByTime(2000);
  expect(sent()).toBeGreaterThanOrEqual(3);
});

test("is full, and says when it is not any more", () => {
  const { body, told } = rig(64 * 1024);
  body.push([Buffer.alloc(100 * 1024)]);
  expect(body.full).toBe(true);
  vi.advanceTimersByTime(1000);
  expect(body.full).toBe(false);
  expect(told).toEqual(["room"]);
});

test("nothing leaves while paused, nor after a stop", () => {
  const { body, told, sent } = rig(1000);
  body.push([Buffer.alloc(500)]);
  body.end(() => told.push("end"));
  body.pause();
  vi.advanceTimersByTime(5000);
  expect(sent()).toBe(0);
  body.resume();
  vi.advanceTimersByTime(100);
  expect(sent()).toBeGreaterThan(0);
  // The time of the pause is not made up for.
  expect(sent()).toBeLessThan(300);
  body.stop();
  const before = sent();
  vi.advanceTimersByTime(5000);
  expect(sent()).toBe(before);
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("an empty body ends at once", () => {
  const { body, told } = rig(1);
  body.end(() => told.push("end"));
  expect(told).toEqual(["end"]);
});

test("what leaves is what came, in its order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 })),
      fc.integer({ min: 1, max: 100_000 }),
      (pieces, rate) => {
        const { body, told, bytes } = rig(rate);
        for (const piece of pieces) body.push([Buffer.from(piece)]);
        body.end(() => told.push("end"));
        vi.runAllTimers();
        expect(bytes()).toEqual(Buffer.concat(pieces));
        expect(told.at(-1)).toBe("end");
      },
    ),
    { numRuns: 50 },
  );
});
