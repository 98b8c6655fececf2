// What is told of one exchange of a replay before anything has come back.
import type { SendRequest } from "../../replay/send/request.js";
import type { Selected } from "../query.js";
import type { Plan } from "./plan.js";
import type { ReplayOutcomeKind, ReplayResult } from "./types.js";

/** Of a request that is not sent yet. */
export function resultOf(selected: Selected, request: SendRequest, outcome: ReplayOutcomeKind): ReplayResult {
  const { facts, source } = selected;
  return {
    outcome,
    replays: facts.id,
    session: source.label,
    seq: facts.seq,
    method: request.method,
    url: request.url,
    requestSize: request.body?.size ?? 0,
    id: null,
    httpVersion: request.httpVersion,
    status: null,
    responseSize: 0,
    duration: null,
    error: null,
    reason: null,
    recorded: { status: facts.status, duration: facts.duration },
    comparison: null,
  };
}

export function refusalOf(selected: Selected, plan: Exclude<Plan, { readonly kind: "ready" }>): ReplayResult {
  const { requestVersion, requestSize } = selected.facts;
  const { method, url, kind, reason } = plan;
  const request: SendRequest = { method, url, httpVersion: requestVersion, headers: [], body: null };
  return { ...resultOf(selected, request, kind), requestSize, reason };
}
