// How a mistake in a filter is shown: the text, and a caret under the exact place.
import { TrafficError } from "../errors.js";

/** Characters of the text that are shown before the place and after it. */
const AROUND = 60;

/**
 * @param start index of the first wrong character; the text's length for what is missing at its end
 * @param end index behind the last wrong one
 */
export function invalidFilter(
  text: string,
  problem: string,
  place: { readonly start: number; readonly end: number },
  hint?: string,
): TrafficError {
  const { start, end } = place;
  const from = start > AROUND ? start - AROUND : 0;
  const to = Math.min(text.length, Math.max(end, start) + AROUND);
  const before = (from > 0 ? "…" : "") + printable(text.slice(from, start));
  const marked = printable(text.slice(start, end));
  const after = printable(text.slice(Math.max(start, end), to)) + (to < text.length ? "…" : "");
  const caret = " ".repeat(lengthOf(before)) + "^".repeat(Math.max(1, Math.min(lengthOf(marked), AROUND)));
  const message = `the filter is wrong: ${problem}\n  ${before}${marked}${after}\n  ${caret}`;
  return new TrafficError("FILTER_INVALID", message, hint === undefined ? {} : { hint });
}

/** One column for each character, whatever it is. */
function printable(text: string): string {
  return text.replace(/[\p{C}\p{Z}\p{M}]/gu, (character) => (character === " " ? " " : "·"));
}

function lengthOf(text: string): number {
  return [...text].length;
}
