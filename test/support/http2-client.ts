// Node's HTTP/2 client through a proxy: CONNECT, TLS, ALPN.
import http2 from "node:http2";
import { secureThrough } from "./raw-client.js";
import type { TestRecording } from "./recording.js";

/** A session with an origin, through the recording. @throws when HTTP/2 was not agreed on. */
export async function http2Through(
  recording: TestRecording,
  port: number,
): Promise<http2.ClientHttp2Session> {
  const authority = `localhost:${port}`;
  const socket = await secureThrough(recording.port, authority, {
    ca: recording.ca.certPem,
    servername: "localhost",
    ALPNProtocols: ["h2", "http/1.1"],
  });
  if (socket.alpnProtocol !== "h2") throw new Error(`${socket.alpnProtocol} was agreed on, not h2`);
  const session = http2.connect(`https://${authority}`, { createConnection: () => socket });
  session.on("error", () => {});
  return session;
}

export interface Http2Answer {
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: http2.IncomingHttpHeaders | undefined;
  readonly informational: number[];
}

/** @throws the stream's error */
export function ask(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body?: Buffer | string,
): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    const chunks: Buffer[] = [];
    const informational: number[] = [];
    let answer: http2.IncomingHttpHeaders = {};
    let trailers: http2.IncomingHttpHeaders | undefined;
    stream.on("headers", (early) => informational.push(Number(early[":status"])));
    stream.on("response", (received) => {
      answer = received;
    });
    stream.on("trailers", (received) => {
      trailers = received;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      if (stream.rstCode !== 0) reject(Object.assign(new Error("reset"), { rstCode: stream.rstCode }));
      else resolve({ headers: answer, body: Buffer.concat(chunks), trailers, informational });
    });
    if (body !== undefined) stream.end(body);
  });
}
