// An exchange with the head that a test wants.
import { EMPTY_BODY } from "../../src/exchange/body.js";
import type { HttpExchange } from "../../src/exchange/exchange.js";
import type { RawHeaders } from "../../src/exchange/headers.js";

interface Head {
  readonly url?: string;
  readonly request?: RawHeaders;
  readonly response?: RawHeaders;
}

export function exchangeWith({ url = "https://a.test/", request = [], response = [] }: Head): HttpExchange {
  const base = { httpVersion: "HTTP/1.1", headersSize: 10, body: EMPTY_BODY } as const;
  return {
    kind: "http",
    id: "01J0000000000000000000000" as HttpExchange["id"],
    seq: 1,
    startedAt: "2026-11-20T10:15:30.123Z",
    duration: 1,
    client: { address: "127.0.0.1", port: 1, tls: null },
    request: { ...base, method: "GET", url, target: url.replace(/^https?:\/\/[^/]*/, ""), headers: request },
    response: { ...base, status: 200, reason: "OK", headers: response },
    timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait: 1, receive: 0 },
  };
}
