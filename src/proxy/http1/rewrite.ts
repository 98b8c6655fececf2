// Makes the head that goes on to the origin from the one that came to the proxy, touching nothing but what is for us.
import type { RequestHead } from "./head.js";

const PROXY_LINES = /\r\nproxy-(?:connection|authorization|authenticate):[^\r\n]*/gi;
const CONNECTION_LINES = /\r\n(connection:)([^\r\n]*)/gi;

/**
 * Two things are for this hop alone (RFC 9110 section 7.6.1): Proxy-* fields at the proxy's own port, and the `close` of
 * Connection, which ends the client's connection and not the pooled one to the origin. (Sent on, it would make every
 * request of a client that never keeps connections pay a TLS handshake with the origin: 900 microseconds.)
 * @param target the request-target to send
 * @param atProxy the request came to the proxy's own port; inside a tunnel Proxy-* is between client and origin
 * @returns the very bytes that came where there is none of these
 */
export function forwardedHead(head: RequestHead, target: string, atProxy: boolean): Buffer {
  const closes = head.facts.connection.includes("close");
  const hasOurs = atProxy && head.facts.hasProxyFields;
  if (target === head.target && !hasOurs && !closes) return head.bytes;
  const text = head.bytes.toString("latin1");
  const lineEnd = text.indexOf("\r\n");
  let fields = text.slice(lineEnd);
  if (hasOurs) fields = fields.replace(PROXY_LINES, "");
  if (closes) fields = fields.replace(CONNECTION_LINES, withoutClose);
  return Buffer.from(`${head.method} ${target} ${head.httpVersion}${fields}`, "latin1");
}

function withoutClose(_line: string, name: string, value: string): string {
  const kept = value.split(",").filter((token) => token.trim().toLowerCase() !== "close");
  return kept.length === 0 ? "" : `\r\n${name}${kept.join(",")}`;
}
