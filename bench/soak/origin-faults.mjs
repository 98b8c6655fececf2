// What the soak's origin does when it misbehaves: over HTTP/1.1 on the bare socket, over HTTP/2 on the stream or session.
import { whole } from "./pattern.mjs";

/**
 * @typedef {import("./origin-answers.mjs").Query} Query
 * @typedef {import("node:net").Socket & { _parent?: import("node:net").Socket }} Socket
 */

/**
 * @param {Query} query
 * @param {"length" | "chunked" | "close"} framing
 * @returns {Buffer} a head, and half of the body that it announces
 */
function half({ id, length }, framing) {
  const body = whole(id, Math.ceil(length / 2));
  const fields = {
    length: `Content-Length: ${length + 2}`,
    chunked: "Transfer-Encoding: chunked",
    close: "Connection: close",
  };
  const head = `HTTP/1.1 200 OK\r\nX-Soak: ${id}\r\n${fields[framing]}\r\n\r\n`;
  const start = framing === "chunked" ? `${(length + 2).toString(16)}\r\n` : "";
  return Buffer.concat([Buffer.from(head + start), body]);
}

/** @param {Socket} socket */
function reset(socket) {
  const transport = socket._parent ?? socket;
  transport.resetAndDestroy();
  socket.destroy();
}

/**
 * Later, so that what was written has passed: a reset takes away what the other side has not read.
 * @param {Socket} socket
 */
function resetLater(socket) {
  setTimeout(() => reset(socket), 20);
}

/** @type {Record<string, (socket: Socket, query: Query) => void>} */
export const HTTP1_FAULTS = {
  "reset-before-head": (socket) => reset(socket),
  "end-before-head": (socket) => void socket.end(),
  "end-in-head": (socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Le"),
  garbage: (socket) => void socket.end("\x00\x01\xffwhat is this\r\n\r\n".repeat(20), "latin1"),
  "bad-length": (socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n123456"),
  "end-in-length": (socket, query) => void socket.end(half(query, "length")),
  "end-in-chunked": (socket, query) => void socket.end(half(query, "chunked")),
  "bad-chunk": (socket, query) =>
    void socket.end(Buffer.concat([half({ ...query, length: 0 }, "chunked"), Buffer.from("ab\r\nzz\r\n")])),
  /** More than it announced: what is behind the body must never answer the next request. */
  "too-long": (socket, query) => {
    const head = `HTTP/1.1 200 OK\r\nX-Soak: ${query.id}\r\nContent-Length: ${query.length}\r\n\r\n`;
    const next = "HTTP/1.1 200 OK\r\nX-Soak: 0\r\nContent-Length: 4\r\n\r\nlies";
    socket.write(Buffer.concat([Buffer.from(head), whole(query.id, query.length), Buffer.from(next)]));
  },
  /** Says that it is compressed, which it is not. */
  "not-gzip": (socket, query) => {
    const head = `HTTP/1.1 200 OK\r\nX-Soak: ${query.id}\r\nContent-Encoding: gzip\r\n`;
    const framing = `Connection: close\r\nContent-Length: ${query.length}\r\n\r\n`;
    socket.end(Buffer.concat([Buffer.from(head + framing), whole(query.id, query.length)]));
  },
  "reset-in-length": (socket, query) => void socket.write(half(query, "length"), () => resetLater(socket)),
  "reset-in-chunked": (socket, query) => void socket.write(half(query, "chunked"), () => resetLater(socket)),
  "reset-in-close": (socket, query) => void socket.write(half(query, "close"), () => resetLater(socket)),
};

/** @type {Record<string, (stream: import("node:http2").ServerHttp2Stream, query: Query) => void>} */
export const HTTP2_FAULTS = {
  "rst-before-head": (stream, query) => stream.close(Number(query.get("code"))),
  "rst-in-body": (stream, query) => {
    stream.respond({ ":status": 200, "x-soak": String(query.id) });
    // Node's close() would end the body first; destroy() resets at once, with INTERNAL_ERROR.
    stream.write(whole(query.id, query.length), () => stream.destroy(new Error("soak")));
  },
  "less-than-length": (stream, query) => {
    stream.respond({ ":status": 200, "x-soak": String(query.id), "content-length": query.length + 1 });
    stream.end(whole(query.id, query.length));
  },
  /** Takes no new streams; this one is answered, unless another has destroyed the session. */
  goaway: (stream, query) => {
    stream.session?.close();
    if (stream.destroyed) return;
    stream.respond({ ":status": 200, "x-soak": String(query.id) });
    stream.end(whole(query.id, query.length));
  },
  // Later: within the stream's event Node destroys what it still uses, and the process ends with a corrupted heap.
  "session-destroyed": (stream) => void setImmediate(() => stream.session?.destroy()),
  "session-error": (stream) => void setImmediate(() => stream.session?.destroy(new Error("soak"), 2)),
};
