// Finds tokens of well-known shapes anywhere in a text. Nearly all of them hold a run of 16 or more word characters,
// and most texts hold few: looking for such runs first, sixteen characters at a stride, keeps clean text fast.
import { findEncoded } from "./find-encoded.js";
import type { Scan } from "./scan.js";
import { startsWord } from "./secret-index.js";
import { HEADLESS_SHAPES, type HeadlessShape, TOKEN_SHAPES, type TokenShape } from "./token-shapes.js";
import { looksRandom } from "./values.js";

export const RUN = 16;
/** How far a token may begin before its long run: `SG.`, `hvs.`, `123456789:`, `dp.audit.`. */
export const LEAD = 26;

/** 1 for the characters of a run: letters, digits, `_` and `-`. */
const WORD = new Uint8Array(128);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
  WORD[char.charCodeAt(0)] = 1;

const SHAPES_OF = new Map<string, { head: string; shape: TokenShape }[]>();
for (const shape of TOKEN_SHAPES) {
  for (const head of shape.heads) {
    const key = head.slice(0, 3);
    const known = SHAPES_OF.get(key) ?? [];
    known.push({ head, shape });
    SHAPES_OF.set(
      key,
      known.sort((one, other) => other.head.length - one.head.length),
    );
  }
}

/**
 * @param anywhere also within a longer word: in binary bodies the byte before a token is a length, which may look
 *   like a letter
 */
export function findTokens(scan: Scan, from: number, to: number, anywhere = false): void {
  const { text } = scan;
  let at = from;
  while (at + RUN <= to) {
    const last = at + RUN - 1;
    let back = last;
    while (back >= at && isWord(text, back)) back--;
    if (back >= at) {
      at = back + 1;
      continue;
    }
    let end = last + 1;
    while (end < to && isWord(text, end)) end++;
    const found = tokenInRun(scan, at, end, from, to, anywhere);
    at = Math.max(end, found);
  }
}

function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 && WORD[code] === 1;
}

/** @returns the end of the last token found, or 0. */
export function tokenInRun(
  scan: Scan,
  run: number,
  runEnd: number,
  from: number,
  to: number,
  anywhere: boolean,
): number {
  const { text } = scan;
  let done = 0;
  const startsAt = leadOf(text, run, from);
  const headless = headlessShapes(text, startsAt, Math.min(runEnd, run + 60) + 1);
  // A run of many kilobytes is data: tokens begin at its start or after a mark.
  for (let at = startsAt; at < runEnd - 2; at++) {
    if (at < done) continue;
    if (!(anywhere || at === startsAt || startsWord(text, at))) {
      const next = nextMark(text, at, runEnd);
      if (next === -1) break;
      at = next - 1;
      continue;
    }
    const end = Math.min(tokenAt(scan, at, runEnd, headless), to);
    if (end > at) done = end;
  }
  if (done === 0 && !anywhere) return findEncoded(scan, startsAt, to);
  return done;
}

/** The shapes without a head whose mark stands here. Most runs have none. */
function headlessShapes(text: string, from: number, to: number): readonly HeadlessShape[] {
  let marks = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 58) marks |= 1;
    else if (code === 46) marks |= 2;
    else if (code === 126) marks |= 4;
    else if (code === 95) marks |= 8;
  }
  return SHAPES_BY_MARKS[marks]!;
}

const SHAPES_BY_MARKS = Array.from({ length: 16 }, (_, marks) =>
  HEADLESS_SHAPES.filter(({ mark }) => marks & (1 << ":.~_".indexOf(mark))),
);

/** The next place in the run where a word may begin. */
function nextMark(text: string, at: number, end: number): number {
  for (let next = at + 1; next < end; next++) {
    const code = text.charCodeAt(next - 1);
    if (code === 95 || code === 45 || code === 46 || code === 58 || code === 47 || code === 42) return next;
    if (next < at + 6 && startsWord(text, next)) return next;
  }
  return -1;
}

function leadOf(text: string, run: number, from: number): number {
  const before = run > from ? text[run - 1]! : "";
  if (before === "/") return text.startsWith("1//", run - 3) ? run - 3 : run;
  if (before === "" || !".:~*".includes(before)) return run;
  let start = run - 1;
  const bound = Math.max(from, run - LEAD);
  while (start > bound && (isWord(text, start - 1) || ".:~*".includes(text[start - 1]!))) start--;
  return start;
}

/** One bit for every first three characters of a head. */
const HEADS = new Uint8Array(1 << 15);
for (const key of SHAPES_OF.keys()) HEADS[headHash(key, 0)] = 1;

function headHash(text: string, at: number): number {
  return ((text.charCodeAt(at) << 10) ^ (text.charCodeAt(at + 1) << 5) ^ text.charCodeAt(at + 2)) & 0x7fff;
}

/** The heads by their first three characters. */
const HEADS_OF = new Map<number, Buffer[]>();
for (const heads of SHAPES_OF.values()) {
  for (const { head } of heads) {
    const known = HEADS_OF.get(headHash(head, 0)) ?? [];
    known.push(Buffer.from(head));
    HEADS_OF.set(headHash(head, 0), known);
  }
}

/**
 * Whether the head of a shape may begin with three bytes.
 *
 * @param hash of the first, shifted by five bits and mixed with the second, and so once more with the third
 */
export function mayBeginHead(hash: number): boolean {
  return HEADS[hash & 0x7fff] === 1;
}

/** Whether the head of a shape stands in the bytes here. */
export function isHeadAt(bytes: Buffer, at: number): boolean {
  if (at + 3 > bytes.length) return false;
  const hash = ((bytes[at]! << 10) ^ (bytes[at + 1]! << 5) ^ bytes[at + 2]!) & 0x7fff;
  if (HEADS[hash] !== 1) return false;
  for (const head of HEADS_OF.get(hash) ?? []) {
    let length = 0;
    while (length < head.length && bytes[at + length] === head[length]) length++;
    if (length === head.length) return true;
  }
  return false;
}

function tokenAt(scan: Scan, at: number, runEnd: number, headless: readonly HeadlessShape[]): number {
  const { text, work } = scan;
  const heads = HEADS[headHash(text, at)] === 1 ? SHAPES_OF.get(text.slice(at, at + 3)) : undefined;
  for (const { head, shape } of heads ?? []) {
    if (!text.startsWith(head, at) || work.policy.keptTokens.has(shape.id)) continue;
    // Its first part reaches to the end of the run; without a dot there, it is none.
    if (shape.id === "jwt" && text[runEnd] !== ".") continue;
    if (BY_CHANCE.test(head) && withinBase64(text, at)) continue;
    shape.tail.lastIndex = at + head.length;
    if (!shape.tail.test(text)) continue;
    const end = trimmedEnd(text, at, shape.tail.lastIndex);
    if (shape.id === "sk" && !isGenericToken(text, at, end)) continue;
    report(scan, at, end, shape.id);
    if (shape.id === "aws-access-key") findAwsSecret(scan, at, end);
    return end;
  }
  for (const { id, pattern } of headless) {
    if (work.policy.keptTokens.has(id)) continue;
    pattern.lastIndex = at;
    if (!pattern.test(text)) continue;
    const end = pattern.lastIndex;
    if (id === "generic" && !isGenericToken(text, at, end)) continue;
    report(scan, at, end, id);
    return end;
  }
  return 0;
}

/** Heads that come about by chance in base64, which has no marks between words. */
const BY_CHANCE = /^(?!eyJ|A[KS]IA)[A-Za-z0-9]{3,4}$/;

function withinBase64(text: string, at: number): boolean {
  if (at < 60 || !"+/".includes(text[at - 1]!)) return false;
  const before = text.slice(at - 60, at);
  return /^[A-Za-z0-9+/]+$/.test(before) && /\d/.test(before) && /[A-Z]/.test(before) && /[a-z]/.test(before);
}

function report(scan: Scan, start: number, end: number, id: string): void {
  scan.secret(start, end, id === "jwt" ? "jwt" : `token:${id}`, scan.text.slice(start, end));
}

/** Punctuation that ends the sentence is no part of the token. */
function trimmedEnd(text: string, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && ".,/%+".includes(text[trimmed - 1]!)) trimmed--;
  return trimmed;
}

/** Hashes in file names (`auth_3f2a….js`), words and publishable keys are none. */
function isGenericToken(text: string, start: number, end: number): boolean {
  if (/^\.[a-z]{2,5}\b/.test(text.slice(end, end + 6))) return false;
  const token = text.slice(start, end);
  const secret = token.slice(token.lastIndexOf("_") + 1).replace(/^sk-/, "");
  if (/(?:^|[_-])(?:pk|pub|public|publishable)[_-]/.test(token)) return false;
  return /\d/.test(secret) && /[A-Za-z]/.test(secret) && (looksRandom(secret) || /^\w{32,}$/.test(secret));
}

const AWS_SECRET = /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g;

/** An AWS secret key has no head of its own: forty characters of base64 near an access key id. */
function findAwsSecret(scan: Scan, start: number, end: number): void {
  const from = Math.max(0, start - 300);
  const near = scan.text.slice(from, end + 300);
  for (const match of near.matchAll(AWS_SECRET)) {
    const secret = match[0];
    if (!/[a-z]/.test(secret) || !/[A-Z]/.test(secret) || !/[0-9/+]/.test(secret)) continue;
    scan.secret(from + match.index, from + match.index + 40, "token:aws-secret-key", secret);
  }
}
