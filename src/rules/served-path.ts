// Which file below a folder a URL's path names. What could name anything outside of it has no answer at all.

/**
 * @param path of a URL, as sent, without query
 * @param strip what goes from its beginning; where it does not begin so, it names nothing here
 * @returns the names from the folder down, each without separators; undefined for what is no path below it
 */
export function segmentsOf(
  path: string,
  strip: string,
  platform = process.platform,
): readonly string[] | undefined {
  const rest = path.slice(strip.length);
  // Up to a whole name: /static is not the beginning of /statically.
  if (!path.startsWith(strip) || !(strip.endsWith("/") || rest === "" || rest.startsWith("/")))
    return undefined;
  const segments: string[] = [];
  for (const raw of rest.split("/")) {
    const segment = decoded(raw);
    if (segment === undefined || !isName(segment, platform)) return undefined;
    if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments;
}

/** Once: `%252e` is the name `%2e`. */
function decoded(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

const DEVICE =
  /^(?:con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$)(?:\.|$)/i;

/** Separators of any system, NUL, and drives or streams (`C:`) are part of no name; Windows drops dots at the end. */
function isName(segment: string, platform: NodeJS.Platform): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL and its kind are what is meant
  if (segment === ".." || /[\\/\x00-\x1f]/.test(segment)) return false;
  if (platform !== "win32" || segment === "." || segment === "") return true;
  return !/[:*?"<>|]|[. ]$/.test(segment) && !DEVICE.test(segment);
}
