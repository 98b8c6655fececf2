// The messages of a connection, as DevTools shows them: of a WebSocket, and of server-sent events.
import { isUtf8 } from "node:buffer";
import { parseEvents, timesOf } from "../content/events.js";
import type { WebSocketMessage } from "../exchange/websocket-message.js";
import { type Content, commentOf } from "./content.js";
import { truncationText } from "./truncation-text.js";
import type { HarEventSourceMessage, HarWebSocketMessage } from "./types.js";

/** A recorded message with its bytes; null where they were not kept. */
export interface MessageSource {
  readonly message: WebSocketMessage;
  readonly bytes: Buffer | null;
}

const TEXT = 1;

export function webSocketMessage({ message, bytes }: MessageSource): HarWebSocketMessage {
  const { direction, time, opcode } = message;
  const missing = bytes === null ? "not recorded" : undefined;
  const isText = opcode === TEXT;
  const broken = isText && bytes !== null && !isUtf8(bytes) ? "the text was not UTF-8" : undefined;
  return {
    type: direction,
    time: Date.parse(time) / 1000,
    opcode,
    data: bytes?.toString(isText ? "utf8" : "base64") ?? "",
    ...commentOf(truncationText(message.body), missing, broken),
  };
}

/** @param startedAt milliseconds since 1970. */
export function eventSourceMessages(content: Content, startedAt: number): HarEventSourceMessage[] {
  if (!Buffer.isBuffer(content.bytes)) return [];
  const events = parseEvents(content.bytes).filter(({ incomplete }) => incomplete !== true);
  const chunks = content.chunks ?? [];
  const times = timesOf(events, chunks);
  const last = chunks.at(-1)?.[0] ?? 0;
  return events.map(({ event, id, data }, index) => ({
    time: Math.round(startedAt + (times[index] ?? last)) / 1000,
    eventName: event,
    eventId: id,
    data,
  }));
}
