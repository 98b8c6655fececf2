// Multipart bodies (RFC 2046 section 5.1, form data: RFC 7578): the parts as ranges of the bytes.
import type { RawHeaders } from "../exchange/headers.js";
import { headerValue } from "../exchange/headers.js";
import { parseMediaType, parseParameters } from "./media-type.js";

interface MultipartPart {
  /** In their order; values are latin-1, as on the wire. */
  readonly headers: RawHeaders;
  /** Of Content-Disposition, UTF-8 decoded. */
  readonly name?: string;
  readonly filename?: string;
  /** As sent, or "". */
  readonly contentType: string;
  /** The content's range of the body's bytes. */
  readonly start: number;
  readonly end: number;
}

export interface Multipart {
  readonly parts: readonly MultipartPart[];
  /** A sentence: no boundary, none found, no end, too many parts. */
  readonly problem?: string;
}

const MOST_PARTS = 10_000;
const LARGEST_HEAD = 64 * 1024;

/** @param contentType with its boundary parameter. Never throws. */
export function parseMultipart(bytes: Buffer, contentType: string): Multipart {
  const boundary = parseMediaType(contentType).parameters.get("boundary");
  if (boundary === undefined || boundary === "") {
    return { parts: [], problem: "The Content-Type names no boundary." };
  }
  const parts: MultipartPart[] = [];
  let delimiter = findDelimiter(bytes, boundary, 0);
  if (delimiter === null) return { parts, problem: "The boundary does not occur in the body." };
  while (!delimiter.final) {
    if (parts.length === MOST_PARTS) return { parts, problem: `There are more than ${MOST_PARTS} parts.` };
    const next: Delimiter | null = findDelimiter(bytes, boundary, delimiter.end);
    parts.push(partOf(bytes, delimiter.end, Math.max(delimiter.end, next?.start ?? bytes.length)));
    if (next === null) return { parts, problem: "The final boundary is missing: the body was cut off." };
    delimiter = next;
  }
  return { parts };
}

interface Delimiter {
  /** Of the line break before it, which belongs to it. */
  readonly start: number;
  /** After its line's end. */
  readonly end: number;
  readonly final: boolean;
}

const CR = 13;
const LF = 10;

function findDelimiter(bytes: Buffer, boundary: string, from: number): Delimiter | null {
  const dashes = Buffer.from(`--${boundary}`, "latin1");
  for (let at = bytes.indexOf(dashes, from); at !== -1; at = bytes.indexOf(dashes, at + 1)) {
    // It stands at a line's start; the part before may be empty, without a line of its own.
    if (at !== 0 && at !== from && bytes[at - 1] !== LF) continue;
    let end = at + dashes.length;
    const final = bytes[end] === 45 && bytes[end + 1] === 45;
    if (final) end += 2;
    while (bytes[end] === 32 || bytes[end] === 9) end++;
    const breakLength = bytes[end] === CR && bytes[end + 1] === LF ? 2 : bytes[end] === LF ? 1 : 0;
    // Else it is the beginning of a longer word, or what follows the final boundary.
    if (breakLength === 0 && !final && end < bytes.length) continue;
    const before = at > from && bytes[at - 1] === LF ? (at - 1 > from && bytes[at - 2] === CR ? 2 : 1) : 0;
    return { start: at - before, end: end + breakLength, final };
  }
  return null;
}

function partOf(bytes: Buffer, start: number, end: number): MultipartPart {
  const [headers, contentStart] = readHead(bytes, start, end);
  const disposition = headerValue(headers, "content-disposition") ?? "";
  const parameters = parseParameters(disposition.slice(disposition.indexOf(";") + 1));
  const name = parameters.get("name");
  const filename = extendedValue(parameters.get("filename*")) ?? asUtf8(parameters.get("filename"));
  return {
    headers,
    ...(name === undefined ? {} : { name: asUtf8(name) ?? name }),
    ...(filename === undefined ? {} : { filename }),
    contentType: headerValue(headers, "content-type") ?? "",
    start: contentStart,
    end: Math.max(contentStart, end),
  };
}

function readHead(bytes: Buffer, start: number, end: number): readonly [RawHeaders, contentStart: number] {
  const headers: (readonly [string, string])[] = [];
  let at = start;
  while (at < end && at - start < LARGEST_HEAD) {
    const lineEnd = bytes.indexOf(LF, at);
    if (lineEnd === -1 || lineEnd >= end) break;
    const line = bytes.toString("latin1", at, lineEnd).replace(/\r$/, "");
    at = lineEnd + 1;
    if (line === "") return [headers, at];
    const colon = line.indexOf(":");
    if (colon > 0) headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  // No blank line: without any header it is all content, else all head.
  return [headers, headers.length === 0 ? start : end];
}

/** Browsers send names as UTF-8 (RFC 7578 section 5.1), with `%22` for a quote. */
function asUtf8(latin1: string | undefined): string | undefined {
  if (latin1 === undefined) return undefined;
  const text = Buffer.from(latin1, "latin1").toString("utf8");
  return (text.includes("\ufffd") ? latin1 : text)
    .replace(/%22/g, '"')
    .replace(/%0D/g, "\r")
    .replace(/%0A/g, "\n");
}

/** `UTF-8''na%C3%AFve.txt` (RFC 8187). */
function extendedValue(value: string | undefined): string | undefined {
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(value ?? "")?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
