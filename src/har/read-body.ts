// What an entry has of a body, as bytes: text encoded by its charset, base64, an attached file.
import { contentCodings } from "../content/codings.js";
import { parseMediaType } from "../content/media-type.js";
import { decodeText, encodeText, isTextType } from "../content/text.js";
import { headerValue, type RawHeaders } from "../exchange/headers.js";
import type { ImportedBody } from "./imported-body.js";
import { asObject, type FieldReader, type JsonObject } from "./repairs.js";
import { truncationIn } from "./truncation-text.js";

/** @param size on the wire; -1 where the entry does not say. */
export function readContent(
  content: JsonObject,
  headers: RawHeaders,
  size: number,
  reader: FieldReader,
): ImportedBody {
  return readBody(content, headers, size, "response.content", reader);
}

export function readPostData(
  request: JsonObject,
  headers: RawHeaders,
  size: number,
  reader: FieldReader,
): ImportedBody {
  const data = asObject(request.postData);
  if (data === undefined) {
    // HTTP Toolkit, for bodies that are not text.
    const content = asObject(request._content);
    if (content !== undefined) return readBody(content, headers, size, "request._content", reader);
    return { data: null, size: Math.max(size, 0) };
  }
  const params: unknown = data.params;
  const isForm = typeof data.text !== "string" && data._file === undefined && Array.isArray(params);
  if (!isForm) return readBody(data, headers, size, "request.postData", reader);
  const text = formText(params, data.mimeType);
  if (text === undefined) {
    reader.note("request.postData", "has fields of a form but no text; the body is missing");
    return { data: null, size: Math.max(size, 0) };
  }
  reader.note("request.postData.text", "is missing; made of its params");
  return { data: Buffer.from(text, "utf8"), size: size >= 0 ? size : undefined };
}

/** @returns undefined for a form whose text cannot be made again (multipart). */
function formText(params: readonly unknown[], mimeType: unknown): string | undefined {
  if (typeof mimeType === "string" && mimeType.startsWith("multipart/")) return undefined;
  const pairs = params.flatMap((item): [string, string][] => {
    const param = asObject(item);
    if (typeof param?.name !== "string") return [];
    return [[param.name, typeof param.value === "string" ? param.value : ""]];
  });
  return new URLSearchParams(pairs).toString();
}

function readBody(
  from: JsonObject,
  headers: RawHeaders,
  size: number,
  path: string,
  reader: FieldReader,
): ImportedBody {
  const known = size >= 0 ? size : undefined;
  const coded = contentCodings(headers).length > 0;
  const truncated = typeof from.comment === "string" ? truncationIn(from.comment) : undefined;
  const why = truncated === undefined ? {} : { truncated };
  if (typeof from._file === "string") {
    // Playwright attaches text as UTF-8, whatever its charset was.
    const isText = isTextOfAnotherCharset(headers);
    const decoded = isText ? { decoded: "text" as const } : coded ? { decoded: "content" as const } : {};
    return { data: { file: from._file }, size: known, ...why, ...decoded };
  }
  if (from.text === undefined || from.text === null) return { data: null, size: Math.max(size, 0), ...why };
  const text = reader.text(from, "text", path, "");
  if (text === "") return { data: null, size: Math.max(size, 0), ...why };
  const long = reader.texts.get(text);
  if (long !== undefined) {
    const form = isBase64(from, path, reader) ? "base64" : "text";
    // UTF-8, said so wherever the headers could mean anything else: it is too long to be compared.
    const isText = form === "text" && saysCharset(headers);
    const decoded = isText ? { decoded: "text" as const } : coded ? { decoded: "content" as const } : {};
    return { data: () => long.bytes(form), size: known, ...why, ...decoded };
  }
  if (isBase64(from, path, reader)) {
    const bytes = fromBase64(text, path, reader);
    const isCoded = coded && isStillGzip(bytes, headers);
    if (isCoded) reader.note(path, "is still compressed; kept so");
    return { data: bytes, size: known, ...why, ...(coded && !isCoded ? { decoded: "content" } : {}) };
  }
  const { bytes, exact } = textBytes(text, headers, path, reader);
  const decoded = exact ? (coded ? { decoded: "content" as const } : {}) : { decoded: "text" as const };
  return { data: bytes, size: known, ...why, ...decoded };
}

/** Whether the type, or the content by a declaration of its own, may be of another charset than UTF-8. */
function saysCharset(headers: RawHeaders): boolean {
  const { essence, parameters } = parseMediaType(headerValue(headers, "content-type") ?? "");
  const charset = parameters.get("charset");
  return charset === undefined ? /html|xml|css/.test(essence) : !/^utf-?8$/i.test(charset);
}

function isTextOfAnotherCharset(headers: RawHeaders): boolean {
  const contentType = headerValue(headers, "content-type") ?? "";
  const charset = parseMediaType(contentType).parameters.get("charset");
  return charset !== undefined && !/^utf-?8$/i.test(charset) && isTextType(contentType);
}

function isBase64({ encoding }: JsonObject, path: string, reader: FieldReader): boolean {
  if (encoding === undefined || encoding === null || encoding === "") return false;
  if (typeof encoding === "string" && encoding.toLowerCase() === "base64") return true;
  if (typeof encoding !== "string" || !/^utf-?8$/i.test(encoding)) {
    reader.note(
      `${path}.encoding`,
      `is ${JSON.stringify(encoding)?.slice(0, 40)}, not "base64"; taken as text`,
    );
  }
  return false;
}

function fromBase64(text: string, path: string, reader: FieldReader): Buffer {
  const bytes = Buffer.from(text, "base64");
  const digits = text.length - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
  if (bytes.length !== Math.floor((digits * 3) / 4) && !/^[A-Za-z0-9+/=\s]*$/.test(text)) {
    reader.note(`${path}.text`, "is not base64 throughout; what is was decoded");
  }
  return bytes;
}

/** Old Firefox wrote compressed bodies as they were. An archive under a coding is more likely decoded. */
function isStillGzip(bytes: Buffer, headers: RawHeaders): boolean {
  const type = headerValue(headers, "content-type") ?? "";
  return bytes[0] === 0x1f && bytes[1] === 0x8b && !/zip|compress|octet-stream|x-tar|tgz/i.test(type);
}

/** `exact`: the bytes are what the headers say they are. */
function textBytes(
  text: string,
  headers: RawHeaders,
  path: string,
  reader: FieldReader,
): { bytes: Buffer; exact: boolean } {
  const contentType = headerValue(headers, "content-type") ?? "";
  const charset = parseMediaType(contentType).parameters.get("charset");
  const encoded = charset === undefined ? null : encodeText(text, charset);
  if (encoded !== null) return { bytes: encoded, exact: true };
  if (/\p{Surrogate}/u.test(text))
    reader.note(`${path}.text`, "holds half a character; U+FFFD was put there");
  const bytes = Buffer.from(text, "utf8");
  // A page may name its charset itself; what it names is not that of these bytes.
  const read = decodeText(bytes, contentType);
  return { bytes, exact: read === null || read.text === text };
}
