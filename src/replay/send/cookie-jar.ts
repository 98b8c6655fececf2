// Cookies that responses set while requests are sent again (RFC 6265 sections 5.3 and 5.4), in bounded memory.
import { type Cookie, parseCookies, parseSetCookie } from "../../content/cookies.js";
import { headerValues, type RawHeaders } from "../../exchange/headers.js";
import { isIpAddress } from "../../proxy/target.js";

interface StoredCookie extends Cookie {
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Milliseconds since 1970; Infinity for a session cookie. */
  readonly expires: number;
  /** Counts up: of equally long paths the older goes first (section 5.4). */
  readonly order: number;
}

interface Place {
  readonly host: string;
  readonly path: string;
  readonly secure: boolean;
}

/** As the RFC asks of clients (section 6.1), of all domains together. */
const MAX_COOKIES = 3000;
const MAX_COOKIE_LENGTH = 4096;

export class CookieJar {
  /** Those that have expired stay: they take recorded ones out of requests. */
  readonly #cookies = new Map<string, StoredCookie>();
  #order = 0;

  /** Takes the cookies of a response. @param now milliseconds since 1970 */
  store(url: string, headers: RawHeaders, now: number): void {
    const place = placeOf(url);
    for (const value of headerValues(headers, "set-cookie")) {
      const cookie = value.length > MAX_COOKIE_LENGTH ? undefined : storable(value, place, now);
      if (cookie === undefined) continue;
      const key = `${cookie.domain} ${cookie.path} ${cookie.name}`;
      const before = this.#cookies.get(key);
      this.#cookies.set(key, { ...cookie, order: before?.order ?? this.#order++ });
      if (this.#cookies.size > MAX_COOKIES) this.#cookies.delete(this.#cookies.keys().next().value ?? key);
    }
  }

  /**
   * The fields of a request with the cookies of the jar: recorded ones stay where no response has set another of their
   * name, or ended it; new ones come behind them. All in one Cookie field, where the first one stood.
   */
  apply(url: string, headers: RawHeaders, now: number): RawHeaders {
    const known = this.#matching(placeOf(url));
    if (known.length === 0) return headers;
    const recorded = parseCookies(headerValues(headers, "cookie").join("; "));
    const names = new Set(known.map(({ name }) => name));
    const alive = known.filter(({ expires }) => expires > now);
    const cookies = [...recorded.filter(({ name }) => !names.has(name)), ...alive];
    const value = cookies.map(({ name, value }) => (name === "" ? value : `${name}=${value}`)).join("; ");
    const at = headers.findIndex(([name]) => name.toLowerCase() === "cookie");
    const others = headers.filter(([name]) => name.toLowerCase() !== "cookie");
    if (value === "") return others;
    const field = [at === -1 ? "Cookie" : headers[at]![0], value] as const;
    return at === -1 ? [...others, field] : [...others.slice(0, at), field, ...others.slice(at)];
  }

  #matching(place: Place): StoredCookie[] {
    return [...this.#cookies.values()]
      .filter((cookie) => isFor(cookie, place))
      .sort((a, b) => b.path.length - a.path.length || a.order - b.order);
  }
}

/** Section 5.3, as far as it concerns a client that has no pages. @returns undefined for what is ignored */
function storable(text: string, place: Place, now: number): Omit<StoredCookie, "order"> | undefined {
  const { name, value, domain: named = "", path, secure, expires } = parseSetCookie(text, now);
  if (name === "" && value === "") return undefined;
  const wanted = named.replace(/^\./, "").toLowerCase();
  const domain = wanted === "" ? place.host : wanted;
  if (!domainMatches(place.host, domain)) return undefined;
  // Nobody may set a cookie for all of `com`: without a list of public suffixes, names without a dot stand for them.
  if (domain !== place.host && !domain.includes(".")) return undefined;
  // RFC 6265bis section 5.7: a secure cookie comes over a secure connection only.
  if (secure && !place.secure) return undefined;
  return {
    name,
    value,
    domain,
    hostOnly: wanted === "",
    path: path?.startsWith("/") === true ? path : defaultPath(place.path),
    secure,
    expires: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires),
  };
}

function isFor(cookie: StoredCookie, { host, path, secure }: Place): boolean {
  if (cookie.secure && !secure) return false;
  if (cookie.hostOnly ? host !== cookie.domain : !domainMatches(host, cookie.domain)) return false;
  return pathMatches(path, cookie.path);
}

/** Section 5.1.3. */
function domainMatches(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !isIpAddress(host));
}

/** Section 5.1.4. */
function pathMatches(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return path.length === cookiePath.length || cookiePath.endsWith("/") || path[cookiePath.length] === "/";
}

function defaultPath(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

function placeOf(url: string): Place {
  const match = /^(https?):\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/:?#]*)[^/?#]*([^?#]*)/i.exec(url);
  const host = (match?.[2] ?? "").toLowerCase().replace(/^\[|\]$/g, "");
  // Section 5.4 leaves to the client what "secure" is; browsers count the machine itself in.
  const secure = match?.[1]?.toLowerCase() === "https" || /^(?:localhost|127\..*|::1)$/.test(host);
  return { host, path: match?.[3] || "/", secure };
}
