// One exchange with everything but the rest of large bodies, redacted: as data and as text.
import { z } from "zod";
import type { Exchange, HttpResponse } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import { characterEnd } from "../operations/har/contents.js";
import type { Selected } from "../operations/query.js";
import { textOf } from "./content-text.js";
import { type ContentStart, contentStart } from "./exchange-parts.js";
import { EXCHANGE_ROW, lineOf, rounded, rowOf } from "./exchange-row.js";
import { COUNT, type DataOf, FLAG, MAYBE_COUNT, OBJECT, TEXT } from "./output.js";
import type { ToolContext } from "./tool.js";

/** A body as far as there is room for it. */
export const BODY = z.object({
  size: COUNT.exactOptional().describe("Bytes that passed, with their content coding"),
  text: TEXT.exactOptional(),
  base64: TEXT.exactOptional(),
  shownBytes: COUNT,
  contentBytes: MAYBE_COUNT.describe("null: not known"),
  more: OBJECT.exactOptional().describe("The call that reads the rest"),
  problems: z.array(TEXT).exactOptional(),
});

/** One side of an exchange. */
export const MESSAGE = z.object({
  headers: z.array(z.array(TEXT)),
  moreHeaders: OBJECT.exactOptional().describe("How many do not fit, and the call that reads them"),
  body: BODY,
});

/** What there is room for: bytes of each body, and header fields of each side. */
export interface Room {
  readonly bytes: number;
  readonly fields: number;
}

/** An exchange, beside its sides. */
export const EXCHANGE_FACTS = {
  ...EXCHANGE_ROW,
  timings: z.record(TEXT, z.number()),
  underWay: FLAG.exactOptional(),
  client: OBJECT.exactOptional(),
  server: OBJECT.exactOptional(),
  forwarded: OBJECT.exactOptional().describe("What a rule made of the request"),
  tunnel: OBJECT.exactOptional(),
  close: OBJECT.exactOptional(),
};

export interface ExchangeDetails {
  readonly facts: DataOf<typeof EXCHANGE_FACTS>;
  readonly line: string;
  readonly sides: readonly SideDetails[];
}

/** One side, whose body is shown as far as there is room. */
export interface SideDetails {
  readonly side: "request" | "response";
  readonly head: Readonly<Record<string, unknown>>;
  readonly headText: string;
  readonly headers: RawHeaders;
  readonly content: ContentStart;
  /** Bytes that passed, with their content coding. */
  readonly size: number;
}

/** Decoded bytes of a body that are looked at; read_exchange_part has all. */
const LOOKED_AT = 256 * 1024;
const BINARY = 512;

/** @throws SESSION_DAMAGED */
export async function detailsOf(
  selected: Selected,
  sides: readonly ("request" | "response")[],
  { safe }: ToolContext,
): Promise<ExchangeDetails> {
  const exchange = await safe.learn(selected);
  const clean = safe.exchange(exchange);
  const row = await rowOf(selected, safe);
  const found: SideDetails[] = [];
  for (const side of sides) {
    const message = messageOf(exchange, side);
    const shown = messageOf(clean, side);
    if (message === undefined || shown === undefined) continue;
    found.push({
      side,
      head: headOf(clean, side),
      headText: startLine(clean, side),
      headers: shown.headers,
      content: await contentStart(selected, exchange, message, safe, LOOKED_AT),
      size: message.body.size,
    });
  }
  const { client, server, timings } = clean;
  const facts = {
    ...row,
    url: clean.request.url,
    ...(selected.open ? { underWay: true } : {}),
    timings: Object.fromEntries(Object.entries(timings).map(([name, ms]) => [name, rounded(ms)])),
    ...(client === undefined ? {} : { client }),
    ...(server === undefined ? {} : { server }),
    ...(clean.forwarded === undefined ? {} : { forwarded: safe.deep(clean.forwarded) }),
    ...(clean.kind === "tunnel"
      ? { tunnel: { reason: clean.reason, bytesSent: clean.bytesSent, bytesReceived: clean.bytesReceived } }
      : {}),
    ...(clean.kind === "websocket" && clean.close !== undefined ? { close: clean.close } : {}),
  };
  return { facts, line: lineOf(row), sides: found };
}

export function sideData(side: SideDetails, room: Room): DataOf<typeof MESSAGE.shape> {
  const { total, problems } = side.content;
  const { shown, ...content } = preview(side, room.bytes);
  const further = side.headers.length - room.fields;
  const rest = { count: further, tool: "read_exchange_part", part: `${side.side}_head` };
  const isWhole = total !== null && shown === total;
  return {
    ...side.head,
    headers: side.headers.slice(0, room.fields).map(([name, value]) => [name, utf8(value)]),
    ...(further > 0 ? { moreHeaders: rest } : {}),
    body: {
      size: side.size,
      ...content,
      shownBytes: shown,
      contentBytes: total,
      ...(isWhole ? {} : { more: { tool: "read_exchange_part", part: `${side.side}_body`, offset: shown } }),
      ...(problems.length === 0 ? {} : { problems }),
    },
  };
}

export function sideText(side: SideDetails, room: Room): string {
  const { total, problems } = side.content;
  const { shown, text, base64 } = preview(side, room.bytes);
  const further = side.headers.length - room.fields;
  const isWhole = total !== null && shown === total;
  const rest = isWhole
    ? []
    : [
        `(${shown} of ${total ?? "more"} bytes of the body: read_exchange_part, part ${side.side}_body, offset ${shown})`,
      ];
  const body = text ?? (base64 === "" || base64 === undefined ? "" : `base64: ${base64}`);
  return [
    side.headText,
    ...side.headers.slice(0, room.fields).map(([name, value]) => `${name}: ${utf8(value)}`),
    ...(further > 0 ? [`(${further} more fields: read_exchange_part, part ${side.side}_head)`] : []),
    "",
    body,
    ...rest,
    ...problems,
  ]
    .join("\n")
    .trimEnd();
}

/** Of bytes that are no text the first are enough to tell what they are. */
function preview({ content, headers }: SideDetails, room: number): ReturnType<typeof shownContent> {
  const whole = shownContent(content.bytes, headers, room);
  return whole.text === undefined ? shownContent(content.bytes, headers, Math.min(room, BINARY)) : whole;
}

/** As text where it is text, whole characters only; else as base64. */
export function shownContent(
  bytes: Buffer,
  headers: RawHeaders,
  room: number,
): { readonly shown: number; readonly text?: string; readonly base64?: string } {
  const isText = textOf(bytes.subarray(0, characterEnd(bytes)), headers) !== null;
  const part = bytes.subarray(0, room);
  if (!isText) return { shown: part.length, base64: part.toString("base64") };
  const whole = part.length === bytes.length ? part : part.subarray(0, characterEnd(part));
  return { shown: whole.length, text: textOf(whole, headers) ?? "" };
}

function messageOf(
  exchange: Exchange,
  side: "request" | "response",
): Exchange["request"] | HttpResponse | undefined {
  if (side === "request") return exchange.request;
  return exchange.kind === "tunnel" ? undefined : exchange.response;
}

function headOf(exchange: Exchange, side: "request" | "response"): Record<string, unknown> {
  const message = messageOf(exchange, side);
  if (message === undefined) return {};
  const { headers: _headers, body: _body, headersSize: _size, ...head } = message;
  return { ...head };
}

function startLine(exchange: Exchange, side: "request" | "response"): string {
  const { request } = exchange;
  if (side === "request") return `${request.method} ${request.url} ${request.httpVersion}`;
  const response = exchange.kind === "tunnel" ? undefined : exchange.response;
  return response === undefined ? "" : `${response.httpVersion} ${response.status} ${response.reason}`;
}

/** A header value has one byte a character. */
function utf8(value: string): string {
  return Buffer.from(value, "latin1").toString("utf8");
}
