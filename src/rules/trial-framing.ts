// Fields that frame a message, of one that goes nowhere: as the proxy would have written them (RFC 9112 section 6.3).
import { headerValue, type RawHeaders } from "../exchange/headers.js";
import type { ChangedRequest, ChangedResponse } from "./finish.js";
import type { RequestHead, ResponseHead } from "./subject.js";

const LENGTH = "content-length";
const CODING = "transfer-encoding";

/** A request that had no body, and has one now, says how long it is. */
export function framedRequest(
  changed: ChangedRequest,
  head: RequestHead,
  came: Buffer | undefined,
): ChangedRequest {
  const { body, headers = head.headers } = changed;
  if (body === undefined || body.length === 0 || came?.length !== 0) return changed;
  if (has(headers, LENGTH) || has(headers, CODING)) return changed;
  return { ...changed, headers: withLength(headers, body.length) };
}

/** What came is framed as it came, whatever is in it now; without a body it is where HEAD asked, with 204 and with 304. */
export function framedResponse(
  changed: ChangedResponse,
  asked: RequestHead,
  came: { readonly head: ResponseHead; readonly body: Buffer | undefined } | undefined,
): ChangedResponse {
  // HTTP/2 has no reasons.
  const reason = changed.reason !== undefined && /^HTTP\/[23]/.test(asked.httpVersion) ? { reason: "" } : {};
  const { status = came?.head.status ?? 200, headers = came?.head.headers ?? [], body } = changed;
  const fields = framing(headers, { status, size: sizeOf(body) }, asked, came);
  const isEmpty = body === undefined && (came === undefined || came.body?.length === 0);
  return {
    ...changed,
    ...reason,
    ...(fields === headers ? {} : { headers: fields }),
    ...(hasBody(asked, status) || isEmpty ? {} : { body: Buffer.alloc(0) }),
  };
}

function framing(
  fields: RawHeaders,
  now: { readonly status: number; readonly size: number },
  asked: RequestHead,
  came: { readonly head: ResponseHead; readonly body: Buffer | undefined } | undefined,
): RawHeaders {
  if (now.status === 204) return without(without(fields, LENGTH), CODING);
  if (came === undefined || !hasBody(asked, now.status)) return fields;
  if (!hasBody(asked, came.head.status)) return withLength(without(fields, LENGTH), now.size);
  const isStream = came.body?.length !== 0 && !has(came.head.headers, LENGTH);
  if (!isStream || !has(fields, LENGTH)) return fields;
  const coding = came.head.headers.filter(([name]) => name.toLowerCase() === CODING);
  return [...without(without(fields, LENGTH), CODING), ...coding];
}

function hasBody({ method }: RequestHead, status: number): boolean {
  return method !== "HEAD" && status !== 204 && status !== 304;
}

function sizeOf(body: ChangedResponse["body"]): number {
  return body === undefined ? 0 : Buffer.isBuffer(body) ? body.length : body.size;
}

function has(headers: RawHeaders, name: string): boolean {
  return headerValue(headers, name) !== undefined;
}

function withLength(headers: RawHeaders, size: number): RawHeaders {
  return [...headers, ["Content-Length", String(size)]];
}

/** The same list where the field is not in it. */
function without(headers: RawHeaders, name: string): RawHeaders {
  return has(headers, name) ? headers.filter(([each]) => each.toLowerCase() !== name) : headers;
}
