// The type of a wire case of HTTP/2: what both sides say, frame by frame, and what each of them gets to see.
import type { RawHeaders } from "../../src/exchange/headers.js";
import type { CaseRow, Recorded, Step } from "./case.js";

/**
 * One step of a party that speaks HTTP/2. Streams are counted from 1 in the order in which they were opened, since their
 * numbers belong to a connection. `%H` in a value is the origin's `host:port`.
 */
export type Http2Step =
  | { readonly do: "headers"; readonly stream: number; readonly fields: RawHeaders; readonly end: boolean }
  | { readonly do: "data"; readonly stream: number; readonly bytes: string; readonly end: boolean }
  | { readonly do: "rst"; readonly stream: number; readonly code: number }
  | { readonly do: "goaway"; readonly code: number; readonly lastStream: number }
  /** Frames that no honest peer makes. */
  | { readonly do: "raw"; readonly bytes: Buffer }
  /** Waits until the peer's SETTINGS have offered the extended CONNECT (RFC 8441). */
  | { readonly do: "offered" }
  /** Waits until the text is in what was received on the stream, as `streamText` has it. */
  | { readonly do: "seen"; readonly stream: number; readonly text: string }
  | Extract<Step, { readonly do: "say" | "hear" | "to-end" | "close" }>;

export const headers = (stream: number, fields: RawHeaders, end = false): Http2Step => ({
  do: "headers",
  stream,
  fields,
  end,
});
export const data = (stream: number, bytes: string, end = false): Http2Step => ({
  do: "data",
  stream,
  bytes,
  end,
});
export const rst = (stream: number, code: number): Http2Step => ({ do: "rst", stream, code });
export const seen = (stream: number, text: string): Http2Step => ({ do: "seen", stream, text });
export const ended = (stream: number): Http2Step => seen(stream, END);

const END = "\nEND";

/** What was received on a stream, as text: a head or trailers a line for each field, data that follows data joined. */
type StreamPart = RawHeaders | { readonly data: string } | "END" | `RST_STREAM ${string}`;

export function streamText(part: StreamPart): string {
  if (typeof part === "string") return `\n${part}`;
  if ("data" in part) return `\nDATA ${part.data}`;
  return `\nHEADERS${part.map(([name, value]) => `\n${name}: ${value}`).join("")}`;
}

export type Http2Expectation =
  /** Both sides receive what they receive without trafficctl: streams with their fields, data, trailers, resets. */
  | { readonly kind: "same" }
  /** Nothing reaches the origin: the stream, or the connection, ends with this code. */
  | {
      readonly kind: "refused";
      readonly what: "stream" | "connection";
      readonly code: string;
      readonly why: string;
    }
  /** What is not stated here is the same. Where the protocols differ there is nothing that it could be the same as. */
  | {
      readonly kind: "differs";
      readonly why: string;
      /** By stream, or the bytes of HTTP/1. */
      readonly toClient?: readonly string[] | string | RegExp;
      readonly toOrigin?: readonly string[] | string | RegExp;
    };

/** The protocol of the client, and of the origin where it is another. */
export type Http2Mode = "h2" | "h2-h1" | "h1-h2";

export interface Http2Case extends CaseRow {
  readonly modes: readonly [Http2Mode];
  /** The origin's SETTINGS offer the extended CONNECT (RFC 8441). */
  readonly offersExtendedConnect?: true;
  /** Of the protocol that the party speaks. */
  readonly client: readonly AnyStep[];
  /** A script for each connection that the origin takes. */
  readonly origin: readonly (readonly AnyStep[])[];
  readonly expect: Http2Expectation;
  readonly recorded?: readonly Recorded[];
}

export type AnyStep = Http2Step | Step;

/** A request's pseudo-header fields, in the order in which most clients send them. */
export function pseudo(method = "GET", path = "/a"): RawHeaders {
  return [
    [":method", method],
    [":scheme", "https"],
    [":authority", "%H"],
    [":path", path],
  ];
}

export const status = (code: number | string): readonly [string, string] => [":status", String(code)];

/** A request whole on stream 1, and a whole answer to it. */
export function oneStream(
  id: string,
  shows: string,
  ask: readonly Http2Step[],
  answer: readonly Http2Step[],
  more: Partial<Http2Case> = {},
): Http2Case {
  return {
    id,
    shows,
    modes: ["h2"],
    client: [...ask, ended(1)],
    origin: [[ended(1), ...answer]],
    expect: { kind: "same" },
    ...more,
  };
}

export const GET_A: readonly Http2Step[] = [headers(1, pseudo(), true)];
export const OK: readonly Http2Step[] = [headers(1, [status(200)]), data(1, "ok", true)];

/** A request that must not go on; the next one on the same connection is served. */
export function refusedStream(
  id: string,
  shows: string,
  bad: readonly Http2Step[],
  code = "PROTOCOL_ERROR",
): Http2Case {
  return {
    id,
    shows,
    modes: ["h2"],
    client: [...bad, seen(1, `RST_STREAM ${code}`), headers(2, pseudo("GET", "/good"), true), ended(2)],
    origin: [[ended(1), ...OK]],
    expect: { kind: "refused", what: "stream", code, why: "malformed (RFC 9113 section 8.1.1)" },
  };
}

/** Frames after which nothing on the connection can be trusted. */
export function refusedConnection(
  id: string,
  shows: string,
  bad: readonly Http2Step[],
  code: string,
): Http2Case {
  return {
    id,
    shows,
    modes: ["h2"],
    client: [...bad, { do: "to-end" }],
    origin: [],
    expect: {
      kind: "refused",
      what: "connection",
      code,
      why: "no peer should take it (RFC 9113 section 5.4.1)",
    },
  };
}
