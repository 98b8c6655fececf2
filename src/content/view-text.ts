// Views of text: JSON, lines of JSON, GraphQL, forms, markup, code.
import { graphqlOfDocument, graphqlOfJson } from "./graphql.js";
import { indentJson, isJson } from "./json-tokens.js";
import { findJwts } from "./jwt.js";
import { isJsonType, isXmlType, type MediaType } from "./media-type.js";
import { parseForm } from "./query.js";
import type { DecodedText } from "./text.js";
import type { ContentView, TextLanguage } from "./view-types.js";
import { indentXml } from "./xml-indent.js";

const MOST_RECORDS = 10_000;
const MOST_FIELDS = 10_000;

/** @param isCut whether text is missing at the end, so that JSON cannot be whole. */
export function viewText(decoded: DecodedText, type: MediaType, size: number, isCut: boolean): ContentView {
  const view = viewByType(decoded, type, size, isCut);
  const jwts = findJwts(decoded.text);
  return jwts.length === 0 ? view : { ...view, jwts };
}

function viewByType(decoded: DecodedText, type: MediaType, size: number, isCut: boolean): ContentView {
  const { text, charset } = decoded;
  if (type.essence === "application/graphql") {
    return { kind: "graphql", size, operations: graphqlOfDocument(text), batch: false };
  }
  if (type.essence === "application/x-www-form-urlencoded") return viewForm(text, size);
  if (LINES.test(type.essence)) return viewLines(text, size);
  if (isJsonType(type) || looksLikeJson(text, type)) return viewJson(decoded, size, isCut);
  const language = languageOf(type);
  return { kind: "text", size, language, text: language === "xml" ? indentXml(text) : text, charset };
}

const LINES = /^application\/(?:(?:x-)?(?:ndjson|jsonl|jsonlines|json-seq)|stream\+json)$/;

/** Only where the type says nothing, or that it is some text. */
function looksLikeJson(text: string, type: MediaType): boolean {
  if (!/^(?:|text\/plain|application\/octet-stream)$/.test(type.essence)) return false;
  return /^\ufeff?\s*[[{]/.test(text) && isJson(withoutMark(text));
}

function viewJson({ text: whole, charset }: DecodedText, size: number, isCut: boolean): ContentView {
  // What servers put before JSON so that a script tag cannot read it.
  const prefix = /^\ufeff?(?:\)\]\}',?\s*|for\s?\(;;\);|while\s?\(1\);)/.exec(whole)?.[0];
  const text = withoutMark(prefix === undefined ? whole : whole.slice(prefix.length));
  const before = prefix === undefined ? {} : { prefix };
  if (isCut) return { kind: "json", size, text: indentJson(text), charset, ...before };
  if (!isJson(text)) return viewUnsoundJson(whole, charset, size);
  if (text.includes('"query"') || text.includes('"persistedQuery"')) {
    const operations = graphqlOfJson(text);
    if (operations !== null) {
      return { kind: "graphql", size, operations, batch: text.trimStart().startsWith("[") };
    }
  }
  return { kind: "json", size, text: indentJson(text), charset, ...before };
}

/** Under the name of JSON come lines of JSON as well, and things that are none. */
function viewUnsoundJson(text: string, charset: string, size: number): ContentView {
  const lines = withoutMark(text)
    .split("\n", MOST_RECORDS)
    .filter((line) => line.trim() !== "");
  if (lines.length > 1 && lines.every((line) => /^\s*[[{]/.test(line) && isJson(line)))
    return viewLines(text, size);
  return { kind: "text", size, language: "json", text, charset, problem: "This is not valid JSON." };
}

function viewLines(text: string, size: number): ContentView {
  // RFC 7464 puts a record separator before each text.
  const lines = withoutMark(text)
    .split("\x1e")
    .flatMap((text) => text.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return {
    kind: "ndjson",
    size,
    records: lines.slice(0, MOST_RECORDS).map((line) => ({ text: line, json: isJson(line) })),
    ...(lines.length > MOST_RECORDS
      ? { problem: `${lines.length - MOST_RECORDS} more lines are not shown.` }
      : {}),
  };
}

function viewForm(text: string, size: number): ContentView {
  const fields = parseForm(text.trim());
  return {
    kind: "form",
    size,
    fields: fields.slice(0, MOST_FIELDS).map(({ name, value }) => ({ name, value })),
    ...(fields.length > MOST_FIELDS
      ? { problem: `${fields.length - MOST_FIELDS} more fields are not shown.` }
      : {}),
  };
}

function languageOf(type: MediaType): TextLanguage {
  if (type.subtype === "html" || type.essence === "application/xhtml+xml") return "html";
  if (isXmlType(type)) return "xml";
  if (type.subtype === "css") return "css";
  if (/^(?:x-)?(?:javascript|ecmascript|typescript)$/.test(type.subtype)) return "javascript";
  if (/^(?:x-)?yaml$/.test(type.subtype) || type.suffix === "yaml") return "yaml";
  return type.subtype === "markdown" ? "markdown" : "plain";
}

function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
