// What a request told the proxy and nobody else, left out of a head that is written anew.
import type { RawHeaders } from "../../exchange/headers.js";
import type { OutgoingRequest } from "../ends.js";
import { parseRequestHead } from "../http1/head.js";

const PROXY_FIELD = /^proxy-(?:connection|authorization|authenticate)$/i;

/**
 * @param request as it came; its bytes are those that would go on unchanged (http1/rewrite), so that what they lack was for us
 */
export function withoutProxyFields(fields: RawHeaders, { bytes, headers }: OutgoingRequest): RawHeaders {
  if (bytes === undefined) return fields;
  const passed = parseRequestHead(bytes).headers;
  const hasProxyFields = passed.some(([name]) => PROXY_FIELD.test(name));
  const strip = !hasProxyFields && headers.some(([name]) => PROXY_FIELD.test(name));
  const kept: (readonly [string, string])[] = [];
  for (const field of fields) {
    const [name, value] = field;
    if (strip && PROXY_FIELD.test(name)) continue;
    if (name.toLowerCase() !== "connection" || !/close/i.test(value)) kept.push(field);
    else {
      // It ends the client's connection, not the pooled one to the origin.
      const tokens = value.split(",").filter((token) => token.trim().toLowerCase() !== "close");
      if (tokens.length > 0) kept.push([name, tokens.join(",").trim()]);
    }
  }
  return kept;
}
