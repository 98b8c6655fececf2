import { Http2Code } from "../../../src/proxy/http2/errors.js";
import { end, head, hear, reset, say, send, toEnd, until } from "../case.js";
import {
  type AnyStep,
  data,
  ended,
  GET_A,
  type Http2Case,
  headers,
  pseudo,
  rst,
  seen,
} from "../http2-case.js";

const ASK = "GET /a HTTP/1.1\r\nHost: %H\r\n\r\n";
const OK1 = `${head("HTTP/1.1 200 OK", "Content-Length: 2")}ok`;

/** A client of HTTP/2 and an origin of HTTP/1: one exchange. */
function down(
  id: string,
  shows: string,
  ask: readonly AnyStep[],
  toOrigin: string,
  answer: string,
  toClient: string,
  more: Partial<Http2Case> = {},
): Http2Case {
  return {
    id,
    shows,
    modes: ["h2-h1"],
    client: [...ask, ended(1)],
    origin: [[until(toOrigin), send(answer)]],
    expect: { kind: "differs", why: "translated", toOrigin, toClient: [toClient] },
    ...more,
  };
}

const plainAnswer = "\nHEADERS\n:status: 200\ncontent-length: 2\nDATA ok\nEND";
export const HTTP2_TO_HTTP1_CASES: readonly Http2Case[] = [
  down(
    "h2-h1-get",
    "a request of fields, with Host first",
    [headers(1, [...pseudo(), ["x-b", "1"], ["x-empty", ""], ["x-b", "\xe9"]], true)],
    "GET /a HTTP/1.1\r\nHost: %H\r\nx-b: 1\r\nx-empty: \r\nx-b: \xe9\r\n\r\n",
    `${head("HTTP/1.1 200 Fine", "Content-Length: 2", "X-Upper: 1", "Set-Cookie: a=1", "set-cookie: b=2", "X-Empty:")}ok`,
    "\nHEADERS\n:status: 200\ncontent-length: 2\nx-upper: 1\nset-cookie: a=1\nset-cookie: b=2\nx-empty: \nDATA ok\nEND",
    {
      recorded: [
        {
          httpVersion: "HTTP/2.0",
          responseVersion: "HTTP/1.1",
          reason: "Fine",
          status: 200,
          got: "ok",
          error: null,
        },
      ],
    },
  ),
  down(
    "h2-h1-cookie",
    "the crumbs of a cookie are joined",
    [headers(1, [...pseudo(), ["cookie", "a=1"], ["x", "1"], ["cookie", "b=2"]], true)],
    "GET /a HTTP/1.1\r\nHost: %H\r\ncookie: a=1; b=2\r\nx: 1\r\n\r\n",
    OK1,
    plainAnswer,
  ),
  down(
    "h2-h1-connection-fields",
    "fields of the HTTP/1 connection stay there",
    GET_A,
    ASK,
    `${head("HTTP/1.1 200 OK", "Connection: keep-alive, X-Hop", "Keep-Alive: timeout=5", "X-Hop: 1", "X: 1", "Content-Length: 2")}ok`,
    "\nHEADERS\n:status: 200\nx: 1\ncontent-length: 2\nDATA ok\nEND",
  ),
  down(
    "h2-h1-body-length",
    "a body with a length keeps it",
    [headers(1, [...pseudo("POST"), ["content-length", "5"]]), data(1, "hello", true)],
    "POST /a HTTP/1.1\r\nHost: %H\r\ncontent-length: 5\r\n\r\nhello",
    OK1,
    plainAnswer,
  ),
  {
    ...down(
      "h2-h1-body-chunked",
      "a body without a length is chunked, with its trailers; a chunked answer is not",
      [],
      "",
      "",
      "",
    ),
    client: [
      headers(1, pseudo("POST")),
      data(1, "one"),
      hear("one"),
      data(1, "second"),
      hear("second"),
      headers(
        1,
        [
          ["x-sum", "9"],
          ["x-sum", "\xe9"],
        ],
        true,
      ),
      ended(1),
    ],
    origin: [
      [
        until("3\r\none\r\n"),
        say("one"),
        until("6\r\nsecond\r\n"),
        say("second"),
        until("\r\n\r\n"),
        send(
          `${head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Trailer: X-Sum")}2;ext=1\r\nok\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n`,
        ),
      ],
    ],
    expect: {
      kind: "differs",
      why: "translated",
      toOrigin:
        "POST /a HTTP/1.1\r\nHost: %H\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n6\r\nsecond\r\n0\r\nx-sum: 9\r\nx-sum: \xe9\r\n\r\n",
      toClient: ["\nHEADERS\n:status: 200\ntrailer: X-Sum\nDATA ok\nHEADERS\nx-sum: 1\nx-sum: 2\nEND"],
    },
    recorded: [
      {
        sent: "onesecond",
        got: "ok",
        requestTrailers: [
          ["x-sum", "9"],
          ["x-sum", "\xe9"],
        ],
        error: null,
      },
    ],
  },
  down(
    "h2-h1-interim",
    "100 and 103 with its fields",
    [headers(1, [...pseudo("POST"), ["expect", "100-continue"], ["content-length", "0"]], true)],
    "POST /a HTTP/1.1\r\nHost: %H\r\nexpect: 100-continue\r\ncontent-length: 0\r\n\r\n",
    `${head("HTTP/1.1 100 Continue")}${head("HTTP/1.1 103 Early Hints", "Link: </a>")}${OK1}`,
    `\nHEADERS\n:status: 100\nHEADERS\n:status: 103\nlink: </a>${plainAnswer}`,
    { recorded: [{ informational: [100, 103], status: 200 }] },
  ),
  down(
    "h2-h1-head",
    "HEAD with a content-length",
    [headers(1, pseudo("HEAD"), true)],
    "HEAD /a HTTP/1.1\r\nHost: %H\r\n\r\n",
    head("HTTP/1.1 200 OK", "Content-Length: 1000"),
    "\nHEADERS\n:status: 200\ncontent-length: 1000\nEND",
  ),
  ...["204 No Content", "304 Not Modified"].map((line) =>
    down(
      `h2-h1-${line.slice(0, 3)}`,
      line.slice(0, 3),
      GET_A,
      ASK,
      head(`HTTP/1.1 ${line}`, "ETag: a"),
      `\nHEADERS\n:status: ${line.slice(0, 3)}\netag: a\nEND`,
    ),
  ),
  {
    ...down(
      "h2-h1-close-delimited",
      "a body that ends with the connection",
      GET_A,
      ASK,
      "",
      "\nHEADERS\n:status: 200\nDATA to the end\nEND",
    ),
    origin: [[until("\r\n\r\n"), send(`${head("HTTP/1.0 200 OK", "Connection: close")}to the end`), end]],
    recorded: [{ responseVersion: "HTTP/1.0", got: "to the end", error: null }],
  },
  ...["//a", "/a%2Fb", "/a?q=%zz", "/a|{}[]", "/caf\xe9"].map((path, index) =>
    down(
      `h2-h1-path-${index + 1}`,
      `the path ${path}`,
      [headers(1, pseudo("GET", path), true)],
      `GET ${path} HTTP/1.1\r\nHost: %H\r\n\r\n`,
      OK1,
      plainAnswer,
    ),
  ),
  down(
    "h2-h1-options-star",
    "OPTIONS *",
    [headers(1, pseudo("OPTIONS", "*"), true)],
    "OPTIONS * HTTP/1.1\r\nHost: %H\r\n\r\n",
    OK1,
    plainAnswer,
  ),
  {
    ...down("h2-h1-reset-by-client", "a client's reset ends the origin's connection", [], "", "", ""),
    client: [...GET_A, seen(1, "begun"), rst(1, Http2Code.CANCEL), hear("over")],
    origin: [
      [until("\r\n\r\n"), send(`${head("HTTP/1.1 200 OK", "Content-Length: 100")}begun`), toEnd, say("over")],
    ],
    expect: {
      kind: "differs",
      why: "HTTP/1 has no reset of one exchange",
      toOrigin: ASK,
      toClient: ["\nHEADERS\n:status: 200\ncontent-length: 100\nDATA begun"],
    },
    recorded: [{ error: "client-closed", responseTruncated: "client-closed" }],
  },
  ...[end, reset].map(
    (how): Http2Case => ({
      ...down(
        `h2-h1-cut-${how.do}`,
        `an origin that ends (${how.do}) in mid-body: the stream is reset`,
        [],
        "",
        "",
        "",
      ),
      client: [...GET_A, seen(1, "begun"), say("seen"), seen(1, "RST_STREAM")],
      origin: [
        [
          until("\r\n\r\n"),
          send(`${head("HTTP/1.1 200 OK", "Content-Length: 100")}begun`),
          hear("seen"),
          how,
        ],
      ],
      expect: {
        kind: "differs",
        why: "the stream is reset with INTERNAL_ERROR",
        toOrigin: ASK,
        toClient: ["\nHEADERS\n:status: 200\ncontent-length: 100\nDATA begun\nRST_STREAM INTERNAL_ERROR"],
      },
      recorded: [{ error: how.do === "end" ? "origin-closed" : "origin-reset", got: "begun" }],
    }),
  ),
  {
    ...down("h2-h1-101", "an origin that switches protocols unasked", GET_A, ASK, "", ""),
    origin: [
      [
        until("\r\n\r\n"),
        send(head("HTTP/1.1 101 Switching Protocols", "Upgrade: x", "Connection: Upgrade")),
        toEnd,
      ],
    ],
    expect: {
      kind: "differs",
      why: "502: HTTP/2 has no 101",
      toOrigin: ASK,
      toClient: /^\nHEADERS\n:status: 502/,
    },
    recorded: [{ error: "origin-malformed" }],
  },
];
