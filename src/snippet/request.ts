// What a snippet is made of, and the headers that every client writes by itself.

import type { HttpVersion } from "../exchange/exchange.js";
import { headerValue, type RawHeaders } from "../exchange/headers.js";

/** A recorded request whose body is at hand. */
export interface SnippetRequest {
  readonly method: string;
  readonly url: string;
  /** The request-target as on the wire. */
  readonly target: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  /** As on the wire: content coding untouched. */
  readonly body: Buffer;
}

/** @returns the headers without those that the client derives from URL and body. */
export function ownHeaders({ headers, url }: SnippetRequest): [name: string, value: string][] {
  const host = new URL(url).host;
  const hosts = headers.filter(([name]) => name.toLowerCase() === "host");
  const isPlainHost = hosts.length === 1 && hosts[0]![1].toLowerCase() === host;
  return headers
    .filter(([name]) => {
      const lower = name.toLowerCase();
      if (lower.startsWith(":") || lower === "content-length" || HOP_BY_HOP.has(lower)) return false;
      return lower !== "host" || !isPlainHost;
    })
    .map(([name, value]) => [name, value]);
}

/** Of the connection that was, not of the request (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = new Set(["connection", "proxy-connection", "keep-alive", "upgrade", "http2-settings"]);

export function hasHeader(request: SnippetRequest, name: string): boolean {
  return headerValue(request.headers, name) !== undefined;
}

/** Bytes as the text they are in UTF-8, or undefined where they are none or hold what no source code shows. */
export function plainText(bytes: Buffer): string | undefined {
  const text = bytes.toString("utf8");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) return undefined;
  return Buffer.from(text, "utf8").equals(bytes) ? text : undefined;
}
