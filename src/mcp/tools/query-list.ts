// Finding exchanges: lists, counts, searches, the filter language.
import { z } from "zod";
import { fitted } from "../budget.js";
import { CHOICE, choiceOf } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { EXCHANGES, listPage, restText } from "../list-page.js";
import { COUNT, PAGE, TEXT } from "../output.js";
import { defineTool, READS, type Tool } from "../tool.js";

const LIMIT = z.number().int().min(1).max(500);

const listExchanges = defineTool({
  name: "list_exchanges",
  title: "List recorded exchanges",
  toolset: "query",
  description:
    "Lists exchanges (a request with its response or its error) of a session, chosen by a filter and everyday conditions, all of which have to hold: id, seq, method, URL, status, type, sizes, duration, error. Reads sessions that are being recorded too. Use it first to find exchanges, then get_exchange for one. For a text inside of bodies use search_exchanges; for an overview get_statistics. Secrets in URLs are replaced. At most `limit` a page, fewer where they would not fit; nextCursor gives the rest.",
  input: {
    ...CHOICE,
    sort: z
      .enum(["asc", "desc", "duration", "size"])
      .default("asc")
      .describe("By start, or the longest or the largest first"),
    limit: LIMIT.default(50).describe("Exchanges of a page; default 50, at most 500"),
    cursor: CURSOR,
  },
  output: EXCHANGES,
  effects: READS,
  run: async (input, context) => {
    const { sort, limit } = input;
    const offset = startOf("list_exchanges", input);
    const choice = await choiceOf(input, context);
    const about = () => ({ text: `Exchanges of session ${input.session}:`, data: {} });
    const page = { tool: "list_exchanges", args: input, query: { ...choice, sort }, offset, limit, about };
    return await listPage(page, context);
  },
});

const countExchanges = defineTool({
  name: "count_exchanges",
  title: "Count recorded exchanges",
  toolset: "query",
  description:
    "How many exchanges of a session the filter and the conditions hold for. Cheaper than list_exchanges where only the number matters.",
  input: CHOICE,
  output: { session: TEXT, total: COUNT },
  effects: READS,
  run: async (input, context) => {
    const { query } = await import("../../operations/query.js");
    const selection = await query({ ...(await choiceOf(input, context)), limit: 0, signal: context.signal });
    const { total } = selection;
    await selection.close();
    return {
      text: `${total} exchanges of session ${input.session}.`,
      data: { session: input.session, total },
    };
  },
});

const explainFilters = defineTool({
  name: "explain_filters",
  title: "The filter language",
  toolset: "query",
  description:
    "The operators of the filter language that `filter` takes in the other tools, with an example each. mitmproxy's filters work as they are. Changes nothing.",
  input: { cursor: CURSOR },
  output: { operators: z.array(z.object({ syntax: TEXT, help: TEXT, example: TEXT })), ...PAGE },
  effects: READS,
  run: async (input, { settings }) => {
    const { FILTER_SIGNS, filterOperators } = await import("../../operations/filters.js");
    const signs = FILTER_SIGNS.map(({ syntax, help }) => ({ syntax, help, example: "" }));
    const all = [
      ...filterOperators().map(({ syntax, help, example }) => ({ syntax, help, example })),
      ...signs,
    ];
    const offset = startOf("explain_filters", input);
    const page = {
      tool: "explain_filters",
      args: input,
      rows: all.slice(offset),
      offset,
      more: false,
      total: all.length,
    };
    return fitted(page, settings.budget, (rows, facts) => ({
      text: `Conditions, and the signs that join them.${restText(facts)}\n${rows.map(lineOf).join("\n")}`,
      data: { operators: rows, ...facts },
    }));
  },
});

function lineOf({
  syntax,
  help,
  example,
}: {
  readonly syntax: string;
  readonly help: string;
  readonly example: string;
}): string {
  return `${syntax}  ${help}${example === "" ? "" : `  (${example})`}`;
}

export const QUERY_LIST_TOOLS: readonly Tool[] = [listExchanges, countExchanges, explainFilters];
