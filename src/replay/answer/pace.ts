// Lets the pieces of a body go at their times: against one clock, so that no piece adds to the lateness of the next.

/** `none`: as fast as the client takes them; `recorded`: as they came; a number: so many milliseconds between two. */
export type Pace = "none" | "recorded" | number;

/** A piece of a body that ends at `end` bytes. */
export interface Cut {
  readonly end: number;
  /** Milliseconds after the response's head. */
  readonly ms: number;
}

/** Resolves after so many milliseconds, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}

/**
 * Gives the bytes of a body, cut where they were cut, each piece not before its time; ends when the signal aborts.
 * @param cuts ascending; what is behind the last one follows it at once
 */
export async function* pacedPieces(
  source: AsyncIterable<Buffer>,
  cuts: readonly Cut[],
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, void> {
  const started = performance.now();
  let next = 0;
  let position = 0;
  for await (const bytes of source) {
    for (let from = 0; from < bytes.length; ) {
      while (next < cuts.length && cuts[next]!.end <= position) next++;
      const cut = cuts[next];
      const to = cut === undefined ? bytes.length : Math.min(bytes.length, from + cut.end - position);
      if (cut !== undefined) await pause(started + cut.ms - performance.now(), signal);
      if (signal.aborted) return;
      yield bytes.subarray(from, to);
      position += to - from;
      from = to;
    }
  }
}

/** The whole of what is in memory, as a source. */
export async function* once(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
  if (bytes.length > 0) yield bytes;
}
