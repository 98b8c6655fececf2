// Headers, cookies and query parameters of an entry.
import { parseCookies, parseSetCookie } from "../content/cookies.js";
import { parseQuery } from "../content/query.js";
import type { HttpRequest, HttpVersion } from "../exchange/exchange.js";
import { headerValues, type RawHeaders } from "../exchange/headers.js";
import { textOfHeader } from "./header-text.js";
import type { HarCookie, HarNameValue } from "./types.js";

/** As Chrome writes them; of HTTP/2, DevTools knows only this spelling. */
const VERSIONS: Readonly<Record<HttpVersion, string>> = {
  "HTTP/1.0": "http/1.0",
  "HTTP/1.1": "http/1.1",
  "HTTP/2.0": "http/2.0",
  "HTTP/3.0": "h3",
};

export function versionName(version: HttpVersion): string {
  return VERSIONS[version];
}

/** One for each field, Set-Cookie too. */
export function nameValues(headers: RawHeaders): HarNameValue[] {
  return headers.map(([name, value]) => ({ name: textOfHeader(name), value: textOfHeader(value) }));
}

/** Of HTTP/2 with the pseudo-fields before the others, as browsers write them. */
export function requestHeaders(request: HttpRequest): HarNameValue[] {
  const { httpVersion, authority, method, target, url } = request;
  const fields = nameValues(request.headers);
  if (httpVersion !== "HTTP/2.0" && httpVersion !== "HTTP/3.0") return fields;
  return [
    ...(authority === undefined ? [] : [{ name: ":authority", value: textOfHeader(authority) }]),
    { name: ":method", value: method },
    { name: ":path", value: textOfHeader(target) },
    { name: ":scheme", value: url.slice(0, Math.max(url.indexOf(":"), 0)) },
    ...fields,
  ];
}

export function requestCookies(headers: RawHeaders): HarCookie[] {
  const crumbs = headerValues(headers, "cookie").map(textOfHeader);
  return parseCookies(crumbs.join("; ")).map(({ name, value }) => ({ name, value }));
}

/** @param receivedAt milliseconds since 1970: what Max-Age counts from. */
export function responseCookies(headers: RawHeaders, receivedAt: number): HarCookie[] {
  return headerValues(headers, "set-cookie").map((field) => {
    const { name, value, path, domain, expires, httpOnly, secure, sameSite } = parseSetCookie(
      textOfHeader(field),
      receivedAt,
    );
    return {
      name,
      value,
      ...(path === undefined ? {} : { path }),
      ...(domain === undefined ? {} : { domain }),
      ...(expires === undefined ? {} : { expires }),
      httpOnly,
      secure,
      ...(sameSite === undefined ? {} : { sameSite }),
    };
  });
}

export function queryString(url: string): HarNameValue[] {
  return parseQuery(url).map(({ name, value }) => ({ name, value }));
}
