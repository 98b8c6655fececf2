// Sets of characters as sorted, disjoint ranges: `[low, high, low, high, ...]`, both ends included.

export type CharSet = readonly number[];

export const HIGHEST = 0x10_ffff;
export const EVERYTHING: CharSet = [0, HIGHEST];

/** @param ranges in any order, overlapping or not */
export function union(ranges: readonly (readonly [low: number, high: number])[]): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const set: number[] = [];
  for (const [low, high] of sorted) {
    const last = set.length - 1;
    if (last > 0 && low <= set[last]! + 1) set[last] = Math.max(set[last]!, high);
    else set.push(low, high);
  }
  return set;
}

export function pairs(set: CharSet): [low: number, high: number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < set.length; i += 2) found.push([set[i]!, set[i + 1]!]);
  return found;
}

export function complement(set: CharSet, highest: number): CharSet {
  const found: number[] = [];
  let next = 0;
  for (const [low, high] of pairs(set)) {
    if (low > next) found.push(next, low - 1);
    next = high + 1;
  }
  if (next <= highest) found.push(next, highest);
  return found;
}

export function intersection(a: CharSet, b: CharSet): CharSet {
  const found: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const low = Math.max(a[i]!, b[j]!);
    const high = Math.min(a[i + 1]!, b[j + 1]!);
    if (low <= high) found.push(low, high);
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return found;
}

export function overlaps(a: CharSet, b: CharSet): boolean {
  return intersection(a, b).length > 0;
}
