// The rules for the fields of one message (RFC 9113 sections 8.2 and 8.3). What breaks them is malformed: an error of
// its stream, and never a message that could be read in two ways further on.
import type { RawHeaders } from "../../exchange/headers.js";
import { Http2Code, StreamError } from "./errors.js";
import { FieldKind, fieldFault, fieldKind } from "./field-kind.js";
import type { HeaderEntry, HeaderField } from "./hpack/header-entry.js";
import { checkRequestTarget } from "./request-target.js";

export interface FieldRules {
  readonly strictWhitespace: boolean;
  /** RFC 8441's `:protocol` may come. */
  readonly connectProtocol: boolean;
}

export interface RequestFacts {
  readonly headers: RawHeaders;
  readonly method: string;
  /** -1 where there is none. */
  readonly contentLength: number;
}

export interface ResponseFacts {
  readonly headers: RawHeaders;
  readonly status: number;
  readonly contentLength: number;
}

const MESSAGE_PSEUDO = {
  request: ":method :scheme :path :authority :protocol".split(" "),
  response: [":status"],
};

/** @throws {StreamError} when the request is malformed */
export function checkRequest(
  stream: number,
  entries: readonly HeaderEntry[],
  rules: FieldRules,
): RequestFacts {
  const scan = scanFields(stream, entries, rules, "request");
  const fault = checkRequestTarget(scan.pseudo, scan.hasHost, rules.connectProtocol);
  if (fault !== undefined) throw malformed(stream, fault);
  return { headers: scan.headers, method: scan.pseudo[FieldKind.method]!, contentLength: scan.contentLength };
}

/** @throws {StreamError} when the response, which may be a 1xx one, is malformed */
export function checkResponse(
  stream: number,
  entries: readonly HeaderEntry[],
  rules: FieldRules,
): ResponseFacts {
  const scan = scanFields(stream, entries, rules, "response");
  const status = scan.pseudo[FieldKind.status];
  if (status === undefined) throw malformed(stream, "a response without :status");
  // Section 8.6: there is no 101 in HTTP/2.
  if (!/^[1-9][0-9]{2}$/.test(status) || status === "101")
    throw malformed(stream, `a response with :status ${status}`);
  return { headers: scan.headers, status: Number(status), contentLength: scan.contentLength };
}

/** @throws {StreamError} when the trailers are malformed */
export function checkTrailers(
  stream: number,
  entries: readonly HeaderEntry[],
  rules: FieldRules,
): RawHeaders {
  return scanFields(stream, entries, rules, "trailers").headers;
}

interface Scan {
  readonly headers: HeaderField[];
  /** Values of the pseudo-header fields by FieldKind. */
  readonly pseudo: (string | undefined)[];
  contentLength: number;
  hasHost: boolean;
}

function scanFields(
  stream: number,
  entries: readonly HeaderEntry[],
  rules: FieldRules,
  message: "request" | "response" | "trailers",
): Scan {
  const scan: Scan = { headers: [], pseudo: NO_PSEUDO.slice(), contentLength: -1, hasHost: false };
  let pseudoOver = message === "trailers";
  for (const entry of entries) {
    const { field } = entry;
    const kind = fieldKind(entry);
    if (kind === FieldKind.regular) pseudoOver = true;
    else if (kind >= FieldKind.method && kind <= FieldKind.status) {
      if (
        pseudoOver ||
        scan.pseudo[kind] !== undefined ||
        (kind === FieldKind.status) !== (message === "response")
      ) {
        throw malformed(stream, pseudoFault(field, message));
      }
      scan.pseudo[kind] = field[1];
    } else {
      pseudoOver = true;
      checkSpecial(stream, scan, field, kind, rules);
    }
    scan.headers.push(field);
  }
  return scan;
}

function checkSpecial(stream: number, scan: Scan, field: HeaderField, kind: number, rules: FieldRules): void {
  if (kind === FieldKind.host) scan.hasHost = field[1] !== "" || scan.hasHost;
  else if (kind === FieldKind.contentLength) {
    // Fifteen digits are exact in a number, and a petabyte.
    if (scan.contentLength >= 0 || !/^[0-9]{1,15}$/.test(field[1])) {
      throw malformed(stream, "a content-length that is no length, or more than one");
    }
    scan.contentLength = Number(field[1]);
  } else if (kind === FieldKind.malformed) throw malformed(stream, fieldFault(field));
  else if (rules.strictWhitespace)
    throw malformed(stream, `the value of "${field[0]}" has whitespace around it`);
}

function pseudoFault([name]: HeaderField, message: "request" | "response" | "trailers"): string {
  if (message === "trailers") return `trailers with the pseudo-header field ${name}`;
  if (!MESSAGE_PSEUDO[message].includes(name)) return `a ${message} with the pseudo-header field ${name}`;
  return `the pseudo-header field ${name} came twice or after a regular field`;
}

function malformed(stream: number, message: string): StreamError {
  return new StreamError(stream, Http2Code.PROTOCOL_ERROR, message);
}

const NO_PSEUDO: readonly (string | undefined)[] = Array.from(
  { length: FieldKind.status + 1 },
  () => undefined,
);
