// Every table of wire cases, by topic: what the tests run and docs/wire.md lists.
import type { WireCase } from "./case.js";
import { BODY_CASES } from "./cases/bodies.js";
import { CONVERSATION_CASES } from "./cases/conversation.js";
import { FAILURE_CASES } from "./cases/failures.js";
import { HEAD_CASES } from "./cases/heads.js";
import { HOSTILE_CASES } from "./cases/hostile.js";

export interface Topic {
  readonly topic: string;
  readonly cases: readonly WireCase[];
}

export const HTTP1_TOPICS = {
  heads: { topic: "HTTP/1: heads", cases: HEAD_CASES },
  bodies: { topic: "HTTP/1: bodies", cases: BODY_CASES },
  conversation: { topic: "HTTP/1: who speaks when", cases: CONVERSATION_CASES },
  failures: { topic: "HTTP/1: what breaks", cases: FAILURE_CASES },
  hostile: { topic: "HTTP/1: hostile requests", cases: HOSTILE_CASES },
} as const satisfies Record<string, Topic>;

export const TOPICS: readonly Topic[] = Object.values(HTTP1_TOPICS);
