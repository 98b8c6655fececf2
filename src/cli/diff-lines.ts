// What differs in an endpoint, as lines that the formats of a diff share.
import type { Diff, EndpointDifference } from "../operations/diff.js";
import { printable } from "./printable.js";
import { formatDuration } from "./units.js";

/** Lines of one endpoint; --json has all. */
const MOST_LINES = 40;

export interface DiffLine {
  readonly sign: "+" | "-" | "~";
  readonly text: string;
}

export function linesOf({ change, statuses, shapes, before, after }: EndpointDifference): DiffLine[] {
  if (change === "new") return [{ sign: "+", text: `new: ${statusesText(after)}` }];
  if (change === "gone") return [{ sign: "-", text: `gone: ${statusesText(before)}` }];
  const lines: DiffLine[] = [
    ...statuses.new.map((status) => ({ sign: "+" as const, text: `status ${status}` })),
    ...statuses.gone.map((status) => ({ sign: "-" as const, text: `status ${status}` })),
  ];
  for (const { status, differences, further } of shapes) {
    for (const difference of differences) {
      const place = `${status} ${printable(difference.pointer === "" ? "the whole body" : difference.pointer)}`;
      if (difference.change === "field-added")
        lines.push({ sign: "+", text: `${place}: ${difference.after}` });
      else if (difference.change === "field-removed") {
        lines.push({ sign: "-", text: `${place}: ${difference.before}` });
      } else lines.push({ sign: "~", text: `${place}: ${difference.before} → ${difference.after}` });
    }
    if (further > 0) lines.push({ sign: "~", text: `${status}: ${further} further differences of shape` });
  }
  if (lines.length <= MOST_LINES) return lines;
  return [
    ...lines.slice(0, MOST_LINES),
    { sign: "~", text: `${lines.length - MOST_LINES} more: --json has them` },
  ];
}

export function durationText({ before, after, slower }: EndpointDifference): string {
  const was = before?.p50 ?? null;
  const is = after?.p50 ?? null;
  if (was === null || is === null) return "";
  const share = slower === null ? "" : ` (${slower >= 0 ? "+" : ""}${Math.round(slower * 100)} %)`;
  return `${formatDuration(was)} → ${formatDuration(is)}${share}`;
}

export function countsText({ before, after, endpoints }: Diff): string {
  const of = (change: EndpointDifference["change"]): number =>
    endpoints.filter((each) => each.change === change).length;
  const sizes = `${before.exchanges} exchanges before, ${after.exchanges} after`;
  return `${of("new")} new, ${of("gone")} gone, ${of("changed")} changed, ${of("same")} unchanged; ${sizes}`;
}

export function changedOnes({ endpoints }: Diff): EndpointDifference[] {
  return endpoints.filter(({ change }) => change !== "same");
}

function statusesText(side: EndpointDifference["before"]): string {
  if (side === null) return "";
  return Object.entries(side.statuses)
    .map(([status, count]) => (count === 1 ? status : `${status} × ${count}`))
    .join(", ");
}
