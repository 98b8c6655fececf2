// The wire cases of HTTP/1 about what is in messages.
import { testTopic } from "./test-cases.js";
import { HTTP1_TOPICS } from "./topics.js";

testTopic(HTTP1_TOPICS.heads);
testTopic(HTTP1_TOPICS.bodies);
