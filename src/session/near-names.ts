// Names that a person may have meant.

const MAX_NAMES = 3;

/** @returns up to three of `names` that contain `wanted` or differ from it by a typing error or two. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const near = names
    .map((name) => ({ name, distance: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= 2 || (wanted.length >= 3 && name.includes(wanted)));
  near.sort((a, b) => a.distance - b.distance);
  return near.slice(0, MAX_NAMES).map(({ name }) => name);
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substitution));
    }
    row = next;
  }
  return row[b.length]!;
}
