// The wire cases of HTTP/2, stream by stream.
import { testHttp2Topic } from "./test-cases.js";
import { HTTP2_TOPICS } from "./topics.js";

testHttp2Topic(HTTP2_TOPICS.heads);
testHttp2Topic(HTTP2_TOPICS.streams);
testHttp2Topic(HTTP2_TOPICS.toHttp1);
testHttp2Topic(HTTP2_TOPICS.toHttp2);
testHttp2Topic(HTTP2_TOPICS.hostile);
testHttp2Topic(HTTP2_TOPICS.webSocket);
