// Compares header fields, those left out that differ between any two responses.
import type { RawHeaders } from "../../exchange/headers.js";
import type { HeaderDifference } from "./types.js";

/** Values of time, of the request, of the way it took, or of its framing: different without anything being different. */
const VOLATILE_HEADERS: readonly string[] = [
  "age",
  "alt-svc",
  "cf-cache-status",
  "cf-ray",
  "connection",
  "content-length", // follows the body, which is compared
  "date",
  "etag", // follows the body, or names the server
  "expires",
  "keep-alive",
  "last-modified",
  "nel",
  "report-to",
  "request-id",
  "server-timing",
  "traceparent",
  "tracestate",
  "transfer-encoding",
  "via",
  "x-amz-cf-id",
  "x-amz-cf-pop",
  "x-amz-id-2",
  "x-amz-request-id",
  "x-amzn-requestid",
  "x-amzn-trace-id",
  "x-b3-*",
  "x-cache*",
  "x-cloud-trace-context",
  "x-correlation-id",
  "x-envoy-upstream-service-time",
  "x-github-request-id",
  "x-ratelimit-*",
  "x-request-id",
  "x-response-time",
  "x-runtime",
  "x-served-by",
  "x-timer",
  "x-trace-id",
  "x-varnish",
  "ratelimit*",
];

/** @param further names to leave out, `*` for any letters. */
export function compareHeaders(
  further: readonly string[],
): (before: RawHeaders, after: RawHeaders) => HeaderDifference[] {
  const ignored = nameTest([...VOLATILE_HEADERS, ...further]);
  return (before, after) => {
    const [old, now] = [valuesByName(before, ignored), valuesByName(after, ignored)];
    const names = [...new Set([...old.keys(), ...now.keys()])].sort();
    return names.flatMap((name) => {
      const [was, is] = [old.get(name) ?? null, now.get(name) ?? null];
      return isSame(was, is) ? [] : [{ name, before: was, after: is }];
    });
  };
}

function nameTest(names: readonly string[]): (name: string) => boolean {
  const patterns = names.map((name) =>
    name
      .trim()
      .toLowerCase()
      .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*"),
  );
  const pattern = new RegExp(`^(?:${patterns.join("|")})$`);
  return (name) => pattern.test(name);
}

function valuesByName(headers: RawHeaders, ignored: (name: string) => boolean): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [field, value] of headers) {
    const name = field.toLowerCase();
    if (ignored(name)) continue;
    const list = values.get(name) ?? [];
    list.push(name === "set-cookie" ? withoutValue(value) : value);
    values.set(name, list);
  }
  return values;
}

/** A cookie's name and its attributes; its value and its end are those of one visit. */
function withoutValue(cookie: string): string {
  const [pair = "", ...attributes] = cookie.split(";").map((part) => part.trim());
  const kept = attributes.filter((attribute) => !/^(?:expires|max-age)\s*=/i.test(attribute));
  return [`${pair.split("=", 1)[0]}=…`, ...kept].join("; ");
}

function isSame(before: readonly string[] | null, after: readonly string[] | null): boolean {
  if (before === null || after === null || before.length !== after.length) return before === after;
  return before.every((value, at) => value === after[at]);
}
