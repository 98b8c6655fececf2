// Compares what a session holds of a wire case with what passed and with what the case states.
import { expect } from "vitest";
import type { Body } from "../../src/exchange/body.js";
import type { Exchange } from "../../src/exchange/exchange.js";
import type { Recorded } from "./case.js";
import type { Run } from "./run-case.js";

export async function compareRecorded(
  stated: readonly Recorded[],
  exchanges: readonly Exchange[],
  run: Run,
  expand: (bytes: string) => string,
): Promise<void> {
  expect(exchanges).toHaveLength(stated.length);
  for (const [index, each] of stated.entries()) {
    const exchange = exchanges[index]!;
    const actual = flat(exchange);
    const wanted = each.target === undefined ? each : { ...each, target: expand(each.target) };
    expect(actual).toMatchObject(wanted);
  }
  if (exchanges.length === 1) compareFields(exchanges[0]!, run);
}

/** The fields as anybody reads them who splits lines at the first colon: names, order, duplicates, every byte. */
function compareFields(exchange: Exchange, run: Run): void {
  expect(exchange.request.headers, "recorded request fields").toEqual(fieldsOf(headOf(run.clientSent)));
  if (!("response" in exchange) || exchange.response === undefined) return;
  let rest = run.clientReceived;
  while (/^HTTP\/1\.1 1(?!01)/.test(rest)) rest = rest.slice(headOf(rest).length);
  expect(exchange.response.headers, "recorded response fields").toEqual(fieldsOf(headOf(rest)));
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
