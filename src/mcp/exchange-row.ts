// An exchange in a line, for lists: as data and as text.
import type { Exchange } from "../exchange/exchange.js";
import { factsOf } from "../exchange/facts.js";
import { summaryOf } from "../exchange/summary.js";
import type { Selected } from "../operations/query.js";
import { shortened } from "./budget.js";
import type { Safe } from "./safe.js";

export interface ExchangeRow {
  readonly session: string;
  readonly id: string;
  readonly seq: number;
  readonly kind: Exchange["kind"];
  readonly startedAt: string;
  readonly method: string;
  readonly url: string;
  /** null where no response came (yet). */
  readonly status: number | null;
  readonly type: string | null;
  readonly requestSize: number;
  readonly responseSize: number;
  /** Milliseconds; null while it is under way. */
  readonly duration: number | null;
  readonly error?: { readonly code: string; readonly message: string };
  readonly messages?: number;
  readonly tags?: readonly string[];
  readonly rules?: readonly string[];
  readonly replays?: string;
}

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
