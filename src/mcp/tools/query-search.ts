// Searching in exchanges.
import { z } from "zod";
import type { SearchHit } from "../../operations/search.js";
import { fitted } from "../budget.js";
import { CHOSEN, choiceOf } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { type SafeHit, safeHit } from "../safe-snippets.js";
import { defineTool, READS, type Tool, type ToolContext } from "../tool.js";

const searchExchanges = defineTool({
  name: "search_exchanges",
  title: "Search in exchanges",
  toolset: "query",
  description:
    "Searches a text or a regular expression in URLs, header fields, decoded bodies and WebSocket messages, and answers with the exchanges that have it and what stands around each match. Use it to find where a value comes from or goes to. The conditions narrow down where it is searched. A match inside of a secret is counted and not shown. Bodies that are no text are passed by and counted; of a body the first 32 MiB are searched.",
  input: {
    pattern: z.string().min(1).max(2000).describe("Text, or with regex a regular expression"),
    regex: z.boolean().default(false).describe("The pattern is a regular expression; default false"),
    caseSensitive: z.boolean().default(false).describe("Default false"),
    places: z
      .array(z.enum(["url", "headers", "request", "response", "websocket"]))
      .min(1)
      .exactOptional()
      .describe("Where: 'request' and 'response' are the bodies; default everywhere"),
    snippets: z
      .number()
      .int()
      .min(1)
      .max(20)
      .default(3)
      .describe("Places to show of each exchange; default 3"),
    ...CHOSEN,
    limit: z.number().int().min(1).max(100).default(20).describe("Exchanges of a page; default 20"),
    cursor: CURSOR,
  },
  effects: READS,
  run: async (input, context) => {
    const { pattern, regex, caseSensitive, places, snippets, limit } = input;
    const offset = startOf("search_exchanges", input);
    const choice = await choiceOf(input, context);
    const { createSearchReport, search } = await import("../../operations/search.js");
    const report = createSearchReport();
    const found = search(
      {
        ...choice,
        pattern,
        regex,
        caseSensitive,
        ...(places === undefined ? {} : { places }),
        snippets,
        signal: context.signal,
        onSearched: ({ done, total }) => context.progress(done, total),
      },
      report,
    );
    const { hits, more } = await pageOf(found, offset, limit);
    const rows = await safeHits(hits, choice.words, context);
    const total = more ? null : offset + rows.length;
    const page = { tool: "search_exchanges", args: input, rows, offset, more, total };
    const { binary, limited, searched } = report;
    return fitted(page, context.settings.budget, (shown, facts) => ({
      text: `${rows.length === 0 ? "Nothing was found" : "Exchanges with it"} in session ${input.session}.${restText(facts)}`,
      data: { hits: shown, ...facts, searched, binaryPassedBy: binary, limitedBodies: limited },
      traffic: shown.map(hitText).join("\n"),
    }));
  },
});

async function pageOf(
  found: AsyncIterable<SearchHit>,
  offset: number,
  limit: number,
): Promise<{ readonly hits: readonly SearchHit[]; readonly more: boolean }> {
  const hits: SearchHit[] = [];
  let at = 0;
  for await (const hit of found) {
    if (at++ < offset) continue;
    if (hits.length === limit) return { hits, more: true };
    hits.push(hit);
  }
  return { hits, more: false };
}

async function safeHits(
  hits: readonly SearchHit[],
  words: readonly string[],
  context: ToolContext,
): Promise<SafeHit[]> {
  if (hits.length === 0) return [];
  const byId = new Map(hits.map((hit) => [`${hit.session} ${hit.facts.id}`, hit]));
  const { query } = await import("../../operations/query.js");
  const { chosenIds } = await import("../../operations/ids.js");
  const also = chosenIds(hits.map(({ facts }) => facts.id)).condition;
  const selection = await query({ home: context.settings.home, words, also, signal: context.signal });
  try {
    const found = new Map<SearchHit, SafeHit>();
    for await (const selected of selection) {
      const hit = byId.get(`${selected.source.label} ${selected.facts.id}`);
      if (hit !== undefined) found.set(hit, await safeHit(hit, selected, context));
    }
    return hits.flatMap((hit) => found.get(hit) ?? []);
  } finally {
    await selection.close();
  }
}

function hitText({ seq, method, url, status, matches, places }: SafeHit): string {
  const lines = places.map(
    ({ place, detail, text }) => `    ${place}${detail === undefined ? "" : ` ${detail}`}: ${text}`,
  );
  return [`${seq}  ${method} ${status ?? "-"}  ${url}  ${matches} matches`, ...lines].join("\n");
}

export const QUERY_SEARCH_TOOLS: readonly Tool[] = [searchExchanges];
