// Every table of wire cases, by topic: what the tests run and docs/wire.md lists.
import type { WireCase } from "./case.js";
import { BODY_CASES } from "./cases/bodies.js";
import { CONVERSATION_CASES } from "./cases/conversation.js";
import { FAILURE_CASES } from "./cases/failures.js";
import { HEAD_CASES } from "./cases/heads.js";
import { HOSTILE_CASES } from "./cases/hostile.js";
import { HTTP1_TO_HTTP2_CASES } from "./cases/http1-to-http2.js";
import { HTTP2_HEAD_CASES } from "./cases/http2-heads.js";
import { HTTP2_HOSTILE_CASES } from "./cases/http2-hostile.js";
import { HTTP2_STREAM_CASES } from "./cases/http2-streams.js";
import { HTTP2_TO_HTTP1_CASES } from "./cases/http2-to-http1.js";
import { HTTP2_WEBSOCKET_CASES } from "./cases/http2-websocket.js";
import { WEBSOCKET_CLOSING_CASES } from "./cases/websocket-closing.js";
import { WEBSOCKET_DEFLATE_CASES } from "./cases/websocket-deflate.js";
import { WEBSOCKET_HOSTILE_CASES } from "./cases/websocket-hostile.js";
import { WEBSOCKET_MESSAGE_CASES } from "./cases/websocket-messages.js";
import type { Http2Case } from "./http2-case.js";

export interface Http1Topic {
  readonly topic: string;
  readonly cases: readonly WireCase[];
}

export interface Http2Topic {
  readonly topic: string;
  readonly cases: readonly Http2Case[];
}

export const HTTP1_TOPICS = {
  heads: { topic: "HTTP/1: heads", cases: HEAD_CASES },
  bodies: { topic: "HTTP/1: bodies", cases: BODY_CASES },
  conversation: { topic: "HTTP/1: who speaks when", cases: CONVERSATION_CASES },
  failures: { topic: "HTTP/1: what breaks", cases: FAILURE_CASES },
  hostile: { topic: "HTTP/1: hostile requests", cases: HOSTILE_CASES },
} as const satisfies Record<string, Http1Topic>;

export const WEBSOCKET_TOPICS = {
  messages: { topic: "WebSocket: messages", cases: WEBSOCKET_MESSAGE_CASES },
  closing: { topic: "WebSocket: opening and closing", cases: WEBSOCKET_CLOSING_CASES },
  deflate: { topic: "WebSocket: permessage-deflate", cases: WEBSOCKET_DEFLATE_CASES },
  hostile: { topic: "WebSocket: frames that break the protocol", cases: WEBSOCKET_HOSTILE_CASES },
} as const satisfies Record<string, Http1Topic>;

export const HTTP2_TOPICS = {
  heads: { topic: "HTTP/2: heads", cases: HTTP2_HEAD_CASES },
  streams: { topic: "HTTP/2: streams", cases: HTTP2_STREAM_CASES },
  toHttp1: { topic: "HTTP/2 from the client, HTTP/1 to the origin", cases: HTTP2_TO_HTTP1_CASES },
  toHttp2: { topic: "HTTP/1 from the client, HTTP/2 to the origin", cases: HTTP1_TO_HTTP2_CASES },
  hostile: { topic: "HTTP/2: what breaks the protocol", cases: HTTP2_HOSTILE_CASES },
  webSocket: { topic: "WebSocket over HTTP/2", cases: HTTP2_WEBSOCKET_CASES },
} as const satisfies Record<string, Http2Topic>;

export interface Topic {
  readonly topic: string;
  readonly cases: readonly (WireCase | Http2Case)[];
}

export const TOPICS: readonly Topic[] = [
  ...Object.values(HTTP1_TOPICS),
  ...Object.values(HTTP2_TOPICS),
  ...Object.values(WEBSOCKET_TOPICS),
];
