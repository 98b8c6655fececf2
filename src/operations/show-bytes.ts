// The bytes of one exchange, for a pipe: a decoded body, or heads and bodies as they were sent. Streams.
import { createContentDecoder } from "../content/decode.js";
import { TrafficError } from "../errors.js";
import type { Body } from "../exchange/body.js";
import type { Exchange, HttpResponse } from "../exchange/exchange.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { Selected } from "./query.js";
import { type ShowInput, withExchange } from "./show.js";

export interface WriteBodyInput extends ShowInput {
  readonly side: "request" | "response";
  /** Content coding untouched. */
  readonly encoded?: boolean;
}

export interface WriteRawInput extends ShowInput {
  readonly request: boolean;
  readonly response: boolean;
}

type Write = (bytes: Uint8Array) => Promise<void>;

/** Sentences: what is missing of what was sent. */
export interface WrittenBytes {
  readonly warnings: readonly string[];
}

/**
 * Of a WebSocket the messages that came (or with `request` went), text messages each on its line.
 * @throws EXCHANGE_NOT_FOUND, BODY_UNREADABLE, SESSION_DAMAGED, and what `query` throws.
 */
export async function writeBody(input: WriteBodyInput, write: Write): Promise<WrittenBytes> {
  return await withExchange(input, async (selected) => {
    const exchange = await selected.exchange();
    if (exchange.kind === "websocket") return await writeMessages(selected, input.side, write);
    const { body, headers } = messageOf(exchange, input.side);
    const stored = await selected.openBody(body);
    const warnings = warningsOf(body);
    if (input.encoded === true || body.decoded !== undefined) {
      for await (const chunk of stored) await write(chunk);
      return { warnings };
    }
    const decoder = createContentDecoder(headers, { limit: Number.POSITIVE_INFINITY });
    for await (const chunk of stored.pipe(decoder)) await write(chunk);
    const problem = decoder.outcome?.problem;
    return { warnings: problem === undefined ? warnings : [...warnings, problem] };
  });
}

/** HTTP/2 heads are written in the form of HTTP/1.1. @throws as `writeBody` does. */
export async function writeRaw(input: WriteRawInput, write: Write): Promise<WrittenBytes> {
  return await withExchange(input, async (selected) => {
    const exchange = await selected.exchange();
    const warnings: string[] = [];
    const put = async (head: string, body: Body): Promise<void> => {
      await write(Buffer.from(head, "latin1"));
      for await (const chunk of await selected.openBody(body)) await write(chunk);
      warnings.push(...warningsOf(body));
    };
    const { request } = exchange;
    if (input.request) {
      const authority: RawHeaders = request.authority === undefined ? [] : [["Host", request.authority]];
      const line = `${request.method} ${request.target} ${request.httpVersion}`;
      await put(headText(line, [...authority, ...request.headers]), request.body);
    }
    const response = responseOf(exchange);
    if (input.response && response !== undefined) {
      for (const { status, reason, headers } of response.informational ?? []) {
        await write(Buffer.from(headText(`${response.httpVersion} ${status} ${reason}`, headers), "latin1"));
      }
      const line = `${response.httpVersion} ${response.status} ${response.reason}`;
      await put(headText(line, response.headers), response.body);
    }
    return { warnings };
  });
}

async function writeMessages(
  selected: Selected,
  side: "request" | "response",
  write: Write,
): Promise<WrittenBytes> {
  const wanted = side === "request" ? "send" : "receive";
  for await (const { direction, opcode, body } of selected.messages()) {
    if (direction !== wanted || (opcode !== 1 && opcode !== 2)) continue;
    for await (const chunk of await selected.openBody(body)) await write(chunk);
    if (opcode === 1) await write(Buffer.from("\n"));
  }
  return { warnings: [] };
}

function messageOf(exchange: Exchange, side: "request" | "response"): { body: Body; headers: RawHeaders } {
  if (side === "request") return exchange.request;
  const response = responseOf(exchange);
  if (response !== undefined) return response;
  const why = exchange.kind === "tunnel" ? "it is a tunnel" : "no response came";
  throw new TrafficError("BODY_UNREADABLE", `exchange ${exchange.seq} has no response body: ${why}`);
}

function responseOf(exchange: Exchange): HttpResponse | undefined {
  return exchange.kind === "tunnel" ? undefined : exchange.response;
}

function headText(line: string, headers: RawHeaders): string {
  return `${line}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

function warningsOf(body: Body): string[] {
  if (body.kind === "omitted") return ["the body was not kept (--no-bodies)"];
  if (body.truncated === undefined) return [];
  return [`the body was cut off when it was recorded (${body.truncated}): ${body.size} bytes had passed`];
}
