// Rules of one reader each: what Chrome DevTools, Firefox and Playwright do with an entry, as measured and as their
// sources say. In Chrome, one bad entry rejects the whole file.
import { parseMediaType } from "../content/media-type.js";
import type { EntryRule } from "./finding.js";
import { asObject } from "./repairs.js";
import { fault, isDate, notNumbers, objects } from "./rule-helpers.js";

const TYPES: ReadonlySet<unknown> = new Set([
  ...[
    "document",
    "stylesheet",
    "script",
    "image",
    "font",
    "media",
    "xhr",
    "fetch",
    "websocket",
    "eventsource",
  ],
  ...[
    "other",
    "manifest",
    "texttrack",
    "ping",
    "preflight",
    "csp-violation-report",
    "signed-exchange",
    "prefetch",
  ],
  ...["webtransport", "webbundle", "source-map-script", "source-map-stylesheet", "direct-socket", "beacon"],
]);

export const CONSUMER_RULES: readonly EntryRule[] = [
  {
    id: "chrome-numbers",
    consumers: ["chrome"],
    severity: "error",
    fix: "write a number, -1 where it is not known",
    check: ({ entry, request, response, content, timings }) => [
      ...notNumbers(entry, "", ["time"]),
      ...notNumbers(request, "request.", ["headersSize", "bodySize"]),
      ...notNumbers(response, "response.", ["status", "headersSize", "bodySize"]),
      ...notNumbers(content, "response.content.", ["size"]),
      ...notNumbers(timings, "timings.", ["send", "wait", "receive"]),
    ],
  },
  {
    id: "start",
    consumers: ["chrome", "firefox"],
    severity: "error",
    fix: "write ISO 8601 with Z or an offset",
    check: ({ entry: { startedDateTime } }) =>
      isDate(startedDateTime) ? [] : fault("startedDateTime", "is not a date"),
  },
  {
    id: "chrome-initiator",
    consumers: ["chrome"],
    severity: "error",
    fix: "leave it out",
    check: ({ entry }) => (entry._initiator === null ? fault("_initiator", "is null") : []),
  },
  {
    id: "chrome-transfer-size",
    consumers: ["chrome"],
    severity: "warning",
    fix: "write response._transferSize, 0 for a request that got no response",
    check: ({ response: { headersSize, _transferSize } }) =>
      headersSize === -1 && typeof _transferSize !== "number"
        ? fault(
            "response._transferSize",
            "is missing: without it, headersSize -1 makes the size one byte too small",
          )
        : [],
  },
  {
    id: "chrome-resource-type",
    consumers: ["chrome"],
    severity: "warning",
    fix: "write document, stylesheet, script, image, font, media, xhr, fetch, websocket, eventsource or other",
    check: ({ entry: { _resourceType } }) =>
      TYPES.has(_resourceType)
        ? []
        : fault(
            "_resourceType",
            `is ${JSON.stringify(_resourceType) ?? "missing"}: text is shown as a script`,
          ),
  },
  {
    id: "chrome-protocol",
    consumers: ["chrome"],
    severity: "warning",
    fix: "write http/2.0, and h3 for HTTP/3",
    check: ({ response: { httpVersion } }) =>
      typeof httpVersion === "string" && /^(?:h2|http\/2|http\/3(?:\.0)?)$/i.test(httpVersion)
        ? fault("response.httpVersion", `is ${httpVersion}: the protocol column does not show it as h2 or h3`)
        : [],
  },
  {
    id: "chrome-post-data",
    consumers: ["chrome", "playwright"],
    severity: "error",
    fix: "write postData.text always; params alone are not read",
    check: ({ request: { postData } }) => {
      const data = asObject(postData);
      if (data === undefined || typeof data.text === "string" || typeof data._file === "string") return [];
      return fault("request.postData.text", "is missing");
    },
  },
  {
    id: "chrome-event-stream",
    consumers: ["chrome"],
    severity: "warning",
    fix: "write text/event-stream without a parameter in content.mimeType",
    check: ({ content: { mimeType } }) =>
      typeof mimeType === "string" && /^text\/event-stream\s*;/i.test(mimeType)
        ? fault("response.content.mimeType", "has a parameter: the EventStream tab stays empty")
        : [],
  },
  {
    id: "chrome-websocket",
    consumers: ["chrome"],
    severity: "warning",
    fix: "write type, time in seconds since 1970, opcode and data",
    check: ({ entry }) =>
      // Thousands of messages have the same fault: the first tells it.
      objects(entry._webSocketMessages)
        .flatMap(({ type, time, opcode, data }, index) => {
          const place = `_webSocketMessages[${index}]`;
          if (typeof time === "number" && time > 1e11) return fault(`${place}.time`, "is in milliseconds");
          const isWhole =
            (type === "send" || type === "receive" || type === "error") &&
            [time, opcode].every((each) => typeof each === "number") &&
            typeof data === "string";
          return isWhole ? [] : fault(place, "is not a message that is shown");
        })
        .slice(0, 1),
  },
  {
    id: "firefox-cache",
    consumers: ["firefox"],
    severity: "error",
    fix: "write cache: {}",
    check: ({ entry }) => (asObject(entry.cache) === undefined ? fault("cache", "is not an object") : []),
  },
  {
    id: "firefox-version",
    consumers: ["firefox"],
    severity: "error",
    fix: "write request.httpVersion",
    check: ({ request }) =>
      typeof request.httpVersion === "string" ? [] : fault("request.httpVersion", "is not text"),
  },
  {
    id: "playwright-status",
    consumers: ["playwright"],
    severity: "error",
    fix: "write 0 with _error for a request that got no response",
    check: ({ response: { status } }) =>
      status === -1 ? fault("response.status", "is -1: replaying it never answers") : [],
  },
  {
    id: "playwright-charset",
    consumers: ["playwright"],
    severity: "error",
    fix: "write the bytes as base64: text is sent as UTF-8",
    check: ({ content: { text, encoding, mimeType } }) => {
      if (typeof text !== "string" || encoding === "base64" || typeof mimeType !== "string") return [];
      const charset = parseMediaType(mimeType).parameters.get("charset");
      if (charset === undefined || /^(?:utf-?8|us-ascii)$/i.test(charset) || /^[\t\n\f\r -~]*$/.test(text))
        return [];
      return fault("response.content.text", `is text, but its type says ${charset}`);
    },
  },
];
