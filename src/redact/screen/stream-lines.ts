// The lines of a stream and the data of its events, as deltas.ts reads them, from bytes.

/**
 * Calls `one` with the data of each event that came in one line, `several` with the places of the lines of one that came
 * in more: where each begins and ends, one after the other.
 */
export function eachEvent(
  bytes: Buffer,
  one: (start: number, end: number) => void,
  several: (lines: readonly number[]) => void,
): void {
  let lines: number[] = [];
  const finish = (): void => {
    if (lines.length === 2) one(lines[0]!, lines[1]!);
    else if (lines.length > 2) several(lines);
    lines = [];
  };
  eachLine(bytes, (start, end) => {
    if (end === start) finish();
    else {
      const data = dataAt(bytes, start, end);
      if (data !== -1) lines.push(data, end);
    }
  });
  finish();
}

/** Where the data of a line begins, or -1. */
function dataAt(bytes: Buffer, start: number, end: number): number {
  if (bytes[start] !== 100 || bytes[start + 1] !== 97 || bytes[start + 2] !== 116) return -1;
  if (bytes[start + 3] !== 97 || bytes[start + 4] !== 58) return -1;
  return Math.min(bytes[start + 5] === 32 ? start + 6 : start + 5, end);
}

/** Calls `line` for each, without what ends it. */
export function eachLine(bytes: Buffer, line: (start: number, end: number) => void): void {
  const to = bytes.length;
  const ending = bytes.includes(10) ? 10 : 13;
  let start = 0;
  while (start < to) {
    let end = bytes.indexOf(ending, start);
    if (end === -1) end = to;
    line(start, bytes[end - 1] === 13 && end > start ? end - 1 : end);
    start = end + 1;
  }
}
