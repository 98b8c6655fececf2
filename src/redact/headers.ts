// Redacts header fields: credentials by name, cookies with their names and attributes kept, addresses in values.
import { copyOf } from "./copy-of.js";
import { findAnywhere, learnBasic } from "./find-anywhere.js";
import { findAssignments } from "./find-assignments.js";
import { findJson } from "./find-json.js";
import { findUrl } from "./find-url.js";
import { Scan } from "./scan.js";
import { isBlank, looksRandom } from "./values.js";
import type { Work } from "./work.js";

export function redactHeaderValue(name: string, value: string, work: Work): string {
  if (value === "") return value;
  const scan = new Scan(value, work);
  findField(scan, name);
  return scan.result();
}

/** Fields whose value is an address. */
const ADDRESSES =
  /^(?:referer|location|content-location|origin|destination|sourcemap|x-sourcemap|.*-(?:url|uri|referer|referrer|location|path)|:path)$/;
/** Credentials behind a scheme. */
const AUTHORIZATIONS = /(?:^|-)authori[sz]ation$|^authentication$|^x-auth$/;

type Sort =
  | "set-cookie"
  | "cookie"
  | "authorization"
  | "subprotocols"
  | "address"
  | "parameters"
  | "policy"
  | "other";

/** What a field is, by its name in lower case. */
function sortOf(name: string): Sort {
  if (/(?:^|-)set-cookie2?$/.test(name)) return "set-cookie";
  if (/(?:^|-)cookie2?$/.test(name)) return "cookie";
  if (AUTHORIZATIONS.test(name)) return "authorization";
  if (name === "sec-websocket-protocol") return "subprotocols";
  if (ADDRESSES.test(name)) return "address";
  if (name === "link" || name === "refresh") return "parameters";
  return KEEPS_PARAMETERS.test(name) ? "policy" : "other";
}

/** Of the names as sent: the same few come with every exchange. */
const SORTS = new Map<string, { readonly lower: string; readonly sort: Sort }>();
const MOST_SORTS = 4096;

function sortedName(name: string): { readonly lower: string; readonly sort: Sort } {
  let known = SORTS.get(name);
  if (known === undefined) {
    const lower = name.toLowerCase();
    known = { lower, sort: sortOf(lower) };
    if (SORTS.size >= MOST_SORTS) SORTS.clear();
    SORTS.set(copyOf(name), known);
  }
  return known;
}

/** Everything in the value of a field with this name. */
export function findField(scan: Scan, name: string): void {
  const { lower, sort } = sortedName(name);
  findHeader(scan, lower, sort);
  findAnywhere(scan);
}

function findHeader(scan: Scan, name: string, sort: Sort): void {
  const { text } = scan;
  const end = text.length;
  if (sort === "set-cookie") findSetCookie(scan);
  else if (sort === "cookie") findCookies(scan);
  else if (sort === "authorization") findAuthorization(scan);
  else if (sort === "subprotocols") findSubprotocols(scan);
  else if (sort === "address" && /[/?#]/.test(text)) findUrl(scan, 0, end);
  else if (sort === "parameters") findAssignments(scan, 0, end, "text");
  else {
    if (/^\s*[{[]/.test(text)) findJson(scan, 0, end);
    if (scan.found || scan.field(name, 0, end, "header", text, true)) return;
    if (sort !== "policy" && /[=?]/.test(text)) findAssignments(scan, 0, end, "text");
  }
}

/** Challenges and policies: what looks like a parameter there is none. */
const KEEPS_PARAMETERS =
  /^(?:www-authenticate|proxy-authenticate|content-security-policy.*|permissions-policy|feature-policy|strict-transport-security|cache-control|content-type|accept.*|report-to|nel|alt-svc|user-agent|server|via|priority|expect-ct|server-timing|baggage|traceparent|tracestate|content-disposition)$/;

/** `Bearer x`, `Basic x`, `AWS4-HMAC-SHA256 Credential=..., Signature=...`: the scheme stays. */
function findAuthorization(scan: Scan): void {
  const { text } = scan;
  const scheme = /^\s*([A-Za-z][\w-]{0,40})[ \t]+(?=\S)/.exec(text);
  const start = scheme === null ? text.length - text.trimStart().length : scheme[0].length;
  const end = text.trimEnd().length;
  const credentials = text.slice(start, end);
  if (isBlank(credentials)) return;
  if (scheme?.[1]?.toLowerCase() === "basic") learnBasic(scan, credentials);
  // The parts of a signature may stand alone elsewhere.
  for (const [, part] of credentials.matchAll(/=\s*"?([^",\s]{16,512})/g))
    scan.work.vault.learn(part!, "weak");
  scan.secret(start, end, "header", credentials, "secret");
}

function findCookies(scan: Scan): void {
  const { text } = scan;
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf(";", start);
    if (end === -1) end = text.length;
    oneCookie(scan, start, end);
    start = end + 1;
  }
}

function findSetCookie(scan: Scan): void {
  const end = scan.text.indexOf(";");
  oneCookie(scan, 0, end === -1 ? scan.text.length : end);
}

function oneCookie(scan: Scan, from: number, to: number): void {
  const { text, work } = scan;
  const equals = text.indexOf("=", from);
  let start = equals === -1 || equals >= to ? from : equals + 1;
  let end = to;
  const name = start === from ? "" : text.slice(from, start - 1).trim();
  if (work.policy.keepsCookie(name)) return;
  while (start < end && ' \t"'.includes(text[start]!)) start++;
  while (end > start && ' \t"'.includes(text[end - 1]!)) end--;
  const value = text.slice(start, end);
  // A cookie of one character, or none, is a flag; one that says `deleted` is being removed.
  if (value.length < 2 || isBlank(value)) return;
  const sure = name !== "" && work.names.of(name) === "secret";
  scan.secret(start, end, "cookie", value, sure ? "secret" : "cookie");
}

/** Browsers cannot set headers on a WebSocket: tokens travel as subprotocols. */
function findSubprotocols(scan: Scan): void {
  for (const match of scan.text.matchAll(/[^\s,]+/g)) {
    const word = match[0];
    const start = match.index;
    const dot = word.lastIndexOf(".") + 1;
    const token = /^base64url\./.test(word) ? word.slice(dot) : word;
    if (token.length >= 20 && looksRandom(token)) {
      scan.secret(start + word.length - token.length, start + word.length, "header", token, "secret");
    }
  }
}
