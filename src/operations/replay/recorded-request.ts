// The request of a recorded exchange as it can be sent again, or why it can't.
import { contentCodings } from "../../content/codings.js";
import { parseMediaType } from "../../content/media-type.js";
import type { Body } from "../../exchange/body.js";
import type { HttpRequest } from "../../exchange/exchange.js";
import { headerValue } from "../../exchange/headers.js";
import { withoutProxyFields } from "../../replay/send/fields.js";
import { bodyOf, type RequestBody, type SendRequest, Unsendable } from "../../replay/send/request.js";
import type { Selected } from "../query.js";

/** Bodies up to this are read at once; a stream costs more than a small body. */
const AT_ONCE = 64 * 1024;

/**
 * @param withBody its body byte for byte; false where another takes its place
 * @throws Unsendable, SESSION_DAMAGED
 */
export async function recordedRequest(selected: Selected, withBody: boolean): Promise<SendRequest> {
  const { request } = await selected.exchange();
  const headers = isForProxy(request) ? withoutProxyFields(request.headers) : request.headers;
  return {
    method: request.method,
    url: request.url,
    httpVersion: request.httpVersion,
    headers,
    ...(request.authority === undefined ? {} : { authority: request.authority }),
    ...(request.trailers === undefined ? {} : { trailers: request.trailers }),
    body: withBody ? await recordedBody(selected, request, selected.open) : null,
  };
}

/** Its target had the absolute form (RFC 9112 section 3.2.2): it was sent to the proxy's own port. */
function isForProxy({ target }: HttpRequest): boolean {
  return /^https?:\/\//i.test(target);
}

async function recordedBody(
  selected: Selected,
  request: HttpRequest,
  open: boolean,
): Promise<RequestBody | null> {
  const { body } = request;
  const fault = bodyFault(body, request, open);
  if (fault !== undefined) throw new Unsendable(fault);
  if (body.kind !== "file" || body.stored <= AT_ONCE) {
    return bodyOf(await selected.storedBody(body, Number.POSITIVE_INFINITY));
  }
  return { size: body.stored, open: () => streamOf(selected, body) };
}

async function* streamOf(selected: Selected, body: Body): AsyncGenerator<Buffer, void, void> {
  for await (const chunk of await selected.openBody(body)) {
    if (Buffer.isBuffer(chunk)) yield chunk;
  }
}

/** Anything but the very bytes would be another request. */
function bodyFault(body: Body, { headers }: HttpRequest, open: boolean): string | undefined {
  if (body.kind === "omitted" && body.size > 0) return "its body was not recorded (--no-bodies)";
  if (body.truncated !== undefined) return `its body was recorded in part (${body.truncated})`;
  if (open) return "it had not ended when it was recorded: its body may not be whole";
  if (body.decoded === undefined || body.size === 0) return undefined;
  if (contentCodings(headers).length > 0) return "its body was imported without its content coding";
  const charset = parseMediaType(headerValue(headers, "content-type") ?? "").parameters.get("charset");
  if (body.decoded === "text" && charset !== undefined && !/^utf-?8$/i.test(charset)) {
    return `its body was imported as UTF-8, and its charset is ${charset}`;
  }
  return undefined;
}
