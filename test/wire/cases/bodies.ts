// Bodies: how long they are, how they are framed, trailers, codings.
import { gzipSync } from "node:zlib";
import {
  end,
  GET,
  head,
  hear,
  ok,
  oneExchange,
  request,
  response,
  same,
  say,
  send,
  toEnd,
  until,
  type WireCase,
} from "../case.js";

const CHUNKED = "Transfer-Encoding: chunked";
const GZIP = gzipSync("compressed ".repeat(50)).toString("latin1");
const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");

/** The same chunked bytes as the body of a request, and of a response. */
function chunkedBothWays(
  id: string,
  shows: string,
  wire: string,
  data: string,
  trailers: [string, string][] = [],
): WireCase[] {
  return [
    oneExchange(`${id}-request`, `${shows}, in a request`, request("POST %O/a", [CHUNKED], wire), ok("ok"), {
      recorded: [{ sent: data, requestTrailers: trailers, error: null }],
    }),
    oneExchange(`${id}-response`, `${shows}, in a response`, GET, response("200 OK", [CHUNKED], wire), {
      recorded: [{ got: data, responseTrailers: trailers, error: null }],
    }),
  ];
}

const framingCases: WireCase[] = [
  oneExchange(
    "length-both",
    "content-length both ways",
    request("POST %O/a", ["Content-Length: 5"], "hello"),
    ok("world!"),
    {
      recorded: [{ sent: "hello", got: "world!", error: null }],
    },
  ),
  oneExchange(
    "length-zero",
    "Content-Length: 0 both ways",
    request("POST %O/a", ["Content-Length: 0"]),
    ok(""),
    {
      recorded: [{ sent: "", got: "", error: null }],
    },
  ),
  oneExchange(
    "length-leading-zeros",
    "a length with leading zeros",
    request("POST %O/a", ["Content-Length: 0005"], "hello"),
    response("200 OK", ["Content-Length: 002"], "ok"),
    {
      recorded: [{ sent: "hello", got: "ok" }],
    },
  ),
  oneExchange("length-none-post", "POST without any length has no body", request("POST %O/a"), ok("ok"), {
    recorded: [{ sent: "" }],
  }),
  oneExchange(
    "body-every-byte",
    "every byte value in bodies",
    request("POST %O/a", ["Content-Length: 256"], ALL_BYTES),
    ok(ALL_BYTES),
    {
      recorded: [{ sent: ALL_BYTES, got: ALL_BYTES }],
    },
  ),
  oneExchange(
    "body-gzip",
    "a compressed body, byte for byte",
    request("POST %O/a", ["Content-Encoding: gzip", `Content-Length: ${GZIP.length}`], GZIP),
    ok(GZIP, "Content-Encoding: gzip"),
    {
      recorded: [{ sent: GZIP, got: GZIP }],
    },
  ),
  oneExchange(
    "body-not-gzip",
    "a body that is not what its Content-Encoding says",
    GET,
    ok("plain", "Content-Encoding: br"),
    { recorded: [{ got: "plain" }] },
  ),
  ...chunkedBothWays(
    "chunked",
    "chunk sizes as they were",
    "1\r\na\r\nA\r\n0123456789\r\n003\r\nxyz\r\n0\r\n\r\n",
    "a0123456789xyz",
  ),
  ...chunkedBothWays(
    "chunk-extensions",
    "chunk extensions",
    '5;a=b;c="d e"\r\nhello\r\n1 ;x\r\n!\r\n0;last\r\n\r\n',
    "hello!",
  ),
  ...chunkedBothWays(
    "chunk-size-case",
    "upper-case, lower-case and padded sizes",
    "a\r\n0123456789\r\nB\r\n0123456789a\r\n00000001\r\n!\r\n000\r\n\r\n",
    "01234567890123456789a!",
  ),
  ...chunkedBothWays("chunked-empty", "an empty chunked body", "0\r\n\r\n", ""),
  ...chunkedBothWays(
    "trailers",
    "trailers, with case, order and duplicates",
    "2\r\nok\r\n0\r\nX-Sum: 1\r\nx-sum:2\r\nServer-Timing: a\r\n\r\n",
    "ok",
    [
      ["X-Sum", "1"],
      ["x-sum", "2"],
      ["Server-Timing", "a"],
    ],
  ),
  oneExchange(
    "chunked-case",
    "Transfer-Encoding in odd case",
    request("POST %O/a", ["transfer-ENCODING:  Chunked"], "1\r\na\r\n0\r\n\r\n"),
    response("200 OK", ["tRANSFER-eNCODING:CHUNKED"], "1\r\nb\r\n0\r\n\r\n"),
    {
      recorded: [{ sent: "a", got: "b" }],
    },
  ),
  oneExchange(
    "chunked-gzip-coding",
    "a response with gzip and chunked as transfer codings",
    GET,
    response(
      "200 OK",
      ["Transfer-Encoding: gzip, chunked"],
      `${GZIP.length.toString(16)}\r\n${GZIP}\r\n0\r\n\r\n`,
    ),
    {
      recorded: [{ got: GZIP, error: null }],
    },
  ),
  oneExchange(
    "length-repeated",
    "a response that repeats the same Content-Length",
    GET,
    response("200 OK", ["Content-Length: 2", "Content-Length: 2"], "ok"),
    { recorded: [{ got: "ok" }] },
  ),
  oneExchange(
    "close-delimited",
    "a body that ends with the connection",
    GET,
    `${head("HTTP/1.1 200 OK", "Connection: close")}all of it`,
    { recorded: [{ got: "all of it", error: null }] },
  ),
  oneExchange(
    "close-delimited-empty",
    "a body of nothing that ends with the connection",
    GET,
    head("HTTP/1.1 200 OK"),
    { recorded: [{ got: "", error: null }] },
  ),
  {
    id: "chunk-drip",
    shows: "a chunked body whose bytes come one by one, both ways",
    client: [
      send(request("POST %O/a", [CHUNKED])),
      { do: "drip", bytes: "3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n" },
      toEnd,
    ],
    origin: [
      [
        until("T: 1\r\n\r\n"),
        { do: "drip", bytes: response("200 OK", [CHUNKED], "2;x\r\nok\r\n0\r\n\r\n") },
        end,
      ],
    ],
    expect: same,
    recorded: [{ sent: "abc", got: "ok", requestTrailers: [["T", "1"]] }],
  },
  {
    id: "head-before-body",
    shows:
      "the response head reaches the client before there is any body, and each part of the body as it comes",
    client: [send(GET), until("\r\n\r\n"), say("head came"), until("one"), say("one came"), toEnd],
    origin: [
      [
        until("\r\n\r\n"),
        send(response("200 OK", ["Content-Length: 6"])),
        hear("head came"),
        send("one"),
        hear("one came"),
        send("two"),
        end,
      ],
    ],
    expect: same,
    recorded: [{ got: "onetwo" }],
  },
  {
    id: "request-head-before-body",
    shows:
      "the request head reaches the origin before there is any body, and each part of the body as it comes",
    client: [
      send(request("POST %O/a", [CHUNKED])),
      hear("head came"),
      send("3\r\none\r\n"),
      hear("one came"),
      send("3\r\ntwo\r\n0\r\n\r\n"),
      toEnd,
    ],
    origin: [
      [
        until("\r\n\r\n"),
        say("head came"),
        until("one\r\n"),
        say("one came"),
        until("0\r\n\r\n"),
        send(ok("ok")),
        end,
      ],
    ],
    expect: same,
    recorded: [{ sent: "onetwo", got: "ok" }],
  },
  {
    id: "bidirectional",
    shows: "request and response bodies at the same time, each answering the other",
    client: [
      send(request("POST %O/a", [CHUNKED])),
      until("\r\n\r\n"),
      send("1\r\na\r\n"),
      until("A\r\n"),
      send("1\r\nb\r\n"),
      until("B\r\n"),
      send("0\r\n\r\n"),
      toEnd,
    ],
    origin: [
      [
        until("\r\n\r\n"),
        send(response("200 OK", [CHUNKED])),
        until("a\r\n"),
        send("1\r\nA\r\n"),
        until("b\r\n"),
        send("1\r\nB\r\n"),
        until("0\r\n\r\n"),
        send("0\r\n\r\n"),
        end,
      ],
    ],
    expect: same,
    recorded: [{ sent: "ab", got: "AB" }],
  },
];

const bodilessCases: WireCase[] = [
  oneExchange(
    "head-length",
    "HEAD with a content-length",
    request("HEAD %O/a"),
    response("200 OK", ["Content-Length: 1234"]),
    { recorded: [{ method: "HEAD", status: 200, got: "" }] },
  ),
  oneExchange(
    "head-chunked",
    "HEAD with Transfer-Encoding: chunked",
    request("HEAD %O/a"),
    response("200 OK", [CHUNKED]),
    { recorded: [{ status: 200, got: "" }] },
  ),
  oneExchange("204", "204", GET, response("204 No Content", []), { recorded: [{ status: 204, got: "" }] }),
  oneExchange(
    "304-length",
    "304 with the content-length of what it stands for",
    GET,
    response("304 Not Modified", ["Content-Length: 1234", 'ETag: "x"']),
    { recorded: [{ status: 304, got: "" }] },
  ),
  oneExchange(
    "304-chunked",
    "304 with Transfer-Encoding: chunked",
    GET,
    response("304 Not Modified", [CHUNKED]),
    { recorded: [{ status: 304, got: "" }] },
  ),
  {
    id: "bodiless-keep-alive",
    shows: "HEAD, 204 and 304 one after another on a connection that stays",
    client: [
      send(request("HEAD %O/1")), until("\r\n\r\n"),
      send(request("GET %O/2")), until("\r\n\r\n"),
      send(request("GET %O/3")), until("\r\n\r\n"),
      send(request("GET %O/4")), toEnd,
    ], // biome-ignore format: a request a line
    origin: [[
      until("/1 HTTP/1.1\r\nHost: %H\r\n\r\n"), send(head("HTTP/1.1 200 OK", "Content-Length: 9")),
      until("/2 HTTP/1.1\r\nHost: %H\r\n\r\n"), send(head("HTTP/1.1 204 No Content")),
      until("/3 HTTP/1.1\r\nHost: %H\r\n\r\n"), send(head("HTTP/1.1 304 Not Modified", "Content-Length: 9")),
      until("/4 HTTP/1.1\r\nHost: %H\r\n\r\n"), send(ok("ok")), end,
    ]], // biome-ignore format: a response a line
    expect: same,
    recorded: [{ status: 200, got: "" }, { status: 204 }, { status: 304 }, { status: 200, got: "ok" }],
  },
];

export const BODY_CASES: readonly WireCase[] = [...framingCases, ...bodilessCases];
