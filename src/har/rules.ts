// Rules about what an entry says: numbers that agree with each other, cookies that are all there, bytes that are whole.
import { parseSetCookie } from "../content/cookies.js";
import { parseMediaType } from "../content/media-type.js";
import { parseForm, parseQuery } from "../content/query.js";
import { headerValue, headerValues } from "../exchange/headers.js";
import type { EntryParts, EntryRule, Fault } from "./finding.js";
import { isJoinedSetCookie } from "./read-headers.js";
import { asNumber, asObject, type JsonObject } from "./repairs.js";
import { fault, headersOf, isDate, isNatural, objects } from "./rule-helpers.js";

const PHASES = ["blocked", "dns", "connect", "send", "wait", "receive"];

export const RULES: readonly EntryRule[] = [
  {
    id: "timings-range",
    consumers: ["chrome"],
    severity: "error",
    fix: "write -1 for a phase that did not happen; send, wait and receive are at least 0",
    check: ({ timings }) =>
      Object.entries(timings).flatMap(([key, value]) => {
        if (key.startsWith("_") || key === "comment") return [];
        const least = key === "send" || key === "wait" || key === "receive" ? 0 : -1;
        if (typeof value === "number" && value >= least && (value >= 0 || value === -1)) return [];
        return fault(`timings.${key}`, `is ${JSON.stringify(value)}`);
      }),
  },
  {
    id: "ssl-in-connect",
    consumers: ["chrome"],
    severity: "error",
    fix: "add ssl to connect: connect includes it, and readers subtract it",
    check: ({ timings: { ssl, connect } }) =>
      typeof ssl === "number" && ssl > 0 && ssl > Math.max(asNumber(connect), -1) + 0.001
        ? fault("timings.ssl", `is ${ssl}, more than connect (${JSON.stringify(connect)})`)
        : [],
  },
  {
    id: "time-is-sum",
    consumers: [],
    severity: "warning",
    fix: "write the sum of the phases that are not -1, without ssl",
    check: ({ entry, timings }) => {
      const sum = PHASES.reduce((total, key) => total + Math.max(asNumber(timings[key] ?? 0), 0), 0);
      const { time } = entry;
      // Whole milliseconds are common: each phase may be off by half of one.
      if (typeof time !== "number" || Number.isNaN(sum) || Math.abs(time - sum) <= 3.5) return [];
      return fault("time", `is ${time}, but the phases add up to ${Math.round(sum * 1000) / 1000}`);
    },
  },
  {
    id: "content-size",
    consumers: [],
    severity: "warning",
    fix: "write the number of decoded bytes",
    check: ({ content }) => {
      const bytes = contentBytes(content);
      if (bytes === undefined || content.size === bytes || content.comment !== undefined) return [];
      return fault(
        "response.content.size",
        `is ${JSON.stringify(content.size)}, but the content has ${bytes} bytes`,
      );
    },
  },
  {
    id: "compression",
    consumers: [],
    severity: "warning",
    fix: "write content.size - bodySize",
    check: ({ content: { size, compression }, response: { bodySize } }) => {
      if (typeof compression !== "number" || !isNatural(size) || !isNatural(bodySize)) return [];
      // Some count the saving only, never the loss.
      const saved = size - bodySize;
      if (compression === saved || compression === Math.max(saved, 0)) return [];
      return fault(
        "response.content.compression",
        `is ${compression}, but ${size} - ${bodySize} is ${saved}`,
      );
    },
  },
  {
    id: "base64",
    consumers: ["chrome", "playwright"],
    severity: "error",
    fix: "write base64 without line breaks, or leave out encoding",
    check: ({ content, request }) =>
      [
        ["response.content.text", content] as const,
        ["request.postData.text", asObject(request.postData) ?? {}] as const,
      ].flatMap(([path, { text, encoding }]) =>
        encoding === "base64" && typeof text === "string" && !/^[A-Za-z0-9+/]*={0,2}$/.test(text)
          ? fault(path, "is not base64")
          : [],
      ),
  },
  {
    id: "mangled-binary",
    consumers: [],
    severity: "warning",
    fix: 'write the bytes as base64, with encoding "base64"',
    check: ({ content: { mimeType, text, encoding } }) =>
      typeof text === "string" &&
      encoding === undefined &&
      typeof mimeType === "string" &&
      /^(?:image\/(?!svg)|audio\/|video\/|font\/|application\/(?:octet-stream|pdf|zip|wasm|gzip|protobuf))/.test(
        mimeType,
      ) &&
      text.includes("\ufffd")
        ? fault("response.content.text", `is ${mimeType} that was decoded as text: bytes are lost`)
        : [],
  },
  {
    id: "set-cookie-joined",
    consumers: ["chrome", "playwright"],
    severity: "error",
    fix: "write one header for each Set-Cookie",
    check: ({ response }) =>
      headerValues(headersOf(response), "set-cookie").flatMap((value) =>
        isJoinedSetCookie(value)
          ? fault("response.headers", "has several cookies in one Set-Cookie, joined with commas")
          : [],
      ),
  },
  {
    id: "cookies",
    consumers: [],
    severity: "warning",
    fix: "fill cookies from the Cookie and Set-Cookie headers",
    check: ({ request, response }) => [
      ...missingCookies(
        objects(request.cookies).length,
        headerValues(headersOf(request), "cookie"),
        "request",
      ),
      ...missingCookies(
        objects(response.cookies).length,
        headerValues(headersOf(response), "set-cookie").filter(
          (value) => parseSetCookie(value, 0).name !== "",
        ),
        "response",
      ),
    ],
  },
  {
    id: "cookie-expires",
    consumers: ["chrome"],
    severity: "error",
    fix: "write ISO 8601, or leave it out",
    check: ({ request, response }) =>
      [request, response].flatMap((message, index) =>
        objects(message.cookies).flatMap(({ expires }, at) =>
          expires === undefined || expires === null || isDate(expires)
            ? []
            : fault(`${index === 0 ? "request" : "response"}.cookies[${at}].expires`, "is not a date"),
        ),
      ),
  },
  {
    id: "query-string",
    consumers: [],
    severity: "warning",
    fix: "write the parameters of the URL",
    check: ({ request: { url, queryString } }) => {
      if (typeof url !== "string" || !Array.isArray(queryString)) return [];
      const count = parseQuery(url).length;
      if (count === queryString.length) return [];
      return fault("request.queryString", `has ${queryString.length} parameters, the URL ${count}`);
    },
  },
  {
    id: "post-data-params",
    consumers: [],
    severity: "warning",
    fix: "write params and text of the same form",
    check: paramsDiffer,
  },
  {
    id: "url-absolute",
    consumers: ["chrome", "firefox", "playwright"],
    severity: "error",
    fix: "write scheme and host too",
    check: ({ request: { url } }) =>
      typeof url === "string" && URL.canParse(url) ? [] : fault("request.url", "is not an absolute URL"),
  },
  {
    id: "error-said",
    consumers: [],
    severity: "warning",
    fix: "say in response._error why there was no response",
    check: ({ response: { status, _error, _failureText, _blockedReason } }) =>
      status === 0 &&
      [_error, _failureText, _blockedReason].every((each) => typeof each !== "string" || each === "")
        ? fault("response.status", "is 0, and nothing says why")
        : [],
  },
];

/** @returns undefined where the text does not tell it: other charsets than UTF-8, no text. */
function contentBytes({ text, encoding, mimeType }: JsonObject): number | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  if (encoding === "base64") return Math.floor((text.replace(/=+$/, "").length * 3) / 4);
  const charset = parseMediaType(typeof mimeType === "string" ? mimeType : "").parameters.get("charset");
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) return undefined;
  return text.includes("\ufffd") ? undefined : Buffer.byteLength(text, "utf8");
}

function missingCookies(count: number, fields: readonly string[], message: "request" | "response"): Fault[] {
  if (fields.length === 0 || count > 0 || fields.every((field) => field.trim() === "")) return [];
  return fault(`${message}.cookies`, "is empty, but the headers have cookies");
}

function paramsDiffer({ request }: EntryParts): readonly Fault[] {
  const { mimeType, text, params, encoding } = asObject(request.postData) ?? {};
  if (!Array.isArray(params) || typeof text !== "string" || encoding !== undefined || text === "") return [];
  const type =
    headerValue(headersOf(request), "content-type") ?? (typeof mimeType === "string" ? mimeType : "");
  if (parseMediaType(type).essence !== "application/x-www-form-urlencoded") return [];
  const names = parseForm(text).length;
  return names === params.length
    ? []
    : fault("request.postData.params", `has ${params.length} fields, text ${names}`);
}
