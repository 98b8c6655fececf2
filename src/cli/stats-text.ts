// What `trafficctl stats` shows people.
import type { Statistics, StatisticsGroup } from "../operations/stats.js";
import { dayAndTime, timeOfDay } from "./local-time.js";
import { plotBars } from "./plot.js";
import { type Column, renderTable } from "./table.js";
import type { TextOptions } from "./text-options.js";
import { formatDuration, formatSize } from "./units.js";

export type GroupName = "host" | "method" | "status" | "type" | "endpoint";

const GROUPS: Readonly<Record<GroupName, (statistics: Statistics) => readonly StatisticsGroup[]>> = {
  host: ({ hosts }) => hosts,
  method: ({ methods }) => methods,
  status: ({ statuses }) => statuses,
  type: ({ types }) => types,
  endpoint: ({ endpoints }) => endpoints,
};
/** Rows of each group when all are shown. */
const ROWS = 10;
const PLOT_HEIGHT = 5;

export function describeStatistics(
  statistics: Statistics,
  by: GroupName | undefined,
  options: TextOptions,
): string {
  if (statistics.exchanges === 0) return "no exchanges\n";
  if (by !== undefined) return group(by, GROUPS[by](statistics), Number.POSITIVE_INFINITY, options);
  const sections = [
    overview(statistics, options),
    timeline(statistics, options),
    ...(["host", "method", "status", "type"] as const).map((name) =>
      group(name, GROUPS[name](statistics), ROWS, options),
    ),
    errors(statistics, options),
    slowest(statistics, options),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

function overview(statistics: Statistics, { colours }: TextOptions): string {
  const { durations, from, to } = statistics;
  const lines: [string, string][] = [
    ["exchanges", String(statistics.exchanges)],
    ["from", from === null ? "-" : dayAndTime(from)],
    ["to", to === null ? "-" : dayAndTime(to)],
    ["sent", formatSize(statistics.requestBytes)],
    ["received", formatSize(statistics.responseBytes)],
  ];
  if (statistics.failed > 0) lines.push(["failed", colours.red(String(statistics.failed))]);
  if (statistics.open > 0) lines.push(["not ended", String(statistics.open)]);
  if (statistics.webSocketMessages > 0) lines.push(["messages", String(statistics.webSocketMessages)]);
  if (durations !== null) {
    const parts = (["p50", "p90", "p95", "p99", "max"] as const).map(
      (name) => `${colours.dim(name)} ${formatDuration(durations[name])}`,
    );
    lines.push(["duration", parts.join("  ")]);
  }
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${colours.dim(name.padEnd(width))}  ${value}\n`).join("");
}

function timeline({ timeline: data }: Statistics, { colours, width }: TextOptions): string {
  if (data === null || data.buckets.length < 2) return "";
  const lines = plotBars(
    data.buckets.map(({ exchanges, errors: failed }) => ({ value: exchanges, marked: failed })),
    { height: PLOT_HEIGHT, width, paint: colours.green, paintMarked: colours.red },
  );
  const first = timeOfDay(new Date(data.buckets[0]!.start));
  const last = timeOfDay(new Date(data.buckets.at(-1)!.start));
  const axis = `${first} to ${last}, ${formatDuration(data.bucket)} a bar`;
  return `${lines.join("\n")}\n${colours.dim(axis)}\n`;
}

function group(
  name: GroupName,
  groups: readonly StatisticsGroup[],
  most: number,
  { colours, width }: TextOptions,
): string {
  const shown = groups.slice(0, most);
  const columns: Column<StatisticsGroup>[] = [
    { title: name.toUpperCase(), value: ({ key }) => key, minWidth: 16 },
    { title: "COUNT", value: ({ exchanges }) => String(exchanges), align: "right" },
    {
      title: "ERRORS",
      value: ({ errors: count }) => String(count),
      align: "right",
      paint: (text, row) => (row.errors > 0 ? colours.red(text) : text),
    },
    { title: "RECEIVED", value: ({ responseBytes }) => formatSize(responseBytes), align: "right" },
    { title: "P50", value: ({ durations }) => duration(durations?.p50), align: "right" },
    { title: "P95", value: ({ durations }) => duration(durations?.p95), align: "right" },
    { title: "MAX", value: ({ durations }) => duration(durations?.max), align: "right" },
  ];
  const table = renderTable(shown, columns, { width, paintTitle: (text) => colours.dim(text) });
  const rest = groups.length - shown.length;
  if (rest <= 0) return table;
  return `${table}${colours.dim(`and ${rest} more: --by ${name} shows them`)}\n`;
}

function errors({ errors: list }: Statistics, { colours, width }: TextOptions): string {
  if (list.length === 0) return "";
  return renderTable(
    list,
    [
      { title: "ERROR", value: ({ code }) => code, paint: (text) => colours.red(text) },
      { title: "COUNT", value: ({ exchanges }) => String(exchanges), align: "right" },
      { title: "FOR EXAMPLE", value: ({ example }) => example, minWidth: 20 },
    ],
    { width, paintTitle: (text) => colours.dim(text) },
  );
}

function slowest({ slowest: list }: Statistics, { colours, width }: TextOptions): string {
  if (list.length === 0) return "";
  return renderTable(
    list,
    [
      { title: "SLOWEST", value: ({ duration: ms }) => formatDuration(ms), align: "right" },
      { title: "SEQ", value: ({ seq }) => String(seq), align: "right" },
      { title: "METHOD", value: ({ method }) => method },
      { title: "STATUS", value: ({ status }) => (status === null ? "ERR" : String(status)) },
      { title: "URL", value: ({ url }) => url, minWidth: 20 },
    ],
    { width, paintTitle: (text) => colours.dim(text) },
  );
}

function duration(ms: number | undefined): string {
  return ms === undefined ? "-" : formatDuration(ms);
}
