// The shape of every line, as data: the edge where what stands in a file becomes an Exchange, and the source of
// docs/session.schema.json. Measured: 7 microseconds a line of 2.4 KB, beside 5 for JSON.parse. Unknown keys pass: a later
// trafficctl may add some without a new version.
import { z } from "zod";
import { EXCHANGE_ERROR_CODES, type Exchange } from "../exchange/exchange.js";
import type { WebSocketMessage } from "../exchange/websocket-message.js";

const count = z.number().int().nonnegative();
const size = z.number().int().min(-1);
const port = z.number().int().min(0).max(65535);
const milliseconds = z.number();
const phase = z.number().min(-1).describe("milliseconds; -1 where the phase did not happen");
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .describe("ISO 8601, UTC, milliseconds");
const exchangeId = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/)
  .meta({ id: "exchangeId", description: "ULID: sorts by the start of the exchange" });
const headers = z
  .array(z.tuple([z.string(), z.string()]))
  .meta({ id: "headers", description: "[name, value] as received, in order; a character is a byte" });
const httpVersion = z.enum(["HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0"]);

const bodyBase = {
  size: count.describe("bytes that passed, without chunk framing"),
  truncated: z
    .enum(["max-body", "client-closed", "origin-closed", "aborted", "disk", "recorder-died"])
    .exactOptional()
    .describe("why not every byte is stored"),
  chunks: z
    .array(z.tuple([z.number(), count]))
    .exactOptional()
    .describe("[milliseconds since the exchange started, bytes] of each piece of a streaming body"),
  chunksTruncated: z.literal(true).exactOptional(),
  decoded: z
    .enum(["content", "text"])
    .exactOptional()
    .describe("imported or redacted: stored without its content coding; text: and as UTF-8"),
};
const body = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("empty"), ...bodyBase }),
    z.object({ kind: z.literal("text"), ...bodyBase, text: z.string() }),
    z.object({ kind: z.literal("base64"), ...bodyBase, base64: z.string() }),
    z.object({
      kind: z.literal("file"),
      ...bodyBase,
      file: z
        .string()
        .regex(/^bodies\/[A-Za-z0-9._-]+$/)
        .describe("relative to the session's folder"),
      offset: count.exactOptional().describe("where it begins in a file that bodies share"),
      stored: count.describe("bytes of it in the file"),
    }),
    z.object({ kind: z.literal("omitted"), ...bodyBase }),
  ])
  .meta({ id: "body" });

const tls = {
  version: z.string(),
  cipher: z.string(),
  alpn: z.string().nullable(),
  sni: z.string().nullable(),
};
const certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  validFrom: z.string(),
  validTo: z.string(),
  fingerprint256: z.string(),
});
const client = z.object({ address: z.string(), port, tls: z.object(tls).nullable() }).meta({ id: "client" });
const server = z
  .object({
    address: z.string(),
    port,
    connectionId: z.number().int(),
    reused: z.boolean(),
    tls: z.object({ ...tls, certificate: certificate.nullable() }).nullable(),
  })
  .meta({ id: "server" });

const request = z
  .object({
    method: z.string(),
    url: z.string(),
    target: z.string(),
    httpVersion,
    headers,
    headersSize: size,
    authority: z.string().exactOptional().describe("HTTP/2's :authority"),
    protocol: z.string().exactOptional().describe("HTTP/2's :protocol, of an extended CONNECT"),
    body,
    trailers: headers.exactOptional(),
  })
  .meta({ id: "request" });
const forwarded = z
  .object({
    method: z.string(),
    url: z.string(),
    headers,
    bodySize: count.exactOptional().describe("bytes of its body, where that is not the one that came"),
  })
  .meta({ id: "forwarded", description: "the request that went on, where it is not the one that came" });
const response = z
  .object({
    status: z.number().int(),
    reason: z.string(),
    httpVersion,
    headers,
    headersSize: size,
    body,
    trailers: headers.exactOptional(),
    informational: z
      .array(z.object({ status: z.number().int(), reason: z.string(), headers }))
      .exactOptional(),
  })
  .meta({ id: "response" });
const timings = z
  .object({
    blocked: phase,
    dns: phase,
    connect: phase.describe("includes ssl"),
    ssl: phase,
    send: phase,
    wait: phase,
    receive: phase,
  })
  .meta({ id: "timings" });
const errorCode = z.enum(EXCHANGE_ERROR_CODES);

const fields = z.record(z.string(), z.unknown());
const har = z
  .object({
    entry: fields.exactOptional(),
    request: fields.exactOptional(),
    postData: fields.exactOptional(),
    response: fields.exactOptional(),
    content: fields.exactOptional(),
    timings: fields.exactOptional(),
  })
  .meta({ id: "har", description: "imported: fields of the HAR entry that an exchange has no place for" });

const exchangeBase = {
  id: exchangeId,
  seq: z.number().int().positive().describe("1 for the session's first exchange, in the order of starts"),
  startedAt: time,
  duration: milliseconds,
  client: client.exactOptional().describe("absent of what was imported"),
  server: server.exactOptional(),
  request,
  forwarded: forwarded.exactOptional(),
  timings,
  error: z.object({ code: errorCode, message: z.string() }).exactOptional(),
  tags: z.array(z.string()).exactOptional(),
  rules: z.array(z.string()).exactOptional().describe("names of the rules that acted on it"),
  replays: exchangeId.exactOptional().describe("the exchange whose request this one sent again"),
  har: har.exactOptional(),
};

export const exchangeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("http"), ...exchangeBase, response: response.exactOptional() }),
  z.object({
    kind: z.literal("websocket"),
    ...exchangeBase,
    response,
    messageCount: count,
    close: z
      .object({
        by: z.enum(["client", "server"]),
        code: z.number().int().nullable(),
        reason: z.string(),
      })
      .exactOptional(),
  }),
  z.object({
    kind: z.literal("tunnel"),
    ...exchangeBase,
    bytesSent: count,
    bytesReceived: count,
    reason: z.enum(["passthrough", "not-http", "upgrade", "fail-open"]),
  }),
]);

export const messageSchema = z.object({
  exchange: exchangeId,
  seq: z.number().int().positive(),
  time,
  direction: z.enum(["send", "receive"]),
  opcode: z.number().int().min(0).max(15),
  compressed: z.literal(true).exactOptional(),
  body,
});

export function isExchange(value: unknown): value is Exchange {
  return exchangeSchema.safeParse(value).success;
}

export function isMessage(value: unknown): value is WebSocketMessage {
  return messageSchema.safeParse(value).success;
}
