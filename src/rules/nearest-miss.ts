// Which of the rules that do not match came nearest to it, and what stood in its way.
import type { Verdict } from "../filter/subject.js";
import type { Check } from "./match.js";

export interface Miss {
  readonly name: string;
  readonly failed: readonly Check[];
}

interface Explained {
  readonly name: string;
  readonly checks: readonly Check[];
  readonly matched: Verdict;
}

/** Of rules that don't match, the one with the fewest checks that fail; of those, the one with the most that hold. */
export function nearestMiss(reports: readonly Explained[]): Miss | undefined {
  const misses = reports
    .filter(({ matched, checks }) => matched === false && checks.length > 0)
    .map(({ name, checks }) => {
      const failed = checks.flatMap(failedIn);
      return { name, failed, held: checks.flatMap(leavesOf).length - failed.length };
    });
  misses.sort((a, b) => a.failed.length - b.failed.length || b.held - a.held);
  const [nearest] = misses;
  return nearest === undefined ? undefined : { name: nearest.name, failed: nearest.failed };
}

/** The checks that would have to be otherwise: of alternatives, those of the nearest one. */
function failedIn(check: Check): readonly Check[] {
  if (check.verdict === true) return [];
  if (check.parts === undefined || check.type === "not" || check.type === "condition") return [check];
  const parts = check.parts.map(failedIn);
  if (check.type === "and") return parts.flat();
  return parts.reduce((fewest, each) => (each.length < fewest.length ? each : fewest));
}

function leavesOf(check: Check): readonly Check[] {
  return check.parts === undefined ? [check] : check.parts.flatMap(leavesOf);
}
