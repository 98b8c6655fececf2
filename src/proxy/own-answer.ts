// What trafficctl itself answers, in place of an origin or for what no origin is asked: plain text, one sentence.
import type { ExchangeError } from "../exchange/exchange.js";
import { gatewayError } from "../exchange/gateway.js";
import type { RawHeaders } from "../exchange/headers.js";
import type { OutgoingResponse } from "./ends.js";
import { serialiseResponseHead } from "./http1/serialise.js";

export interface OwnAnswer {
  readonly head: OutgoingResponse;
  readonly body: Buffer;
}

/** The connection ends with it: what else the client had in mind for it is not known. */
export function plainAnswer(
  status: number,
  reason: string,
  sentence: string,
  fields: RawHeaders = [],
): OwnAnswer {
  return ownAnswer(
    status,
    reason,
    "text/plain; charset=utf-8",
    Buffer.from(`trafficctl: ${sentence}\n`),
    fields,
  );
}

export function ownAnswer(
  status: number,
  reason: string,
  contentType: string,
  body: Buffer,
  fields: RawHeaders = [],
): OwnAnswer {
  const head: OutgoingResponse = {
    status,
    reason,
    httpVersion: "HTTP/1.1",
    headers: [
      ["Content-Type", contentType],
      ["Content-Length", String(body.length)],
      ...fields,
      ["Connection", "close"],
    ],
    bytes: undefined,
    framing: { kind: "length", length: body.length },
    closes: true,
  };
  return { head, body };
}

/** The answer of a gateway, with RFC 9209's field for programs; undefined where the client gets none. */
export function failureAnswer(error: ExchangeError): OwnAnswer | undefined {
  if (error.code === "client-malformed") {
    return plainAnswer(400, "Bad Request", `the request is malformed: ${error.message}`);
  }
  if (error.code === "internal") {
    return plainAnswer(500, "Internal Server Error", error.message, [
      ["Proxy-Status", "trafficctl; error=proxy_internal_error"],
    ]);
  }
  const kind = gatewayError(error.code);
  if (kind === undefined) return undefined;
  const reason = kind.status === 504 ? "Gateway Timeout" : "Bad Gateway";
  return plainAnswer(kind.status, reason, error.message, [
    ["Proxy-Status", `trafficctl; error=${kind.proxyStatus}`],
  ]);
}

/** As HTTP/1 has it on the wire. */
export function answerBytes(answer: OwnAnswer): Buffer {
  return Buffer.concat([serialiseResponseHead(answer.head), answer.body]);
}
