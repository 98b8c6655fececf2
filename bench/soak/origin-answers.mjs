// What the soak's origin answers when it behaves: each by the first part of the path, the rest is in the query. Serves
// node:http and node:http2's compatibility API alike.
import { setTimeout as sleep } from "node:timers/promises";
import { PatternCheck, pieces } from "./pattern.mjs";

/**
 * @typedef {import("node:http").IncomingMessage} Request
 * @typedef {import("node:http").ServerResponse} Response
 * @typedef {{ id: number, length: number, get(name: string): string }} Query
 */

/** @param {string} url */
export function readQuery(url) {
  const { pathname, searchParams } = new URL(url, "http://origin");
  const get = (/** @type {string} */ name) => searchParams.get(name) ?? "";
  return { kind: pathname.slice(1), query: { id: Number(get("id")), length: Number(get("length")), get } };
}

/** @type {Record<string, (request: Request, response: Response, query: Query) => Promise<void> | void>} */
export const ANSWERS = {
  body: async (request, response, query) => {
    request.resume();
    await sendBody(response, query);
  },

  upload: async (request, response, query) => {
    const check = new PatternCheck(query.id);
    for await (const chunk of request) check.feed(chunk);
    const expected = Number(query.get("upload"));
    if (check.intact && check.length === expected) await sendBody(response, query);
    else response.writeHead(422).end(`intact ${check.intact}, ${check.length} bytes of ${expected}`);
  },

  trickle: async (request, response, query) => {
    request.resume();
    writeHead(response, query);
    for (const piece of pieces(query.id, query.length, Math.ceil(query.length / 8))) {
      if (response.destroyed) return;
      response.write(piece);
      await sleep(20);
    }
    response.end();
  },

  stall: async (request, response, query) => {
    request.resume();
    await sleep(Number(query.get("stall")));
    if (!response.destroyed) await sendBody(response, query);
  },

  informational: async (request, response, query) => {
    request.resume();
    // While the response before it leaves, Node would put the hints behind this one's head.
    while (response.socket === null && !response.destroyed) await sleep(1);
    for (let i = 0; i < 4 && !isGone(request, response); i++)
      response.writeEarlyHints({ link: `</${i}.css>; rel=preload; as=style` });
    await sendBody(response, query);
  },

  headers: async (request, response, query) => {
    request.resume();
    for (let i = 0; i < 40; i++) response.setHeader(`x-long-${i}`, "v".repeat(300));
    await sendBody(response, query);
  },

  /** Answers before it has read the request, which it never does. */
  early: async (request, response, query) => {
    if (request.httpVersionMajor === 1) response.setHeader("connection", "close");
    await sendBody(response, query);
    // Over HTTP/2 the stream's end does this (RFC 9113 section 8.1), and others share the socket.
    if (request.httpVersionMajor === 2) return;
    await sleep(30);
    request.socket.destroy();
  },

  /** Server-sent events, without end where no count is asked for. */
  events: async (request, response, query) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream", "x-soak": query.id });
    const count = Number(query.get("count")) || Number.POSITIVE_INFINITY;
    for (let i = 0; i < count && !response.destroyed; i++) {
      response.write(`data: ${i}\n\n`);
      await sleep(20);
    }
    response.end("data: over\n\n");
  },

  silence: (request) => {
    request.resume();
  },
};

/**
 * @param {any} request
 * @param {Response} response
 */
function isGone(request, response) {
  // A request that was read to its end is destroyed as well.
  return response.destroyed || request.stream?.destroyed === true || request.stream?.closed === true;
}

/**
 * @param {Response} response
 * @param {Query} query
 */
function writeHead(response, query) {
  const framed = query.get("framing") === "length" ? { "content-length": query.length } : {};
  response.writeHead(200, { "content-type": "application/octet-stream", "x-soak": query.id, ...framed });
}

/**
 * @param {Response} response
 * @param {Query} query
 */
async function sendBody(response, query) {
  writeHead(response, query);
  for (const piece of pieces(query.id, query.length)) {
    if (response.destroyed || response.writableEnded) return;
    if (!response.write(piece)) await writable(response);
  }
  response.end();
}

/**
 * Waits for the drain, or for the close: a client that left would be waited for else.
 * @param {Response} response
 * @returns {Promise<void>}
 */
function writable(response) {
  return new Promise((resolve) => {
    const over = () => {
      response.off("drain", over);
      response.off("close", over);
      resolve();
    };
    response.on("drain", over);
    response.on("close", over);
  });
}
