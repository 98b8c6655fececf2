// A replay for a person: a line for each request as it is done, what differs below it, and a summary.
import type { ReplayOutcome, ReplayResult } from "../operations/replay.js";
import { statusColour } from "./exchange-paint.js";
import { printable } from "./printable.js";
import type { TextOptions } from "./text-options.js";
import { formatDuration, formatSize } from "./units.js";

const SEQ = 6;
const METHOD = 7;
const STATUS = 6;
const SIZE = 8;
const DURATION = 8;
/** Differences of one exchange that are shown; --json has all of them. */
const MOST_SHOWN = 20;

type Comparison = NonNullable<ReplayResult["comparison"]>;

export function replayHead({ colours }: TextOptions, execute: boolean): string {
  const columns = ["SEQ".padStart(SEQ), "METHOD".padEnd(METHOD)];
  if (execute) columns.push("STATUS".padEnd(STATUS), "WAS".padEnd(STATUS), "SIZE".padStart(SIZE), "DURATION");
  else columns.push("VERSION ", "BODY".padStart(SIZE));
  return `${colours.dim([...columns, "URL"].join("  "))}\n`;
}

export function replayLine(result: ReplayResult, options: TextOptions, execute: boolean): string {
  const { colours, width } = options;
  const { outcome, recorded } = result;
  const cells = [String(result.seq).padStart(SEQ), colours.bold(cut(printable(result.method), METHOD))];
  if (execute) {
    const paint = statusColour(result.status, outcome === "failed" || outcome === "refused", colours);
    cells.push(
      paint(statusText(result).padEnd(STATUS)),
      colours.dim((recorded.status === null ? "-" : String(recorded.status)).padEnd(STATUS)),
      (outcome === "answered" ? formatSize(result.responseSize) : "").padStart(SIZE),
      colours.dim((result.duration === null ? "" : formatDuration(result.duration)).padStart(DURATION)),
    );
  } else cells.push(result.httpVersion, formatSize(result.requestSize).padStart(SIZE));
  const taken = execute ? SEQ + METHOD + 2 * STATUS + SIZE + DURATION + 12 : SEQ + METHOD + SIZE + 8 + 8;
  const url = printable(result.url);
  cells.push(width === undefined ? url : cut(url, Math.max(20, width - taken)).trimEnd());
  const indent = " ".repeat(SEQ + 2);
  const below = [
    ...problemOf(result),
    ...(result.comparison === null ? [] : comparisonLines(result.comparison)),
  ];
  return `${[cells.join("  "), ...below.map((line) => `${indent}${colourOf(line, options)}`)].join("\n")}\n`;
}

export function replaySummary(outcome: ReplayOutcome, compared: boolean): string {
  const { counts, session, different } = outcome;
  const parts = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  if (compared && session !== null) parts.push(`${different} different`);
  if (outcome.interrupted) parts.push("ended before the rest was sent");
  const place = session === null ? "nothing was sent: --execute sends" : `in the session ${session.id}`;
  return `${parts.join(", ")}; ${place}\n`;
}

/** The lines below an exchange that differs: what was, and what is. */
function comparisonLines(comparison: Comparison): string[] {
  if (comparison.same) return [];
  const { status, error, headers, body } = comparison;
  const lines = [
    ...(status === null ? [] : [`~ status ${status.before ?? "none"} → ${status.after ?? "none"}`]),
    ...(error === null ? [] : [`~ error ${error.before ?? "none"} → ${error.after ?? "none"}`]),
    ...headers.flatMap(({ name, before, after }) => headerLines(name, before, after)),
    ...(body === null ? [] : bodyLines(body)),
  ];
  if (lines.length <= MOST_SHOWN) return lines;
  return [...lines.slice(0, MOST_SHOWN), `… and ${lines.length - MOST_SHOWN} more: --json has them`];
}

function headerLines(
  name: string,
  before: readonly string[] | null,
  after: readonly string[] | null,
): string[] {
  const field = printable(name);
  if (before === null) return [`+ ${field}: ${printable((after ?? []).join(", "))}`];
  if (after === null) return [`- ${field}: ${printable(before.join(", "))}`];
  return [`~ ${field}: ${printable(before.join(", "))} → ${printable(after.join(", "))}`];
}

function bodyLines(body: NonNullable<Comparison["body"]>): string[] {
  switch (body.kind) {
    case "json":
      return [
        ...body.differences.map(({ pointer, change, before = "", after = "" }) => {
          const place = printable(pointer === "" ? "the whole" : pointer);
          if (change === "added") return `+ ${place}: ${printable(after)}`;
          if (change === "removed") return `- ${place}: ${printable(before)}`;
          return `~ ${place}: ${printable(before)} → ${printable(after)}`;
        }),
        ...furtherLine(body.further),
      ];
    case "text":
      return [
        ...body.lines.map(({ op, line, text }) => `${op} ${line}: ${printable(text)}`),
        ...furtherLine(body.further),
      ];
    case "binary":
    case "unknown":
      return [`~ body ${formatSize(body.before.size)} → ${formatSize(body.after.size)}`];
  }
}

function furtherLine(further: number): string[] {
  return further === 0 ? [] : [`… and ${further} differences more`];
}

function problemOf({ outcome, error, reason }: ReplayResult): string[] {
  if (error !== null) return [`! ${printable(error.message)}`];
  return reason === null ? [] : [`! ${outcome}: ${printable(reason)}`];
}

function colourOf(line: string, { colours }: TextOptions): string {
  if (line.startsWith("+")) return colours.green(line);
  if (line.startsWith("-") || line.startsWith("!")) return colours.red(line);
  return line.startsWith("~") ? colours.yellow(line) : colours.dim(line);
}

function statusText({ status, outcome }: ReplayResult): string {
  if (outcome === "refused" || outcome === "skipped") return "-";
  return outcome === "failed" ? "ERR" : String(status ?? "-");
}

function cut(text: string, width: number): string {
  return (text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`).padEnd(width);
}
