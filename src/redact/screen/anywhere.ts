// Whether findAnywhere may find anything in a body but tokens and known secrets: keys, credentials behind a scheme or
// flag, addresses.
import { BlockSet, blockOf } from "../block-set.js";
import { ByteMemo } from "../byte-memo.js";
import { findBearers, findPrivateKeys } from "../find-anywhere.js";
import { findFlags } from "../find-flags.js";
import { findUrlsIn, TELLING } from "../find-url.js";
import { finds, type Screened } from "./probe.js";

const COLON = 58;
const DASH = 45;
const SLASH = 47;
const BACKSLASH = 92;

/** Every seven characters with which the words begin that need a look, block by block. */
const WORDS = new BlockSet();
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-";
for (const word of ["Bearer", "bearer", "BEARER"]) for (const next of " %+\\") add(word + next);
for (const word of ["Basic", "basic"])
  for (const mark of " %+") for (const next of BASE64) add(word + mark + next);
add("-----BE");

function add(start: string): void {
  for (let at = 0; at < 4; at++) {
    const [a, b, c, d] = [at, at + 1, at + 2, at + 3].map((each) => start.charCodeAt(each));
    WORDS.add(blockOf(a!, b!, c!, d!));
  }
}

const MARKS = new Uint8Array(256);
MARKS[COLON] = 1;
MARKS[DASH] = 1;

export function mayHoldAnywhere(screened: Screened): boolean {
  const { bytes } = screened;
  for (let at = 0; at < bytes.length; at++) {
    if (MARKS[bytes[at]!] === 0) continue;
    if (bytes[at] === COLON) {
      if (bytes[at + 1] === SLASH && bytes[at + 2] === SLASH) {
        if (mayBeUrl(screened, at, at + 3)) return true;
      } else if (bytes[at + 1] === BACKSLASH && bytes[at + 2] === SLASH) {
        if (mayBeUrl(screened, at, at + 5)) return true;
      }
    } else if (mayBeFlag(screened, at)) return true;
  }
  return WORDS.some(bytes, (place) => mayBeWord(screened, place));
}

const CREDENTIALS_LIMIT = 9000;
/** A longer token is one whatever it looks like. */
const BEARER_LIMIT = 160;
const BASIC = /^[Bb]asic(?: |%20|\+)([A-Za-z0-9+/_-]{6,}(?:%3D|=)*)/;

function mayBeWord(screened: Screened, place: number): boolean {
  const { bytes } = screened;
  for (let start = Math.max(0, place - 3); start <= place; start++) {
    const code = bytes[start]!;
    if (code !== DASH && (code | 32) !== 98) continue;
    const head = bytes.toString("latin1", start, start + 10);
    if (head === "-----BEGIN") {
      if (finds(bytes.toString("latin1", start, start + 200), screened, findPrivateKeys)) return true;
    } else if (/^(?:[Bb]earer|BEARER)/.test(head)) {
      const near = bytes.toString("latin1", start, start + BEARER_LIMIT);
      if (near.length === BEARER_LIMIT && /[\w.~+/%-]{40}$/.test(near)) return true;
      if (finds(near, screened, findBearers)) return true;
    } else if (/^[Bb]asic/.test(head)) {
      const near = bytes.toString("latin1", start, start + CREDENTIALS_LIMIT);
      const credentials = BASIC.exec(near)?.[1];
      if (credentials === undefined) continue;
      if (near.length - credentials.length < 12) return true;
      if (Buffer.from(credentials.replaceAll("%3D", "="), "base64").includes(":")) return true;
    }
  }
  return false;
}

/** `--name value` under a name that says secret, ` -u name:value`. @param at of a dash. */
function mayBeFlag(screened: Screened, at: number): boolean {
  const { bytes, work } = screened;
  const before = bytes[at - 1];
  const next = bytes[at + 1] ?? 0;
  const isUser =
    before === 32 && (next === 117 || (next === DASH && (bytes[at + 2] === 117 || bytes[at + 2] === 112)));
  if (isUser) return finds(bytes.toString("utf8", at - 1, at + CREDENTIALS_LIMIT), screened, findFlags);
  if (before !== DASH || !isLetter(next)) return false;
  let end = at + 2;
  while (isLetter(bytes[end] ?? 0) || isNameMark(bytes[end] ?? 0)) end++;
  return bytes[end] === 32 && end - at < 45 && work.names.inBytes(bytes, at + 1, end) === "secret";
}

function isLetter(code: number): boolean {
  return ((code | 32) >= 97 && (code | 32) <= 122) || (code >= 48 && code <= 57);
}

function isNameMark(code: number): boolean {
  return code === 45 || code === 95;
}

const HOSTS = new ByteMemo((host) => /@|slack|discord|office|zapier|ifttt|telegram/i.test(host));
const SEGMENTS = new ByteMemo((segment) => TELLING.test(segment));
/** Of an address so many characters are looked at, of up to three bytes each. */
const URL_LIMIT = 2048;
const HOST_LIMIT = 1024;

const ENDS_URL = new Uint8Array(256);
for (let code = 0; code <= 32; code++) ENDS_URL[code] = 1;
for (const char of "\"'<>`") ENDS_URL[char.charCodeAt(0)] = 1;
const ENDS_HOST = new Uint8Array(256);
for (const char of "/?#\\ ,;()[]{}|") ENDS_HOST[char.charCodeAt(0)] = 1;

/** A password before the host, a webhook, or a long segment behind one that tells what it is. */
function mayBeUrl(screened: Screened, at: number, start: number): boolean {
  const { bytes } = screened;
  let end = start;
  const bound = Math.min(bytes.length, start + 3 * URL_LIMIT);
  let hostEnd = 0;
  let segment = 0;
  let segmentBefore = 0;
  let suspect = false;
  for (; end <= bound; end++) {
    const code = end === bound ? 0 : bytes[end]!;
    // An address within this one is looked at for itself.
    const isEnd =
      ENDS_URL[code] === 1 || (code === COLON && bytes[end + 1] === SLASH && bytes[end + 2] === SLASH);
    if (hostEnd === 0 && (isEnd || ENDS_HOST[code] === 1)) {
      hostEnd = end;
      if (end - start >= HOST_LIMIT || HOSTS.at(bytes, start, end)) suspect = true;
      segment = end;
      segmentBefore = end;
    }
    if (hostEnd > 0 && (isEnd || code === SLASH)) {
      if (end - segment >= 16 && segment - segmentBefore > 1) {
        if (SEGMENTS.at(bytes, segmentBefore, segment - 1)) suspect = true;
      }
      segmentBefore = segment;
      segment = end + 1;
    }
    if (isEnd) break;
  }
  if (!suspect) return false;
  return end - start >= URL_LIMIT || finds(bytes.toString("utf8", at, end), screened, findUrlsIn);
}
