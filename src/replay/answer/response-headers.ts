// The header fields of a recorded response as they are sent again.
import type { HttpResponse } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";

/** Of the connection that it came on (RFC 9110 section 7.6.1). */
const HOP_BY_HOP =
  /^(?:connection|keep-alive|proxy-connection|proxy-authenticate|transfer-encoding|upgrade|te)$/i;

/** An imported body is without its coding, and UTF-8 where it was text: then the fields say so. */
export function responseHeaders({ headers, body }: HttpResponse): RawHeaders {
  const kept = headers.filter(([name]) => !name.startsWith(":") && !HOP_BY_HOP.test(name));
  if (body.decoded === undefined) return kept;
  const plain = kept.filter(([name]) => !/^content-encoding$/i.test(name));
  if (body.decoded !== "text") return plain;
  return plain.map(([name, value]) => (/^content-type$/i.test(name) ? [name, asUtf8(value)] : [name, value]));
}

function asUtf8(contentType: string): string {
  return contentType.replace(/(;\s*charset\s*=\s*)("[^"]*"|[^;\s]*)/i, "$1utf-8");
}
