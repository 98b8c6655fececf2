// How many exchanges started when, in equal buckets of a round length.
import type { Numbers } from "./numbers.js";

export interface Timeline {
  /** Milliseconds a bucket. */
  readonly bucket: number;
  /** From the first exchange's bucket to the last's, empty ones included. */
  readonly buckets: readonly {
    readonly start: string;
    readonly exchanges: number;
    readonly errors: number;
  }[];
}

const MAX_BUCKETS = 60;
const ROUND = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
];

/**
 * @param starts milliseconds since 1970, in any order.
 * @param failed whether the exchange at the same place failed: 1 or 0.
 */
export function timelineOf(starts: Numbers, failed: Numbers): Timeline | null {
  const times = starts.values();
  if (times.length === 0) return null;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time < first) first = time;
    if (time > last) last = time;
  }
  const bucket = roundBucket(last - first);
  const origin = Math.floor(first / bucket) * bucket;
  const counts = Array.from({ length: Math.floor((last - origin) / bucket) + 1 }, () => ({
    exchanges: 0,
    errors: 0,
  }));
  const errors = failed.values();
  for (let i = 0; i < times.length; i++) {
    const count = counts[Math.floor((times[i]! - origin) / bucket)]!;
    count.exchanges++;
    count.errors += errors[i]!;
  }
  return {
    bucket,
    buckets: counts.map((count, i) => ({ start: new Date(origin + i * bucket).toISOString(), ...count })),
  };
}

function roundBucket(span: number): number {
  const least = span / (MAX_BUCKETS - 1);
  const days = Math.max(1, Math.ceil(least / 86_400_000)) * 86_400_000;
  return ROUND.find((length) => length >= least) ?? days;
}
