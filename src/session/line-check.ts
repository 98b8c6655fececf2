// Recognises what nearly every line holds without asking the schema, which costs more than parsing the line, and whose
// library takes 100 ms to load (line-schema.ts). Only a yes counts: what is not accepted here is the schema's to judge,
// so the two agree on what is damaged as long as everything accepted here is valid there (test/session/line-check.test.ts).
// An object with any key beyond those that are looked at is the schema's too: it may know the key.
import { isUtf8 } from "node:buffer";
import type { Exchange } from "../exchange/exchange.js";
import type { WebSocketMessage } from "../exchange/websocket-message.js";
import { FORMAT_VERSION, LINE_LIMIT } from "./format.js";
import {
  type Fields,
  hasKeys,
  isCount,
  isEndpoint,
  isError,
  isFields,
  isHeaders,
  isId,
  isInteger,
  isNumber,
  isPlainBody,
  isServer,
  isStrings,
  isTime,
  isTimings,
  isVersion,
  keys,
} from "./line-check-parts.js";

export type PlainItem =
  | { readonly type: "exchange" | "open"; readonly exchange: Exchange }
  | { readonly type: "websocket-message"; readonly message: WebSocketMessage };

/** @returns what the line holds, or undefined where the schema has to judge. Keys of the line itself are taken off. */
export function parsePlainLine(bytes: Buffer): PlainItem | undefined {
  if (bytes.length > LINE_LIMIT || !isUtf8(bytes)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
  if (!isFields(value) || value.v !== FORMAT_VERSION) return undefined;
  const { v: _version, type, ...content } = value;
  if (type === "exchange" || type === "open") {
    return isPlainExchange(content) ? { type, exchange: content } : undefined;
  }
  return type === "websocket-message" && isPlainMessage(content) ? { type, message: content } : undefined;
}

function isPlainMessage(value: Fields): value is Fields & WebSocketMessage {
  return (
    isId(value.exchange) &&
    isCount(value.seq) &&
    value.seq > 0 &&
    isTime(value.time) &&
    (value.direction === "send" || value.direction === "receive") &&
    isCount(value.opcode) &&
    value.opcode <= 15 &&
    (value.compressed === undefined || value.compressed === true) &&
    isPlainBody(value.body) &&
    hasKeys(value, MESSAGE_KEYS)
  );
}

function isPlainExchange(value: Fields): value is Fields & Exchange {
  return (
    isId(value.id) &&
    isCount(value.seq) &&
    value.seq > 0 &&
    isTime(value.startedAt) &&
    isNumber(value.duration) &&
    (value.client === undefined || isEndpoint(value.client)) &&
    (value.server === undefined || isServer(value.server)) &&
    isRequest(value.request) &&
    isTimings(value.timings) &&
    (value.error === undefined || isError(value.error)) &&
    (value.tags === undefined || isStrings(value.tags)) &&
    (value.rules === undefined || isStrings(value.rules)) &&
    (value.replays === undefined || isId(value.replays)) &&
    isKind(value) &&
    hasKeys(value, EXCHANGE_KEYS)
  );
}

function isKind(value: Fields): boolean {
  if (value.kind === "http") return value.response === undefined || isResponse(value.response);
  if (value.kind !== "websocket") return false;
  return isResponse(value.response) && isCount(value.messageCount);
}

function isRequest(value: unknown): boolean {
  return (
    isFields(value) &&
    typeof value.method === "string" &&
    typeof value.url === "string" &&
    typeof value.target === "string" &&
    isHttpMessage(value) &&
    (value.authority === undefined || typeof value.authority === "string") &&
    hasKeys(value, REQUEST_KEYS)
  );
}

function isResponse(value: unknown): boolean {
  return (
    isFields(value) &&
    isInteger(value.status) &&
    typeof value.reason === "string" &&
    isHttpMessage(value) &&
    hasKeys(value, RESPONSE_KEYS)
  );
}

/** What requests and responses have in common. */
function isHttpMessage(value: Fields): boolean {
  return (
    isVersion(value.httpVersion) &&
    isHeaders(value.headers) &&
    isInteger(value.headersSize) &&
    value.headersSize >= -1 &&
    isPlainBody(value.body)
  );
}

const EXCHANGE_KEYS = keys(
  "kind id seq startedAt duration client server request response timings error tags rules replays messageCount",
);
const REQUEST_KEYS = keys("method url target httpVersion headers headersSize authority body");
const RESPONSE_KEYS = keys("status reason httpVersion headers headersSize body");
const MESSAGE_KEYS = keys("exchange seq time direction opcode compressed body");
