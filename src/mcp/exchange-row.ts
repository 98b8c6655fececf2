// An exchange in a line, for lists: as data and as text.
import { z } from "zod";
import { factsOf } from "../exchange/facts.js";
import { summaryOf } from "../exchange/summary.js";
import type { Selected } from "../operations/query.js";
import { shortened } from "./budget.js";
import { COUNT, type DataOf, MAYBE_COUNT, MAYBE_TEXT, MILLISECONDS, TEXT } from "./output.js";
import type { Safe } from "./safe.js";

export const EXCHANGE_ROW = {
  session: TEXT,
  id: TEXT,
  seq: COUNT,
  kind: z.enum(["http", "websocket", "tunnel"]),
  startedAt: TEXT,
  method: TEXT,
  url: TEXT,
  status: MAYBE_COUNT.describe("null: no response (yet)"),
  type: MAYBE_TEXT,
  requestSize: COUNT,
  responseSize: COUNT,
  duration: MILLISECONDS.describe("ms; null: under way"),
  error: z.object({ code: TEXT, message: TEXT }).exactOptional(),
  messages: COUNT.exactOptional(),
  tags: z.array(TEXT).exactOptional(),
  rules: z.array(TEXT).exactOptional(),
  replays: TEXT.exactOptional().describe("id of the exchange that was sent again"),
};
export type ExchangeRow = DataOf<typeof EXCHANGE_ROW>;

const LONGEST_URL = 400;

/** @throws SESSION_DAMAGED */
export async function rowOf(selected: Selected, safe: Safe): Promise<ExchangeRow> {
  const clean = factsOf(safe.exchange(await safe.learn(selected)), selected.open);
  const { httpVersion: _version, error, messages, ...summary } = summaryOf(clean);
  const { tags, rules, replays } = clean;
  return {
    session: selected.source.label,
    ...summary,
    url: shortened(summary.url, LONGEST_URL),
    duration: clean.duration === null ? null : rounded(clean.duration),
    ...(error === null
      ? {}
      : { error: { code: error.code, message: shortened(error.message, LONGEST_URL) } }),
    ...(messages === undefined ? {} : { messages }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(rules.length === 0 ? {} : { rules }),
    ...(replays === null ? {} : { replays }),
  };
}

/** `3  POST 201  https://api.test/users  application/json  1204 B  35 ms`. */
export function lineOf(row: ExchangeRow): string {
  const answer = row.status ?? row.error?.code ?? (row.duration === null ? "under way" : row.kind);
  const parts = [
    String(row.seq),
    `${row.method} ${answer}`,
    row.url,
    row.type ?? "",
    `${row.responseSize} B`,
    row.duration === null ? "" : `${row.duration} ms`,
  ];
  return parts.filter((part) => part !== "").join("  ");
}

export function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
