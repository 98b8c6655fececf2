// Cuts bytes into pieces as a network might.
import fc from "fast-check";

/** Splits at the given places, in any order and with repetitions. */
export function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces: Buffer[] = [];
  let start = 0;
  for (const place of [...places, bytes.length]) {
    if (place > start) pieces.push(bytes.subarray(start, place));
    start = place;
  }
  return pieces;
}

export const arbitraryCuts = fc.array(fc.nat({ max: 100_000 }), { maxLength: 30 });
