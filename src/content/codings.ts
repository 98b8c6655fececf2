// Which content codings a message carries (RFC 9110 section 8.4), under one name each.
import { headerValues, type RawHeaders } from "../exchange/headers.js";

const ALIASES: Readonly<Record<string, string>> = { "x-gzip": "gzip", "x-compress": "compress" };

/** A list this long has no honest use; what goes beyond is not undone. */
const MOST_CODINGS = 8;

/**
 * The codings in the order in which they were applied, in lower case, `identity` left out and aliases resolved.
 * Several lines are one list (RFC 9110 section 5.3).
 */
export function contentCodings(headers: RawHeaders): string[] {
  return headerValues(headers, "content-encoding")
    .flatMap((value) => value.split(","))
    .map((coding) => coding.trim().toLowerCase())
    .map((coding) => ALIASES[coding] ?? coding)
    .filter((coding) => coding !== "" && coding !== "identity")
    .slice(0, MOST_CODINGS);
}
