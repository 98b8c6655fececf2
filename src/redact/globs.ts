// Names with `*` for any characters, compared without regard to case.

/** @returns whether any of the globs matches the whole text. Linear: no backtracking over several stars. */
export function compileGlobs(globs: readonly string[]): (text: string) => boolean {
  if (globs.length === 0) return () => false;
  const exact = new Set<string>();
  const parts: (readonly string[])[] = [];
  for (const glob of globs) {
    const lower = glob.toLowerCase();
    if (lower.includes("*")) parts.push(lower.split("*"));
    else exact.add(lower);
  }
  return (text) => {
    const lower = text.toLowerCase();
    return exact.has(lower) || parts.some((glob) => matches(glob, lower));
  };
}

function matches(parts: readonly string[], text: string): boolean {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
