// The request of an entry, without its body.
import type { HttpRequest } from "../exchange/exchange.js";
import { headerOfText } from "./header-text.js";
import { readHeaders, readVersion } from "./read-headers.js";
import { asObject, type FieldReader, type JsonObject } from "./repairs.js";

export type RequestHead = Omit<HttpRequest, "body">;

/** @returns a sentence where there is too little to make a request of. */
export function readRequest(request: JsonObject, reader: FieldReader): RequestHead | string {
  if (typeof request.url !== "string" || request.url.trim() === "") return "request.url is missing";
  const { headers, pseudo } = readHeaders(request, "request", reader);
  const host = pseudo.get(":authority") ?? headers.find(([name]) => name.toLowerCase() === "host")?.[1];
  const url = absoluteUrl(request.url.trim(), host, pseudo.get(":scheme"), reader);
  if (url === undefined) return `request.url is not absolute: ${request.url.slice(0, 200)}`;
  const whole = withQuery(url, request, reader);
  const method = reader.text(request, "method", "request", pseudo.get(":method") ?? "GET");
  const authority = pseudo.get(":authority");
  return {
    method: /^[!-~]+$/.test(method) ? method : oneWord(method, reader),
    url: headerOfText(whole),
    target: headerOfText(targetOf(whole, method)),
    httpVersion: readVersion(request),
    headers,
    headersSize: reader.size(request, "headersSize", "request"),
    ...(authority === undefined ? {} : { authority: headerOfText(authority) }),
  };
}

function oneWord(method: string, reader: FieldReader): string {
  const made = method.replace(/[^!-~]/g, "") || "GET";
  reader.note("request.method", `is not one word; taken as ${made}`);
  return made;
}

function absoluteUrl(
  text: string,
  host: string | undefined,
  scheme: string | undefined,
  reader: FieldReader,
): string | undefined {
  const withoutFragment = text.replace(/#.*$/s, "");
  if (/^[a-z][a-z0-9+.-]*:/i.test(withoutFragment)) {
    // Browsers name a WebSocket by its own scheme; an exchange has that of its connection.
    return withoutFragment.replace(/^ws(?=s?:)/i, "http");
  }
  if (host === undefined || !withoutFragment.startsWith("/")) return undefined;
  reader.note("request.url", "is not absolute; completed by the Host header");
  return `${scheme ?? "http"}://${host}${withoutFragment}`;
}

/** Clients such as Insomnia keep the parameters beside the URL. */
function withQuery(url: string, request: JsonObject, reader: FieldReader): string {
  if (url.includes("?") || !Array.isArray(request.queryString) || request.queryString.length === 0)
    return url;
  const pairs = request.queryString.flatMap((item: unknown): [string, string][] => {
    const parameter = asObject(item);
    if (typeof parameter?.name !== "string") return [];
    return [[parameter.name, typeof parameter.value === "string" ? parameter.value : ""]];
  });
  if (pairs.length === 0) return url;
  reader.note("request.url", "lacks the parameters of queryString; they were added");
  return `${url}?${new URLSearchParams(pairs).toString()}`;
}

/** RFC 9112 section 3.2: authority-form for CONNECT, origin-form for the others. */
function targetOf(url: string, method: string): string {
  const [, authority = "", path = ""] = /^https?:\/\/([^/?]*)(.*)$/is.exec(url) ?? [];
  if (authority === "") return url;
  if (method === "CONNECT") return authority;
  return path.startsWith("/") ? path : `/${path}`;
}
