// The record of an exchange as rules would have left it, without its bodies.
import type {
  Exchange,
  ForwardedRequest,
  HttpExchange,
  HttpResponse,
  HttpVersion,
} from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { TrialEffect } from "../../rules/trial.js";

/** @param rules names of those that acted, in order */
export function changedExchange(before: Exchange, effect: TrialEffect, rules: readonly string[]): Exchange {
  const { request, abort } = effect;
  const forwarded = request === undefined ? undefined : forwardedOf(before, request);
  const marks = {
    ...(forwarded === undefined ? {} : { forwarded }),
    rules: [...(before.rules ?? []), ...rules],
    ...(effect.tags.length === 0 ? {} : { tags: [...(before.tags ?? []), ...effect.tags] }),
  };
  if (abort !== undefined) {
    const message = `a rule ended the exchange (${abort})`;
    return { ...withoutOutcome(before), ...marks, error: { code: "aborted", message } };
  }
  const response = responseOf(before, effect);
  if (request === undefined) {
    return { ...withoutOutcome(before), ...marks, ...(response === undefined ? {} : { response }) };
  }
  if (before.kind === "tunnel" || response === undefined) return { ...before, ...marks };
  return { ...before, ...marks, response };
}

/** It has not come to an origin, or to nothing there: whatever it was to become, it is an exchange like any other. */
function withoutOutcome(before: Exchange): HttpExchange {
  const { error: _error, server: _server, ...rest } = before;
  if (rest.kind === "tunnel") {
    const { bytesSent: _sent, bytesReceived: _received, reason: _reason, ...base } = rest;
    return { ...base, kind: "http" };
  }
  const { response: _response, ...base } = rest;
  if (base.kind === "http") return base;
  const { messageCount: _count, close: _close, ...request } = base;
  return { ...request, kind: "http" };
}

function forwardedOf(
  { request }: Exchange,
  { method, url, headers, body }: NonNullable<TrialEffect["request"]>,
): ForwardedRequest | undefined {
  if (method === undefined && url === undefined && headers === undefined && body === undefined)
    return undefined;
  return {
    method: method ?? request.method,
    url: url ?? request.url,
    headers: headers ?? request.headers,
    ...(body === undefined ? {} : { bodySize: body.length }),
  };
}

function responseOf(before: Exchange, { request, response }: TrialEffect): HttpResponse | undefined {
  const isAnswered = request === undefined;
  const was = before.kind === "tunnel" || isAnswered ? undefined : before.response;
  if (response === undefined) return undefined;
  if (Object.keys(response).length === 0) return was;
  if (was === undefined && response.status === undefined) return undefined;
  const httpVersion = was?.httpVersion ?? answerVersion(before.request.httpVersion);
  const status = response.status ?? was?.status ?? 200;
  const reason = response.reason ?? was?.reason ?? "";
  const headers = response.headers ?? was?.headers ?? [];
  return {
    ...was,
    status,
    reason,
    httpVersion,
    headers,
    headersSize: httpVersion === "HTTP/2.0" ? -1 : headSize(`${httpVersion} ${status} ${reason}`, headers),
    body: was?.body ?? { kind: "empty", size: 0 },
  };
}

/** RFC 9112 section 2.3: a response says what its sender speaks, also to a client of HTTP/1.0. */
function answerVersion(asked: HttpVersion): HttpVersion {
  return asked === "HTTP/1.0" ? "HTTP/1.1" : asked;
}

function headSize(start: string, headers: RawHeaders): number {
  return headers.reduce((size, [name, value]) => size + name.length + value.length + 4, start.length + 4);
}
