// A session on disk with traffic of every kind, made without a network: for the commands that read one.
import { gzipSync } from "node:zlib";
import { EMPTY_BODY } from "../../src/exchange/body.js";
import type { HttpExchange } from "../../src/exchange/exchange.js";
import { createExchangeIds } from "../../src/exchange/id.js";
import { type WrittenSession, writeSession } from "../../src/operations/write-session.js";
import { httpExchange, webSocketExchange, webSocketMessage } from "../session/support.js";

const START = Date.parse("2026-11-20T10:00:00.000Z");

interface Made {
  readonly method?: string;
  readonly url: string;
  readonly status?: number;
  readonly reason?: string;
  readonly type?: string;
  readonly coding?: "gzip";
  readonly request?: { readonly type: string; readonly body: string };
  readonly body?: string | Buffer;
  readonly duration?: number;
  readonly error?: HttpExchange["error"];
}

/** In the order of their starts, a second apart; `seq` counts from 1. */
export const MADE: readonly Made[] = [
  { url: "https://api.test/users/1", type: "application/json", body: '{"id":1,"name":"Ada"}' },
  {
    url: "https://api.test/users/2?full=1",
    type: "application/json",
    coding: "gzip",
    body: '{"id":2,"big":12345678901234567890}',
  },
  {
    method: "POST",
    url: "https://api.test/users",
    status: 201,
    reason: "Created",
    type: "application/json",
    request: { type: "application/x-www-form-urlencoded", body: "name=Grace+Hopper&role=admin" },
    body: '{"id":3}',
    duration: 900,
  },
  {
    url: "https://api.test/broken",
    status: 503,
    reason: "Unavailable",
    type: "text/plain",
    body: "try later",
  },
  {
    url: "https://files.test/blob.bin",
    type: "application/octet-stream",
    body: Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256)),
    duration: 2500,
  },
  {
    url: "http://gone.test/",
    error: { code: "dns-failed", message: "gone.test has no address (ENOTFOUND)" },
    duration: 3,
  },
];

/** @returns the session; its last exchange, after those of MADE, is a WebSocket with four messages. */
export async function makeSession(home: string, name: string): Promise<WrittenSession> {
  const ids = createExchangeIds();
  return await writeSession({ home, name, options: {} }, async (writer) => {
    for (const [at, made] of MADE.entries()) {
      const { exchange, request, response } = exchangeOf(made, START + at * 1000, ids(START + at * 1000));
      await writer.exchange(exchange, { request, response });
    }
    const start = START + MADE.length * 1000;
    const socket = webSocketExchange({
      id: ids(start),
      startedAt: new Date(start).toISOString(),
      messageCount: 4,
      close: { by: "server", code: 1000, reason: "done" },
    });
    const texts = ['{"op":"hello"}', "pong", "bye"];
    for (const [at, text] of texts.entries()) {
      const message = webSocketMessage(socket.id, at + 1, { kind: "empty", size: text.length });
      const direction = at === 1 ? "receive" : "send";
      await writer.message({ ...message, opcode: 1, direction }, Buffer.from(text));
    }
    const closing = webSocketMessage(socket.id, 4, { kind: "empty", size: 6 });
    await writer.message(
      { ...closing, opcode: 8, direction: "receive" },
      Buffer.from("\x03\xe8done", "latin1"),
    );
    const { request } = socket;
    const upgrade = {
      ...socket,
      request: { ...request, method: "GET", url: "wss://live.test/feed", target: "/feed" },
      response: { ...socket.response, status: 101, reason: "Switching Protocols" },
    };
    await writer.exchange(upgrade, { request: Buffer.alloc(0), response: Buffer.alloc(0) });
  });
}

function exchangeOf(
  made: Made,
  start: number,
  id: HttpExchange["id"],
): { exchange: HttpExchange; request: Buffer; response: Buffer } {
  const content = Buffer.from(made.body ?? "");
  const response = made.coding === undefined ? content : gzipSync(content);
  const request = Buffer.from(made.request?.body ?? "");
  const url = new URL(made.url);
  const base = httpExchange({ id, startedAt: new Date(start).toISOString(), duration: made.duration ?? 10 });
  const headers: [string, string][] = [["Host", url.host]];
  if (made.request !== undefined) headers.push(["Content-Type", made.request.type]);
  const { response: _none, server: _server, ...rest } = base;
  const exchange: HttpExchange = {
    ...rest,
    ...(made.error === undefined ? {} : { error: made.error }),
    request: {
      ...base.request,
      method: made.method ?? "GET",
      url: made.url,
      target: `${url.pathname}${url.search}`,
      headers,
      body: { ...EMPTY_BODY, size: request.length },
    },
    ...(made.error !== undefined || base.response === undefined || base.server === undefined
      ? {}
      : {
          server: base.server,
          response: {
            ...base.response,
            status: made.status ?? 200,
            reason: made.reason ?? "OK",
            headers: [
              ["Content-Type", made.type ?? "text/plain"],
              ...(made.coding === undefined ? [] : [["Content-Encoding", made.coding] as const]),
            ],
            body: { ...EMPTY_BODY, size: response.length },
          },
        }),
  };
  return { exchange, request, response };
}
