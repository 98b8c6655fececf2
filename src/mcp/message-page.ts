// A page of the messages of a WebSocket, redacted.
import type { Selected } from "../operations/query.js";
import { shortened } from "./budget.js";
import type { ToolContext } from "./tool.js";

export interface MessageRow {
  readonly seq: number;
  readonly time: string;
  /** `send`: from the client. */
  readonly direction: "send" | "receive";
  readonly kind: string;
  readonly size: number;
  /** Binary ones as base64. */
  readonly text: string;
}

const LINE = 500;
const LOOKED_AT = 64 * 1024;
const KINDS: Readonly<Record<number, string>> = { 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };

/** @throws SESSION_DAMAGED */
export async function messagePage(
  selected: Selected,
  offset: number,
  limit: number,
  { safe }: ToolContext,
): Promise<{ readonly rows: readonly MessageRow[]; readonly total: number; readonly more: boolean }> {
  const { url } = (await safe.learn(selected)).request;
  const found: { readonly row: Omit<MessageRow, "text">; readonly data: string | Buffer }[] = [];
  let total = 0;
  for await (const { seq, time, direction, opcode, body } of selected.messages()) {
    if (total++ < offset || found.length === limit) continue;
    const bytes = await selected.storedBody(body, LOOKED_AT);
    const data = opcode === 1 ? bytes.toString("utf8") : bytes;
    const kind = KINDS[opcode] ?? `opcode ${opcode}`;
    found.push({ row: { seq, time, direction, kind, size: body.size }, data });
  }
  // Together: a secret may be split over several.
  const clean = safe.messages(
    found.map(({ row, data }) => ({ direction: row.direction, data })),
    url,
  );
  const rows = found.map(({ row }, at) => {
    const data = clean[at]?.data ?? "";
    return { ...row, text: shortened(typeof data === "string" ? data : data.toString("base64"), LINE) };
  });
  return { rows, total, more: offset + rows.length < total };
}
