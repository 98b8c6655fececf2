// Searching in exchanges.
import { z } from "zod";
import type { Selected } from "../../operations/query.js";
import type { SearchHit } from "../../operations/search.js";
import { fitted, shortened } from "../budget.js";
import { CHOSEN, shownChoice } from "../choice.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { COUNT, MAYBE_COUNT, PAGE, TEXT } from "../output.js";
import { defineTool, READS, type Tool, type ToolContext } from "../tool.js";

const searchExchanges = defineTool({
  name: "search_exchanges",
  title: "Search in exchanges",
  toolset: "query",
  description:
    "Searches a text or a regular expression in URLs, header fields, decoded bodies and WebSocket messages, and answers with the exchanges that have it and what stands around each match. Use it to find where a value comes from or goes to. The conditions narrow down where it is searched. A match inside of a secret is counted and not shown; a placeholder like REDACTED-1 as the pattern finds where that secret stands. Bodies that are no text are passed by and counted; of a body the first 32 MiB are searched.",
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
  output: {
    hits: z.array(
      z.object({
        session: TEXT,
        id: TEXT,
        seq: COUNT,
        method: TEXT,
        url: TEXT,
        status: MAYBE_COUNT,
        matches: COUNT,
        places: z.array(z.object({ place: TEXT, detail: TEXT.exactOptional(), text: TEXT })),
      }),
    ),
    ...PAGE,
    searched: COUNT,
    binaryPassedBy: COUNT,
    limitedBodies: COUNT,
  },
  effects: READS,
  run: async (input, context) => {
    const { pattern, regex, caseSensitive, places, snippets, limit } = input;
    const offset = startOf("search_exchanges", input);
    const choice = await shownChoice(input, context);
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
        redact: redactionOf(context),
        signal: context.signal,
        onSearched: ({ done, total }) => context.progress(done, total),
      },
      report,
    );
    const { hits, more } = await pageOf(found, offset, limit);
    const rows = hits.map(rowOf);
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

/** What an exchange gives away itself is known before anything of it is shown. */
function redactionOf({ safe }: ToolContext) {
  const { redaction } = safe;
  if (redaction === undefined) return undefined;
  return async (selected: Selected) => {
    await safe.learn(selected);
    return redaction;
  };
}

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

const LONGEST_URL = 300;
const HIDDEN = "(inside of a value that is redacted)";

function rowOf({ session, facts, matches, snippets }: SearchHit) {
  const { id, seq, method, url, status } = facts;
  const places = snippets.map(({ place, detail, text, hidden }) => ({
    place,
    ...(detail === undefined ? {} : { detail }),
    text: hidden === undefined ? text : HIDDEN,
  }));
  return { session, id, seq, method, url: shortened(url, LONGEST_URL), status, matches, places };
}

function hitText({ seq, method, url, status, matches, places }: ReturnType<typeof rowOf>): string {
  const lines = places.map(
    ({ place, detail, text }) => `    ${place}${detail === undefined ? "" : ` ${detail}`}: ${text}`,
  );
  return [`${seq}  ${method} ${status ?? "-"}  ${url}  ${matches} matches`, ...lines].join("\n");
}

export const QUERY_SEARCH_TOOLS: readonly Tool[] = [searchExchanges];
