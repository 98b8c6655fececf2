// A page of exchanges: what list_exchanges answers, and every tool that ends with a list of them.
import { z } from "zod";
import type { QueryInput } from "../operations/query.js";
import { fitted, type PageFacts } from "./budget.js";
import { EXCHANGE_ROW, type ExchangeRow, lineOf, rowOf } from "./exchange-row.js";
import { learnAhead } from "./learn-ahead.js";
import { COUNT, type DataOf, PAGE } from "./output.js";
import type { Answer } from "./result.js";
import type { ToolContext } from "./tool.js";

/** What a page has as data, beside what `about` adds. */
export const EXCHANGES = {
  exchanges: z.array(z.object(EXCHANGE_ROW)),
  ...PAGE,
  damagedLines: COUNT.exactOptional(),
};

export interface ListPage<About> {
  readonly tool: string;
  /** What a cursor belongs to. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly query: QueryInput;
  readonly offset: number;
  readonly limit: number;
  /** What the answer says first, and beside the exchanges. */
  readonly about: (facts: PageFacts) => {
    readonly text: string;
    readonly data: About;
  };
}

/** @throws as `query` does */
export async function listPage<About extends object>(
  page: ListPage<About>,
  context: ToolContext,
): Promise<Answer<About & DataOf<typeof EXCHANGES>>> {
  const { offset, limit } = page;
  const { query } = await import("../operations/query.js");
  await learnAhead(page.query.words, context);
  const selection = await query({ ...page.query, offset, limit, signal: context.signal });
  try {
    const rows: ExchangeRow[] = [];
    for await (const selected of selection) rows.push(await rowOf(selected, context.safe));
    const { total, reports } = selection;
    const damagedLines = reports.reduce((sum, { lines }) => sum + lines.damaged, 0);
    const more = offset + rows.length < total;
    return fitted({ ...page, rows, total, more }, context.settings.budget, (shown, facts) => {
      const { text, data } = page.about(facts);
      return {
        text: `${text}${restText(facts)}${damagedLines === 0 ? "" : `\n${damagedLines} damaged lines were passed by.`}`,
        data: { ...data, exchanges: shown, ...facts, ...(damagedLines === 0 ? {} : { damagedLines }) },
        traffic: shown.map((row) => lineOf(row)).join("\n"),
      };
    });
  } finally {
    await selection.close();
  }
}

/** What a reader of the text alone has to know of the pages. */
export function restText({ offset, shown, total, nextCursor }: PageFacts): string {
  const range =
    shown === 0 ? "" : ` ${offset + 1} to ${offset + shown}${total === null ? "" : ` of ${total}`}.`;
  return nextCursor === null ? range : `${range} More: the same call with cursor ${nextCursor}`;
}
