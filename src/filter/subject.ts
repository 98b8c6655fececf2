// What a filter looks at, and what of it can be told when.
import type { ExchangeFacts } from "../exchange/facts.js";
import { headerValue, type RawHeaders } from "../exchange/headers.js";

/** `undefined`: it can't be told from this subject; ask again with more of the exchange (Kleene's logic). */
export type Verdict = boolean | undefined;

/** Absent fields can't be told here: not loaded, not in an index, or not come yet. */
export interface Subject {
  readonly facts: ExchangeFacts;
  /**
   * In "request" everything about the response is unknown; in "response" its head is there; "done": all of it.
   * Whoever asks what holds at this very moment, as mitmproxy's `intercept` does, says "done" of what is there: then
   * `~q` holds for a request whose response has not come.
   */
  readonly phase: "request" | "response" | "done";
  readonly requestHeaders?: RawHeaders;
  /** null: none came. */
  readonly responseHeaders?: RawHeaders | null;
  /** Decoded (as sent where that fails), one character a byte; "" where there is no body. */
  readonly requestContent?: string;
  /** null: no response came. */
  readonly responseContent?: string | null;
  readonly messages?: readonly SubjectMessage[];
}

export interface SubjectMessage {
  readonly direction: "send" | "receive";
  readonly opcode: number;
  /** One character a byte. */
  readonly content: string;
}

/** Whether a response came; undefined while it still may. */
export function hasResponse(subject: Subject): Verdict {
  const { facts, phase } = subject;
  if (facts.kind === "tunnel") return false;
  if (phase === "done") return facts.status !== null;
  // What becomes a tunnel has no response of its own.
  return phase === "request" || facts.status === null || isTunnel(subject) === undefined ? undefined : true;
}

/** Whether it is a WebSocket; undefined while an upgrade may still make it one. */
export function isWebSocket(subject: Subject): Verdict {
  const { kind } = subject.facts;
  if (kind !== "http") return kind === "websocket";
  return mayUpgrade(subject) ? undefined : false;
}

/** Whether it is a connection that was passed through; undefined while an upgrade may still make it one. */
export function isTunnel(subject: Subject): Verdict {
  const { kind } = subject.facts;
  if (kind !== "http") return kind === "tunnel";
  return mayUpgrade(subject) ? undefined : false;
}

/** By an Upgrade field (RFC 9110 section 7.8) or by CONNECT (RFC 8441), and a response that agrees. */
function mayUpgrade({ facts, phase, requestHeaders }: Subject): boolean {
  if (phase === "done") return false;
  if (facts.method === "CONNECT") return true;
  if (phase === "response" && facts.status !== null && facts.status !== 101) return false;
  return requestHeaders === undefined || headerValue(requestHeaders, "upgrade") !== undefined;
}

/** A fact of the response: undefined before it came, null where none did. */
export function ofResponse<T>(subject: Subject, read: (facts: ExchangeFacts) => T): T | null | undefined {
  const came = hasResponse(subject);
  return came === true ? read(subject.facts) : came === false ? null : undefined;
}

let lastUrl = "";
let lastUrlText = "";

/** The URL as characters: what a client sent beyond ASCII is UTF-8 nearly always. */
export function urlText({ facts: { url } }: Subject): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
  if (!/[^\x00-\x7f]/.test(url)) return url;
  if (url !== lastUrl) {
    lastUrl = url;
    lastUrlText = textOfBytes(url);
  }
  return lastUrlText;
}

/** The host name in the URL, an IPv6 address without brackets. */
export function hostOf(subject: Subject): string {
  const url = urlText(subject);
  const scheme = url.indexOf("://");
  let start = scheme === -1 ? 0 : scheme + 3;
  let end = start;
  let bracketed = false;
  for (; end < url.length; end++) {
    const code = url.charCodeAt(end);
    if (code === 0x2f || code === 0x3f || code === 0x23) break;
    if (code === 0x40) start = end + 1;
    else if (code === 0x5b && end === start) bracketed = true;
  }
  if (bracketed) return url.slice(start + 1, url.indexOf("]", start));
  const colon = url.indexOf(":", start);
  return url.slice(start, colon !== -1 && colon < end ? colon : end);
}

/** Bytes (one a character) as UTF-8; unchanged where they are none. */
export function textOfBytes(bytes: string): string {
  const buffer = Buffer.from(bytes, "latin1");
  if (buffer.toString("latin1") !== bytes) return bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(buffer);
  } catch {
    return bytes;
  }
}

let lastHeaders: RawHeaders | undefined;
let lastLines = "";

/** Header fields as mitmproxy's patterns see them: `Name: value` lines, each with its CRLF. */
export function headerLines(headers: RawHeaders): string {
  if (headers === lastHeaders) return lastLines;
  let lines = "";
  for (const [name, value] of headers) lines += `${name}: ${value}\r\n`;
  lastHeaders = headers;
  lastLines = lines;
  return lines;
}
