// The wire cases of HTTP/1 about what an attacker sends.
import { testTopic } from "./test-cases.js";
import { HTTP1_TOPICS } from "./topics.js";

testTopic(HTTP1_TOPICS.hostile);
