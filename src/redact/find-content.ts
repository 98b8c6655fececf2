// Which finder reads a body: by its media type, and by its first characters where those say otherwise.
import { findDeltas } from "./deltas.js";
import { findAssignments } from "./find-assignments.js";
import { findJson } from "./find-json.js";
import { findMarkup } from "./find-markup.js";
import { findMultipart } from "./find-multipart.js";
import { findParams } from "./find-params.js";
import { findUrl } from "./find-url.js";
import type { Scan } from "./scan.js";

export function findContent(scan: Scan, from: number, to: number, contentType: string): void {
  const type = contentType.toLowerCase();
  const head = scan.text.slice(from, Math.min(to, from + HEAD));
  const form = formOf(type, head);
  if (form === "events" || form === "lines") findDeltas(scan, from, to, form);
  else if (form === "json") findJson(scan, from, to);
  else if (form === "form") findParams(scan, from, to, "form");
  else if (form === "markup") findMarkup(scan, from, to);
  else if (form === "url") findUrl(scan, from, to);
  else if (form === "code" || form === "text") findAssignments(scan, from, to, form);
  else if (form === "multipart") {
    findMultipart(scan, from, to, contentType, (start, end, part) => findContent(scan, start, end, part));
  }
}

/** So many characters tell what a body is. */
export const HEAD = 600;

export type Form =
  | "events"
  | "lines"
  | "multipart"
  | "json"
  | "form"
  | "markup"
  | "code"
  | "nothing"
  | "url"
  | "text";

/** What a body is, by its media type in lower case and its first 600 characters. */
export function formOf(type: string, head: string): Form {
  if (/event-stream/.test(type)) return "events";
  if (/ndjson|jsonl|json-seq|stream\+json/.test(type)) return "lines";
  if (/^multipart\//.test(type)) return "multipart";
  if (looksLikeJson(head) || /json/.test(type)) return "json";
  if (/x-www-form-urlencoded/.test(type) && !/^\s*</.test(head)) return "form";
  if (/xml|html|svg|plist/.test(type) || MARKUP.test(head)) return "markup";
  if (/(?:java|ecma|type)script|\bjs\b/.test(type)) return "code";
  if (/css|font|wasm/.test(type)) return "nothing";
  if (EVENTS.test(head) && /^data:/m.test(head)) return "events";
  if (MULTIPART.test(head)) return "multipart";
  if (ADDRESS.test(head)) return "url";
  return isForm(head) ? "form" : "text";
}

const MARKUP = /^\s*(?:<\?xml|<!doctype|<[a-z][\w:.-]*[\s/>])/i;
const EVENTS = /^(?:event|data|id|retry): ?.*\n/;
const MULTIPART = /^--[\w'()+,./:=?-]{4,80}\r?\ncontent-/i;
const ADDRESS = /^(?:[a-z][a-z0-9+.-]{1,20}:\/\/|\/)[^\s"']{1,500}$/i;

/** Not `{ user(id: 1) { name } }`, which is GraphQL. Comments, `)]}'` and byte order marks may stand before. */
export function looksLikeJson(head: string): boolean {
  return /^[\ufeff\s]*(?:\)\]\}',?\s*)?(?:\{\s*(?:"|\}|$|\/[/*])|\[\s*(?:[[{"\]-]|\d|true|false|null|$|\/[/*]))/.test(
    head,
  );
}

function isForm(head: string): boolean {
  return (
    /^[\w.%[\]+*-]{1,100}=[^\s"'<>{};,&=]*(?:&[\w.%[\]+*-]{1,100}=[^\s"'<>{};&]*)+(?:$|\s*$|&)/.test(head) ||
    /^[\w.%[\]+-]{1,100}=[^\s"'<>{};,&=]+$/.test(head)
  );
}
