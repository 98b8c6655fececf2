// Headers of an entry as they were on the wire: pairs of bytes, HTTP/2's pseudo-fields apart.
import type { HttpVersion } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import { headerOfText } from "./header-text.js";
import { asObject, type FieldReader, type JsonObject, kindOf } from "./repairs.js";

export interface ReadHeaders {
  readonly headers: RawHeaders;
  /** `:authority` and its kind, by name. */
  readonly pseudo: ReadonlyMap<string, string>;
}

/** @param path of the message: `request` or `response`. */
export function readHeaders(message: JsonObject, path: string, reader: FieldReader): ReadHeaders {
  const pseudo = new Map<string, string>();
  const headers: (readonly [string, string])[] = [];
  const items = headerItems(message, path, reader);
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const field = asObject(item);
    // Nearly every field is this: a tenth of the time of reading an entry hangs on it.
    if (isPlain(field?.name) && isPlain(field?.value) && !/^(?::|set-cookie$)/i.test(field.name)) {
      headers.push([field.name, field.value]);
      continue;
    }
    const place = `${path}.headers[${index}]`;
    if (field === undefined) reader.note(place, `is ${kindOf(item)}, not an object; left out`);
    else readField(field, place, headers, pseudo, reader);
  }
  return { headers, pseudo };
}

function readField(
  field: JsonObject,
  place: string,
  headers: (readonly [string, string])[],
  pseudo: Map<string, string>,
  reader: FieldReader,
): void {
  const name = oneLine(reader.text(field, "name", place, ""), `${place}.name`, reader);
  const text = field.value === null ? "" : reader.text(field, "value", place, "");
  if (name.startsWith(":")) pseudo.set(name, oneLine(text, place, reader));
  else if (name === "") reader.note(place, "has no name; left out");
  else {
    for (const value of severalFields(name, text, place, reader)) {
      headers.push([headerOfText(name), headerOfText(oneLine(value, place, reader))]);
    }
  }
}

/** Chrome joins fields of one name with line breaks, as it keeps them; mitmproxy with commas, even Set-Cookie. */
function severalFields(name: string, text: string, place: string, reader: FieldReader): string[] {
  if (name.toLowerCase() !== "set-cookie" || !isJoinedSetCookie(text)) return text.split(/\r?\n/);
  reader.note(place, "has several cookies in one Set-Cookie; taken apart");
  return text.split(COOKIE_BOUNDARY);
}

/** A comma before another `name=`: not the one in a date. */
const COOKIE_BOUNDARY = /,\s*(?=[!#$%&'*+.^_`|~\w-]+=)/;

/** Only behind an attribute: a comma may stand in a cookie's value. */
export function isJoinedSetCookie(value: string): boolean {
  const attributes = value.indexOf(";");
  return attributes !== -1 && COOKIE_BOUNDARY.test(value.slice(attributes));
}

/** Printable ASCII, and not empty. */
function isPlain(value: unknown): value is string {
  if (typeof value !== "string" || value === "") return false;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** Some tools write an object of names and values. */
function headerItems(message: JsonObject, path: string, reader: FieldReader): readonly unknown[] {
  const object = asObject(message.headers);
  if (object === undefined) return reader.list(message, "headers", path);
  reader.note(`${path}.headers`, "is an object, not a list; taken as names and values");
  return Object.entries(object).map(([name, value]) => ({ name, value }));
}

/** What holds a line break or a NUL would be another field where it is sent again. */
function oneLine(text: string, path: string, reader: FieldReader): string {
  if (!/[\r\n\0]/.test(text)) return text;
  reader.note(path, "holds a line break or NUL; a space was put there");
  return text.replace(/[\r\n\0]/g, " ");
}

/** `HTTP/2`, `h2`, `http/2.0`, `HTTP/2.0`: each tool has a spelling of its own. What says nothing is taken as HTTP/1.1. */
export function readVersion(message: JsonObject): HttpVersion {
  const text = typeof message.httpVersion === "string" ? message.httpVersion.toLowerCase() : "";
  if (/^(?:h3|http\/3)|quic/.test(text)) return "HTTP/3.0";
  if (/^(?:h2c?|http\/2(?:\.0)?)$/.test(text)) return "HTTP/2.0";
  return text === "http/1.0" ? "HTTP/1.0" : "HTTP/1.1";
}
