// Finds what needs no name and no structure: private keys in PEM, credentials behind their scheme or flag, addresses with a
// password, tokens of known shapes, the patterns of a policy, and every secret learned so far.
import { findFlags } from "./find-flags.js";
import { findTokens } from "./find-tokens.js";
import { findUrlsIn } from "./find-url.js";
import { isQuiet } from "./quiet.js";
import { KNOWN, type Scan } from "./scan.js";

export function findAnywhere(scan: Scan): void {
  if (!isQuiet(scan.text)) {
    findPrivateKeys(scan);
    findBearers(scan);
    findBasics(scan);
    findFlags(scan);
    findUrlsIn(scan);
    findTokens(scan, 0, scan.text.length);
  }
  scan.work.policy.findPatterns(scan);
  findLearned(scan);
}

const PEM_HEAD = /-----BEGIN(?:[ +]|%20)[A-Z0-9 +%]{0,60}PRIVATE(?:[ +]|%20)KEY[A-Z %0-9+]{0,20}-----/y;
const PEM_TAIL = /-----END(?:[ +]|%20)[A-Z0-9 +%]{0,60}-----/g;
/** A key that was cut off: base64 with line ends, plain or escaped, and the headers of old formats. */
const PEM_BODY =
  /(?:(?:Proc-Type|DEK-Info|Version|Comment): ?[\w,. -]{0,80}|[A-Za-z0-9+/=\s]|\\{1,4}[nr]|%0[AaDd]|%2[BbFf]|%3[Dd]|&#1[03];)*/y;
const KEY_LIMIT = 65_536;

export function findPrivateKeys(scan: Scan): void {
  const { text } = scan;
  for (let at = text.indexOf("-----BEGIN"); at !== -1; at = text.indexOf("-----BEGIN", at + 10)) {
    PEM_HEAD.lastIndex = at;
    if (!PEM_HEAD.test(text)) continue;
    const start = PEM_HEAD.lastIndex;
    const next = text.indexOf("-----BEGIN", start);
    const body = text.slice(start, Math.min(next === -1 ? text.length : next, start + KEY_LIMIT));
    PEM_TAIL.lastIndex = 0;
    let end = start;
    if (PEM_TAIL.test(body)) end += PEM_TAIL.lastIndex;
    else {
      PEM_BODY.lastIndex = 0;
      PEM_BODY.test(body);
      end += PEM_BODY.lastIndex;
    }
    scan.secret(at, end, "private-key", text.slice(at, end));
    at = end - 10;
  }
}

const BEARER = /(?:[Bb]earer|BEARER)(?: |%20|\+|\\u0020){1,3}(?:\\?["'])?([\w.~+/%-]{8,}=*)/y;

export function findBearers(scan: Scan): void {
  const { text } = scan;
  for (const word of ["earer", "EARER"]) {
    for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 5)) {
      BEARER.lastIndex = at - 1;
      const token = BEARER.exec(text)?.[1]?.replace(/[.,/]+$/, "");
      if (token === undefined || token.startsWith("REDACTED")) continue;
      // `bearer authentication` is prose.
      if (!/\d/.test(token) && token.length < 24) continue;
      const start = text.indexOf(token, at + 5);
      scan.secret(start, start + token.length, "authorization", token, "secret");
    }
  }
}

const BASIC = /[Bb]asic(?: |%20|\+)([A-Za-z0-9+/_-]{6,}(?:={0,2}|(?:%3D){0,2}))/y;

function findBasics(scan: Scan): void {
  const { text } = scan;
  for (let at = text.indexOf("asic"); at !== -1; at = text.indexOf("asic", at + 4)) {
    BASIC.lastIndex = at - 1;
    const credentials = BASIC.exec(text)?.[1];
    if (credentials === undefined || !learnBasic(scan, credentials)) continue;
    const start = BASIC.lastIndex - credentials.length;
    scan.secret(start, BASIC.lastIndex, "authorization", credentials, "secret");
  }
}

/** Learns what `Basic` credentials hold. @returns whether they are such. */
export function learnBasic(scan: Scan, credentials: string): boolean {
  const pair = Buffer.from(credentials.replaceAll("%3D", "="), "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon === -1 || !/^[^\p{Cc}\ufffd]*$/u.test(pair)) return false;
  const { vault } = scan.work;
  vault.learn(pair, "secret");
  const password = pair.slice(colon + 1);
  vault.learn(password, "secret");
  // An API key as the user name, with no password.
  if (password.length < 3) vault.learn(pair.slice(0, colon), "secret");
  return true;
}

/** As many characters of base64 as the place has, so that what is around it still decodes. */
const FILLER = "REDACTED".repeat(1100);

/** Finds what was a secret elsewhere. */
export function findLearned(scan: Scan): void {
  if (scan.work.isLearning()) return;
  scan.work.vault.index.search(scan.text, scan.covered(), (start, end, { secret, fit }) => {
    if (fit === "inner") scan.rewriteCounted(start, end, FILLER.slice(0, end - start), KNOWN);
    else scan.secret(start, end, KNOWN, secret, "none");
  });
}
