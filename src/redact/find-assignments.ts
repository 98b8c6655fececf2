// Finds secrets in text that gives things names: `password=x`, `api_key: "x"`, `Authorization: Bearer x`, addresses
// with queries, log lines, YAML, INI, source code.
import { decodePercent } from "./names.js";
import type { Scan } from "./scan.js";
import { isBlank } from "./values.js";

const NAME_LIMIT = 80;
const VALUE_LIMIT = 8192;

/**
 * `text`: any value. `code`: values in quotes only, but for queries: `token = next()` is no secret. `prose`: values
 * with a digit only.
 */
export type AssignmentStyle = "text" | "code" | "prose";

export function findAssignments(scan: Scan, from: number, to: number, style: AssignmentStyle): void {
  const { text } = scan;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code !== 61 && code !== 58) continue;
    at = Math.max(at, assignmentAt(scan, at, from, to, style) - 1);
  }
}

/** @returns where the value ended, or 0 where there is none. */
export function assignmentAt(
  scan: Scan,
  mark: number,
  from: number,
  to: number,
  style: AssignmentStyle,
): number {
  const { text } = scan;
  const [nameStart, nameEnd] = nameBefore(text, mark, from);
  if (nameEnd - nameStart < 2) return 0;
  const { name, grade } = scan.work.names.at(text, nameStart, nameEnd);
  if (grade === "none") return 0;
  const isColon = text[mark] === ":";
  const inQuery = !isColon && nameStart > from && isQueryMark(text, nameStart);
  let at = mark + 1;
  // `=>` and `:=` assign, `==` compares, `://` is an address.
  if (text[at] === ">" || (isColon && text[at] === "=")) at++;
  else if (text[at] === "=" || (isColon && text[at] === "/")) return 0;
  if (inQuery) {
    const end = endOfParameter(text, at, to);
    const raw = text.slice(at, end);
    const value = decodePercent(raw);
    // In a script `a?key=b:c` is no query.
    if (style === "code" && grade !== "secret") return 0;
    scan.graded(grade, name, at, end, "query", value, true);
    return end;
  }
  for (let spaces = 0; spaces < 4 && (text[at] === " " || text[at] === "\t"); spaces++) at++;
  YAML_BLOCK.lastIndex = at;
  if (isColon && YAML_BLOCK.test(text)) at = YAML_BLOCK.lastIndex;
  const quote = quoteAt(text, at);
  if (quote === "" && style === "code") return 0;
  const [start, end] =
    quote === "" ? bareValue(text, at, to) : quotedValue(text, at + quote.length, quote, to);
  if (end <= start) return 0;
  const value = text.slice(start, end);
  if (isBlank(value) || isExpression(value, quote, style)) return 0;
  return scan.graded(grade, name, start, end, "text", value, false) ? end : 0;
}

function nameBefore(text: string, mark: number, from: number): [start: number, end: number] {
  let end = mark;
  for (let spaces = 0; spaces < 3 && end > from && text[end - 1] === " "; spaces++) end--;
  if (end > from && `"'\``.includes(text[end - 1]!)) {
    end--;
    while (end > from && text[end - 1] === "\\") end--;
  } else if (end > from + 5 && text.startsWith("&quot;", end - 6)) end -= 6;
  let start = end;
  const bound = Math.max(from, end - NAME_LIMIT);
  while (start > bound && isNameCode(text.charCodeAt(start - 1))) start--;
  // `\nToken: ` within a string: the `n` belongs to the escape.
  if (start > from && text[start - 1] === "\\" && /[nrt]/.test(text[start]!)) start++;
  return [start, end];
}

function isNameCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45 ||
    code === 46 ||
    code === 91 ||
    code === 93 ||
    code === 37 ||
    code === 36
  );
}

function isQueryMark(text: string, nameStart: number): boolean {
  const before = text[nameStart - 1]!;
  if (before === "?" || before === "&" || before === "#") return true;
  if (before === ";") return text.startsWith("&amp;", nameStart - 5);
  return before === "6" && text.startsWith("\\u0026", nameStart - 6);
}

function endOfParameter(text: string, start: number, to: number): number {
  let at = start;
  while (at < to && !"&#\"'<>\\ \t\r\n`)]}|".includes(text[at]!)) at++;
  while (at > start && ".,;".includes(text[at - 1]!)) at--;
  return at;
}

/** `password: |` with the value on the next line. */
const YAML_BLOCK = /[|>][+-]?\r?\n[ \t]+/y;

const OPENING_QUOTE = /(?:\\{0,7}["'`]|&quot;|&#34;|&#39;)/y;

/** The quote that opens here, with the backslashes that it has within a string within a string. */
function quoteAt(text: string, at: number): string {
  OPENING_QUOTE.lastIndex = at;
  return OPENING_QUOTE.exec(text)?.[0] ?? "";
}

function quotedValue(text: string, start: number, quote: string, to: number): [number, number] {
  const last = quote.at(-1)!;
  for (let at = start; at < to && at - start <= VALUE_LIMIT; at++) {
    if (text[at] === last && text.startsWith(quote, at - quote.length + 1)) {
      // An escaped quote within belongs to the value.
      if (quote.length === 1 && text[at - 1] === "\\" && text[at - 2] !== "\\") continue;
      return [start, at - quote.length + 1];
    }
    if (text[at] === "\n") return [start, start];
  }
  return [start, to - start <= VALUE_LIMIT ? to : start];
}

const SCHEME = /(?:Bearer|Basic|Token|Digest|Negotiate|ApiKey|DPoP) +(?=[\w"'.~+/=-])/iy;

function bareValue(text: string, start: number, to: number): [number, number] {
  SCHEME.lastIndex = start;
  let at = SCHEME.test(text) ? SCHEME.lastIndex : start;
  while (at < to && !" \t\r\n,;&\"'<>`\\)]}|".includes(text[at]!)) at++;
  while (at > start && ".:!?".includes(text[at - 1]!)) at--;
  return [start, at];
}

/** Source code and prose rather than a value: `token = getToken(`, `password: string`. */
function isExpression(value: string, quote: string, style: AssignmentStyle): boolean {
  if (style === "code")
    return /\s/.test(value) || (/^[A-Za-z_$ .-]*$/.test(value) && value.length < 20) || value.length < 6;
  if (style === "prose" && (!/\d/.test(value) || value.length < 6 || /[?(){}]/.test(value))) return true;
  if (quote !== "") return false;
  if (
    /^[\w$.]+[([{]/.test(value) ||
    /^(?:this|self|process|env|os|config|request|req|res|ctx|props|state|data|options)\.\w/.test(value)
  )
    return true;
  return /^(?:string|str|number|int|integer|boolean|bool|object|any|unknown|void|bytes|text|the|a|an|is|was|for|of|to|in|and|or|not|that|this|your|my)$/i.test(
    value,
  );
}
