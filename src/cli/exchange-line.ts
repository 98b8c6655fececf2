// One exchange as one line of live output.
import type { ExchangeSummary } from "../exchange/summary.js";
import { statusColour } from "./exchange-paint.js";
import { timeOfDay } from "./local-time.js";
import type { Colours } from "./print.js";
import { printable } from "./printable.js";
import { formatDuration, formatSize } from "./units.js";

const TIME = 12;
const METHOD = 7;
const STATUS = 3;
const TYPE = 17;
const SIZE = 8;
const DURATION = 8;
const GAPS = 6 * 2;
const NARROWEST_URL = 20;

/** @param columns the terminal's width; undefined where nothing has to fit. Never wraps a terminal that has one. */
export function exchangeLine(
  summary: ExchangeSummary,
  colours: Colours,
  columns: number | undefined,
): string {
  const failed = summary.error !== null;
  const fixed = TIME + METHOD + STATUS + TYPE + SIZE + DURATION + GAPS;
  const urlWidth = columns === undefined ? 60 : Math.max(NARROWEST_URL, columns - fixed - 1);
  const where = printable(withoutScheme(summary.url));
  const parts = [
    colours.dim(timeOfDay(new Date(summary.startedAt))),
    colours.bold(cell(printable(summary.method), METHOD, columns)),
    statusColour(summary.status, failed, colours)(cell(statusText(summary), STATUS, columns)),
    columns === undefined ? where.padEnd(urlWidth) : cell(where, urlWidth, columns),
    colours.dim(cell(printable(typeText(summary)), TYPE, TYPE)),
    formatSize(summary.responseSize).padStart(SIZE),
    colours.dim(formatDuration(summary.duration).padStart(DURATION)),
  ];
  const line = parts.join("  ");
  if (!failed) return line;
  const problem = `${" ".repeat(TIME + 2)}${printable(summary.error.message)}`;
  return `${line}\n${colours.red(columns === undefined ? problem : cut(problem, columns - 1))}`;
}

function statusText(summary: ExchangeSummary): string {
  if (summary.kind === "tunnel") return summary.error === null ? "TUN" : "ERR";
  if (summary.status === null) return "ERR";
  return String(summary.status);
}

function typeText(summary: ExchangeSummary): string {
  switch (summary.kind) {
    case "tunnel":
      return "tunnel";
    case "websocket":
      return `ws ${summary.messages ?? 0} msg`;
    case "http":
      return (summary.type ?? "").replace(/^application\/(?:x-)?/, "");
  }
}

function withoutScheme(url: string): string {
  return url.replace(/^[a-z]+:\/\//, "");
}

function cell(text: string, width: number, columns: number | undefined): string {
  return (columns === undefined ? text : cut(text, width)).padEnd(width);
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
