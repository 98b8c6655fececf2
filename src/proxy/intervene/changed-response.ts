// The response that goes to the client: the one that came, byte for byte where nothing was changed, else written anew.
import { STATUS_CODES } from "node:http";
import type { RawHeaders } from "../../exchange/headers.js";
import type { OutgoingRequest, OutgoingResponse } from "../ends.js";
import { EMPTY_BODY, type Framing, NO_BODY } from "../http1/framing.js";
import { responseToHttp2 } from "../http2/translate.js";
import type { ResponseContinue, SyntheticResponse } from "../intervention.js";
import { checkedFields, checkedReason, checkedStatus, UnsendableError } from "./checked-fields.js";
import { withFraming, without } from "./framing-fields.js";

/**
 * @param request as the client sent it: it decides whether there is a body, whatever was asked of the origin
 * @throws UnsendableError
 */
export function changedResponse(
  request: OutgoingRequest,
  sentMethod: string,
  came: OutgoingResponse,
  change: ResponseContinue,
): OutgoingResponse {
  const isChanged =
    change.status !== undefined ||
    change.reason !== undefined ||
    change.headers !== undefined ||
    change.body !== undefined ||
    change.trailers !== undefined ||
    (request.method === "HEAD") !== (sentMethod === "HEAD");
  // Chunks that came can't be cut into smaller pieces: a throttled body is framed anew.
  const isReframed = change.throttle?.down !== undefined && came.framing.kind === "chunked";
  if (!isChanged && !isReframed) return came;

  const status = change.status === undefined ? came.status : statusFor(request, change.status);
  const reason =
    change.reason ?? (status === came.status && came.reason !== "" ? came.reason : usual(status));
  const framing = responseFraming(request, status, came, change.body);
  const fields = checkedFields(change.headers ?? came.headers);
  return {
    status,
    reason: reasonFor(request, reason),
    httpVersion: came.httpVersion,
    headers: fieldsFor(request, status, fields, framing, came.headers),
    bytes: undefined,
    framing,
    closes: came.closes,
  };
}

/** An answer of ours. @throws UnsendableError */
export function syntheticHead(
  request: OutgoingRequest,
  answer: SyntheticResponse,
  closes: boolean,
): OutgoingResponse {
  const status = statusFor(request, answer.status);
  const framing = syntheticFraming(request, status, answer);
  const given = checkedFields(answer.headers);
  const fields = fieldsFor(request, status, given, framing, []);
  const length = Buffer.isBuffer(answer.body) ? answer.body.length : answer.length;
  // RFC 9110 section 8.6: HEAD is told what GET would get.
  const saysLength = request.method === "HEAD" && length !== undefined && !hasNoBody(status);
  const withLength = saysLength ? withFraming(fields, { kind: "length", length }) : fields;
  return {
    status,
    reason: reasonFor(request, answer.reason ?? usual(status)),
    httpVersion: request.http2 === undefined ? "HTTP/1.1" : "HTTP/2.0",
    headers:
      closes && request.http2 === undefined
        ? [...without(withLength, "connection"), ["Connection", "close"]]
        : withLength,
    bytes: undefined,
    framing,
    closes,
  };
}

function statusFor({ protocol }: OutgoingRequest, status: number): number {
  if (protocol !== undefined && status < 300) {
    throw new UnsendableError(
      `a ${status} would accept the ${protocol} connection, which only its origin can do`,
    );
  }
  return checkedStatus(status);
}

/** HTTP/2 has none. */
function reasonFor({ http2 }: OutgoingRequest, reason: string): string {
  return http2 === undefined ? checkedReason(reason) : "";
}

/** RFC 9112 section 6.3. */
function hasNoBody(status: number): boolean {
  return status === 204 || status === 304;
}

function responseFraming(
  request: OutgoingRequest,
  status: number,
  came: OutgoingResponse,
  body: Buffer | undefined,
): Framing {
  if (request.method === "HEAD" || hasNoBody(status)) return NO_BODY;
  if (came.framing.kind === "chunked") return came.framing;
  if (body !== undefined) return { kind: "length", length: body.length };
  return came.framing.kind === "none" ? EMPTY_BODY : came.framing;
}

function syntheticFraming(
  request: OutgoingRequest,
  status: number,
  { body, length, trailers }: SyntheticResponse,
): Framing {
  if (request.method === "HEAD" || hasNoBody(status)) return NO_BODY;
  const known = Buffer.isBuffer(body) ? body.length : length;
  return known === undefined || (trailers?.length ?? 0) > 0
    ? { kind: "chunked" }
    : { kind: "length", length: known };
}

function fieldsFor(
  request: OutgoingRequest,
  status: number,
  fields: RawHeaders,
  framing: Framing,
  original: RawHeaders,
): RawHeaders {
  const framed = framing.kind === "none" ? bodiless(status, fields) : withFraming(fields, framing, original);
  if (request.http2 === undefined) return framed;
  // What HTTP/2 forbids is not written: recorded is what is.
  return responseToHttp2({ status, headers: framed }).slice(1);
}

/** What HEAD and 304 say of a length is of a body that is elsewhere. */
function bodiless(status: number, fields: RawHeaders): RawHeaders {
  return status === 204 ? without(without(fields, "content-length"), "transfer-encoding") : fields;
}

function usual(status: number): string {
  return STATUS_CODES[status] ?? "";
}
