// What RFC 9113 forbids, by section: the error code, and whether it ends the stream or the connection.
import { describe, expect, it } from "vitest";
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { CLIENT_PREFACE } from "../../../src/proxy/http2/frames.js";
import type { Http2Options } from "../../../src/proxy/http2/options.js";
import { block, clientRig, EventLog, frame, GET, Rig, SETTINGS, serverRig } from "./support.js";

const OK: RawHeaders = [[":status", "200"]];

/** HEADERS with END_HEADERS. */
function head(stream: number, headers: RawHeaders, endStream = true): Buffer {
  return frame(1, endStream ? 5 : 4, stream, block(headers));
}

function without(name: string, ...more: RawHeaders): RawHeaders {
  return [...GET.filter(([field]) => field !== name), ...more];
}

interface Case {
  readonly section: string;
  readonly what: string;
  readonly bytes: readonly Buffer[];
  /** `stream CODE` or `connection CODE`; `none` where it has to be read over. */
  readonly expected: string;
  readonly options?: Partial<Http2Options>;
}

const POST: RawHeaders = [[":method", "POST"], ...without(":method")];
const body = (text: string, end = true): Buffer => frame(0, end ? 1 : 0, 1, Buffer.from(text));
const request = (
  section: string,
  what: string,
  headers: RawHeaders,
  expected = "stream PROTOCOL_ERROR",
): Case => {
  return { section, what, bytes: [head(1, headers)], expected };
};
const plus = (name: string, value: string): RawHeaders => [...GET, [name, value]];

const SERVER_CASES: readonly Case[] = [
  {
    section: "4.2",
    what: "a frame above MAX_FRAME_SIZE",
    bytes: [frame(0xaa, 0, 0, Buffer.alloc(16_385))],
    expected: "connection FRAME_SIZE_ERROR",
  },
  { section: "4.1", what: "an unknown frame type", bytes: [frame(0xaa, 0xff, 5, "00")], expected: "none" },
  {
    section: "4.1",
    what: "a reserved bit",
    bytes: [frame(6, 0, 0x80000000, Buffer.alloc(8))],
    expected: "none",
  },
  {
    section: "4.3",
    what: "a block that can't be decoded",
    bytes: [frame(1, 5, 1, "80")],
    expected: "connection COMPRESSION_ERROR",
  },
  {
    section: "4.3",
    what: "a block that can't be decoded, on a stream refused",
    bytes: [frame(1, 5, 1, "ff")],
    expected: "connection COMPRESSION_ERROR",
    options: { maxConcurrentStreams: 0 },
  },
  {
    section: "4.3",
    what: "PING inside a header block",
    bytes: [frame(1, 1, 1, block(GET)), frame(6, 0, 0, Buffer.alloc(8))],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "4.3",
    what: "DATA inside a header block",
    bytes: [frame(1, 0, 1, block(GET)), frame(0, 0, 1, "00")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "4.3",
    what: "an unknown frame inside a header block",
    bytes: [frame(1, 1, 1, block(GET)), frame(0xaa, 0, 1)],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "5.1",
    what: "DATA on an idle stream",
    bytes: [frame(0, 0, 1, "00")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "5.1",
    what: "RST_STREAM on an idle stream",
    bytes: [frame(3, 0, 1, "00000008")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "5.1",
    what: "WINDOW_UPDATE on an idle stream",
    bytes: [frame(8, 0, 1, "00000001")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "5.1",
    what: "CONTINUATION on an idle stream",
    bytes: [frame(9, 4, 1, block(GET))],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "5.1",
    what: "DATA after END_STREAM",
    bytes: [head(1, GET), frame(0, 1, 1, "00")],
    expected: "stream STREAM_CLOSED",
  },
  {
    section: "5.1",
    what: "HEADERS after END_STREAM",
    bytes: [head(1, GET), head(1, [["a", "b"]])],
    expected: "stream STREAM_CLOSED",
  },
  {
    section: "5.1",
    what: "DATA after the client's RST_STREAM",
    bytes: [head(1, GET, false), frame(3, 0, 1, "00000008"), frame(0, 0, 1, "00")],
    expected: "connection STREAM_CLOSED",
  },
  {
    section: "5.1",
    what: "WINDOW_UPDATE and RST_STREAM after the client's RST_STREAM",
    bytes: [head(1, GET), frame(3, 0, 1, "00000008"), frame(8, 0, 1, "00000001"), frame(3, 0, 1, "00000008")],
    expected: "none",
  },
  {
    section: "5.1",
    what: "DATA after our RST_STREAM",
    bytes: [head(1, [...GET, ["Upper", "x"]], false), frame(0, 0, 1, "00"), frame(0, 1, 1, "00")],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "5.1.1",
    what: "a stream with an even number",
    bytes: [head(2, GET)],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "5.1.1",
    what: "a stream lower than one before",
    bytes: [head(5, GET), head(3, GET)],
    expected: "connection STREAM_CLOSED",
  },
  {
    section: "5.1.2",
    what: "a stream above MAX_CONCURRENT_STREAMS",
    bytes: [head(1, GET)],
    expected: "stream REFUSED_STREAM",
    options: { maxConcurrentStreams: 0 },
  },
  {
    section: "6.1",
    what: "DATA on stream 0",
    bytes: [frame(0, 0, 0, "00")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.1",
    what: "DATA with more padding than payload",
    bytes: [head(1, GET, false), frame(0, 8, 1, "050000")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.1",
    what: "padded DATA without a pad length",
    bytes: [head(1, GET, false), frame(0, 8, 1)],
    expected: "connection FRAME_SIZE_ERROR",
  },
  {
    section: "6.2",
    what: "HEADERS on stream 0",
    bytes: [head(0, GET)],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.2",
    what: "HEADERS with more padding than payload",
    bytes: [frame(1, 0xd, 1, "058286")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.2",
    what: "padded HEADERS without a pad length",
    bytes: [frame(1, 0xd, 1)],
    expected: "connection FRAME_SIZE_ERROR",
  },
  {
    section: "6.2",
    what: "HEADERS too short for its priority",
    bytes: [frame(1, 0x25, 1, "00000000")],
    expected: "connection FRAME_SIZE_ERROR",
  },
  {
    section: "6.3",
    what: "PRIORITY on stream 0",
    bytes: [frame(2, 0, 0, "0000000000")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.3",
    what: "PRIORITY of a wrong length",
    bytes: [head(1, GET), frame(2, 0, 1, "00000000")],
    expected: "stream FRAME_SIZE_ERROR",
  },
  {
    section: "6.3",
    what: "PRIORITY for an idle stream, on itself",
    bytes: [frame(2, 0, 7, "0000000710")],
    expected: "none",
  },
  {
    section: "6.4",
    what: "RST_STREAM on stream 0",
    bytes: [frame(3, 0, 0, "00000000")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.4",
    what: "RST_STREAM of a wrong length",
    bytes: [head(1, GET), frame(3, 0, 1, "000000")],
    expected: "connection FRAME_SIZE_ERROR",
  },
  {
    section: "6.5",
    what: "SETTINGS on a stream",
    bytes: [frame(4, 0, 1)],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.5",
    what: "SETTINGS of a wrong length",
    bytes: [frame(4, 0, 0, "0001")],
    expected: "connection FRAME_SIZE_ERROR",
  },
  {
    section: "6.5",
    what: "an acknowledgement with settings",
    bytes: [frame(4, 1, 0, "000100001000")],
    expected: "connection FRAME_SIZE_ERROR",
  },
  {
    section: "6.5.2",
    what: "ENABLE_PUSH 2",
    bytes: [frame(4, 0, 0, "000200000002")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.5.2",
    what: "INITIAL_WINDOW_SIZE 2^31",
    bytes: [frame(4, 0, 0, "000480000000")],
    expected: "connection FLOW_CONTROL_ERROR",
  },
  {
    section: "6.5.2",
    what: "MAX_FRAME_SIZE 16383",
    bytes: [frame(4, 0, 0, "000500003fff")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.5.2",
    what: "MAX_FRAME_SIZE 2^24",
    bytes: [frame(4, 0, 0, "000501000000")],
    expected: "connection PROTOCOL_ERROR",
  },
  { section: "6.5.2", what: "an unknown setting", bytes: [frame(4, 0, 0, "ffff00000001")], expected: "none" },
  {
    section: "6.5",
    what: "65 settings in a frame",
    bytes: [frame(4, 0, 0, "000100001000".repeat(65))],
    expected: "connection ENHANCE_YOUR_CALM",
  },
  {
    section: "6.6",
    what: "PUSH_PROMISE of a client",
    bytes: [head(1, GET), frame(5, 4, 1, "0000000282")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.7",
    what: "PING on a stream",
    bytes: [frame(6, 0, 1, Buffer.alloc(8))],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.7",
    what: "PING of a wrong length",
    bytes: [frame(6, 0, 0, Buffer.alloc(6))],
    expected: "connection FRAME_SIZE_ERROR",
  },
  {
    section: "6.8",
    what: "GOAWAY on a stream",
    bytes: [frame(7, 0, 1, Buffer.alloc(8))],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.8",
    what: "GOAWAY too short",
    bytes: [frame(7, 0, 0, Buffer.alloc(7))],
    expected: "connection FRAME_SIZE_ERROR",
  },
  {
    section: "6.9",
    what: "WINDOW_UPDATE of a wrong length",
    bytes: [frame(8, 0, 0, "000001")],
    expected: "connection FRAME_SIZE_ERROR",
  },
  {
    section: "6.9",
    what: "WINDOW_UPDATE by 0 on the connection",
    bytes: [frame(8, 0, 0, "00000000")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.9",
    what: "WINDOW_UPDATE by 0 on a stream",
    bytes: [head(1, GET), frame(8, 0, 1, "00000000")],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "6.9.1",
    what: "the connection's window above 2^31-1",
    bytes: [frame(8, 0, 0, "7fffffff")],
    expected: "connection FLOW_CONTROL_ERROR",
  },
  {
    section: "6.9.1",
    what: "a stream's window above 2^31-1",
    bytes: [head(1, GET), frame(8, 0, 1, "7fffffff")],
    expected: "stream FLOW_CONTROL_ERROR",
  },
  {
    section: "6.9.2",
    what: "SETTINGS that raise a window above 2^31-1",
    bytes: [head(1, GET), frame(8, 0, 1, "00000001"), frame(4, 0, 0, "00047fffffff")],
    expected: "connection FLOW_CONTROL_ERROR",
  },
  {
    section: "6.9.1",
    what: "more DATA than the stream's window",
    bytes: [head(1, GET, false), frame(0, 0, 1, Buffer.alloc(101))],
    expected: "stream FLOW_CONTROL_ERROR",
    options: { streamWindow: 100 },
  },
  {
    section: "6.10",
    what: "CONTINUATION without HEADERS",
    bytes: [head(1, GET, false), frame(9, 4, 1)],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.10",
    what: "CONTINUATION of another stream",
    bytes: [frame(1, 1, 1, block(GET)), frame(9, 4, 3)],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "8.1",
    what: "a second HEADERS that does not end the stream",
    bytes: [head(1, POST, false), head(1, [["a", "b"]], false)],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.1",
    what: "trailers with a pseudo-header field",
    bytes: [head(1, POST, false), head(1, [[":path", "/"]])],
    expected: "stream PROTOCOL_ERROR",
  },
  request("8.2.1", "an uppercase field name", plus("X-Upper", "x")),
  request("8.2.1", "an empty field name", plus("", "x")),
  request("8.2.1", "a space in a field name", plus("a b", "x")),
  request("8.2.1", "a colon in a field name", plus("a:b", "x")),
  request("8.2.1", "a field name of 8 bits", plus("caf\u00e9", "x")),
  request("8.2.1", "NUL in a value", plus("a", "x\u0000y")),
  request("8.2.1", "CR in a value", plus("a", "x\ry")),
  request("8.2.1", "LF in a value", plus("a", "x\ny")),
  request("8.2.1", "LF in the path", without(":path", [":path", "/a\nb"]).toSorted()),
  request("8.2.1", "a value that begins with a space", plus("a", " x")),
  request("8.2.1", "a value that ends with a tab", plus("a", "x\t")),
  request("8.2.1", "8 bits, tabs and spaces inside a value", plus("a", "\u00e9\tx y"), "none"),
  request("8.2.1", "an empty value", plus("a", ""), "none"),
  request("8.2.2", "connection", plus("connection", "close")),
  request("8.2.2", "keep-alive", plus("keep-alive", "timeout=5")),
  request("8.2.2", "proxy-connection", plus("proxy-connection", "keep-alive")),
  request("8.2.2", "transfer-encoding", plus("transfer-encoding", "chunked")),
  request("8.2.2", "upgrade", plus("upgrade", "websocket")),
  request("8.2.2", "te: gzip", plus("te", "gzip")),
  request("8.2.2", "te: trailers", plus("te", "trailers"), "none"),
  request("8.2.3", "cookie crumbs", [...GET, ["cookie", "a=1"], ["cookie", "b=2"]], "none"),
  request("8.3", "an unknown pseudo-header field", [[":what", "x"], ...GET]),
  request("8.3", "a response's pseudo-header field", [[":status", "200"], ...GET]),
  request("8.3", "a pseudo-header field after a regular one", [
    ...without(":path"),
    ["a", "b"],
    [":path", "/"],
  ]),
  request("8.3", "a pseudo-header field after content-length", [
    ...without(":path"),
    ["content-length", "0"],
    [":path", "/"],
  ]),
  request("8.3.1", ":method twice", [[":method", "GET"], ...GET]),
  request("8.3.1", ":path twice", [[":path", "/"], ...GET]),
  request("8.3.1", "no :method", without(":method")),
  request("8.3.1", "no :scheme", without(":scheme")),
  request("8.3.1", "no :path", without(":path")),
  request("8.3.1", "an empty :path", without(":path", [":path", ""])),
  request("8.3.1", "a :path that is no path", without(":path", [":path", "https://example.test/"])),
  request("8.3.1", "a space in :path", without(":path", [":path", "/ HTTP/1.1"])),
  request(
    "8.3.1",
    "odd but allowed characters in :path",
    without(":path", [":path", "//a/%zz?|{}\u00e9"]),
    "none",
  ),
  request("8.3.1", "* with GET", without(":path", [":path", "*"])),
  request(
    "8.3.1",
    "* with OPTIONS",
    [
      [":method", "OPTIONS"],
      [":scheme", "https"],
      [":authority", "a"],
      [":path", "*"],
    ],
    "none",
  ),
  request("8.3.1", "a :method that is no token", [[":method", "GE T"], ...without(":method")]),
  request("8.3.1", "an unusual :method", [[":method", "x-PURGE"], ...without(":method")], "none"),
  request("8.3.1", "no :authority and no host", without(":authority")),
  request("8.3.1", "host in place of :authority", without(":authority", ["host", "example.test"]), "none"),
  request("8.3.1", "an empty :authority", [[":authority", ""], ...without(":authority")]),
  request("8.3.1", "user information in :authority", [
    [":authority", "me@example.test"],
    ...without(":authority"),
  ]),
  request("8.3.1", "a path in :authority", [[":authority", "a/b"], ...without(":authority")]),
  {
    section: "8.1.1",
    what: "content-length above the data",
    bytes: [head(1, [...POST, ["content-length", "3"]], false), body("ab")],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.1.1",
    what: "content-length below the data",
    bytes: [head(1, [...POST, ["content-length", "1"]], false), body("ab", false)],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.1.1",
    what: "content-length without data",
    bytes: [head(1, [...POST, ["content-length", "1"]])],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.1.1",
    what: "content-length above the data before trailers",
    bytes: [head(1, [...POST, ["content-length", "3"]], false), body("ab", false), head(1, [["a", "b"]])],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.1.1",
    what: "content-length that fits",
    bytes: [head(1, [...POST, ["content-length", "02"]], false), body("ab")],
    expected: "none",
  },
  request("8.1.1", "content-length with a sign", plus("content-length", "+0")),
  request("8.1.1", "content-length with a space", plus("content-length", " 0")),
  request("8.1.1", "two content-lengths", [...GET, ["content-length", "0"], ["content-length", "0"]]),
  request("8.1.1", "content-length beyond any number", plus("content-length", "9".repeat(16))),
  request(
    "8.5",
    "CONNECT",
    [
      [":method", "CONNECT"],
      [":authority", "a:443"],
    ],
    "none",
  ),
  request("8.5", "CONNECT with :path", [
    [":method", "CONNECT"],
    [":authority", "a:443"],
    [":path", "/"],
  ]),
  request("8.5", "CONNECT with :scheme", [
    [":method", "CONNECT"],
    [":authority", "a:443"],
    [":scheme", "https"],
  ]),
  request("8.5", "CONNECT without :authority", [[":method", "CONNECT"]]),
  {
    section: "8.5",
    what: "trailers on a tunnel",
    bytes: [
      head(
        1,
        [
          [":method", "CONNECT"],
          [":authority", "a:443"],
        ],
        false,
      ),
      head(1, [["a", "b"]]),
    ],
    expected: "stream PROTOCOL_ERROR",
  },
  request("RFC 8441 4", ":protocol that was not offered", [
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    ...without(":method"),
  ]),
  {
    section: "RFC 8441 4",
    what: ":protocol",
    bytes: [head(1, [[":method", "CONNECT"], [":protocol", "websocket"], ...without(":method")], false)],
    expected: "none",
    options: { enableConnectProtocol: true },
  },
  {
    section: "RFC 8441 4",
    what: ":protocol with GET",
    bytes: [head(1, [[":protocol", "websocket"], ...GET])],
    expected: "stream PROTOCOL_ERROR",
    options: { enableConnectProtocol: true },
  },
  {
    section: "10.5.1",
    what: "a header list above the limit",
    bytes: [head(1, plus("a", "x".repeat(1000)))],
    expected: "stream ENHANCE_YOUR_CALM",
    options: { maxHeaderListSize: 1000 },
  },
];

const CLIENT_CASES: readonly Case[] = [
  {
    section: "5.1",
    what: "HEADERS on an idle stream",
    bytes: [head(3, OK)],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "5.1",
    what: "DATA after END_STREAM of both",
    bytes: [head(1, OK), frame(0, 1, 1, "00")],
    expected: "connection STREAM_CLOSED",
  },
  {
    section: "5.1.1",
    what: "a stream of the server's",
    bytes: [head(2, OK)],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.5.2",
    what: "ENABLE_PUSH 1",
    bytes: [frame(4, 0, 0, "000200000001")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "6.6",
    what: "PUSH_PROMISE though it is disabled",
    bytes: [frame(5, 4, 1, "0000000288")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "RFC 8441 3",
    what: "ENABLE_CONNECT_PROTOCOL taken back",
    bytes: [frame(4, 0, 0, "000800000001"), frame(4, 0, 0, "000800000000")],
    expected: "connection PROTOCOL_ERROR",
  },
  {
    section: "8.1",
    what: "DATA before the head",
    bytes: [frame(0, 1, 1, "00")],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.1",
    what: "a 1xx that ends the stream",
    bytes: [head(1, [[":status", "103"]])],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.1",
    what: "DATA after a 1xx",
    bytes: [head(1, [[":status", "100"]], false), frame(0, 1, 1, "00")],
    expected: "stream PROTOCOL_ERROR",
  },
  { section: "8.3.2", what: "no :status", bytes: [head(1, [["a", "b"]])], expected: "stream PROTOCOL_ERROR" },
  {
    section: "8.3.2",
    what: "a :status of two digits",
    bytes: [head(1, [[":status", "20"]])],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.3.2",
    what: "a request's pseudo-header field",
    bytes: [
      head(1, [
        [":status", "200"],
        [":path", "/"],
      ]),
    ],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.6",
    what: ":status 101",
    bytes: [head(1, [[":status", "101"]], false)],
    expected: "stream PROTOCOL_ERROR",
  },
  { section: "8.3.2", what: "an unusual :status", bytes: [head(1, [[":status", "999"]])], expected: "none" },
  {
    section: "8.1.1",
    what: "data with 204",
    bytes: [head(1, [[":status", "204"]], false), frame(0, 1, 1, "00")],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.1.1",
    what: "304 with the length of what it stands for",
    bytes: [
      head(1, [
        [":status", "304"],
        ["content-length", "9"],
      ]),
    ],
    expected: "none",
  },
  {
    section: "8.1.1",
    what: "content-length above the data",
    bytes: [head(1, [...OK, ["content-length", "3"]], false), frame(0, 1, 1, "00")],
    expected: "stream PROTOCOL_ERROR",
  },
  {
    section: "8.2.1",
    what: "whitespace around a value, which clients take",
    bytes: [head(1, [...OK, ["a", " x "]])],
    expected: "none",
  },
  {
    section: "8.2.2",
    what: "connection in a response",
    bytes: [head(1, [...OK, ["connection", "close"]])],
    expected: "stream PROTOCOL_ERROR",
  },
];

function outcome(rig: Rig): string {
  const text = rig.writtenText();
  const goaway = text.find((line) => line.startsWith("GOAWAY"));
  if (goaway !== undefined) {
    expect(rig.connection.closed).toBe(true);
    expect(rig.log.goneWrong).toBe(goaway.split(" ")[2]);
    return `connection ${rig.log.goneWrong}`;
  }
  const resets = text.filter((line) => line.startsWith("RST_STREAM"));
  if (resets.length === 0) {
    expect(rig.log.events.filter((event) => event.startsWith("failed"))).toEqual([]);
    return "none";
  }
  // One RST_STREAM, told to the handler once, and the connection goes on.
  expect(resets).toHaveLength(1);
  expect(rig.log.events.filter((event) => event.startsWith("failed"))).toEqual([
    resets[0]!.replace("RST_STREAM", "failed"),
  ]);
  rig.connection.receive(frame(6, 0, 0, "0102030405060708"));
  expect(rig.writtenText()).toEqual(["PING 0 1 0102030405060708"]);
  return `stream ${resets[0]!.split(" ")[2]}`;
}

describe("what a client must not send", () => {
  it.each(SERVER_CASES)("$section: $what", ({ bytes, expected, options }) => {
    const rig = serverRig(options);
    rig.connection.receive(Buffer.concat(bytes));
    expect(outcome(rig)).toBe(expected);
    const bytewise = serverRig(options);
    for (const byte of Buffer.concat(bytes)) bytewise.connection.receive(Buffer.from([byte]));
    expect(outcome(bytewise)).toBe(expected);
  });

  it.each<[string, Buffer]>([
    ["a request of HTTP/1", Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
    ["a preface that goes wrong at its end", Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r")],
    ["a first frame other than SETTINGS", Buffer.concat([CLIENT_PREFACE, frame(6, 0, 0, Buffer.alloc(8))])],
    ["a first frame of DATA", Buffer.concat([CLIENT_PREFACE, frame(0, 0, 1, Buffer.alloc(8))])],
    ["an acknowledgement first", Buffer.concat([CLIENT_PREFACE, frame(4, 1, 0)])],
  ])("3.4: %s", (_, bytes) => {
    const rig = new Rig("server", new EventLog());
    rig.connection.receive(bytes);
    expect(outcome(rig)).toBe("connection PROTOCOL_ERROR");
  });
});

describe("what a server must not send", () => {
  it.each(CLIENT_CASES)("$section: $what", ({ bytes, expected, options }) => {
    const rig = clientRig(options);
    rig.connection.openStream(GET, true);
    rig.connection.receive(Buffer.concat(bytes));
    expect(outcome(rig)).toBe(expected);
  });

  it("5.2: more DATA than the connection's window", () => {
    const rig = clientRig({ connectionWindow: 65_535, streamWindow: 1_000_000 });
    rig.connection.openStream(GET, true);
    rig.connection.receive(head(1, OK, false));
    for (let count = 0; count < 4; count += 1) rig.connection.receive(frame(0, 0, 1, Buffer.alloc(16_384)));
    expect(outcome(rig)).toBe("connection FLOW_CONTROL_ERROR");
  });

  it("takes a response to HEAD with a content-length and no data", () => {
    const rig = clientRig();
    rig.connection.openStream([[":method", "HEAD"], ...GET.slice(1)], true);
    rig.connection.receive(head(1, [...OK, ["content-length", "10"]]));
    expect(outcome(rig)).toBe("none");
    rig.connection.openStream([[":method", "HEAD"], ...GET.slice(1)], true);
    rig.connection.receive(Buffer.concat([head(3, OK, false), frame(0, 0, 3, "00")]));
    expect(outcome(rig)).toBe("stream PROTOCOL_ERROR");
  });

  it("wants SETTINGS first", () => {
    const rig = new Rig("client", new EventLog());
    rig.connection.receive(frame(8, 0, 0, "00000001"));
    expect(outcome(rig)).toBe("connection PROTOCOL_ERROR");
    expect(SETTINGS).toHaveLength(9);
  });
});
