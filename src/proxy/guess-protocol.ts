// What the first bytes of a tunnel are. Pure.
import { looksLikeTls } from "./tls/client-hello.js";

export type Guess = "tls" | "http" | "http2" | "other" | "undecided";

/** A first line longer than this is no HTTP request line. */
const MAX_FIRST_LINE = 16 * 1024;
const REQUEST_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [^ ]+ HTTP\/1\.[01]\r?$/;

/** HTTP/2 with prior knowledge (RFC 9113 section 3.3) begins with this; gRPC without TLS does so. */
const HTTP2_PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** Only a whole request line tells HTTP from other protocols of text, such as SSH's greeting. */
export function guessProtocol(bytes: Buffer): Guess {
  if (looksLikeTls(bytes)) return "tls";
  const start = bytes.toString("latin1", 0, HTTP2_PREFACE.length);
  if (HTTP2_PREFACE.startsWith(start)) return start.length === HTTP2_PREFACE.length ? "http2" : "undecided";
  const lineEnd = bytes.indexOf(10);
  if (lineEnd !== -1) return REQUEST_LINE.test(bytes.toString("latin1", 0, lineEnd)) ? "http" : "other";
  const couldBeMethod = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}( |$)/.test(bytes.toString("latin1", 0, 65));
  return couldBeMethod && bytes.length < MAX_FIRST_LINE ? "undecided" : "other";
}
