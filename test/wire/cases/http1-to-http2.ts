// HTTP/1 from the client, HTTP/2 to the origin: what becomes of each message (RFC 9113 section 8, RFC 9112).
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { Http2Code } from "../../../src/proxy/http2/errors.js";
import { end, head, hear, reset, say, send, toEnd, until } from "../case.js";
import {
  type AnyStep,
  data,
  ended,
  type Http2Case,
  headers,
  pseudo,
  rst,
  seen,
  status,
} from "../http2-case.js";

const REQUEST: RawHeaders = pseudo();
const shown = (fields: RawHeaders): string => fields.map(([name, value]) => `\n${name}: ${value}`).join("");

/** A client of HTTP/1 and an origin of HTTP/2: one exchange, after which the client leaves. */
function up(
  id: string,
  shows: string,
  ask: string,
  toOrigin: string,
  answer: readonly AnyStep[],
  toClient: string,
  more: Partial<Http2Case> = {},
): Http2Case {
  return {
    id,
    shows,
    modes: ["h1-h2"],
    client: [send(ask), until(toClient)],
    origin: [[ended(1), ...answer]],
    expect: { kind: "differs", why: "translated", toOrigin: [toOrigin], toClient },
    ...more,
  };
}

const OK2: readonly AnyStep[] = [headers(1, [status(200), ["content-length", "2"]]), data(1, "ok", true)];
const OK_TEXT = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
export const HTTP1_TO_HTTP2_CASES: readonly Http2Case[] = [
  up(
    "h1-h2-get",
    "a request's fields in lower case, Host as :authority; an answer with the usual reason",
    head("GET /a HTTP/1.1", "Host: %H", "X-B: 1", "x-empty:", "X-b: \xe9", "Cookie: a=1; b=2"),
    `\nHEADERS${shown([...REQUEST, ["x-b", "1"], ["x-empty", ""], ["x-b", "\xe9"], ["cookie", "a=1; b=2"]])}\nEND`,
    [
      headers(1, [
        status(404),
        ["x-a", "1"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["content-length", "2"],
      ]),
      data(1, "no", true),
    ],
    "HTTP/1.1 404 Not Found\r\nx-a: 1\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 2\r\n\r\nno",
    {
      recorded: [
        { httpVersion: "HTTP/1.1", responseVersion: "HTTP/2.0", status: 404, got: "no", error: null },
      ],
    },
  ),
  up(
    "h1-h2-connection-fields",
    "fields of the HTTP/1 connection stay there; of TE only trailers goes on",
    head(
      "GET /a HTTP/1.1",
      "Host: %H",
      "Connection: X-Hop, TE",
      "X-Hop: 1",
      "TE: gzip, trailers",
      "Keep-Alive: 5",
      "X: 1",
    ),
    `\nHEADERS${shown([...REQUEST, ["te", "trailers"], ["x", "1"]])}\nEND`,
    OK2,
    OK_TEXT,
  ),
  up(
    "h1-h2-body-length",
    "a body with a length keeps it",
    `${head("POST /a HTTP/1.1", "Host: %H", "Content-Length: 5")}hello`,
    `\nHEADERS${shown([...pseudo("POST"), ["content-length", "5"]])}\nDATA hello\nEND`,
    OK2,
    OK_TEXT,
    { recorded: [{ sent: "hello", got: "ok", error: null }] },
  ),
  up(
    "h1-h2-body-chunked",
    "a chunked body with trailers; an answer without a length is chunked, with its trailers",
    `${head("POST /a HTTP/1.1", "Host: %H", "Transfer-Encoding: chunked")}5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n`,
    `\nHEADERS${shown(pseudo("POST"))}\nDATA hello\nHEADERS\nx-sum: 1\nx-sum: 2\nEND`,
    [
      headers(1, [status(200)]),
      data(1, "ok"),
      headers(
        1,
        [
          ["x-t", "1"],
          ["x-t", "\xe9"],
        ],
        true,
      ),
    ],
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-t: 1\r\nx-t: \xe9\r\n\r\n",
    {
      recorded: [
        {
          sent: "hello",
          got: "ok",
          responseTrailers: [
            ["x-t", "1"],
            ["x-t", "\xe9"],
          ],
        },
      ],
    },
  ),
  up(
    "h1-h2-interim",
    "100 and 103 with its fields",
    head("GET /a HTTP/1.1", "Host: %H"),
    `\nHEADERS${shown(REQUEST)}\nEND`,
    [headers(1, [status(100)]), headers(1, [status(103), ["link", "</a>"]]), ...OK2],
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK_TEXT}`,
    { recorded: [{ informational: [100, 103] }] },
  ),
  up(
    "h1-h2-head",
    "HEAD with a content-length",
    head("HEAD /a HTTP/1.1", "Host: %H"),
    `\nHEADERS${shown(pseudo("HEAD"))}\nEND`,
    [headers(1, [status(200), ["content-length", "1000"]], true)],
    "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n",
  ),
  ...[204, 304].map((code) =>
    up(
      `h1-h2-${code}`,
      String(code),
      head("GET /a HTTP/1.1", "Host: %H"),
      `\nHEADERS${shown(REQUEST)}\nEND`,
      [headers(1, [status(code), ["etag", "a"]], true)],
      `HTTP/1.1 ${code} ${code === 204 ? "No Content" : "Not Modified"}\r\netag: a\r\n\r\n`,
    ),
  ),
  up(
    "h1-h2-no-body",
    "an answer without a body and without a length says that its length is 0",
    head("GET /a HTTP/1.1", "Host: %H"),
    `\nHEADERS${shown(REQUEST)}\nEND`,
    [headers(1, [status(200)], true)],
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  ),
  ...[204, 304].map((code) =>
    up(
      `h1-h2-${code}-late-end`,
      `${code} whose stream ends after its head: what follows is the next answer`,
      head("GET /a HTTP/1.1", "Host: %H").repeat(2),
      "",
      [],
      "",
      {
        client: [send(head("GET /a HTTP/1.1", "Host: %H").repeat(2)), until("ok")],
        origin: [
          [
            ended(1),
            headers(1, [status(code)]),
            data(1, "", true),
            ended(2),
            headers(2, [status(200), ["content-length", "2"]]),
            data(2, "ok", true),
          ],
        ],
        expect: {
          kind: "differs",
          why: "translated",
          toOrigin: [1, 2].map(() => `\nHEADERS${shown(REQUEST)}\nEND`),
          toClient: `HTTP/1.1 ${code} ${code === 204 ? "No Content" : "Not Modified"}\r\n\r\n${OK_TEXT}`,
        },
      },
    ),
  ),
  {
    ...up("h1-h2-1.0", "an HTTP/1.0 client gets a body that ends with the connection", "", "", [], ""),
    client: [send(head("GET /a HTTP/1.0", "Host: %H")), toEnd],
    origin: [[ended(1), headers(1, [status(200)]), data(1, "ok", true)]],
    expect: {
      kind: "differs",
      why: "translated",
      toOrigin: [`\nHEADERS${shown(REQUEST)}\nEND`],
      toClient: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok",
    },
  },
  up(
    "h1-h2-keep-alive",
    "two requests on one connection are two streams of one",
    head("GET /a HTTP/1.1", "Host: %H"),
    "",
    [],
    "",
    {
      client: [
        send(head("GET /a HTTP/1.1", "Host: %H")),
        until("ok"),
        send(head("GET /a HTTP/1.1", "Host: %H")),
        until("ok"),
      ],
      origin: [
        [ended(1), ...OK2, ended(2), headers(2, [status(200), ["content-length", "2"]]), data(2, "ok", true)],
      ],
      expect: {
        kind: "differs",
        why: "translated",
        toOrigin: [1, 2].map(() => `\nHEADERS${shown(REQUEST)}\nEND`),
        toClient: OK_TEXT + OK_TEXT,
      },
    },
  ),
  {
    ...up(
      "h1-h2-reset",
      "an origin that resets the stream in mid-body: the client's connection ends early",
      "",
      "",
      [],
      "",
    ),
    client: [send(head("GET /a HTTP/1.1", "Host: %H")), until("begun"), say("seen"), toEnd],
    origin: [
      [
        ended(1),
        headers(1, [status(200), ["content-length", "100"]]),
        data(1, "begun"),
        hear("seen"),
        rst(1, Http2Code.INTERNAL_ERROR),
      ],
    ],
    expect: {
      kind: "differs",
      why: "HTTP/1 has no reset of one exchange",
      toOrigin: [`\nHEADERS${shown(REQUEST)}\nEND`],
      toClient: "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun",
    },
    recorded: [{ error: "origin-reset", got: "begun" }],
  },
  {
    ...up("h1-h2-refused-stream", "an origin that refuses the stream", "", "", [], ""),
    client: [send(head("GET /a HTTP/1.1", "Host: %H")), toEnd],
    origin: [[ended(1), rst(1, Http2Code.REFUSED_STREAM)]],
    expect: {
      kind: "differs",
      why: "502 with the reason",
      toOrigin: [`\nHEADERS${shown(REQUEST)}\nEND`],
      toClient: /^HTTP\/1\.1 502 Bad Gateway\r\n/,
    },
  },
  {
    ...up(
      "h1-h2-client-leaves",
      "a client that resets its connection in mid-answer: the stream is reset with CANCEL",
      "",
      "",
      [],
      "",
    ),
    client: [send(head("GET /a HTTP/1.1", "Host: %H")), until("begun"), reset],
    origin: [
      [
        ended(1),
        headers(1, [status(200), ["content-length", "100"]]),
        data(1, "begun"),
        seen(1, "RST_STREAM"),
      ],
    ],
    expect: {
      kind: "differs",
      why: "the connection to the origin serves others",
      toOrigin: [`\nHEADERS${shown(REQUEST)}\nEND\nRST_STREAM CANCEL`],
      toClient: "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun",
    },
    recorded: [{ error: "client-closed" }],
  },
  {
    ...up(
      "h1-h2-half-close",
      "a client that ends its side, and reads on, while its answer is under way: the stream is reset with CANCEL",
      "",
      "",
      [],
      "",
    ),
    client: [send(head("GET /a HTTP/1.1", "Host: %H")), until("begun"), end, toEnd],
    origin: [
      [
        ended(1),
        headers(1, [status(200), ["content-length", "100"]]),
        data(1, "begun"),
        seen(1, "RST_STREAM"),
      ],
    ],
    expect: {
      kind: "differs",
      why: "HTTP/2 has no half-close of a connection, and an end is how most clients leave: so it is taken for that",
      toOrigin: [`\nHEADERS${shown(REQUEST)}\nEND\nRST_STREAM CANCEL`],
      toClient: "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun",
    },
    recorded: [{ error: "client-closed", got: "begun" }],
  },
];
