// What reading a session meets besides what it gives.

/** What was met on the way; complete when the reader has ended. */
export interface ReadReport {
  /** Whole lines. */
  lines: number;
  /** Lines that hold nothing usable. */
  damaged: number;
  /** Numbers of the first 100 of them, from 1. */
  damagedLines: number[];
  /** Whole lines of a type this build does not know. */
  unknown: number;
  /** Bytes after the last whole line: being written, or left by a crash. */
  tornBytes: number;
}

const MAX_DAMAGED_NAMED = 100;

export function createReadReport(): ReadReport {
  return { lines: 0, damaged: 0, damagedLines: [], unknown: 0, tornBytes: 0 };
}

/** Counts a damaged line, and names it unless there are many. */
export function noteDamage(report: ReadReport, line: number): void {
  report.damaged++;
  if (report.damagedLines.length < MAX_DAMAGED_NAMED) report.damagedLines.push(line);
}
