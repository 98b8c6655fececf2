// Cookie and Set-Cookie as browsers read them (RFC 6265bis section 5).
import { parseCookieDate } from "./cookie-date.js";

export interface Cookie {
  /** "" for a cookie that was sent without `=`. */
  readonly name: string;
  /** As sent: quotes and percent-encoding stay. */
  readonly value: string;
}

export interface SetCookie extends Cookie {
  readonly path?: string;
  readonly domain?: string;
  /** ISO 8601, from Max-Age where it is there (it wins), else from Expires; absent for a session cookie. */
  readonly expires?: string;
  /** Max-Age as sent, in seconds. */
  readonly maxAge?: number;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly partitioned?: true;
  /** `Strict`, `Lax`, `None`, spelled so; any other value as sent. */
  readonly sameSite?: string;
}

/** @param value of a Cookie field; of several (HTTP/2 crumbs), joined with `; `. */
export function parseCookies(value: string): Cookie[] {
  return value
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "")
    .map(cookieOf);
}

function cookieOf(pair: string): Cookie {
  const equals = pair.indexOf("=");
  if (equals === -1) return { name: "", value: pair };
  return { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() };
}

/**
 * @param value of one Set-Cookie field.
 * @param baseTime milliseconds since 1970 when it was received: what Max-Age counts from.
 */
export function parseSetCookie(value: string, baseTime: number): SetCookie {
  const [pair = "", ...attributes] = value.split(";");
  const cookie: { -readonly [Key in keyof SetCookie]: SetCookie[Key] } = {
    ...cookieOf(pair.trim()),
    httpOnly: false,
    secure: false,
  };
  let expires: string | undefined;
  let maxAgeExpires: string | undefined;
  // Of attributes that come twice, the last counts.
  for (const attribute of attributes) {
    const equals = attribute.indexOf("=");
    const name = (equals === -1 ? attribute : attribute.slice(0, equals)).trim().toLowerCase();
    const text = equals === -1 ? "" : attribute.slice(equals + 1).trim();
    if (name === "path") cookie.path = text;
    else if (name === "domain") cookie.domain = text;
    else if (name === "expires") expires = isoTime(parseCookieDate(text)) ?? expires;
    else if (name === "max-age" && /^-?\d+$/.test(text)) {
      cookie.maxAge = Number(text);
      maxAgeExpires = isoTime(cookie.maxAge <= 0 ? 0 : baseTime + cookie.maxAge * 1000);
    } else if (name === "httponly") cookie.httpOnly = true;
    else if (name === "secure") cookie.secure = true;
    else if (name === "partitioned") cookie.partitioned = true;
    else if (name === "samesite") cookie.sameSite = SAME_SITE[text.toLowerCase()] ?? text;
  }
  const end = maxAgeExpires ?? expires;
  if (end !== undefined) cookie.expires = end;
  return cookie;
}

const SAME_SITE: Readonly<Record<string, string>> = { strict: "Strict", lax: "Lax", none: "None" };

/** Beyond it ISO years have six digits and a sign, which readers of HAR do not take. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59);

function isoTime(ms: number | null): string | undefined {
  return ms === null ? undefined : new Date(Math.min(Math.max(ms, 0), LATEST)).toISOString();
}
