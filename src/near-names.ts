// Names that a person may have meant, wherever one is not known: of commands, sessions, rules, settings.

const MOST_NAMES = 3;

/** @returns up to three of `names` that differ from `wanted` by little: case, signs between words, a typing error or two, or a part */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const plain = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, "");
  const target = plain(wanted);
  return names
    .map((name) => ({ name, distance: distance(target, plain(name)) }))
    .filter(({ name, distance }) => distance <= (target.length > 4 ? 2 : 1) || isPart(target, plain(name)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_NAMES)
    .map(({ name }) => name);
}

function isPart(wanted: string, name: string): boolean {
  return (
    wanted.length >= 3 &&
    name !== "" &&
    (name.includes(wanted) || (name.length >= 3 && wanted.includes(name)))
  );
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
