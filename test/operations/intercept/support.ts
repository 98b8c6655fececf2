// Held messages made by hand.
import type { Held } from "../../../src/operations/intercept/held-exchanges.js";

type HeldRequest = Extract<Held, { phase: "request" }>;
type HeldResponse = Extract<Held, { phase: "response" }>;

interface Parts {
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: Buffer | undefined;
  readonly status?: number;
}

export function heldRequest({ method = "POST", headers = [], body }: Parts = {}): HeldRequest {
  const head = {
    id: undefined,
    method,
    url: "http://a.test/x",
    target: "/x",
    httpVersion: "HTTP/1.1",
    headers,
    upgrade: undefined,
    client: { address: "127.0.0.1", port: 1, tls: null },
  } as const;
  const message = { head, body, tooLarge: false, trailers: [] };
  return { phase: "request", id: 1, since: 0, message, outcome: { kind: "continue" } };
}

export function heldResponse({ method = "GET", headers = [], body, status = 200 }: Parts = {}): HeldResponse {
  const { head: request } = heldRequest({ method }).message;
  const head = { status, reason: "", httpVersion: "HTTP/1.1", headers } as const;
  const message = { head, body, tooLarge: false, trailers: [], request };
  return { phase: "response", id: 1, since: 0, message, outcome: { kind: "continue" } };
}
