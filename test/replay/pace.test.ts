// When the requests of a replay begin: the order and the bounds, never the clock's luck.
import { describe, expect, test } from "vitest";
import { type Pace, runPaced } from "../../src/replay/send/pace.js";

async function* counted(count: number, onGiven: (item: number) => void = () => {}): AsyncGenerator<number> {
  for (let item = 0; item < count; item++) {
    onGiven(item);
    yield item;
  }
}

interface Ran {
  readonly starts: number[];
  readonly most: number;
}

async function ran(
  count: number,
  pace: Pace,
  options: {
    signal?: AbortSignal;
    startOf?: (item: number) => number;
    task?: (item: number) => Promise<void>;
  } = {},
): Promise<Ran> {
  let open = 0;
  let most = 0;
  const starts: number[] = [];
  await runPaced(
    {
      items: counted(count),
      startOf: options.startOf ?? (() => 0),
      signal: options.signal ?? new AbortController().signal,
      task: async (item) => {
        starts.push(performance.now());
        most = Math.max(most, ++open);
        await (options.task?.(item) ?? new Promise((resolve) => setImmediate(resolve)));
        open--;
      },
    },
    pace,
  );
  expect(open).toBe(0);
  return { starts, most };
}

describe("a pace", () => {
  test.each([1, 3, 50])("of %i at the same time is kept", async (concurrency) => {
    const { starts, most } = await ran(20, { concurrency });
    expect(starts).toHaveLength(20);
    expect(most).toBe(Math.min(concurrency, 20));
  });

  test("of a rate begins no sooner than it says", async () => {
    // A timer of Node's may come a millisecond early.
    const { starts } = await ran(5, { concurrency: 5, rate: 200 });
    for (const [at, start] of starts.slice(1).entries()) expect(start - starts[at]!).toBeGreaterThan(3.5);
  });

  test("of the recording begins no sooner than the recorded distances, at its speed", async () => {
    const { starts } = await ran(4, { concurrency: 4, speed: 2 }, { startOf: (item) => 5000 + item * 20 });
    for (const [at, start] of starts.entries()) expect(start - starts[0]!).toBeGreaterThan(at * 10 - 1);
  });
});

describe("an end", () => {
  test("by a signal waits for what is under way, and begins nothing further", async () => {
    const controller = new AbortController();
    const begun: number[] = [];
    let finished = 0;
    await ran(
      10,
      { concurrency: 2, speed: 1 },
      {
        signal: controller.signal,
        startOf: (item) => (item < 2 ? 0 : 3_600_000),
        task: async (item) => {
          begun.push(item);
          if (item === 1) controller.abort();
          await new Promise((resolve) => setImmediate(resolve));
          finished++;
        },
      },
    );
    expect(begun).toEqual([0, 1]);
    expect(finished).toBe(2);
  });

  test("by an error is the run's, when the others are done", async () => {
    let others = 0;
    const run = ran(
      10,
      { concurrency: 3 },
      {
        task: async (item) => {
          if (item === 2) throw new Error("no disk");
          await new Promise((resolve) => setImmediate(resolve));
          others++;
        },
      },
    );
    await expect(run).rejects.toThrow("no disk");
    expect(others).toBeLessThan(10);
  });

  test("by the source's error too", async () => {
    const failing = runPaced(
      {
        items: counted(5, (item) => {
          if (item === 3) throw new Error("damaged");
        }),
        startOf: () => 0,
        signal: new AbortController().signal,
        task: () => Promise.resolve(),
      },
      { concurrency: 1 },
    );
    await expect(failing).rejects.toThrow("damaged");
  });
});
