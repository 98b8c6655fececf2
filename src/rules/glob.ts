// Globs: `*` stands for any characters, everything else for itself, and the whole text must match. Linear: a star takes
// as little as it can, so there is nothing to go back to.

export interface Glob {
  readonly text: string;
  test(input: string): boolean;
  /** What each star took, in order; undefined where the glob does not match. */
  captures(input: string): readonly string[] | undefined;
  /** How many stars it has. */
  readonly stars: number;
}

/** @param ignoreCase of ASCII and beyond, as host names are compared */
export function compileGlob(text: string, { ignoreCase = false } = {}): Glob {
  const parts = (ignoreCase ? text.toLowerCase() : text).split("*");
  const fold = (input: string): string => (ignoreCase ? input.toLowerCase() : input);
  if (parts.length === 1) {
    const [only] = parts;
    return {
      text,
      stars: 0,
      test: (input) => fold(input) === only,
      captures: (input) => (fold(input) === only ? [] : undefined),
    };
  }
  return {
    text,
    stars: parts.length - 1,
    test: testOf(parts, fold),
    captures(input) {
      const places = placesIn(parts, fold(input));
      return places?.map(([start, end]) => input.slice(start, end));
    },
  };
}

/** Most globs have one star, at an end. */
function testOf(parts: readonly string[], fold: (input: string) => string): (input: string) => boolean {
  const [first = "", last = ""] = parts;
  if (parts.length === 2 && last === "") return (input) => startsWith(fold(input), first);
  if (parts.length === 2 && first === "") return (input) => fold(input).endsWith(last);
  return (input) => placesIn(parts, fold(input)) !== undefined;
}

/** URLs begin alike: their beginnings differ at the end, where V8's own comparison looks last (90 ns instead of 10). */
function startsWith(input: string, beginning: string): boolean {
  const end = beginning.length - 1;
  return end < 0 || (input.charCodeAt(end) === beginning.charCodeAt(end) && input.startsWith(beginning));
}

/** Where each star's text begins and ends. */
function placesIn(parts: readonly string[], input: string): [start: number, end: number][] | undefined {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (input.length < first.length + last.length || !input.startsWith(first) || !input.endsWith(last))
    return undefined;
  const places: [number, number][] = [];
  const end = input.length - last.length;
  let at = first.length;
  for (let i = 1; i < parts.length - 1; i++) {
    const part = parts[i]!;
    const found = input.indexOf(part, at);
    if (found === -1 || found + part.length > end) return undefined;
    places.push([at, found]);
    at = found + part.length;
  }
  places.push([at, end]);
  return places;
}
