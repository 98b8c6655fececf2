// How long an HTTP/1 body is (RFC 9112 section 6). Where two readers could differ, the message is refused.
import type { HttpVersion } from "../../exchange/exchange.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import type { HeadFacts } from "./head.js";
import { MalformedMessage } from "./malformed.js";

export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  /** Until the connection ends; responses only. */
  | { readonly kind: "close" };

export const NO_BODY: Framing = { kind: "none" };
/** A body, of no bytes: unlike none, it is said to be there. */
export const EMPTY_BODY: Framing = { kind: "length", length: 0 };
const CHUNKED: Framing = { kind: "chunked" };
const UNTIL_CLOSE: Framing = { kind: "close" };

/** @throws MalformedMessage where the length is in doubt: both fields, differing lengths, unknown codings. */
export function requestFraming(version: HttpVersion, facts: HeadFacts): Framing {
  if (facts.transferEncodings.length > 0) {
    if (facts.contentLengths.length > 0) {
      throw new MalformedMessage(
        "both Content-Length and Transfer-Encoding: the request could be read in two ways",
      );
    }
    if (version === "HTTP/1.0") throw new MalformedMessage("Transfer-Encoding in an HTTP/1.0 request");
    if (!isChunked(facts)) throw new MalformedMessage("a Transfer-Encoding other than chunked");
    return CHUNKED;
  }
  if (facts.contentLengths.length === 0) return NO_BODY;
  if (facts.contentLengths.length > 1) throw new MalformedMessage("more than one Content-Length");
  return lengthFraming(facts.contentLengths[0]!);
}

/**
 * @param method the request's: a response to HEAD has no body whatever its fields say.
 * @throws MalformedMessage
 */
export function responseFraming(method: string, status: number, facts: HeadFacts): Framing {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return NO_BODY;
  // RFC 9112 section 6.3: chunked ends the body where it is the last coding, whatever lies below it.
  if (facts.transferEncodings.length > 0) return endsInChunked(facts) ? CHUNKED : UNTIL_CLOSE;
  if (facts.contentLengths.length === 0) return UNTIL_CLOSE;
  const length = facts.contentLengths[0]!;
  if (facts.contentLengths.some((other) => other !== length)) {
    throw new MalformedMessage("Content-Length headers that differ");
  }
  return lengthFraming(length);
}

/** How HTTP/1 frames a body that comes over HTTP/2 and did not end with its head. */
export function framingOfHttp2(headers: RawHeaders): Framing {
  const length = headerValue(headers, "content-length");
  return length === undefined || !/^\d{1,15}$/.test(length) ? CHUNKED : lengthFraming(length);
}

function isChunked(facts: HeadFacts): boolean {
  return facts.transferEncodings.length === 1 && facts.transferEncodings[0]!.toLowerCase() === "chunked";
}

function endsInChunked(facts: HeadFacts): boolean {
  const codings = facts.transferEncodings.join(",").split(",");
  return codings.at(-1)!.trim().toLowerCase() === "chunked";
}

function lengthFraming(value: string): Framing {
  if (!/^\d{1,15}$/.test(value)) throw new MalformedMessage("Content-Length is not a number");
  const length = Number(value);
  return length === 0 ? NO_BODY : { kind: "length", length };
}
