// Statistics for a client: the overview of a session, and rows of its lists.
import type { Statistics, StatisticsGroup } from "../operations/stats.js";
import { within } from "./budget.js";
import { rounded } from "./exchange-row.js";
import type { Answer } from "./result.js";
import type { ToolContext } from "./tool.js";

const TOP = 8;

/** The most used of each kind, and how many there are. */
export function overviewOf(session: string, statistics: Statistics, { safe, settings }: ToolContext): Answer {
  const { exchanges, failed, open, from, to, requestBytes, responseBytes, webSocketMessages, durations } =
    statistics;
  const groups = {
    hosts: statistics.hosts,
    endpoints: statistics.endpoints,
    statuses: statistics.statuses,
    methods: statistics.methods,
    types: statistics.types,
  };
  const top = Object.entries(groups).map(([name, all]) => [name, topOf(all)] as const);
  const errors = statistics.errors.slice(0, TOP);
  const slowest = statistics.slowest
    .slice(0, TOP)
    .map(({ duration, ...each }) => ({ ...each, duration: rounded(duration) }));
  const data = {
    session,
    exchanges,
    failed,
    underWay: open,
    from,
    to,
    requestBytes,
    responseBytes,
    webSocketMessages,
    durations: durations === null ? null : roundedAll(durations),
    ...Object.fromEntries(
      top.map(([name, { rows, of }]) => [name, { of, top: rows.map(({ data }) => data) }]),
    ),
    errors,
    slowest,
  };
  const lines = [
    ...top.flatMap(([name, { rows, of }]) => [
      `${name} (${rows.length} of ${of}):`,
      ...rows.map(({ line }) => `  ${line}`),
    ]),
    ...(errors.length === 0
      ? []
      : ["errors:", ...errors.map((each) => `  ${each.exchanges}  ${each.code}  ${each.example}`)]),
    ...(slowest.length === 0
      ? []
      : [
          "slowest:",
          ...slowest.map((each) => `  ${each.seq}  ${each.duration} ms  ${each.method} ${each.url}`),
        ]),
  ];
  const p50 = durations === null ? "" : `, median ${rounded(durations.p50)} ms`;
  const clean = safe.deep(data);
  return within(
    {
      text: `Session ${session}: ${exchanges} exchanges, ${failed} failed, ${open} under way${p50}. get_statistics with \`list\` gives a list as a whole.`,
      data: typeof clean === "object" && clean !== null ? { ...clean } : {},
      traffic: safe.text(lines.join("\n")),
    },
    settings.budget,
  );
}

export function groupRow({
  key,
  exchanges,
  errors,
  requestBytes,
  responseBytes,
  durations,
}: StatisticsGroup) {
  const spread =
    durations === null
      ? null
      : { p50: rounded(durations.p50), p95: rounded(durations.p95), max: rounded(durations.max) };
  const time = spread === null ? "" : `  p50 ${spread.p50} ms`;
  return {
    data: { name: key, exchanges, errors, requestBytes, responseBytes, durations: spread },
    line: `${exchanges}  ${key}${errors === 0 ? "" : `  ${errors} errors`}${time}`,
  };
}

/** Buckets in which nothing started are left out. */
export function timelineRows({ timeline }: Statistics) {
  return (timeline?.buckets ?? [])
    .filter(({ exchanges }) => exchanges > 0)
    .map(({ start, exchanges, errors }) => ({
      from: start,
      milliseconds: timeline?.bucket ?? 0,
      exchanges,
      errors,
    }));
}

function topOf(groups: readonly StatisticsGroup[]) {
  return { of: groups.length, rows: groups.slice(0, TOP).map(groupRow) };
}

function roundedAll(numbers: object): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, rounded(Number(value))]));
}

/** Errors, hosts and endpoints that fail, the slowest exchanges. */
export function findingsOf(
  session: string,
  statistics: Statistics,
  { safe }: ToolContext,
): Record<string, unknown> {
  const failing = (groups: readonly StatisticsGroup[]) =>
    groups
      .filter(({ errors }) => errors > 0)
      .map(({ key, exchanges, errors }) => ({
        name: key,
        exchanges,
        errors,
        rate: Math.round((errors / exchanges) * 100) / 100,
      }))
      .sort((a, b) => b.rate - a.rate || b.errors - a.errors);
  const hosts = failing(statistics.hosts);
  const endpoints = failing(statistics.endpoints);
  const found = safe.deep({
    errors: statistics.errors.slice(0, TOP),
    failingHosts: hosts.slice(0, TOP),
    failingEndpoints: endpoints.slice(0, TOP),
    slowest: statistics.slowest.slice(0, TOP),
  });
  return {
    session,
    exchanges: statistics.exchanges,
    failed: statistics.failed,
    failingHostCount: hosts.length,
    failingEndpointCount: endpoints.length,
    ...(typeof found === "object" ? found : {}),
  };
}
