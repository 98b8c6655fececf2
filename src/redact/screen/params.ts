// Whether findParams may find anything in a form: names are judged where they stand, values decoded as bytes.
import { decodeParam } from "../find-params.js";
import type { Grade } from "../names.js";
import { copyOfBytes, decodeParams, scratch } from "./decoded-bytes.js";
import { isPlain } from "./plain.js";
import { finds, type Screened } from "./probe.js";

const AMPERSAND = 38;
const EQUALS = 61;
/** Shorter values are not looked into. */
const SHORTEST = 8;

export function mayHoldInParams(screened: Screened, from: number, to: number): boolean {
  const { bytes } = screened;
  // What was decoded may hold known secrets.
  screened.lookWithin("form");
  for (let start = from; start < to; ) {
    let equals = -1;
    let nameIsEncoded = false;
    let end = start;
    for (; end < to; end++) {
      const code = bytes[end]!;
      if (code === AMPERSAND) break;
      if (code === EQUALS && equals === -1) equals = end;
      else if (equals === -1 && (code === 37 || code === 43)) nameIsEncoded = true;
    }
    if (equals !== -1 && equals + 1 < end) {
      const grade = gradeOf(screened, start, equals, nameIsEncoded);
      if (grade !== "none" && isSecret(screened, grade, start, equals, end)) return true;
      if (end - equals > SHORTEST) {
        const isNothing = screened.plainIsNothing && isPlain(bytes, equals + 1, end);
        if (!isNothing && mayHoldWithin(screened, equals + 1, end)) return true;
      }
    }
    start = end + 1;
  }
  return false;
}

function mayHoldWithin(screened: Screened, start: number, end: number): boolean {
  const room = scratch(end - start);
  const length = decodeParams(screened.bytes, start, end, room);
  if (length === -1) return true;
  if (screened.plainIsNothing && isPlain(room, 0, length)) return false;
  return screened.nested(copyOfBytes(room, length), "form");
}

function gradeOf({ bytes, work }: Screened, start: number, equals: number, isEncoded: boolean): Grade {
  return isEncoded
    ? work.names.of(decodeParam(bytes.toString("utf8", start, equals)))
    : work.names.inBytes(bytes, start, equals);
}

function isSecret(screened: Screened, grade: Grade, start: number, equals: number, end: number): boolean {
  const { bytes } = screened;
  const name = decodeParam(bytes.toString("utf8", start, equals));
  const value = decodeParam(bytes.toString("utf8", equals + 1, end));
  return finds(value, screened, (scan) => scan.graded(grade, name, 0, value.length, "form", value, true));
}
