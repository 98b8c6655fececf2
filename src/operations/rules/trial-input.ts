// What rules are tried on: a request that someone describes, or an exchange of a session.
import { readFile } from "node:fs/promises";
import { TrafficError } from "../../errors.js";
import type { Exchange } from "../../exchange/exchange.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import type { RequestHead, ResponseHead } from "../../rules/subject.js";
import type { TrialInput } from "../../rules/trial.js";
import type { Selected } from "../query.js";
import { passedBody } from "./passed-body.js";

/** A request as flags describe it. */
export interface DescribedRequest {
  readonly method?: string | undefined;
  readonly url: string;
  /** `Name: value`. */
  readonly headers?: readonly string[] | undefined;
  /** A text, or `@file`; bytes as they are. */
  readonly body?: string | Buffer | undefined;
}

/**
 * @param isAccepted it asks for a WebSocket, and the origin accepts; so does one whose URL says `ws:` or `wss:`, of which
 * it is not known whether the origin does
 * @throws TrafficError BAD_OPTION, FILE_NOT_FOUND
 */
export async function describedInput(request: DescribedRequest, isAccepted: boolean): Promise<TrialInput> {
  const asksForWebSocket = isAccepted || /^wss?:/i.test(request.url);
  const url = request.url.includes("://") ? asProxied(request.url) : `http://${request.url}`;
  if (!URL.canParse(url)) throw new TrafficError("BAD_OPTION", `--url ${request.url} is no URL`);
  const { href, host } = new URL(url);
  const given = (request.headers ?? []).map(field);
  const body = request.body === undefined ? Buffer.alloc(0) : await bodyOf(request.body);
  const has = (name: string): boolean => given.some(([each]) => each.toLowerCase() === name);
  const headers: RawHeaders = [
    ...(has("host") ? [] : [["Host", host] as const]),
    ...(asksForWebSocket && !has("upgrade") ? UPGRADE : []),
    ...given,
    ...(body.length === 0 || has("content-length") || has("transfer-encoding")
      ? []
      : [["Content-Length", String(body.length)] as const]),
  ];
  const method = request.method?.toUpperCase() ?? (request.body === undefined ? "GET" : "POST");
  const upgrade = headerValue(headers, "upgrade")?.toLowerCase();
  return {
    request: { method, url: href, httpVersion: "HTTP/1.1", headers, upgrade },
    requestBody: body,
    ...(isAccepted ? { response: { head: SWITCHING, body: Buffer.alloc(0) } } : {}),
  };
}

const UPGRADE: RawHeaders = [
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
];
const SWITCHING: ResponseHead = {
  status: 101,
  reason: "Switching Protocols",
  httpVersion: "HTTP/1.1",
  headers: UPGRADE,
};

/** A tunnel of which no rule was asked: nothing of it was HTTP but its CONNECT. */
export function isOpaque(exchange: Exchange): boolean {
  return exchange.kind === "tunnel" && exchange.reason !== "upgrade";
}

/** An exchange as it was recorded. @throws TrafficError BAD_OPTION for a tunnel, SESSION_DAMAGED */
export async function recordedInput(selected: Selected): Promise<TrialInput> {
  const exchange = await selected.exchange();
  if (isOpaque(exchange)) {
    throw new TrafficError(
      "BAD_OPTION",
      `exchange ${exchange.id} is a tunnel: rules never see what is in it`,
    );
  }
  const response = exchange.kind === "tunnel" ? undefined : exchange.response;
  return {
    request: recordedHead(exchange),
    requestBody: await passedBody(selected, exchange.request.body, exchange.request.headers),
    ...(response === undefined
      ? {}
      : { response: { head: response, body: await passedBody(selected, response.body, response.headers) } }),
  };
}

function recordedHead({ id, kind, client, request }: Exchange): RequestHead {
  const { method, url, httpVersion, headers, authority, protocol } = request;
  const asked = (protocol ?? headerValue(headers, "upgrade"))?.toLowerCase();
  const address = client?.address.includes(":") ? `[${client.address}]` : client?.address;
  return {
    id,
    method,
    url: asProxied(url),
    httpVersion,
    headers: authority === undefined ? headers : [["host", authority], ...headers],
    upgrade: kind === "websocket" ? "websocket" : asked,
    client: client === undefined ? "" : `${address}:${client.port}`,
  };
}

/** A browser's HAR has `wss:`; what the proxy is asked is HTTP. */
function asProxied(url: string): string {
  return url.replace(/^ws(?=s?:)/i, "http");
}

function field(text: string): readonly [string, string] {
  const match = /^([^:\s]+):\s*(.*)$/s.exec(text);
  if (match !== null) return [match[1]!, match[2]!];
  throw new TrafficError("BAD_OPTION", `--header ${text} is no header field`, {
    hint: "write 'Name: value'",
  });
}

async function bodyOf(text: string | Buffer): Promise<Buffer> {
  if (Buffer.isBuffer(text)) return text;
  if (!text.startsWith("@")) return Buffer.from(text);
  return await readFile(text.slice(1)).catch((cause: unknown) => {
    throw new TrafficError("FILE_NOT_FOUND", `--body ${text}: the file can't be read`, { cause });
  });
}
