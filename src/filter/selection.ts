// Which exchanges are recorded: a filter that is asked when only the request is known, and again with the response.
import { TrafficError } from "../errors.js";
import type { ExchangeFacts } from "../exchange/facts.js";
import { headerValue, type RawHeaders } from "../exchange/headers.js";
import type { ExchangeId } from "../exchange/id.js";
import { isStreaming } from "../exchange/summary.js";
import { allOf, compileFilter, type Explanation, type Filter } from "./filter.js";
import { compileFlags, type SelectionFlags } from "./flags.js";
import type { Subject } from "./subject.js";

export { compileHostGlob, type SelectionFlags } from "./flags.js";

/** `response` is absent while only the request is known. */
export interface Selectable {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders?: RawHeaders;
  readonly response?: { readonly status: number; readonly headers: RawHeaders };
}

/** `later`: it can't be told yet. */
export type Selected = "record" | "skip" | "later";

/** Nothing else runs in the proxy while a pattern is searched. */
const PATTERN_LIMIT_MS = 50;

/**
 * @param text a filter that has to hold as well
 * @throws TrafficError BAD_OPTION, FILTER_INVALID; of the result PATTERN_TOO_SLOW
 */
export function compileSelection(flags: SelectionFlags, text?: string): (candidate: Selectable) => Selected {
  const options = { patternLimitMs: PATTERN_LIMIT_MS };
  const byFlags = compileFlags(flags, options);
  if (text === undefined) return selectBy(byFlags);
  const filter = compileFilter(text, options);
  assertDecidable(filter);
  return selectBy(allOf([byFlags, filter]));
}

/** What no head tells would select nothing, and nobody would know why. */
function assertDecidable({ explain, text }: Filter): void {
  const heads: Selectable = { method: "GET", url: "http://a/", response: { status: 200, headers: [] } };
  const unknown = conditionsOf(explain(subjectOf(heads))).find(
    (condition) => condition.verdict === undefined || NOT_YET_THERE.test(condition.text),
  );
  if (unknown === undefined) return;
  throw new TrafficError(
    "FILTER_INVALID",
    `'${unknown.text}' can't be told while recording, in the filter '${text}'`,
    {
      hint: "what is recorded is decided by the heads of request and response: record more, and select with `trafficctl query`",
    },
  );
}

/** An exchange gets its number with its recording; its client is not asked about. */
const NOT_YET_THERE = /^~(?:id|srcc?)(?:\s|$)/;

function conditionsOf(explanation: Explanation): Explanation[] {
  return explanation.parts === undefined ? [explanation] : explanation.parts.flatMap(conditionsOf);
}

function selectBy(filter: Filter): (candidate: Selectable) => Selected {
  return (candidate) => {
    const verdict = filter.test(subjectOf(candidate));
    return verdict === undefined ? "later" : verdict ? "record" : "skip";
  };
}

function subjectOf({ method, url, requestHeaders = [], response }: Selectable): Subject {
  const facts: ExchangeFacts = {
    // What an exchange gets when its recording begins is not there when that is decided.
    id: "" as ExchangeId,
    seq: 0,
    kind: kindOf(method, response),
    startedAt: Date.now(),
    duration: null,
    method,
    url,
    requestVersion: "HTTP/1.1",
    responseVersion: null,
    status: response?.status ?? null,
    reason: "",
    requestType: headerValue(requestHeaders, "content-type") ?? "",
    responseType: response === undefined ? "" : (headerValue(response.headers, "content-type") ?? ""),
    requestSize: 0,
    responseSize: 0,
    streaming: response !== undefined && isStreaming(response),
    error: null,
    client: "",
    server: "",
    tags: [],
    rules: [],
    replays: null,
    messages: 0,
  };
  if (response === undefined) return { facts, phase: "request", requestHeaders };
  return { facts, phase: "response", requestHeaders, responseHeaders: response.headers };
}

/** An upgrade that was agreed to (RFC 9110 section 7.8, RFC 8441) is what its exchange becomes. */
function kindOf(method: string, response: Selectable["response"]): ExchangeFacts["kind"] {
  if (response === undefined) return "http";
  if (response.status === 101) {
    return headerValue(response.headers, "upgrade")?.toLowerCase() === "websocket" ? "websocket" : "tunnel";
  }
  // Nothing else is opened by an extended CONNECT so far.
  return method === "CONNECT" && response.status < 300 ? "websocket" : "http";
}
