// What the soak's origin streams: gRPC over HTTP/2, and a TCP service that is no HTTP at all.
import { createServer } from "node:net";

const CANCEL = 8;
const GREETING = "220 soak\r\n";

/** @type {Record<string, (stream: import("node:http2").ServerHttp2Stream, query: import("./origin-answers.mjs").Query) => void>} */
export const HTTP2_STREAMS = {
  /** Each message goes back as it came; `end=reset` cuts the call off after the first bytes. */
  grpc: (stream, query) => {
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "x-soak": String(query.id) },
      { waitForTrailers: true },
    );
    // Those of node:http2's compatibility API would come first.
    stream.removeAllListeners("wantTrailers");
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": query.get("status") }));
    stream.on("data", (chunk) => {
      stream.write(chunk);
      if (query.get("end") === "reset") stream.close(CANCEL);
    });
    stream.on("end", () => stream.end());
  },
};

/**
 * A service that sends back what it gets.
 * @param {{ speaksFirst: boolean }} options
 */
export function createEcho({ speaksFirst }) {
  return createServer({ allowHalfOpen: true }, (socket) => {
    if (speaksFirst) socket.write(GREETING);
    socket.pipe(socket);
  });
}
