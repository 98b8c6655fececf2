// What a header field means to the protocol (RFC 9113 sections 8.2 and 8.3). Found out once for each entry of a table,
// not for each message that repeats it.
import type { HeaderEntry, HeaderField } from "./hpack/header-entry.js";

export const FieldKind = {
  unknown: 0,
  regular: 1,
  contentLength: 2,
  host: 3,
  method: 4,
  scheme: 5,
  path: 6,
  authority: 7,
  protocol: 8,
  status: 9,
  /** A regular field with whitespace around its value. */
  padded: 10,
  malformed: 11,
} as const;

const PSEUDO_FIELDS: ReadonlyMap<string, number> = new Map([
  [":method", FieldKind.method],
  [":scheme", FieldKind.scheme],
  [":path", FieldKind.path],
  [":authority", FieldKind.authority],
  [":protocol", FieldKind.protocol],
  [":status", FieldKind.status],
]);

/** Section 8.2.2: they speak of an HTTP/1 connection. */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

const NAME_CHARACTERS = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
  NAME_CHARACTERS[character.charCodeAt(0)] = 1;
}

export function fieldKind(entry: HeaderEntry): number {
  if (entry.kind === FieldKind.unknown) entry.kind = classify(entry.field);
  return entry.kind;
}

/** What is wrong with a field whose kind is malformed, for people. */
export function fieldFault([name, value]: HeaderField): string {
  const shown = JSON.stringify(name.slice(0, 60));
  if (name === "") return "a field without a name";
  if (name.startsWith(":") && !PSEUDO_FIELDS.has(name))
    return `the pseudo-header field ${shown} does not exist`;
  if (!name.startsWith(":") && !isFieldName(name))
    return `the field name ${shown} has characters that are not allowed`;
  if (hasForbiddenCharacter(value)) return `the value of ${shown} has characters that are not allowed`;
  if (name === "te") return 'the field "te" has a value other than "trailers"';
  return `the field ${shown} is not allowed in HTTP/2`;
}

function classify([name, value]: HeaderField): number {
  if (hasForbiddenCharacter(value)) return FieldKind.malformed;
  if (name.charCodeAt(0) === COLON) return PSEUDO_FIELDS.get(name) ?? FieldKind.malformed;
  if (!isFieldName(name) || CONNECTION_FIELDS.has(name)) return FieldKind.malformed;
  if (name === "te" && value.toLowerCase() !== "trailers") return FieldKind.malformed;
  if (name === "content-length") return FieldKind.contentLength;
  if (isSpace(value.charCodeAt(0)) || isSpace(value.charCodeAt(value.length - 1))) return FieldKind.padded;
  return name === "host" ? FieldKind.host : FieldKind.regular;
}

/** A token of RFC 9110 section 5.6.2 in lower case. */
function isFieldName(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    if (NAME_CHARACTERS[name.charCodeAt(index)] !== 1) return false;
  }
  return name.length > 0;
}

/** Section 8.2.1: what could end a field in HTTP/1. */
function hasForbiddenCharacter(value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code === 0 || code === 10 || code === 13) return true;
  }
  return false;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

const COLON = 58;
