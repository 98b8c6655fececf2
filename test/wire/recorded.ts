// Compares what a session holds of a wire case with what passed and with what the case states.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Body } from "../../src/exchange/body.js";
import type { Exchange, WebSocketExchange } from "../../src/exchange/exchange.js";
import type { WebSocketMessage } from "../../src/exchange/websocket-message.js";
import type { WireBench } from "./bench.js";
import type { Recorded } from "./case.js";

/** @param expand replaces the placeholders of a case */
export async function compareRecorded(
  bench: WireBench,
  stated: readonly Recorded[],
  exchanges: readonly Exchange[],
  expand: (bytes: string) => string,
): Promise<void> {
  expect(exchanges).toHaveLength(stated.length);
  for (const [index, each] of stated.entries()) {
    const exchange = exchanges[index]!;
    const { messages, ...wanted } = each;
    for (const name of ["target", "authority"] as const)
      if (wanted[name] !== undefined) Object.assign(wanted, { [name]: expand(wanted[name]) });
    expect(flat(exchange)).toMatchObject(wanted);
    if (messages === undefined) continue;
    const lines = await bench.messages(exchange);
    const folder = bench.recording.session.path;
    expect(await Promise.all(lines.map((line) => messageText(line, folder)))).toEqual(messages);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, position) => position + 1));
  }
}

/** The fields as anybody reads them who splits lines at the first colon: names, order, duplicates, every byte. */
export function compareHttp1Fields(exchange: Exchange, clientSent: string, clientReceived: string): void {
  expect(exchange.request.headers, "recorded request fields").toEqual(fieldsOf(headOf(clientSent)));
  if (!("response" in exchange) || exchange.response === undefined) return;
  let rest = clientReceived;
  while (/^HTTP\/1\.1 1(?!01)/.test(rest)) rest = rest.slice(headOf(rest).length);
  expect(exchange.response.headers, "recorded response fields").toEqual(fieldsOf(headOf(rest)));
}

async function messageText(message: WebSocketMessage, folder: string): Promise<string> {
  const { direction, opcode, compressed, body } = message;
  const words = [direction, opcode, body.kind === "file" ? await fileBytes(body, folder) : bytesOf(body)];
  if (compressed === true) words.push("compressed");
  if (body.truncated !== undefined) words.push(`truncated ${body.truncated}`);
  return words.join(" ");
}

function headOf(bytes: string): string {
  return bytes.slice(0, bytes.indexOf("\r\n\r\n") + 4);
}

function fieldsOf(head: string): string[][] {
  const lines = head.split("\r\n").slice(1, -2);
  return lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
  });
}

function flat(exchange: Exchange): Recorded {
  const { request } = exchange;
  const response = "response" in exchange ? exchange.response : undefined;
  return {
    kind: exchange.kind,
    method: request.method,
    target: request.target,
    httpVersion: request.httpVersion,
    sent: bytesOf(request.body),
    requestTruncated: request.body.truncated ?? null,
    requestTrailers: request.trailers ?? [],
    error: exchange.error?.code ?? null,
    ...(request.authority === undefined ? {} : { authority: request.authority }),
    ...(exchange.kind === "websocket" ? { close: closeText(exchange) } : {}),
    status: response?.status ?? null,
    ...(response === undefined
      ? {}
      : {
          reason: response.reason,
          responseVersion: response.httpVersion,
          informational: (response.informational ?? []).map(({ status }) => status),
          got: bytesOf(response.body),
          responseTruncated: response.body.truncated ?? null,
          responseTrailers: response.trailers ?? [],
        }),
  };
}

async function fileBytes(body: Extract<Body, { kind: "file" }>, folder: string): Promise<string> {
  const from = body.offset ?? 0;
  const file = await readFile(join(folder, body.file));
  return file.toString("latin1", from, from + body.stored);
}

function closeText({ close }: WebSocketExchange): string | null {
  if (close === undefined) return null;
  return `${close.by} ${close.code} ${Buffer.from(close.reason).toString("latin1")}`;
}

function bytesOf(body: Body): string {
  switch (body.kind) {
    case "text":
      return Buffer.from(body.text).toString("latin1");
    case "base64":
      return Buffer.from(body.base64, "base64").toString("latin1");
    case "empty":
      return "";
    default:
      return `a body of kind ${body.kind}`;
  }
}
