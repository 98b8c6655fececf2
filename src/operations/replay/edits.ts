// Changes that a person makes to a request before it is sent again.
import { domainToASCII } from "node:url";
import { contentCodings } from "../../content/codings.js";
import { decodeContent } from "../../content/decode.js";
import { encodeContent } from "../../content/encode.js";
import { setJson } from "../../content/json-edit.js";
import { parsePointer } from "../../content/json-pointer.js";
import { isJson } from "../../content/json-tokens.js";
import { decodeText, encodeText } from "../../content/text.js";
import { TrafficError } from "../../errors.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import { bodyOf, type SendRequest, Unsendable } from "../../replay/send/request.js";

export interface RequestEdits {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Instead of all fields of their names, in the place of the first. */
  readonly setHeaders?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly removeHeaders?: readonly string[] | undefined;
  readonly body?: Buffer | undefined;
  /** JSON Pointer (RFC 6901) and value, in their order. */
  readonly jsonSet?: readonly (readonly [pointer: string, value: unknown])[] | undefined;
}

/** @throws Unsendable where the request does not allow the change; BAD_OPTION for what no request would allow. */
export async function edited(request: SendRequest, edits: RequestEdits): Promise<SendRequest> {
  let changed = request;
  if (edits.method !== undefined) changed = { ...changed, method: edits.method };
  if (edits.url !== undefined) changed = withUrl(changed, edits.url);
  if (edits.body !== undefined) changed = withBody(changed, edits.body);
  if (edits.jsonSet !== undefined && edits.jsonSet.length > 0) {
    changed = await withJson(changed, edits.jsonSet);
  }
  const headers = editedHeaders(changed.headers, edits);
  return headers === changed.headers ? changed : withHeaders(changed, headers, edits);
}

/** A header value as it goes on the wire: UTF-8, one character a byte. */
export function wireText(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** What a person may write in a URL, as it may be sent: a name of other letters, blanks, letters beyond ASCII. */
export function wireUrl(text: string): string {
  const match = /^(https?:\/\/)((?:[^/?#]*@)?)([^/?#]*)(.*)$/is.exec(text.trim());
  if (match === null) {
    throw new TrafficError("BAD_OPTION", `${text} is no http or https URL`, {
      hint: "as in https://api.example.com/users?page=2",
    });
  }
  const [, scheme = "", user = "", authority = "", rest = ""] = match;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: whatever is not printable ASCII is meant
  const host = /^[\x00-\x7f]*$/.test(authority)
    ? authority
    : authority.replace(/^[^:]*/, (name) => domainToASCII(name));
  const path = rest.replace(/#.*$/s, "").replace(/[^\x21-\x7e]/gu, (letter) => encodeURIComponent(letter));
  return `${scheme}${user}${host}${path}`;
}

function withUrl(request: SendRequest, text: string): SendRequest {
  const url = wireUrl(text);
  const authority = authorityOf(url);
  if (authority === authorityOf(request.url)) return { ...request, url };
  const headers = request.headers.map(([name, value]): readonly [string, string] =>
    name.toLowerCase() === "host" ? [name, authority] : [name, value],
  );
  return { ...request, url, headers, ...(request.authority === undefined ? {} : { authority }) };
}

function authorityOf(url: string): string {
  return /^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(url)?.[1] ?? "";
}

/** A new body is as it is given: the old one's coding and trailers are not its own. */
function withBody(request: SendRequest, bytes: Buffer): SendRequest {
  const { trailers: _old, ...rest } = request;
  const headers = request.headers.filter(([name]) => !/^(?:content-encoding|trailer)$/i.test(name));
  return { ...rest, headers, body: bodyOf(bytes) };
}

const LARGEST_JSON = 64 * 1024 * 1024;

/** Charset, content coding and everything else of the document stay. */
async function withJson(
  request: SendRequest,
  sets: readonly (readonly [pointer: string, value: unknown])[],
): Promise<SendRequest> {
  const stored = await bytesOf(request);
  const { bytes, problem, limited } = await decodeContent(stored, request.headers, { limit: LARGEST_JSON });
  if (problem !== undefined || limited === true) {
    throw new Unsendable(`its body can't be changed: ${problem ?? "it is larger than 64 MB"}`);
  }
  const type = headerValue(request.headers, "content-type") ?? "";
  const text = decodeText(bytes, type) ?? { text: bytes.toString("utf8"), charset: "utf-8" };
  const json = setAll(text.text, sets);
  const content = encodeText(json, text.charset) ?? Buffer.from(json, "utf8");
  const body = bodyOf(await encodeContent(content, contentCodings(request.headers)));
  return { ...request, body };
}

function setAll(text: string, sets: readonly (readonly [pointer: string, value: unknown])[]): string {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  let document = text.slice(mark.length);
  if (!isJson(document)) throw new Unsendable("its body is no JSON, so that nothing can be set in it");
  for (const [pointer, value] of sets) {
    const steps = parsePointer(pointer);
    if (steps === undefined) {
      throw new TrafficError("BAD_OPTION", `--json-set ${pointer}: that is no JSON pointer`, {
        hint: "as in --json-set /user/name=Ada",
      });
    }
    const changed = setJson(document, steps, JSON.stringify(value));
    if (changed === undefined) throw new Unsendable(`its body has no place ${pointer}`);
    document = changed;
  }
  return mark + document;
}

async function bytesOf({ body }: SendRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  if (body !== null) for await (const chunk of body.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function editedHeaders(
  headers: RawHeaders,
  { setHeaders = [], removeHeaders = [] }: RequestEdits,
): RawHeaders {
  let fields = headers;
  for (const removed of removeHeaders) {
    fields = fields.filter(([name]) => name.toLowerCase() !== removed.toLowerCase());
  }
  for (const [name, value] of setHeaders) fields = withField(fields, name, wireText(value));
  return fields;
}

function withField(headers: RawHeaders, name: string, value: string): RawHeaders {
  const isNamed = ([other]: readonly [string, string]): boolean => other.toLowerCase() === name.toLowerCase();
  const at = headers.findIndex(isNamed);
  if (at === -1) return [...headers, [name, value]];
  // The case that was recorded stays: only the value is asked to change.
  const field = [headers[at]![0], value] as const;
  return [...headers.slice(0, at), field, ...headers.slice(at + 1).filter((each) => !isNamed(each))];
}

/** HTTP/2's `:authority` is what its Host would be. */
function withHeaders(
  request: SendRequest,
  headers: RawHeaders,
  { setHeaders = [] }: RequestEdits,
): SendRequest {
  const host = setHeaders.findLast(([name]) => name.toLowerCase() === "host")?.[1];
  if (host === undefined || request.authority === undefined) return { ...request, headers };
  return { ...request, headers: headers.filter(([name]) => name.toLowerCase() !== "host"), authority: host };
}
