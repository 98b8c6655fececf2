// The parts of an exchange as redacted bytes: heads, decoded bodies, messages. What is large streams past.
import { TrafficError } from "../errors.js";
import type { Body } from "../exchange/body.js";
import type { Exchange, HttpResponse } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { Selected } from "../operations/query.js";
import { textOf } from "./content-text.js";
import { decodedBody } from "./decoded-body.js";
import type { Safe } from "./safe.js";
import type { ToolContext } from "./tool.js";

export const PARTS = ["request_head", "request_body", "response_head", "response_body", "message"] as const;
type Part = (typeof PARTS)[number];

export interface PartRange {
  /** From `offset` on. */
  readonly bytes: Buffer;
  readonly total: number;
  readonly headers: RawHeaders;
  /** Sentences: what is missing of what was sent. */
  readonly problems: readonly string[];
}

export interface WantedPart {
  readonly part: Part;
  /** The number of the message. */
  readonly message: number | undefined;
  readonly offset: number;
  readonly length: number;
}

/** Decoded bytes that are held; of larger ones the range is taken from a stream. */
const HELD = 4 * 1024 * 1024;

/** @throws BODY_UNREADABLE where it has no such part, SESSION_DAMAGED */
export async function readPart(
  selected: Selected,
  wanted: WantedPart,
  context: ToolContext,
): Promise<PartRange> {
  const { safe } = context;
  const exchange = await safe.learn(selected);
  const clean = safe.exchange(exchange);
  switch (wanted.part) {
    case "request_head":
      return rangeOf(Buffer.from(requestHead(clean), "latin1"), [], wanted, []);
    case "response_head":
      return rangeOf(Buffer.from(responseHead(responseOf(clean)), "latin1"), [], wanted, []);
    case "request_body":
      return await bodyRange(selected, exchange, exchange.request, wanted, context);
    case "response_body":
      return await bodyRange(selected, exchange, responseOf(exchange), wanted, context);
    case "message":
      return await messageRange(selected, exchange, wanted, safe);
  }
}

export interface ContentStart {
  readonly bytes: Buffer;
  /** Redacted decoded bytes in all; null where there are more than were looked at. */
  readonly total: number | null;
  readonly problems: readonly string[];
}

/** The beginning of a decoded body, redacted. @throws SESSION_DAMAGED */
export async function contentStart(
  selected: Selected,
  exchange: Exchange,
  message: { readonly body: Body; readonly headers: RawHeaders },
  safe: Safe,
  limit: number,
): Promise<ContentStart> {
  const { bytes, limited, problem } = await selected.content(message, { limit });
  const clean = safe.redaction?.content(bytes, placeOf(exchange, message)) ?? { bytes };
  const isWhole = limited !== true && (message.body.kind !== "file" || message.body.stored <= limit);
  const problems = [...missing(message.body), ...(problem === undefined ? [] : [problem])];
  return { bytes: clean.bytes, total: isWhole ? clean.bytes.length : null, problems };
}

async function bodyRange(
  selected: Selected,
  exchange: Exchange,
  message: { readonly body: Body; readonly headers: RawHeaders },
  wanted: WantedPart,
  context: ToolContext,
): Promise<PartRange> {
  const { bytes, total, problems } = await contentStart(selected, exchange, message, context.safe, HELD);
  const { headers } = message;
  if (total !== null) return rangeOf(bytes, headers, wanted, problems);
  return { ...(await streamedRange(selected, exchange, message, wanted, context)), headers, problems };
}

/** Reads all of it: only so is its size known, and what is redacted the same wherever the range begins. */
async function streamedRange(
  selected: Selected,
  exchange: Exchange,
  message: { readonly body: Body; readonly headers: RawHeaders },
  { offset, length }: WantedPart,
  context: ToolContext,
): Promise<{ bytes: Buffer; total: number }> {
  const { redactedPieces } = await import("../operations/har/redacted-pieces.js");
  const { redaction } = context.safe;
  const isText =
    textOf((await selected.content(message, { limit: 64 * 1024 })).bytes, message.headers) !== null;
  const place = placeOf(exchange, message);
  const session = selected.source.folder ?? selected.source.path;
  const source = decodedBody({ session, exchange, side: place.side }, context);
  const pieces = redaction === undefined ? source : redactedPieces(source, place, redaction, isText);
  const wanted: Buffer[] = [];
  let at = 0;
  for await (const piece of pieces) {
    const from = Math.max(0, offset - at);
    const to = Math.min(piece.length, offset + length - at);
    if (to > from) wanted.push(Buffer.from(piece.subarray(from, to)));
    at += piece.length;
  }
  return { bytes: Buffer.concat(wanted), total: at };
}

async function messageRange(
  selected: Selected,
  exchange: Exchange,
  wanted: WantedPart,
  safe: Safe,
): Promise<PartRange> {
  for await (const message of selected.messages()) {
    if (message.seq !== wanted.message) continue;
    const { direction, opcode, body } = message;
    const bytes = await selected.storedBody(body, Number.POSITIVE_INFINITY);
    const data = opcode === 1 ? bytes.toString("utf8") : bytes;
    const [clean] = safe.messages([{ direction, data }], exchange.request.url);
    return rangeOf(Buffer.from(clean?.data ?? ""), [], wanted, missing(body));
  }
  throw new TrafficError(
    "BODY_UNREADABLE",
    `exchange ${exchange.seq} has no message ${wanted.message ?? ""}`,
    {
      hint: "list_messages gives the messages of a WebSocket with their numbers",
    },
  );
}

function rangeOf(
  bytes: Buffer,
  headers: RawHeaders,
  { offset, length }: WantedPart,
  problems: readonly string[],
): PartRange {
  return { bytes: bytes.subarray(offset, offset + length), total: bytes.length, headers, problems };
}

function placeOf(exchange: Exchange, { headers }: { readonly headers: RawHeaders }) {
  const side = headers === exchange.request.headers ? ("request" as const) : ("response" as const);
  return { headers, side, url: exchange.request.url };
}

function responseOf(exchange: Exchange): HttpResponse {
  const response = exchange.kind === "tunnel" ? undefined : exchange.response;
  if (response !== undefined) return response;
  const why = exchange.kind === "tunnel" ? "it is a tunnel" : (exchange.error?.message ?? "none came");
  throw new TrafficError("BODY_UNREADABLE", `exchange ${exchange.seq} has no response: ${why}`);
}

/** As in HTTP/1.1, whatever the version. */
function requestHead({ request }: Exchange): string {
  const authority: RawHeaders = request.authority === undefined ? [] : [["Host", request.authority]];
  return headText(`${request.method} ${request.target} ${request.httpVersion}`, [
    ...authority,
    ...request.headers,
  ]);
}

function responseHead({ status, reason, httpVersion, headers }: HttpResponse): string {
  return headText(`${httpVersion} ${status} ${reason}`, headers);
}

function headText(line: string, headers: RawHeaders): string {
  return [line, ...headers.map(([name, value]) => `${name}: ${value}`), ""].join("\n");
}

function missing(body: Body): string[] {
  if (body.kind === "omitted") return ["the body was not kept when it was recorded"];
  if (body.truncated === undefined) return [];
  return [`the body was cut off when it was recorded (${body.truncated}); ${body.size} bytes had passed`];
}
