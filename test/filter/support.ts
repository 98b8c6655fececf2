// Subjects for filters: whole exchanges, and less of them.
import type { ExchangeFacts } from "../../src/exchange/facts.js";
import type { ExchangeId } from "../../src/exchange/id.js";
import type { Subject } from "../../src/filter/subject.js";

export function facts(fields: Partial<ExchangeFacts> = {}): ExchangeFacts {
  return {
    id: "01KAGVVW9N0000000000000000" as ExchangeId,
    seq: 1,
    kind: "http",
    startedAt: Date.UTC(2026, 10, 20, 10, 15, 30, 123),
    duration: 12.5,
    method: "GET",
    url: "https://example.com/",
    requestVersion: "HTTP/1.1",
    responseVersion: "HTTP/1.1",
    status: 200,
    reason: "OK",
    requestType: "",
    responseType: "text/html",
    requestSize: 0,
    responseSize: 100,
    streaming: false,
    error: null,
    client: "127.0.0.1:50000",
    server: "192.0.2.1:443",
    tags: [],
    rules: [],
    replays: null,
    messages: 0,
    ...fields,
  };
}

/** All there is of an exchange. */
export function subject(fields: Partial<ExchangeFacts> = {}, rest: Partial<Subject> = {}): Subject {
  return {
    facts: facts(fields),
    phase: "done",
    requestHeaders: [],
    responseHeaders: [],
    requestContent: "",
    responseContent: "",
    messages: [],
    ...rest,
  };
}

/** What is known in an index: no headers, no bodies. */
export function indexed(fields: Partial<ExchangeFacts> = {}): Subject {
  return { facts: facts(fields), phase: "done" };
}
