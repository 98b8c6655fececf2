// Sessions whose exchanges are what a test says, to be replayed or compared.
import type { Body } from "../../src/exchange/body.js";
import type { HttpExchange, HttpVersion } from "../../src/exchange/exchange.js";
import type { RawHeaders } from "../../src/exchange/headers.js";
import { type WrittenSession, writeSession } from "../../src/operations/write-session.js";
import { httpExchange, newId } from "../session/support.js";

export interface RecordedAs {
  readonly method?: string;
  readonly url: string;
  readonly version?: HttpVersion;
  /** Without them a Host field. */
  readonly headers?: RawHeaders;
  readonly authority?: string;
  readonly trailers?: RawHeaders;
  readonly body?: string | Buffer;
  readonly bodyFields?: Partial<Pick<Body, "truncated" | "decoded" | "size">>;
  readonly omitted?: boolean;
  /** null: no response. */
  readonly status?: number | null;
  readonly responseHeaders?: RawHeaders;
  readonly response?: string | Buffer;
  readonly startedAt?: number;
  readonly duration?: number;
}

const START = Date.parse("2026-11-20T10:00:00.000Z");

export async function recordedSession(
  home: string,
  name: string,
  recorded: Iterable<RecordedAs>,
): Promise<WrittenSession> {
  return await writeSession({ home, name, options: {} }, async (writer) => {
    let at = 0;
    for (const each of recorded) {
      const request = Buffer.from(each.body ?? "");
      const response = Buffer.from(each.response ?? "");
      const exchange = exchangeOf(each, START + at++ * 1000, request, response);
      await writer.exchange(exchange, { request, response });
    }
  });
}

function exchangeOf(each: RecordedAs, start: number, request: Buffer, response: Buffer): HttpExchange {
  const url = new URL(each.url);
  const body: Body = each.omitted
    ? { kind: "omitted", size: request.length }
    : { kind: "empty", size: request.length, ...each.bodyFields };
  const base = httpExchange({
    id: newId(each.startedAt ?? start),
    startedAt: new Date(each.startedAt ?? start).toISOString(),
    duration: each.duration ?? 10,
  });
  const { response: _unset, ...rest } = base;
  return {
    ...rest,
    ...(each.status === null ? { error: { code: "connect-refused", message: "refused" } } : {}),
    request: {
      method: each.method ?? "GET",
      url: each.url,
      target: `${url.pathname}${url.search}`,
      httpVersion: each.version ?? "HTTP/1.1",
      headers: each.headers ?? [["Host", url.host]],
      headersSize: each.version === "HTTP/2.0" ? -1 : 100,
      ...(each.authority === undefined ? {} : { authority: each.authority }),
      ...(each.trailers === undefined ? {} : { trailers: each.trailers }),
      body,
    },
    ...(each.status === null
      ? {}
      : {
          response: {
            status: each.status ?? 200,
            reason: "OK",
            httpVersion: each.version ?? "HTTP/1.1",
            headers: each.responseHeaders ?? [["Content-Type", "text/plain"]],
            headersSize: 40,
            body: { kind: "empty", size: response.length },
          },
        }),
  };
}
