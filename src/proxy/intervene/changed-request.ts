// The request that goes on: the one that came, byte for byte where nothing was changed, else written anew.
import type { ForwardedRequest } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";
import type { DialTarget } from "../dial.js";
import type { OutgoingRequest } from "../ends.js";
import type { FlowRequest } from "../exchange-flow/flow-services.js";
import { type Framing, NO_BODY } from "../http1/framing.js";
import { requestToHttp2 } from "../http2/translate.js";
import type { InterventionHead, RequestContinue } from "../intervention.js";
import { changedTarget } from "./changed-target.js";
import { checkedFields, checkedMethod } from "./checked-fields.js";
import { withFraming, without } from "./framing-fields.js";
import { withoutProxyFields } from "./proxy-fields.js";

export interface SentRequest {
  readonly outgoing: OutgoingRequest;
  readonly target: DialTarget;
  /** Absent where nothing was changed. */
  readonly forwarded?: ForwardedRequest;
}

/**
 * @param plainWebSocket its messages are to be read and written: compression is not offered to the origin
 * @throws UnsendableError
 */
export function changedRequest(
  request: FlowRequest,
  head: InterventionHead,
  change: RequestContinue,
  plainWebSocket: boolean,
): SentRequest {
  const { outgoing } = request;
  const hasOffer = plainWebSocket && without(outgoing.headers, EXTENSIONS) !== outgoing.headers;
  const isChanged =
    change.method !== undefined ||
    change.url !== undefined ||
    change.headers !== undefined ||
    change.body !== undefined ||
    change.trailers !== undefined ||
    hasOffer;
  // Chunks that came can't be cut into smaller pieces: a throttled body is framed anew.
  const isReframed = change.throttle?.up !== undefined && outgoing.framing.kind === "chunked";
  if (!isChanged && !isReframed) return { outgoing, target: request.target };

  const method = change.method === undefined ? outgoing.method : checkedMethod(change.method);
  const to = changedTarget(request, change.url, method);
  const framing = requestFraming(outgoing.framing, change.body, method);
  const given = checkedFields(change.headers ?? head.headers);
  const fields = withFraming(hasOffer ? without(given, EXTENSIONS) : given, framing, outgoing.headers);
  const sent = inItsProtocol({ ...outgoing, method, target: to.target, framing }, fields, to.dial.scheme);
  if (!isChanged) return { outgoing: sent, target: to.dial };
  const bodySize = change.body === undefined ? {} : { bodySize: change.body.length };
  const forwarded = { method, url: to.url, headers: loggedFields(sent, fields), ...bodySize };
  return { outgoing: sent, target: to.dial, forwarded };
}

const EXTENSIONS = "sec-websocket-extensions";
/** RFC 9110 section 8.6: requests whose method has a meaning for a body say that it is empty. */
const SAYS_EMPTY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

function requestFraming(came: Framing, body: Buffer | undefined, method: string): Framing {
  if (body === undefined || came.kind === "chunked") return came;
  if (body.length === 0 && came.kind === "none" && !SAYS_EMPTY.has(method)) return NO_BODY;
  return { kind: "length", length: body.length };
}

/** Such that an origin of either protocol can be sent it. */
function inItsProtocol(request: OutgoingRequest, fields: RawHeaders, scheme: string): OutgoingRequest {
  const { http2, bytes, authority, httpVersion, method, target } = request;
  if (http2 !== undefined) return overHttp2(request, fields, scheme, authority);
  const headers = withoutProxyFields(fields, request);
  if (httpVersion !== "HTTP/1.0" || bytes === undefined) return { ...request, headers, bytes: undefined };
  // Its version tells the origin what the client understands, so that this can't be left to whoever writes HTTP/1.1.
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return {
    ...request,
    headers,
    bytes: Buffer.from(`${method} ${target} HTTP/1.0\r\n${lines}\r\n`, "latin1"),
  };
}

function overHttp2(
  request: OutgoingRequest,
  fields: RawHeaders,
  scheme: string,
  cameTo: string | undefined,
): OutgoingRequest {
  const authority = fields.find(([name]) => name.toLowerCase() === "host")?.[1] ?? cameTo ?? "";
  const given = without(fields, "host").map(([name, value]) => [name.toLowerCase(), value] as const);
  const [method, ...others] = requestToHttp2(
    { ...request, headers: [["host", authority], ...given] },
    scheme,
  );
  const { protocol } = request;
  const http2 =
    protocol === undefined ? [method!, ...others] : [method!, [":protocol", protocol] as const, ...others];
  // Without what HTTP/2 forbids, whatever takes it on: chunks of HTTP/1 are its own.
  const headers = others.filter(([name]) => !name.startsWith(":"));
  return { ...request, headers, authority, http2 };
}

function loggedFields({ http2, headers, authority }: OutgoingRequest, fields: RawHeaders): RawHeaders {
  if (http2 === undefined) return headers;
  const host = fields.find(([name]) => name.toLowerCase() === "host")?.[0] ?? "host";
  return authority === undefined ? headers : [[host, authority], ...headers];
}
