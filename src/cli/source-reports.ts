// Says what a source held besides what was asked for: nothing is passed by in silence.
import type { SourceReport } from "../operations/query.js";
import { warn } from "./output.js";
import { plural } from "./plural.js";

const MOST_NAMED = 10;

export function warnOfReports(reports: readonly SourceReport[]): void {
  for (const report of reports) {
    for (const sentence of sentencesOf(report)) warn(`warning: ${report.source.label}: ${sentence}`);
  }
}

function sentencesOf({ lines, unreadableBodies, limitedBodies }: SourceReport): string[] {
  const sentences: string[] = [];
  if (lines.damaged > 0) {
    const named = lines.damagedLines.slice(0, MOST_NAMED).join(", ");
    const more = lines.damaged > MOST_NAMED ? ", …" : "";
    sentences.push(`${plural(lines.damaged, "damaged line")} passed by: ${named}${more}`);
  }
  if (lines.unknown > 0)
    sentences.push(`${plural(lines.unknown, "line")} of a kind this version does not know`);
  if (unreadableBodies > 0) sentences.push(`${plural(unreadableBodies, "body file")} missing or damaged`);
  if (limitedBodies > 0)
    sentences.push(`the first 32 MB of ${plural(limitedBodies, "body", "bodies")} were looked at`);
  return sentences;
}
