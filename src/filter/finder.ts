// What a person searches for: a text as it is, or a regular expression of the filter language, and where it stands.
import { invalidFilter } from "./invalid.js";
import { Mistake } from "./mistake.js";
import { compileFinder, DEFAULT_PATTERN_LIMIT_MS, type Finder } from "./pattern.js";

export type { Finder } from "./pattern.js";

export interface FinderOptions {
  readonly regex: boolean;
  readonly caseSensitive: boolean;
}

/**
 * Searches bytes (one character a byte): the text means its own UTF-8.
 * @throws TrafficError FILTER_INVALID with a caret under the place
 */
export function finderOf(text: string, { regex, caseSensitive }: FinderOptions): Finder {
  const pattern = regex ? text : text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
  try {
    return compileFinder(pattern, {
      bytes: true,
      limitMs: DEFAULT_PATTERN_LIMIT_MS,
      ignoreCase: !caseSensitive,
      dotAll: true,
      multiline: false,
    });
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    throw invalidFilter(text, error.message, { start: error.start, end: error.end }, error.hint);
  }
}
