// Parses the head of an HTTP/1 message strictly (RFC 9112) and keeps its bytes, so that it can be forwarded as it came.
//
// Node's own parser is not used: it loses chunk extensions, spacing and 1xx order, and costs 30 microseconds a message
// where this costs about 3 (bench/README.md). What two readers could understand differently is refused.
import type { HttpVersion } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";
import { type Framing, requestFraming } from "./framing.js";
import { MalformedMessage } from "./malformed.js";

/** A head larger than this is refused with 431; Node's default is 16 KB, browsers and origins go further. */
export const MAX_HEAD_BYTES = 256 * 1024;

/** What the header fields say about the connection and the framing, gathered in the one pass over them. */
export interface HeadFacts {
  readonly contentLengths: readonly string[];
  readonly transferEncodings: readonly string[];
  /** Lower-case tokens of Connection, and of Proxy-Connection in a request. */
  readonly connection: readonly string[];
  readonly upgrade: string | undefined;
  readonly host: string | undefined;
  readonly hostCount: number;
  readonly expectContinue: boolean;
  /** NTLM or Negotiate: they authenticate the connection, not the request (RFC 4559), so that no one else may use it. */
  readonly bindsConnection: boolean;
  /** The head has Proxy-Connection, Proxy-Authorization or the like, which are for us and go no further. */
  readonly hasProxyFields: boolean;
}

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  /** The head as it came, blank line included. */
  readonly bytes: Buffer;
  readonly facts: HeadFacts;
  readonly framing: Framing;
}

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  readonly bytes: Buffer;
  readonly facts: HeadFacts;
}

/** @throws MalformedMessage */
export function parseRequestHead(bytes: Buffer): RequestHead {
  const text = bytes.toString("latin1");
  const lineEnd = text.indexOf("\r\n");
  const line = text.slice(0, lineEnd);
  const first = line.indexOf(" ");
  const last = line.lastIndexOf(" ");
  if (first <= 0 || last === first)
    throw new MalformedMessage("the request line is not 'method target version'");
  const method = line.slice(0, first);
  const target = line.slice(first + 1, last);
  if (!TOKEN.test(method)) throw new MalformedMessage("the method has characters that no method may have");
  if (target === "" || UNSAFE_TARGET.test(target)) {
    throw new MalformedMessage("the request target has spaces or control characters");
  }
  const httpVersion = parseVersion(line.slice(last + 1));
  const fields = parseFields(text, lineEnd + 2, text.length - 2, true);
  if (fields.facts.hostCount > 1) throw new MalformedMessage("more than one Host header");
  const framing = requestFraming(httpVersion, fields.facts);
  return { method, target, httpVersion, headers: fields.headers, bytes, facts: fields.facts, framing };
}

/**
 * Bare line feeds and folded lines, which old origins still send, are read as RFC 9112 sections 2.2 and 5.2 allow,
 * and the head is then written anew, so that the client can't read it otherwise.
 * @throws MalformedMessage
 */
export function parseResponseHead(bytes: Buffer): ResponseHead {
  const text = bytes.toString("latin1");
  if (NEEDS_NORMALISING.test(text)) return parseResponseHead(normaliseHead(text));
  const lineEnd = text.indexOf("\r\n");
  const match = STATUS_LINE.exec(text.slice(0, lineEnd));
  if (match === null) throw new MalformedMessage("the status line is not 'HTTP/1.x code reason'");
  const fields = parseFields(text, lineEnd + 2, text.length - 2, false);
  return {
    status: Number(match[2]),
    reason: match[3] ?? "",
    httpVersion: match[1] === "0" ? "HTTP/1.0" : "HTTP/1.1",
    headers: fields.headers,
    bytes,
    facts: fields.facts,
  };
}

/** Parses trailer fields: the lines between the last chunk and the final blank line. @throws MalformedMessage */
export function parseTrailers(text: string): RawHeaders {
  return text === "" ? NO_HEADERS : parseFields(text, 0, text.length, true).headers;
}

const NO_HEADERS: RawHeaders = [];
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE_TARGET = /[\x00-\x20\x7f]/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;
const NEEDS_NORMALISING = /[^\r]\n|\r\n[ \t]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE_VALUE = /[\x00\r\n]/;

function parseVersion(text: string): HttpVersion {
  if (text === "HTTP/1.1") return "HTTP/1.1";
  if (text === "HTTP/1.0") return "HTTP/1.0";
  if (/^HTTP\/\d\.\d$/.test(text)) throw new MalformedMessage(`${text} is not supported here`, 505);
  throw new MalformedMessage("the request line does not end in an HTTP version");
}

interface MutableFacts {
  contentLengths: string[];
  transferEncodings: string[];
  connection: string[];
  upgrade: string | undefined;
  host: string | undefined;
  hostCount: number;
  expectContinue: boolean;
  bindsConnection: boolean;
  hasProxyFields: boolean;
}

const NONE: string[] = [];

/** Lines from `position` to `end`, each ending in CRLF. */
function parseFields(
  text: string,
  position: number,
  end: number,
  isRequest: boolean,
): { headers: RawHeaders; facts: HeadFacts } {
  const headers: (readonly [string, string])[] = [];
  const facts: MutableFacts = {
    contentLengths: NONE,
    transferEncodings: NONE,
    connection: NONE,
    upgrade: undefined,
    host: undefined,
    hostCount: 0,
    expectContinue: false,
    bindsConnection: false,
    hasProxyFields: false,
  };
  while (position < end) {
    let lineEnd = text.indexOf("\r\n", position);
    if (lineEnd === -1 || lineEnd > end) lineEnd = end;
    const colon = text.indexOf(":", position);
    if (colon === -1 || colon >= lineEnd) throw new MalformedMessage("a header line has no colon");
    const name = text.slice(position, colon);
    const field = knownField(name);
    const value = trimOptionalSpace(text, colon + 1, lineEnd);
    if (UNSAFE_VALUE.test(value)) throw new MalformedMessage(`the value of ${name} has a control character`);
    headers.push([name, value]);
    if (field !== "other") gather(facts, field, value, isRequest);
    position = lineEnd + 2;
  }
  return { headers, facts };
}

type Field =
  | "content-length"
  | "transfer-encoding"
  | "connection"
  | "proxy-connection"
  | "proxy-field"
  | "upgrade"
  | "host"
  | "expect"
  | "credentials"
  | "other";

const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["content-length", "content-length"],
  ["transfer-encoding", "transfer-encoding"],
  ["connection", "connection"],
  ["proxy-connection", "proxy-connection"],
  ["proxy-authorization", "proxy-field"],
  ["upgrade", "upgrade"],
  ["host", "host"],
  ["expect", "expect"],
  ["authorization", "credentials"],
  ["www-authenticate", "credentials"],
]);

/** Names seen before, so that a known name costs one look-up instead of a check of each character. */
const fieldCache = new Map<string, Field>();
const FIELD_CACHE_LIMIT = 2000;

function knownField(name: string): Field {
  const cached = fieldCache.get(name);
  if (cached !== undefined) return cached;
  if (!TOKEN.test(name)) throw new MalformedMessage("a header name has characters that no name may have");
  const field = FIELDS.get(name.toLowerCase()) ?? "other";
  if (fieldCache.size < FIELD_CACHE_LIMIT && name.length < 64) fieldCache.set(name, field);
  return field;
}

function gather(
  facts: MutableFacts,
  field: Exclude<Field, "other">,
  value: string,
  isRequest: boolean,
): void {
  switch (field) {
    case "content-length":
      facts.contentLengths = [...facts.contentLengths, value];
      return;
    case "transfer-encoding":
      facts.transferEncodings = [...facts.transferEncodings, value];
      return;
    case "connection":
      facts.connection = [...facts.connection, ...tokens(value)];
      return;
    case "proxy-connection":
      if (!isRequest) return;
      facts.hasProxyFields = true;
      facts.connection = [...facts.connection, ...tokens(value)];
      return;
    case "proxy-field":
      facts.hasProxyFields = isRequest;
      return;
    case "upgrade":
      facts.upgrade = facts.upgrade === undefined ? value : `${facts.upgrade}, ${value}`;
      return;
    case "host":
      facts.host = value;
      facts.hostCount++;
      return;
    case "credentials":
      facts.bindsConnection ||= /^(?:ntlm|negotiate)\b/i.test(value);
      return;
    case "expect":
      facts.expectContinue = value.toLowerCase() === "100-continue";
      return;
  }
}

function tokens(value: string): string[] {
  return value
    .toLowerCase()
    .split(",")
    .map((token) => token.trim());
}

function trimOptionalSpace(text: string, start: number, end: number): string {
  while (start < end && isOptionalSpace(text.charCodeAt(start))) start++;
  while (end > start && isOptionalSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isOptionalSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function normaliseHead(text: string): Buffer {
  const lines = text.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  return Buffer.from(`${lines.filter((line) => line !== "").join("\r\n")}\r\n\r\n`, "latin1");
}
