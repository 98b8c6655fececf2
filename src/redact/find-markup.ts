// Finds secrets in XML, SOAP, property lists and HTML by the names of elements, attributes and inputs. Tolerant: it
// steps from tag to tag and knows no nesting.
import { findAssignments } from "./find-assignments.js";
import { findJson } from "./find-json.js";
import type { Scan } from "./scan.js";

const TAG = /<([A-Za-z_][\w:.-]{0,80})/y;
const ATTRIBUTE = /\s*([^\s=>"'/<]+)(?:(\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+))?|\s*[/"'=]/y;
/** Attributes that name what the element holds, and those that hold it. */
export const NAMING = new Set([
  "name",
  "key",
  "id",
  "property",
  "http-equiv",
  "itemprop",
  "field",
  "autocomplete",
]);
export const HOLDING = new Set(["value", "content", "data-value", "val", "default"]);
/** Attributes whose value is an address, a script or free text. */
const LOOSE =
  /^(?:href|src|action|formaction|content|value|url|data(?:-.*)?|on\w+|ping|poster|cite|srcset|connectionstring)$/i;
/** Elements whose text belongs to the name in their attribute: `<string name="api_key">`. */
export const NAMED_TEXT =
  /^(?:string|property|entry|param|parameter|data|add|setting|item|field|value|arg|variable|attribute|env|header|preference)$/i;
/** Attributes that speak about an element. */
export const DESCRIBING =
  /^(?:class|id|name|type|for|style|placeholder|autocomplete|title|alt|label|role|rel|lang|aria-.*|data-testid|data-test|tabindex|href|src|xmlns.*|viewbox|d)$/i;

interface Attribute {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export function findMarkup(scan: Scan, from: number, to: number): void {
  const { text } = scan;
  let propertyName = "";
  let at = text.indexOf("<", from);
  while (at !== -1 && at < to) {
    TAG.lastIndex = at;
    const name = TAG.exec(text)?.[1];
    if (name === undefined) {
      at = text.indexOf("<", at + 1);
      continue;
    }
    const [attributes, tagEnd] = attributesOf(text, TAG.lastIndex, to);
    const local = name.slice(name.indexOf(":") + 1);
    const label = findAttributes(scan, local, attributes);
    const next = text.indexOf("<", tagEnd);
    const textEnd = next === -1 || next > to ? to : next;
    if (text[tagEnd - 2] !== "/") {
      const named = NAMED_TEXT.test(local) ? label || propertyName : "";
      propertyName = /^key$/i.test(local) ? text.slice(tagEnd, textEnd).trim() : "";
      findText(scan, local, named, tagEnd, textEnd, to);
    }
    if (/^(?:script|style)$/i.test(local)) {
      at = findScript(scan, local, tagEnd, to);
      continue;
    }
    at = textEnd < to ? textEnd : -1;
  }
}

function attributesOf(text: string, from: number, to: number): [attributes: Attribute[], end: number] {
  const attributes: Attribute[] = [];
  let at = from;
  while (at < to) {
    while (at < to && text.charCodeAt(at) <= 32) at++;
    if (text[at] === ">" || text[at] === "<" || at >= to) break;
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(text);
    if (match === null || match[0] === "") break;
    at += match[0].length;
    const [, name, , value] = match;
    if (name === undefined || value === undefined) continue;
    const quoted = value[0] === '"' || value[0] === "'" ? 1 : 0;
    attributes.push({
      name: name.slice(name.indexOf(":") + 1),
      start: at - value.length + quoted,
      end: at - quoted,
    });
  }
  return [attributes, text[at] === ">" ? at + 1 : at];
}

/** @returns the name that the attributes give to what the element holds. */
function findAttributes(scan: Scan, element: string, attributes: readonly Attribute[]): string {
  const { text } = scan;
  let label = "";
  let hidden = false;
  for (const { name, start, end } of attributes) {
    if (NAMING.has(name.toLowerCase()) && end - start < 120 && label === "") label = text.slice(start, end);
    if (name.toLowerCase() === "type" && /^password$/i.test(text.slice(start, end))) {
      label = "password";
      hidden = true;
    } else if (name.toLowerCase() === "type" && /^hidden$/i.test(text.slice(start, end))) hidden = true;
  }
  for (const { name, start, end } of attributes) {
    if (end <= start) continue;
    const value = decodeMarkup(text.slice(start, end));
    const holds = HOLDING.has(name.toLowerCase()) && label !== "" && !/^(?:button|option|li)$/i.test(element);
    if (holds && scan.field(label, start, end, "xml", value, hidden)) continue;
    if (!DESCRIBING.test(name) && scan.field(name, start, end, "xml", value)) continue;
    if (isLoose(name)) {
      if (/^\s*[{[]/.test(value)) nestedIn(scan, start, end, value);
      else findAssignments(scan, start, end, "text");
    }
  }
  return label;
}

/** Whether an attribute holds an address, a script or free text. */
export function isLoose(name: string): boolean {
  return LOOSE.test(name) || (/url|uri|string|config|param/i.test(name) && !DESCRIBING.test(name));
}

function nestedIn(scan: Scan, start: number, end: number, value: string): void {
  const cleaned = scan.work.nested(value);
  if (cleaned !== value) scan.rewrite(start, end, encodeMarkup(cleaned));
}

function findText(
  scan: Scan,
  local: string,
  named: string,
  start: number,
  textEnd: number,
  to: number,
): void {
  const { text } = scan;
  let from = start;
  let end = textEnd;
  if (text.startsWith("<![CDATA[", textEnd) && text.slice(start, textEnd).trim() === "") {
    from = textEnd + 9;
    const close = text.indexOf("]]>", from);
    end = close === -1 || close > to ? to : close;
  }
  while (from < end && text.charCodeAt(from) <= 32) from++;
  while (end > from && text.charCodeAt(end - 1) <= 32) end--;
  if (from >= end) return;
  const name = named || local;
  const grade = scan.work.names.of(name);
  if (grade !== "none") {
    const value = decodeMarkup(text.slice(from, end));
    if (scan.graded(grade, name, from, end, "xml", value)) return;
  }
  if ("{[".includes(text[from]!) && text.slice(from, end).includes(":")) findJson(scan, from, end);
  else findAssignments(scan, from, end, "prose");
}

/** @returns where markup goes on. */
function findScript(scan: Scan, local: string, start: number, to: number): number {
  const { text } = scan;
  const close = new RegExp(`</${local}`, "gi");
  close.lastIndex = start;
  const end = Math.min(close.exec(text)?.index ?? to, to);
  if (/^script$/i.test(local)) {
    if (/^\s*[[{]/.test(text.slice(start, start + 200))) findJson(scan, start, end);
    else findAssignments(scan, start, end, "code");
  }
  return end >= to ? -1 : end + 1;
}

export function decodeMarkup(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:amp|lt|gt|quot|apos|#39|#34|#x27|#x22|#x2F|#47);/g,
    (entity) => ENTITIES[entity] ?? entity,
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&#39;": "'",
  "&#34;": '"',
  "&#x27;": "'",
  "&#x22;": '"',
  "&#x2F;": "/",
  "&#47;": "/",
};

function encodeMarkup(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[char] ?? char,
  );
}
