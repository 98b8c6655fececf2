// Finds secrets in an address: the password before the host, tokens in the path, the query and the fragment.
import { findParams } from "./find-params.js";
import { decodePercent } from "./names.js";
import type { Scan } from "./scan.js";
import { WEBHOOK_PATHS } from "./token-shapes.js";
import { looksRandom } from "./values.js";

const USERINFO_LIMIT = 1024;

/** A whole address, absolute or not. */
export function findUrl(scan: Scan, from: number, to: number): void {
  const { text } = scan;
  const scheme = text.indexOf("://", from);
  const pathStart = scheme !== -1 && scheme < to ? findAuthority(scan, scheme + 3, to) : from;
  const hash = indexWithin(text, "#", from, to);
  const query = indexWithin(text, "?", from, hash);
  findPath(scan, pathStart, query);
  if (query < hash) findParams(scan, query + 1, hash, "query");
  if (hash < to) {
    // `#access_token=...` of OAuth, and `#/route?token=...` of applications with routes in the fragment.
    const inner = indexWithin(text, "?", hash, to);
    findParams(scan, (inner < to ? inner : hash) + 1, to, "query");
  }
}

/** Addresses anywhere in a text: `scheme://user:password@host`, webhooks, tokens in their paths. */
export function findUrlsIn(scan: Scan): void {
  const { text } = scan;
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", at + 3)) urlAt(scan, at + 3);
  for (let at = text.indexOf(":\\/\\/"); at !== -1; at = text.indexOf(":\\/\\/", at + 5)) urlAt(scan, at + 5);
}

function urlAt(scan: Scan, start: number): void {
  const { text } = scan;
  let end = start;
  while (end < text.length && end - start < 2048 && isUrlCode(text.charCodeAt(end))) {
    // An address within this one is looked at for itself.
    if (text[end] === ":" && text.startsWith("//", end + 1)) break;
    end++;
  }
  if (end === start) return;
  const pathStart = findAuthority(scan, start, end);
  if (pathStart < end) findPath(scan, pathStart, end);
}

/** Not: blanks, quotes, `<>`, backquote. */
function isUrlCode(code: number): boolean {
  return code > 32 && code !== 34 && code !== 39 && code !== 60 && code !== 62 && code !== 96;
}

/** @returns where the path begins. */
function findAuthority(scan: Scan, start: number, to: number): number {
  const { text, work } = scan;
  let end = start;
  let at = -1;
  for (; end < to && end - start < USERINFO_LIMIT && !"/?#\\ ,;()[]{}|".includes(text[end]!); end++) {
    if (text[end] === "@") at = end;
  }
  if (at > start && !work.policy.keptTokens.has("userinfo")) {
    const colon = text.indexOf(":", start);
    const user = text.slice(start, colon !== -1 && colon < at ? colon : at);
    const hasPassword = colon !== -1 && colon < at - 1;
    if (hasPassword) take(scan, colon + 1, at);
    const userIsSecret =
      !hasPassword && colon !== -1 && colon < at ? user.length > 3 : user.length >= 20 || looksRandom(user);
    if (userIsSecret && !/^REDACTED-\d+$/.test(user)) take(scan, start, start + user.length);
  }
  findWebhook(scan, at > start ? at + 1 : start);
  return end;
}

function findWebhook(scan: Scan, host: number): void {
  WEBHOOK_PATHS.lastIndex = host;
  const match = WEBHOOK_PATHS.exec(scan.text);
  const path = match?.[1];
  if (match === null || path === undefined || path.startsWith("REDACTED")) return;
  const end = match.index + match[0].length;
  scan.secret(end - path.length, end, "token:webhook", path);
}

function take(scan: Scan, start: number, end: number): void {
  const raw = scan.text.slice(start, end);
  if (/^(?:REDACTED-\d+|\*+|x+|\$\{?\w+\}?|<\w+>|password|pass|pwd)$/i.test(raw)) return;
  scan.secret(start, end, "userinfo", decodePercent(raw), "secret");
}

/** A path segment that looks random behind one that says what it is: `/reset-password/<token>`. */
function findPath(scan: Scan, from: number, to: number): void {
  const { text } = scan;
  let start = from;
  let before = "";
  while (start < to) {
    let end = text.indexOf("/", start);
    if (end === -1 || end > to) end = to;
    const segment = text.slice(start, end);
    if (
      segment.length >= 16 &&
      before !== "" &&
      before.length < 40 &&
      TELLING.test(before) &&
      looksRandom(segment)
    ) {
      if (!/\.\w{1,5}$/.test(segment)) scan.secret(start, end, "path", segment, "weak");
    }
    before = segment;
    start = end + 1;
  }
}

export const TELLING =
  /^(?:.*[-_])?(?:tokens?|secrets?|passwords?|reset|recover|recovery|verify|verification|confirm|confirmation|activate|activation|invite|invitation|invitations|magic|magic-link|unsubscribe|sessions?|auth|login|signin|otp|keys?|api-?keys?|share|webhooks?|hooks?|callback)$/i;

function indexWithin(text: string, char: string, from: number, to: number): number {
  const at = text.indexOf(char, from);
  return at === -1 || at > to ? to : at;
}
