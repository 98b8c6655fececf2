// Finds secrets in `name=value&name=value`: a query, a form, the parameters in a fragment. Values that hold another
// address, form or JSON document are decoded, looked into, and encoded again where something was replaced.
import { decodePercent } from "./names.js";
import type { Scan } from "./scan.js";

export function findParams(scan: Scan, from: number, to: number, kind: "query" | "form"): void {
  const { text } = scan;
  let start = from;
  while (start < to) {
    let end = text.indexOf("&", start);
    if (end === -1 || end > to) end = to;
    const equals = text.indexOf("=", start);
    if (equals !== -1 && equals < end) param(scan, start, equals, end, kind);
    else if (equals === -1 || equals >= to) return;
    start = end + 1;
  }
}

function param(scan: Scan, start: number, equals: number, end: number, kind: "query" | "form"): void {
  const { text, work } = scan;
  const raw = text.slice(equals + 1, end);
  if (raw === "") return;
  const name = decodeParam(text.slice(start, equals));
  const value = decodeParam(raw);
  if (scan.field(name, equals + 1, end, kind, value, true)) return;
  if (value.length < 8) return;
  const cleaned = work.nested(value);
  if (cleaned === value) return;
  // Only what needs it was encoded, if anything: what came readable stays so.
  scan.rewrite(
    equals + 1,
    end,
    value === raw ? cleaned : encodeURIComponent(cleaned.replace(/\p{Cs}/gu, "\ufffd")),
  );
}

export function decodeParam(raw: string): string {
  if (!raw.includes("%") && !raw.includes("+")) return raw;
  return decodePercent(raw.replaceAll("+", " "));
}
