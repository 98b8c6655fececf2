// Statistics for a client: the overview of a session, and rows of its lists.
import { z } from "zod";
import type { Statistics, StatisticsGroup } from "../operations/stats.js";
import { canFit, most } from "./budget.js";
import { rounded } from "./exchange-row.js";
import { COUNT, type DataOf, MAYBE_TEXT, OBJECT, TEXT } from "./output.js";
import type { Answer } from "./result.js";
import type { Safe } from "./safe.js";
import type { ToolContext } from "./tool.js";

const TOP = 8;

const GROUPS = z.object({ of: COUNT, top: z.array(OBJECT) }).exactOptional();

export const OVERVIEW = {
  session: TEXT,
  exchanges: COUNT.exactOptional(),
  failed: COUNT.exactOptional(),
  underWay: COUNT.exactOptional(),
  from: MAYBE_TEXT.exactOptional(),
  to: MAYBE_TEXT.exactOptional(),
  requestBytes: COUNT.exactOptional(),
  responseBytes: COUNT.exactOptional(),
  webSocketMessages: COUNT.exactOptional(),
  durations: OBJECT.nullable().exactOptional(),
  hosts: GROUPS,
  endpoints: GROUPS,
  statuses: GROUPS,
  methods: GROUPS,
  types: GROUPS,
  errors: z.array(OBJECT).exactOptional(),
  slowest: z.array(OBJECT).exactOptional(),
};

/** The most used of each kind, and how many there are. */
export function overviewOf(
  session: string,
  statistics: Statistics,
  { safe, settings }: ToolContext,
): Answer<DataOf<typeof OVERVIEW>> {
  const make = (rows: number) => overview(session, statistics, rows, safe);
  return make(most(TOP, (rows) => canFit(make(rows), settings.budget)));
}

function overview(session: string, statistics: Statistics, most: number, safe: Safe) {
  const { exchanges, failed, open, from, to, requestBytes, responseBytes, webSocketMessages, durations } =
    statistics;
  const top = {
    hosts: topOf(statistics.hosts, most),
    endpoints: topOf(statistics.endpoints, most),
    statuses: topOf(statistics.statuses, most),
    methods: topOf(statistics.methods, most),
    types: topOf(statistics.types, most),
  };
  const errors = statistics.errors.slice(0, most);
  const slowest = statistics.slowest
    .slice(0, most)
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
    hosts: topData(top.hosts),
    endpoints: topData(top.endpoints),
    statuses: topData(top.statuses),
    methods: topData(top.methods),
    types: topData(top.types),
    errors,
    slowest,
  };
  const lines = [
    ...Object.entries(top).flatMap(([name, { rows, of }]) => [
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
  return {
    text: `Session ${session}: ${exchanges} exchanges, ${failed} failed, ${open} under way${p50}. get_statistics with \`list\` gives a list as a whole.`,
    data: safe.deep(data),
    traffic: safe.text(lines.join("\n")),
  };
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

function topData({ of, rows }: ReturnType<typeof topOf>) {
  return { of, top: rows.map(({ data }) => data) };
}

function topOf(groups: readonly StatisticsGroup[], most: number) {
  return { of: groups.length, rows: groups.slice(0, most).map(groupRow) };
}

function roundedAll(numbers: object): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, rounded(Number(value))]));
}

/** Errors, hosts and endpoints that fail, the slowest exchanges. */
export function findingsOf(session: string, statistics: Statistics, { safe, settings }: ToolContext) {
  const make = (rows: number) => findings(session, statistics, rows, safe);
  return make(most(TOP, (rows) => canFit({ text: "", data: make(rows) }, settings.budget)));
}

function findings(session: string, statistics: Statistics, most: number, safe: Safe) {
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
    errors: statistics.errors.slice(0, most),
    failingHosts: hosts.slice(0, most),
    failingEndpoints: endpoints.slice(0, most),
    slowest: statistics.slowest.slice(0, most),
  });
  return {
    session,
    exchanges: statistics.exchanges,
    failed: statistics.failed,
    failingHostCount: hosts.length,
    failingEndpointCount: endpoints.length,
    ...found,
  };
}
