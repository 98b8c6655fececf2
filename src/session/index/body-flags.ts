// What the index says of an exchange's bodies, so that a search passes by the lines that hold none.
import type { Body } from "../../exchange/body.js";
import type { Exchange } from "../../exchange/exchange.js";
import { headerValue, type RawHeaders } from "../../exchange/headers.js";
import { responseBody } from "../exchange-bodies.js";

export interface BodyFlags {
  /** Whether bytes of it are stored. */
  readonly stored: boolean;
  /** Whether it has a content coding. */
  readonly coded: boolean;
}

const STORED = 1;
const CODED = 2;
const RESPONSE_SHIFT = 2;

/** @returns both bodies' flags in one byte. */
export function bodyFlags(exchange: Exchange): number {
  const request = flagsOf(exchange.request.body, exchange.request.headers);
  const body = responseBody(exchange);
  if (body === undefined || exchange.kind === "tunnel" || exchange.response === undefined) return request;
  return request | (flagsOf(body, exchange.response.headers) << RESPONSE_SHIFT);
}

export function readBodyFlags(byte: number, part: "request" | "response"): BodyFlags {
  const flags = part === "request" ? byte : byte >> RESPONSE_SHIFT;
  return { stored: (flags & STORED) !== 0, coded: (flags & CODED) !== 0 };
}

/** Whether its stored bytes have a content coding: an imported body is without, whatever its headers say. */
export function hasCoding(body: Body, headers: RawHeaders): boolean {
  return body.decoded === undefined && headerValue(headers, "content-encoding") !== undefined;
}

function flagsOf(body: Body, headers: RawHeaders): number {
  const stored = body.kind === "empty" || body.kind === "omitted" ? 0 : STORED;
  return stored | (hasCoding(body, headers) ? CODED : 0);
}
