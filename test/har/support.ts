// What the tests of this room share: exchanges with everything in them, and the way of an entry there and back.
import { type Body, EMPTY_BODY } from "../../src/exchange/body.js";
import type { Exchange, HttpExchange, WebSocketExchange } from "../../src/exchange/exchange.js";
import { type ConnectionId, createExchangeIds } from "../../src/exchange/id.js";
import type { Content } from "../../src/har/content.js";
import { fromEntry, type ImportedExchange } from "../../src/har/from-entry.js";
import { importedBody, inlineBody } from "../../src/har/imported-body.js";
import { type HarPart, type ReadHarOptions, readHar } from "../../src/har/read.js";
import { entryOf, type HarItem } from "../../src/har/to-entry.js";

const createId = createExchangeIds();

export function httpExchange(change: Partial<HttpExchange> = {}): HttpExchange {
  return {
    kind: "http",
    id: createId(Date.parse("2026-01-02T03:04:05.678Z")),
    seq: 1,
    startedAt: "2026-01-02T03:04:05.678Z",
    duration: 61.5,
    client: { address: "127.0.0.1", port: 50000, tls: null },
    server: {
      address: "192.0.2.1",
      port: 443,
      connectionId: 7 as ConnectionId,
      reused: false,
      tls: null,
    },
    request: {
      method: "GET",
      url: "https://example.com/a?b=c%20d&e=",
      target: "/a?b=c%20d&e=",
      httpVersion: "HTTP/1.1",
      headers: [
        ["Host", "example.com"],
        ["Cookie", "a=1; b=two"],
      ],
      headersSize: 70,
      body: EMPTY_BODY,
    },
    response: {
      status: 200,
      reason: "OK",
      httpVersion: "HTTP/1.1",
      headers: [["Content-Type", "text/plain"]],
      headersSize: 45,
      body: EMPTY_BODY,
    },
    timings: { blocked: 1, dns: 10.25, connect: 20, ssl: 12, send: 0.25, wait: 29, receive: 1 },
    ...change,
  };
}

/** The exchange with another request or response. */
export function changed(
  request: Partial<HttpExchange["request"]>,
  response: Partial<NonNullable<HttpExchange["response"]>> = {},
): HttpExchange {
  const exchange = httpExchange();
  return {
    ...exchange,
    request: { ...exchange.request, ...request },
    response: { ...exchange.response!, ...response },
  };
}

export function content(bytes: Buffer | string, more: Partial<Content> = {}): Content {
  return { bytes: typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes, ...more };
}

export function itemOf(
  exchange: HttpExchange | WebSocketExchange,
  request: Content = content(""),
  response: Content = content(""),
): HarItem {
  return entryOf({ exchange, open: false, requestContent: request, responseContent: response });
}

/** As its reader sees it: JSON there and back. */
export function asJson(item: HarItem): Record<string, never> {
  return JSON.parse(JSON.stringify(item.entry));
}

/** An entry read in lenient mode; fails where it is skipped. */
export function imported(entry: unknown, strict = false): ImportedExchange {
  const result = fromEntry(entry, { number: 1, strict, seq: 1, createId, texts: new Map() });
  if (result.kind === "skipped") throw new Error(result.why);
  return result;
}

/** The exchange with its bodies, kept in memory. */
export function whole({ exchange, requestBody, responseBody }: ImportedExchange): Exchange {
  const request = { ...exchange.request, body: bodyOf(requestBody) };
  if (exchange.kind === "websocket") {
    return { ...exchange, request, response: { ...exchange.response, body: bodyOf(responseBody) } };
  }
  if (exchange.response === undefined) return { ...exchange, request };
  return { ...exchange, request, response: { ...exchange.response, body: bodyOf(responseBody) } };
}

function bodyOf(body: ImportedExchange["requestBody"]): Body {
  return importedBody(body, inlineBody(Buffer.isBuffer(body.data) ? body.data : Buffer.alloc(0)));
}

/** The entry that an export makes of an imported one. */
export function exportedAgain(result: ImportedExchange): HarItem {
  const exchange = whole(result);
  if (exchange.kind === "tunnel") throw new Error("a tunnel");
  return entryOf({
    exchange,
    open: false,
    requestContent: contentOf(result.requestBody),
    responseContent: contentOf(result.responseBody),
    messages: result.messages.map((message) => ({
      message: {
        exchange: exchange.id,
        seq: message.seq,
        time: message.time,
        direction: message.direction,
        opcode: message.opcode,
        body: inlineBody(message.bytes),
      },
      bytes: message.bytes,
    })),
  });
}

function contentOf({ data, decoded, chunks }: ImportedExchange["requestBody"]): Content {
  if (!Buffer.isBuffer(data)) return {};
  return { bytes: data, utf8: decoded === "text", ...(chunks === undefined ? {} : { chunks }) };
}

/** @param size of the chunks that the reader gets. */
export async function* inChunks(bytes: Buffer | string, size = 1 << 16): AsyncGenerator<Buffer> {
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

export async function partsOf(
  bytes: Buffer | string,
  options: ReadHarOptions & { size?: number } = {},
): Promise<HarPart[]> {
  const parts: HarPart[] = [];
  for await (const part of readHar(inChunks(bytes, options.size), options)) parts.push(part);
  return parts;
}
