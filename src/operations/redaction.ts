// Redacts what leaves: exchanges with everything in them, decoded contents, messages. The one layer between recorded
// data and the redact room, used by every operation whose output leaves the machine.
import { isUtf8 } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import { declaredCharset } from "../content/charset-declared.js";
import { parseEvents, timesOf } from "../content/events.js";
import { parseMediaType } from "../content/media-type.js";
import { decodeText, encodeText, isTextType } from "../content/text.js";
import { systemCode, TrafficError } from "../errors.js";
import type { Exchange } from "../exchange/exchange.js";
import type { HarFields } from "../exchange/har-fields.js";
import { headerValue, mediaType, type RawHeaders } from "../exchange/headers.js";
import { type Policy, parsePolicy } from "../redact/policy.js";
import { createRedactor, type RedactableMessage, type Redactor } from "../redact/redactor.js";
import type { RedactionReport } from "../redact/report.js";

export type { Policy } from "../redact/policy.js";
export type { RedactionReport } from "../redact/report.js";

type Chunks = readonly (readonly [ms: number, bytes: number])[];

/** Where a content comes from. */
export interface ContentPlace {
  readonly headers: RawHeaders;
  readonly side: "request" | "response";
  readonly url: string;
}

export interface RedactedContent {
  readonly bytes: Buffer;
  /** The bytes are UTF-8 now, whatever charset the headers name. */
  readonly utf8?: true;
  /** Adjusted, so that events keep their times. */
  readonly chunks?: Chunks;
}

/** One for each export: equal secrets get equal placeholders within it. */
export class Redaction {
  readonly #redactor: Redactor;

  /** @param policy the built-in one where absent. */
  constructor(policy?: Policy) {
    this.#redactor = createRedactor(policy);
  }

  get report(): RedactionReport {
    return this.#redactor.report();
  }

  /** Heads, addresses and whatever else is text beside the bodies, which go through `content`. */
  exchange<Kind extends Exchange>(exchange: Kind): Kind {
    const clean: Exchange = this.#redactor.exchange(exchange);
    const url = exchange.request.url;
    const har = exchange.har === undefined ? {} : { har: this.#fields(exchange.har, url) };
    const close =
      exchange.kind !== "websocket" || exchange.close === undefined
        ? {}
        : { close: { ...exchange.close, reason: this.#text(exchange.close.reason, url) } };
    const error =
      clean.error === undefined
        ? {}
        : { error: { ...clean.error, message: this.#text(clean.error.message, url) } };
    const marks = {
      ...(exchange.rules === undefined ? {} : { rules: exchange.rules.map((name) => this.#text(name, url)) }),
      ...(exchange.tags === undefined ? {} : { tags: exchange.tags.map((tag) => this.#text(tag, url)) }),
    };
    return { ...exchange, ...clean, ...marks, ...this.#forwarded(exchange), ...har, ...close, ...error };
  }

  /** Decoded content. */
  content(bytes: Buffer, place: ContentPlace, chunks?: Chunks): RedactedContent {
    const info = this.#info(place);
    const read = () => readText(bytes, place.headers, info.contentType);
    const result = this.#redactor.body(bytes, info, read);
    if (Buffer.isBuffer(result)) return withChunks({ bytes: result }, chunks);
    const { text, charset } = result;
    const encoded = charset === null ? Buffer.from(text, "latin1") : encodeText(text, charset);
    const clean = encoded ?? Buffer.from(text, "utf8");
    const utf8 = encoded === null ? { utf8: true as const } : {};
    return withChunks({ bytes: clean, ...utf8 }, chunks && movedChunks(bytes, clean, place.headers, chunks));
  }

  /** A value that came as JSON. */
  json(value: unknown, url: string): unknown {
    const info = { contentType: "application/json", side: "response", url } as const;
    return JSON.parse(this.#redactor.content(JSON.stringify(value), info));
  }

  /** Messages of one WebSocket in their order; text messages as text. */
  messages<Message extends RedactableMessage>(messages: readonly Message[], url: string): Message[] {
    return this.#redactor.messages(messages, { url });
  }

  /** Takes note of secrets, for a first pass. */
  learnExchange(exchange: Exchange): void {
    this.#redactor.learn.exchange(exchange);
    const sent = forwardedAsRequest(exchange);
    if (sent !== undefined) this.#redactor.learn.exchange(sent);
  }

  /** Whether a content of this type, whatever it is, gives nothing away: it need not be read for the first pass. */
  learnsNothingFrom(headers: RawHeaders): boolean {
    const type = mediaType(headers);
    return /^(?:image|audio|video|font)\//.test(type) && !isTextType(type);
  }

  learnContent(bytes: Buffer, place: ContentPlace): void {
    const info = this.#info(place);
    this.#redactor.learn.body(bytes, info, () => readText(bytes, place.headers, info.contentType));
  }

  learnMessages(messages: readonly RedactableMessage[], url: string): void {
    this.#redactor.learn.messages(messages, { url });
  }

  #forwarded(exchange: Exchange): Pick<Exchange, "forwarded"> {
    const { forwarded } = exchange;
    const sent = forwardedAsRequest(exchange);
    if (forwarded === undefined || sent === undefined) return {};
    const { url, headers } = this.#redactor.exchange(sent).request;
    return { forwarded: { ...forwarded, url, headers } };
  }

  #info({ headers, side, url }: ContentPlace): {
    contentType: string;
    side: "request" | "response";
    url: string;
  } {
    return { contentType: headerValue(headers, "content-type") ?? "", side, url };
  }

  #text(text: string, url: string): string {
    return text === ""
      ? ""
      : this.#redactor.content(text, { contentType: "text/plain", side: "response", url });
  }

  /** What an imported file said besides may name secrets as well: initiators, cookies, security details. */
  #fields(fields: HarFields, url: string): HarFields {
    const clean = this.json(fields, url);
    return typeof clean === "object" && clean !== null ? clean : {};
  }
}

/**
 * Forms with files, and text that breaks its charset, are read a character a byte: their names and secrets are found all
 * the same, and every other byte stays as it is.
 */
function readText(
  bytes: Buffer,
  headers: RawHeaders,
  contentType: string,
): { readonly text: string; readonly charset: string | null } | null {
  const type = mediaType(headers);
  if (isTextType(type) && isPlainUtf8(bytes, contentType)) return new Utf8Text(bytes);
  const decoded = decodeText(bytes, contentType);
  if (decoded !== null) return decoded;
  if (!isTextType(type) && !type.startsWith("multipart/")) return null;
  return { text: bytes.toString("latin1"), charset: null };
}

/** Whether `decodeText` reads the bytes of a text as UTF-8. */
function isPlainUtf8(bytes: Buffer, contentType: string): boolean {
  const declared = declaredCharset(bytes, parseMediaType(contentType));
  return (declared === undefined || declared === "utf-8") && isUtf8(bytes);
}

/** Of most bodies nobody asks for the text. */
class Utf8Text {
  readonly charset = "utf-8";

  constructor(readonly bytes: Buffer) {}

  get text(): string {
    return this.bytes.toString("utf8");
  }
}

/** What a rule made of the request, as an exchange of its own. */
function forwardedAsRequest({ forwarded, request, ...rest }: Exchange): Exchange | undefined {
  if (forwarded === undefined) return undefined;
  const { url, headers } = forwarded;
  const { response: _none, error: _neither, ...bare } = { response: undefined, error: undefined, ...rest };
  return { ...bare, kind: "http", request: { ...request, url, target: url, headers } };
}

function withChunks(content: RedactedContent, chunks: Chunks | undefined): RedactedContent {
  return chunks === undefined ? content : { ...content, chunks };
}

/** The times of events as they were, at the places where the events are now. */
export function movedChunks(
  before: Buffer,
  after: Buffer,
  headers: RawHeaders,
  chunks: Chunks,
): Chunks | undefined {
  if (before.length === after.length) return chunks;
  if (mediaType(headers) !== "text/event-stream") return undefined;
  const old = parseEvents(before);
  const events = parseEvents(after);
  if (old.length !== events.length) return undefined;
  let end = 0;
  return timesOf(old, chunks).flatMap((time, at) => {
    const event = events[at]!;
    const bytes = event.end - end;
    end = event.end;
    return time === null ? [] : [[time, bytes] as const];
  });
}

/** A policy file is small; what is larger is something else. */
const POLICY_LIMIT = 1024 * 1024;

/** @throws FILE_NOT_FOUND, IO_FAILED, POLICY_INVALID */
export async function readPolicy(path: string): Promise<Policy> {
  try {
    const { size } = await stat(path);
    if (size > POLICY_LIMIT) throw new TrafficError("POLICY_INVALID", `${path} is too large for a policy`);
    return parsePolicy(await readFile(path, "utf8"), { path });
  } catch (cause) {
    if (cause instanceof TrafficError) throw cause;
    if (systemCode(cause) === "ENOENT")
      throw new TrafficError("FILE_NOT_FOUND", `there is no file ${path}`, { cause });
    throw new TrafficError("IO_FAILED", `cannot read ${path}`, { cause });
  }
}
