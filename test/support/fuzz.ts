// How long the fuzz targets run: a number of runs in the tests, a time in `npm run fuzz` (the nightly form).
import type fc from "fast-check";

const SECONDS = Number(process.env.TRAFFICCTL_FUZZ_SECONDS ?? "0");

/** @param numRuns of the form in the tests */
export function fuzzFor<T = unknown>(numRuns: number): fc.Parameters<T> {
  if (SECONDS === 0) return { numRuns };
  return {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: SECONDS * 1000,
    markInterruptAsFailure: false,
  };
}
