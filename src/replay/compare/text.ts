// Compares two texts by lines (Myers, "An O(ND) Difference Algorithm", 1986), with an end to the effort: texts that have
// hardly anything in common are given as all of the one and all of the other.
import { type BodyDifference, excerpt, type LineDifference, MOST_DIFFERENCES } from "./types.js";

/** Lines taken out and put in up to which the shortest way is looked for: 2 MB of steps at most. */
const MOST_STEPS = 400;

/** @returns null where the lines are the same: only their ends differ. */
export function compareLines(before: string, after: string): BodyDifference | null {
  const [old, now] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (
    end < old.length - start &&
    end < now.length - start &&
    old[old.length - 1 - end] === now[now.length - 1 - end]
  ) {
    end++;
  }
  const [a, b] = [old.slice(start, old.length - end), now.slice(start, now.length - end)];
  const edits = shortestEdits(a, b) ?? [...every("-", a), ...every("+", b)];
  if (edits.length === 0) return null;
  const lines = edits.slice(0, MOST_DIFFERENCES).map(({ op, at }): LineDifference => {
    const text = (op === "-" ? a : b)[at] ?? "";
    return { op, line: start + at + 1, text: excerpt(text) };
  });
  return { kind: "text", lines, further: edits.length - lines.length };
}

interface Edit {
  readonly op: "-" | "+";
  readonly at: number;
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function every(op: "-" | "+", lines: readonly string[]): Edit[] {
  return lines.map((_line, at) => ({ op, at }));
}

/** @returns undefined where there are more than MOST_STEPS */
function shortestEdits(a: readonly string[], b: readonly string[]): Edit[] | undefined {
  const most = Math.min(a.length + b.length, MOST_STEPS);
  const offset = most + 1;
  const furthest = new Int32Array(2 * offset + 1);
  const trace: Int32Array[] = [];
  for (let steps = 0; steps <= most; steps++) {
    trace.push(furthest.slice());
    for (let k = -steps; k <= steps; k += 2) {
      const down = k === -steps || (k !== steps && furthest[offset + k - 1]! < furthest[offset + k + 1]!);
      let x = down ? furthest[offset + k + 1]! : furthest[offset + k - 1]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return backtracked(trace, offset, a.length, b.length);
    }
  }
  return undefined;
}

/** From the end back to the start, by what was the furthest at each step. */
function backtracked(trace: readonly Int32Array[], offset: number, length: number, other: number): Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [length, other];
  for (let steps = trace.length - 1; steps > 0; steps--) {
    const furthest = trace[steps]!;
    const k = x - y;
    const down = k === -steps || (k !== steps && furthest[offset + k - 1]! < furthest[offset + k + 1]!);
    const from = furthest[offset + (down ? k + 1 : k - 1)]!;
    const before = from - (down ? k + 1 : k - 1);
    edits.push(down ? { op: "+", at: before } : { op: "-", at: from });
    [x, y] = [from, before];
  }
  return edits.reverse();
}
