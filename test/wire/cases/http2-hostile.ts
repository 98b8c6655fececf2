// HTTP/2: requests and frames that break the protocol. What is within a stream resets it, and the connection goes on; what
// the connection rests on ends it. Nothing of either reaches the origin, and every flood ends.
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { FrameType } from "../../../src/proxy/http2/frames.js";
import { frame } from "../../proxy/http2/support.js";
import {
  data,
  ended,
  GET_A,
  type Http2Case,
  type Http2Step,
  headers,
  OK,
  pseudo,
  refusedConnection,
  refusedStream,
  seen,
  status,
} from "../http2-case.js";
import { literalBlock } from "../http2-literals.js";

const [END_STREAM, END_HEADERS, PADDED] = [1, 4, 8];
const raw = (...frames: readonly Buffer[]): Http2Step => ({ do: "raw", bytes: Buffer.concat(frames) });
const without = (name: string): RawHeaders => pseudo().filter(([each]) => each !== name);
const replaced = (name: string, value: string): RawHeaders =>
  pseudo().map((field) => (field[0] === name ? ([name, value] as const) : field));

const badFields: readonly (readonly [id: string, shows: string, fields: RawHeaders])[] = [
  ["uppercase", "an upper-case field name", [...pseudo(), ["X-Upper", "1"]]],
  ["connection", "a connection field", [...pseudo(), ["connection", "close"]]],
  ["keep-alive", "a keep-alive field", [...pseudo(), ["keep-alive", "timeout=5"]]],
  ["proxy-connection", "a proxy-connection field", [...pseudo(), ["proxy-connection", "keep-alive"]]],
  ["transfer-encoding", "a transfer-encoding field", [...pseudo(), ["transfer-encoding", "chunked"]]],
  ["upgrade", "an upgrade field", [...pseudo(), ["upgrade", "websocket"]]],
  ["te", "te other than trailers", [...pseudo(), ["te", "gzip"]]],
  ["no-method", "no :method", without(":method")],
  ["no-scheme", "no :scheme", without(":scheme")],
  ["no-path", "no :path", without(":path")],
  ["no-authority", "neither :authority nor host", without(":authority")],
  ["empty-path", "an empty :path", replaced(":path", "")],
  ["path-no-slash", "a :path that does not begin with a slash", replaced(":path", "a")],
  ["path-space", "a space in :path", replaced(":path", "/a HTTP/1.1")],
  ["method-space", "a space in :method", replaced(":method", "GET /smuggled")],
  ["authority-user", "a user in :authority", replaced(":authority", "user@%H")],
  ["authority-path", "a path in :authority", replaced(":authority", "%H/smuggled")],
  ["path-twice", ":path twice", [...pseudo(), [":path", "/b"]]],
  ["pseudo-late", "a pseudo-header field behind a regular one", [["x", "1"], ...pseudo()]],
  ["pseudo-unknown", "a pseudo-header field that does not exist", [...pseudo(), [":color", "red"]]],
  ["pseudo-status", ":status in a request", [...pseudo(), [":status", "200"]]],
  [
    "protocol",
    ":protocol that was not offered",
    [[":protocol", "websocket"], ...replaced(":method", "CONNECT")],
  ],
  ["value-crlf", "CR and LF in a value", [...pseudo(), ["x", "a\r\nsmuggled: 1"]]],
  ["value-lf", "LF in a value", [...pseudo(), ["x", "a\nb"]]],
  ["value-nul", "NUL in a value", [...pseudo(), ["x", "a\0b"]]],
  ["path-crlf", "CR and LF in :path", replaced(":path", "/a\r\nx: 1")],
  ["value-space", "white space around a value", [...pseudo(), ["x", " padded "]]],
  ["name-space", "a space in a name", [...pseudo(), ["x y", "1"]]],
  ["name-colon", "a colon in a name", [...pseudo(), ["x:y", "1"]]],
  ["name-empty", "an empty name", [...pseudo(), ["", "1"]]],
  ["name-latin1", "a name with bytes over 127", [...pseudo(), ["x\xe9", "1"]]],
  ["length-twice", "two lengths", [...pseudo(), ["content-length", "0"], ["content-length", "0"]]],
  ["length-text", "a length that is no number", [...pseudo(), ["content-length", "1x"]]],
  ["length-signed", "a length with a plus", [...pseudo(), ["content-length", "+0"]]],
  ["length-more", "a length, and no body", [...pseudo(), ["content-length", "5"]]],
];
const fieldCases: Http2Case[] = [
  ...badFields.map(([id, shows, fields]) => refusedStream(`h2-bad-${id}`, shows, [headers(1, fields, true)])),
  refusedStream(
    "h2-connect",
    "CONNECT",
    [
      headers(1, [
        [":method", "CONNECT"],
        [":authority", "other.test:443"],
      ]),
    ],
    "REFUSED_STREAM",
  ),
  refusedStream(
    "h2-list-300k",
    "a header list of more than 256 KB, as it is counted: 32 bytes for each field besides its own",
    [headers(1, [...pseudo(), ...Array.from({ length: 8000 }, () => ["x", "y"] as const)], true)],
    "ENHANCE_YOUR_CALM",
  ),
];

/** The head has gone on: the origin learns of it by a reset. */
function brokenLater(id: string, shows: string, fields: RawHeaders, rest: readonly Http2Step[]): Http2Case {
  return {
    id,
    shows,
    modes: ["h2"],
    client: [
      headers(1, [...pseudo("POST"), ...fields]),
      { do: "hear", word: "begun" },
      ...rest,
      seen(1, "RST_STREAM PROTOCOL_ERROR"),
      headers(2, pseudo("GET", "/good"), true),
      ended(2),
    ],
    origin: [
      [
        seen(1, ":method"),
        { do: "say", word: "begun" },
        seen(1, "RST_STREAM"),
        ended(2),
        headers(2, [status(204)], true),
      ],
    ],
    expect: {
      kind: "differs",
      why: "malformed (RFC 9113 section 8.1.1): the stream is reset with PROTOCOL_ERROR, at the origin with CANCEL",
      toClient: ["\nRST_STREAM PROTOCOL_ERROR", "\nHEADERS\n:status: 204\nEND"],
      toOrigin: /^[\s\S]*\nRST_STREAM CANCEL,[\s\S]*:path: \/good\nEND$/,
    },
  };
}

const bodyCases: Http2Case[] = [
  brokenLater(
    "h2-length-exceeded",
    "more data than content-length says",
    [["content-length", "3"]],
    [data(1, "more", true)],
  ),
  brokenLater(
    "h2-length-not-met",
    "less data than content-length says",
    [["content-length", "30"]],
    [data(1, "less", true)],
  ),
  brokenLater(
    "h2-trailers-pseudo",
    "a pseudo-header field in trailers",
    [],
    [headers(1, [[":path", "/"]], true)],
  ),
  brokenLater(
    "h2-trailers-uppercase",
    "an upper-case name in trailers",
    [],
    [headers(1, [["X", "1"]], true)],
  ),
  brokenLater("h2-trailers-no-end", "trailers that do not end the stream", [], [headers(1, [["x", "1"]])]),
];

const head = (stream: number, flags = END_HEADERS | END_STREAM): Buffer =>
  frame(FrameType.HEADERS, flags, stream, literalBlock(replaced(":authority", "localhost")));
const connectionCases: Http2Case[] = [
  refusedConnection("h2-even-stream", "a stream with an even number", [raw(head(2))], "PROTOCOL_ERROR"),
  refusedConnection(
    "h2-data-idle",
    "DATA on a stream that was never opened",
    [raw(frame(0, 0, 1, "00"))],
    "PROTOCOL_ERROR",
  ),
  refusedConnection("h2-data-zero", "DATA on stream 0", [raw(frame(0, 0, 0, "00"))], "PROTOCOL_ERROR"),
  refusedConnection("h2-headers-zero", "HEADERS on stream 0", [raw(head(0))], "PROTOCOL_ERROR"),
  refusedConnection(
    "h2-reset-idle",
    "RST_STREAM of a stream that was never opened",
    [raw(frame(3, 0, 1, "00000008"))],
    "PROTOCOL_ERROR",
  ),
  refusedConnection(
    "h2-frame-size",
    "a frame larger than SETTINGS_MAX_FRAME_SIZE",
    [raw(frame(0, 0, 1, Buffer.alloc(16_385)))],
    "FRAME_SIZE_ERROR",
  ),
  refusedConnection(
    "h2-settings-size",
    "SETTINGS of half an entry",
    [raw(frame(4, 0, 0, "000400"))],
    "FRAME_SIZE_ERROR",
  ),
  refusedConnection(
    "h2-settings-window",
    "an initial window of more than 2^31 - 1",
    [raw(frame(4, 0, 0, "0004 80000000"))],
    "FLOW_CONTROL_ERROR",
  ),
  refusedConnection(
    "h2-window-zero",
    "WINDOW_UPDATE by 0 of the connection",
    [raw(frame(8, 0, 0, "00000000"))],
    "PROTOCOL_ERROR",
  ),
  refusedConnection(
    "h2-window-overflow",
    "WINDOW_UPDATE beyond 2^31 - 1",
    [raw(frame(8, 0, 0, "7fffffff"))],
    "FLOW_CONTROL_ERROR",
  ),
  refusedConnection(
    "h2-ping-size",
    "a PING of 7 bytes",
    [raw(frame(6, 0, 0, "00000000000000"))],
    "FRAME_SIZE_ERROR",
  ),
  refusedConnection(
    "h2-push",
    "PUSH_PROMISE by a client",
    [raw(frame(5, END_HEADERS, 1, "00000002"))],
    "PROTOCOL_ERROR",
  ),
  refusedConnection(
    "h2-continuation-alone",
    "CONTINUATION that continues nothing",
    [raw(frame(9, END_HEADERS, 1))],
    "PROTOCOL_ERROR",
  ),
  refusedConnection(
    "h2-continuation-interrupted",
    "a frame between HEADERS and CONTINUATION",
    [raw(head(1, 0), frame(6, 0, 0, "0000000000000000"))],
    "PROTOCOL_ERROR",
  ),
  refusedConnection(
    "h2-padding",
    "padding longer than its frame",
    [raw(frame(1, END_HEADERS | END_STREAM | PADDED, 1, "ff82"))],
    "PROTOCOL_ERROR",
  ),
  refusedConnection(
    "h2-hpack-index",
    "a header block that refers to an entry that is not there",
    [raw(frame(1, END_HEADERS | END_STREAM, 1, "ff7f"))],
    "COMPRESSION_ERROR",
  ),
  refusedConnection(
    "h2-hpack-cut",
    "a header block that ends inside a string",
    [raw(frame(1, END_HEADERS | END_STREAM, 1, "00057878"))],
    "COMPRESSION_ERROR",
  ),
  refusedConnection(
    "h2-http1",
    "HTTP/1 where HTTP/2 was agreed on",
    [raw(Buffer.from("GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"))],
    "FRAME_SIZE_ERROR",
  ),
];

const repeated = (count: number, make: (index: number) => Buffer): Http2Step =>
  raw(...Array.from({ length: count }, (_, index) => make(index)));
const floodCases: Http2Case[] = [
  refusedConnection(
    "h2-flood-continuation",
    "CONTINUATION frames without end",
    [raw(head(1, END_STREAM)), repeated(100, () => frame(9, 0, 1))],
    "ENHANCE_YOUR_CALM",
  ),
  refusedConnection(
    "h2-flood-block",
    "a header block of 300 KB",
    [
      headers(1, [
        ...pseudo(),
        ...Array.from({ length: 25 }, (_, n) => [`x-${n}`, "v".repeat(12_000)] as const),
      ]),
    ],
    "ENHANCE_YOUR_CALM",
  ),
  refusedConnection(
    "h2-flood-settings",
    "SETTINGS without end",
    [repeated(1000, () => frame(4, 0, 0))],
    "ENHANCE_YOUR_CALM",
  ),
  refusedConnection(
    "h2-flood-ping",
    "PING without end",
    [repeated(30_000, () => frame(6, 0, 0, Buffer.alloc(8)))],
    "ENHANCE_YOUR_CALM",
  ),
  refusedConnection(
    "h2-flood-malformed",
    "malformed requests without end",
    [
      repeated(3000, (n) =>
        frame(1, END_HEADERS | END_STREAM, n * 2 + 1, literalBlock([[":method", "GET"]])),
      ),
    ],
    "ENHANCE_YOUR_CALM",
  ),
];

/** What an origin does wrong is told as 502 where there is no answer yet, else by a reset. */
function badAnswer(id: string, shows: string, answer: readonly Http2Step[]): Http2Case {
  return {
    id,
    shows: `${shows}, by an origin`,
    modes: ["h2"],
    client: [...GET_A, seen(1, "RST_STREAM PROTOCOL_ERROR")],
    origin: [[ended(1), ...answer, seen(1, "RST_STREAM")]],
    expect: {
      kind: "differs",
      why: "the stream is reset with PROTOCOL_ERROR on both sides",
      toClient: /\nRST_STREAM PROTOCOL_ERROR$/,
      toOrigin: /\nEND\nRST_STREAM PROTOCOL_ERROR$/,
    },
    recorded: [{ error: "origin-malformed" }],
  };
}

const originCases: Http2Case[] = [
  badAnswer("h2-answer-uppercase", "an upper-case name", [headers(1, [status(200), ["X", "1"]], true)]),
  badAnswer("h2-answer-connection", "a connection field", [
    headers(1, [status(200), ["connection", "close"]], true),
  ]),
  badAnswer("h2-answer-no-status", "no :status", [headers(1, [["x", "1"]], true)]),
  badAnswer("h2-answer-status-text", "a :status that is no number", [headers(1, [status("2xx")], true)]),
  badAnswer("h2-answer-101", "a 101, which HTTP/2 has not", [headers(1, [status(101)])]),
  badAnswer("h2-answer-crlf", "CR and LF in a value", [headers(1, [status(200), ["x", "a\r\nb"]], true)]),
  badAnswer("h2-answer-length", "less data than content-length says", [
    headers(1, [status(200), ["content-length", "9"]]),
    data(1, "less", true),
  ]),
  {
    ...badAnswer("h2-answer-broken-connection", "a frame that breaks the connection", []),
    client: [...GET_A, seen(1, "END"), headers(2, pseudo(), true), ended(2)],
    origin: [
      [ended(1), raw(frame(0, 0, 0, "00")), { do: "to-end" }],
      [ended(1), ...OK],
    ],
    expect: {
      kind: "differs",
      why: "502 with the reason and a Proxy-Status field; the next request goes to a new connection",
      toClient:
        /^\nHEADERS\n:status: 502\n[\s\S]*proxy-status: trafficctl; error=[\s\S]*\nEND,\nHEADERS\n:status: 200\nDATA ok\nEND$/,
      toOrigin: /^[\s\S]*\nEND,[\s\S]*\nEND$/,
    },
    recorded: [{ error: "origin-malformed" }, { error: null }],
  },
];

export const HTTP2_HOSTILE_CASES: readonly Http2Case[] = [
  ...fieldCases,
  ...bodyCases,
  ...connectionCases,
  ...floodCases,
  ...originCases,
];
