// Runs tasks one after another or side by side, at the times that a pace gives them.

export interface Pace {
  /** At most so many at the same time. */
  readonly concurrency: number;
  /** At most so many begin in a second; undefined: as many as come. */
  readonly rate?: number | undefined;
  /** How much faster than when they were recorded: 1 as then, 2 twice as fast; undefined: without waiting. */
  readonly speed?: number | undefined;
}

export interface Paced<T> {
  readonly items: AsyncIterable<T>;
  /** When it was recorded, in milliseconds. */
  readonly startOf: (item: T) => number;
  readonly task: (item: T) => Promise<void>;
  /** Nothing further begins; what is under way is waited for. */
  readonly signal: AbortSignal;
}

/** @throws what a task throws; nothing further begins then. */
export async function runPaced<T>({ items, startOf, task, signal }: Paced<T>, pace: Pace): Promise<void> {
  const slots = new Slots(pace.concurrency);
  const clock = new StartClock(pace);
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const item of items) {
      await slots.free();
      await until(clock.due(startOf(item)), signal);
      if (signal.aborted || failure !== undefined) break;
      slots.take();
      void task(item)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => slots.give());
    }
  } finally {
    await slots.allFree();
  }
  if (failure !== undefined) throw failure.error;
}

/** When the next one may begin. */
class StartClock {
  readonly #pace: Pace;
  readonly #begun = performance.now();
  #firstRecorded: number | undefined;
  #last = Number.NEGATIVE_INFINITY;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** @returns a value of `performance.now()`, which may have passed. */
  due(recordedAt: number): number {
    const { rate, speed } = this.#pace;
    this.#firstRecorded ??= recordedAt;
    const byRecording = speed === undefined ? 0 : this.#begun + (recordedAt - this.#firstRecorded) / speed;
    const byRate = rate === undefined ? 0 : this.#last + 1000 / rate;
    const due = Math.max(byRecording, byRate);
    this.#last = Math.max(due, performance.now());
    return due;
  }
}

class Slots {
  readonly #size: number;
  #taken = 0;
  #wake: (() => void) | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  take(): void {
    this.#taken++;
  }

  give(): void {
    this.#taken--;
    this.#wake?.();
  }

  async free(): Promise<void> {
    while (this.#taken >= this.#size) await this.#change();
  }

  async allFree(): Promise<void> {
    while (this.#taken > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Longer ones overflow a timer, and begin at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

async function until(time: number, signal: AbortSignal): Promise<void> {
  const ms = time - performance.now();
  if (ms <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, LONGEST_TIMER_MS));
    signal.addEventListener("abort", done);
  });
}
