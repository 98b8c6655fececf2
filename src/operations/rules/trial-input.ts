// What rules are tried on: a request that someone describes, or an exchange of a session.
import { readFile } from "node:fs/promises";
import { TrafficError } from "../../errors.js";
import type { Exchange } from "../../exchange/exchange.js";
import type { RawHeaders } from "../../exchange/headers.js";
import { BODY_LIMIT } from "../../rules/limits.js";
import type { RequestHead } from "../../rules/subject.js";
import type { TrialInput } from "../../rules/trial.js";
import type { Selected } from "../query.js";

/** A request as flags describe it. */
export interface DescribedRequest {
  readonly method?: string | undefined;
  readonly url: string;
  /** `Name: value`. */
  readonly headers?: readonly string[] | undefined;
  /** A text, or `@file`. */
  readonly body?: string | undefined;
}

/** @throws TrafficError BAD_OPTION, FILE_NOT_FOUND */
export async function describedInput(request: DescribedRequest): Promise<TrialInput> {
  const url = request.url.includes("://") ? request.url : `http://${request.url}`;
  if (!URL.canParse(url)) throw new TrafficError("BAD_OPTION", `--url ${request.url} is no URL`);
  const { href, host } = new URL(url);
  const given = (request.headers ?? []).map(field);
  const body = request.body === undefined ? Buffer.alloc(0) : await bodyOf(request.body);
  const has = (name: string): boolean => given.some(([each]) => each.toLowerCase() === name);
  const headers: RawHeaders = [
    ...(has("host") ? [] : [["Host", host] as const]),
    ...given,
    ...(body.length === 0 || has("content-length") ? [] : [["Content-Length", String(body.length)] as const]),
  ];
  const method = request.method?.toUpperCase() ?? (request.body === undefined ? "GET" : "POST");
  return { request: { method, url: href, httpVersion: "HTTP/1.1", headers }, requestBody: body };
}

/** An exchange as it was recorded. @throws TrafficError BAD_OPTION for a tunnel, SESSION_DAMAGED */
export async function recordedInput(selected: Selected): Promise<TrialInput> {
  const exchange = await selected.exchange();
  if (exchange.kind === "tunnel") {
    throw new TrafficError(
      "BAD_OPTION",
      `exchange ${exchange.id} is a tunnel: rules never see what is in it`,
    );
  }
  const { response } = exchange;
  return {
    request: recordedHead(exchange),
    requestBody: await selected.storedBody(exchange.request.body, BODY_LIMIT),
    ...(response === undefined
      ? {}
      : { response: { head: response, body: await selected.storedBody(response.body, BODY_LIMIT) } }),
  };
}

function recordedHead({ id, kind, client, request }: Exchange): RequestHead {
  const { method, url, httpVersion, headers, authority } = request;
  const address = client?.address.includes(":") ? `[${client.address}]` : client?.address;
  return {
    id,
    method,
    url,
    httpVersion,
    headers: authority === undefined ? headers : [["host", authority], ...headers],
    upgrade: kind === "websocket" ? "websocket" : undefined,
    client: client === undefined ? "" : `${address}:${client.port}`,
  };
}

function field(text: string): readonly [string, string] {
  const match = /^([^:\s]+):\s*(.*)$/s.exec(text);
  if (match !== null) return [match[1]!, match[2]!];
  throw new TrafficError("BAD_OPTION", `--header ${text} is no header field`, {
    hint: "write 'Name: value'",
  });
}

async function bodyOf(text: string): Promise<Buffer> {
  if (!text.startsWith("@")) return Buffer.from(text);
  return await readFile(text.slice(1)).catch((cause: unknown) => {
    throw new TrafficError("FILE_NOT_FOUND", `--body ${text}: the file can't be read`, { cause });
  });
}
