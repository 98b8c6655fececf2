// What a session is made of: an overview, and each of its lists page by page.
import { z } from "zod";
import type { Statistics } from "../../operations/stats.js";
import { fitted } from "../budget.js";
import { CHOSEN, shownChoice } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { MAYBE_PAGE, OBJECT } from "../output.js";
import { groupRow, OVERVIEW, overviewOf, timelineRows } from "../statistics-view.js";
import { defineTool, READS, type Tool, type ToolContext } from "../tool.js";

const LISTS = [
  "hosts",
  "endpoints",
  "methods",
  "statuses",
  "types",
  "errors",
  "slowest",
  "timeline",
] as const;

const getStatistics = defineTool({
  name: "get_statistics",
  title: "Statistics of a session",
  toolset: "query",
  description:
    "Counts, sizes, durations (p50, p95, p99) and failures of the exchanges that the filter and the conditions hold for. Without `list` an overview: the most used hosts, endpoints, statuses and types, the errors, the slowest exchanges. With `list` all rows of that list, page by page; 'timeline' gives exchanges and errors over time. Use it to see what a session is about before looking at exchanges.",
  input: {
    ...CHOSEN,
    list: z.enum(LISTS).exactOptional().describe("One list as a whole instead of the overview"),
    limit: z.number().int().min(1).max(500).default(100).describe("Rows of a page of a list; default 100"),
    cursor: CURSOR,
  },
  output: {
    ...OVERVIEW,
    list: z.enum(LISTS).exactOptional(),
    rows: z.array(OBJECT).exactOptional(),
    ...MAYBE_PAGE,
  },
  effects: READS,
  run: async (input, context) => {
    const { list, limit, session } = input;
    const offset = startOf("get_statistics", input);
    const { stats } = await import("../../operations/stats.js");
    const { statistics } = await stats({ ...(await shownChoice(input, context)), signal: context.signal });
    if (list === undefined) return overviewOf(session, statistics, context);
    const all = rowsOf(statistics, list, context);
    const rows = all.slice(offset, offset + limit);
    const more = offset + rows.length < all.length;
    const page = { tool: "get_statistics", args: input, rows, offset, more, total: all.length };
    return fitted(page, context.settings.budget, (shown, facts) => ({
      text: `${list} of session ${session}.${restText(facts)}`,
      data: { session, list, rows: shown.map(({ data }) => data), ...facts },
      traffic: shown.map(({ line }) => line).join("\n"),
    }));
  },
});

interface Row {
  readonly data: object;
  readonly line: string;
}

function rowsOf(statistics: Statistics, list: (typeof LISTS)[number], { safe }: ToolContext): Row[] {
  const clean = (data: object, line: string): Row => ({ data: safe.deep(data), line: safe.text(line) });
  switch (list) {
    case "errors":
      return statistics.errors.map((error) =>
        clean(error, `${error.exchanges}  ${error.code}  ${error.example}`),
      );
    case "slowest":
      return statistics.slowest.map((each) =>
        clean(each, `${each.seq}  ${each.method} ${each.status ?? "-"}  ${each.url}  ${each.duration} ms`),
      );
    case "timeline":
      return timelineRows(statistics).map((row) => ({
        data: row,
        line: `${row.from}  ${row.exchanges} exchanges, ${row.errors} errors`,
      }));
    default:
      return statistics[list].map((group) => {
        const { data, line } = groupRow(group);
        return clean(data, line);
      });
  }
}

export const QUERY_STATS_TOOLS: readonly Tool[] = [getStatistics];
