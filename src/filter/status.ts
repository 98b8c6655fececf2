// Status conditions: `404`, `5xx`, `400..499`, `>=400`, and several of them: `404,5xx`.
import { TrafficError } from "../errors.js";
import { Mistake } from "./mistake.js";
import { inRange, parseRange, type Range } from "./range.js";

const HINT = "use a code such as 404, a class such as 5xx, a range such as 400..499, or several: 404,5xx";

/** @throws Mistake */
export function parseStatus(text: string): (status: number) => boolean {
  const ranges: Range[] = [];
  let at = 0;
  for (const part of text.split(",")) {
    const trimmed = part.trim();
    ranges.push(parsePart(trimmed, at + part.length - part.trimStart().length));
    at += part.length + 1;
  }
  return (status) => ranges.some((range) => inRange(range, status));
}

/**
 * @param text as `~c` takes it
 * @throws TrafficError BAD_OPTION
 */
export function compileStatus(text: string): (status: number) => boolean {
  try {
    return parseStatus(text);
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    throw new TrafficError("BAD_OPTION", `'${text}' is no status condition`, { hint: HINT, cause: error });
  }
}

function parsePart(text: string, at: number): Range {
  const group = /^([1-9])xx$/i.exec(text);
  if (group !== null) return { low: Number(group[1]) * 100, high: Number(group[1]) * 100 + 99 };
  return parseRange(
    text,
    (value, place) => {
      if (/^\d{1,9}$/.test(value)) return Number(value);
      throw new Mistake(
        value === "" ? "a status is missing" : `'${value}' is no status`,
        place,
        place + value.length,
        HINT,
      );
    },
    at,
  );
}
