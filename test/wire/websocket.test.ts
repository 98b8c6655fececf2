// The wire cases of WebSocket, frame by frame.
import { describe } from "vitest";
import { testTopic } from "./test-cases.js";
import { WEBSOCKET_TOPICS } from "./topics.js";

testTopic(WEBSOCKET_TOPICS.messages, {}, describe.concurrent);
testTopic(WEBSOCKET_TOPICS.closing, {}, describe.concurrent);
testTopic(WEBSOCKET_TOPICS.deflate, {}, describe.concurrent);
testTopic(WEBSOCKET_TOPICS.hostile, {}, describe.concurrent);
