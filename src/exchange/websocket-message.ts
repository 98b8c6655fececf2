// One WebSocket message as recorded (RFC 6455): whole, unmasked, decompressed.
import type { Body } from "./body.js";
import type { ExchangeId } from "./id.js";

export interface WebSocketMessage {
  readonly exchange: ExchangeId;
  /** 1 for the first message of its connection. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds: when its last frame passed. */
  readonly time: string;
  readonly direction: "send" | "receive";
  /** 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  /** Set when permessage-deflate compressed it on the wire. */
  readonly compressed?: true;
  readonly body: Body;
}
