// Finds JSON Web Tokens (RFC 7519) in any text and shows what they claim. Nothing is verified here.
import { isJson } from "./json-tokens.js";

export interface Jwt {
  /** Where the token stands in the text. */
  readonly start: number;
  readonly end: number;
  readonly algorithm: string;
  /** JSON as sent: numbers keep every digit. */
  readonly header: string;
  /** JSON as sent; null for an encrypted token (RFC 7516), which nobody can read. */
  readonly claims: string | null;
  /** ISO 8601, from `iat`, `nbf` and `exp`. */
  readonly issuedAt?: string;
  readonly notBefore?: string;
  readonly expiresAt?: string;
  /** The signature was not looked at: anybody may have written these claims. */
  readonly verified: false;
}

/**
 * `eyJ` is `{"` in base64url. Only at the start of a word: then no character is looked at twice, whatever the text.
 */
const TOKEN = /(?<![\w-])eyJ[\w-]+\.[\w-]*(?:\.[\w-]*)+/g;
const MOST_TOKENS = 50;
const LONGEST_TOKEN = 64 * 1024;

/** Linear in the text; the first 50 tokens. */
export function findJwts(text: string): Jwt[] {
  const found: Jwt[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const jwt = match[0].length > LONGEST_TOKEN ? null : parseJwt(match[0], match.index);
    if (jwt !== null) found.push(jwt);
    if (found.length === MOST_TOKENS) break;
  }
  return found;
}

function parseJwt(token: string, start: number): Jwt | null {
  const parts = token.split(".");
  const header = jsonObject(parts[0] ?? "");
  if (header === null) return null;
  const { alg } = header.value;
  if (typeof alg !== "string") return null;
  const place = {
    start,
    end: start + token.length,
    algorithm: alg,
    header: header.text,
    verified: false,
  } as const;
  if (parts.length === 5) return { ...place, claims: null };
  const claims = parts.length === 3 ? jsonObject(parts[1] ?? "") : null;
  if (claims === null) return null;
  return {
    ...place,
    claims: claims.text,
    ...time("issuedAt", claims.value.iat),
    ...time("notBefore", claims.value.nbf),
    ...time("expiresAt", claims.value.exp),
  };
}

function jsonObject(base64: string): { text: string; value: Readonly<Record<string, unknown>> } | null {
  const text = Buffer.from(base64, "base64url").toString("utf8");
  if (!text.startsWith("{") || !isJson(text)) return null;
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? { text, value: { ...value } } : null;
}

/** NumericDate: seconds since 1970, with decimals perhaps (RFC 7519 section 2). */
function time(name: string, seconds: unknown): Record<string, string> {
  if (typeof seconds !== "number" || !(Math.abs(seconds) < 8.64e12)) return {};
  return { [name]: new Date(seconds * 1000).toISOString() };
}
