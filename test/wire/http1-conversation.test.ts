// The wire cases of HTTP/1 about who speaks when, and what breaks.
import { testTopic } from "./test-cases.js";
import { HTTP1_TOPICS } from "./topics.js";

testTopic(HTTP1_TOPICS.conversation);
testTopic(HTTP1_TOPICS.failures);
