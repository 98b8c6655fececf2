// Requests that could be read in two ways, and requests that no parser should take: refused, or read in one way alone.
import {
  differs,
  end,
  head,
  hear,
  ok,
  refusal,
  request,
  same,
  say,
  send,
  toEnd,
  until,
  type WireCase,
} from "../case.js";

const CHUNKED = "Transfer-Encoding: chunked";
/** Hidden in the body of a smuggling attempt: an origin must never see it as a request. */
const SMUGGLED = request("GET /smuggled");

const TWO_READINGS = "two readers could read it in two ways";
const NOT_HTTP = "no parser should take it (RFC 9112)";

const framingRefusals: readonly (readonly [
  id: string,
  shows: string,
  fields: readonly string[],
  body: string,
])[] = [
  [
    "cl-te",
    "CL.TE: both Content-Length and Transfer-Encoding",
    ["Content-Length: 6", CHUNKED],
    `0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "te-cl",
    "TE.CL: both, the other way round",
    [CHUNKED, "Content-Length: 4"],
    `5c\r\n${SMUGGLED}\r\n0\r\n\r\n`,
  ],
  [
    "te-te",
    "TE.TE: two Transfer-Encoding fields",
    [CHUNKED, "Transfer-Encoding: cow"],
    `0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "te-identity",
    "Transfer-Encoding: identity, with a length",
    ["Transfer-Encoding: identity", "Content-Length: 3"],
    "abc",
  ],
  ["te-xchunked", "Transfer-Encoding: xchunked", ["Transfer-Encoding: xchunked"], `0\r\n\r\n${SMUGGLED}`],
  [
    "te-chunked-not-last",
    "chunked before another coding",
    ["Transfer-Encoding: chunked, identity"],
    `0\r\n\r\n${SMUGGLED}`,
  ],
  ["te-chunked-twice", "chunked twice", ["Transfer-Encoding: chunked, chunked"], `0\r\n\r\n${SMUGGLED}`],
  ["te-quoted", "Transfer-Encoding in quotes", ['Transfer-Encoding: "chunked"'], `0\r\n\r\n${SMUGGLED}`],
  [
    "te-vertical-tab",
    "a vertical tab before chunked",
    ["Transfer-Encoding: \x0bchunked"],
    `0\r\n\r\n${SMUGGLED}`,
  ],
  ["te-nbsp", "a no-break space before chunked", ["Transfer-Encoding: \xa0chunked"], `0\r\n\r\n${SMUGGLED}`],
  ["te-empty", "an empty Transfer-Encoding", ["Transfer-Encoding:"], ""],
  [
    "te-folded",
    "Transfer-Encoding on a folded line",
    ["Transfer-Encoding:", " chunked"],
    `0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "te-space-before-colon",
    "space before the colon of Transfer-Encoding",
    ["Transfer-Encoding : chunked", "Content-Length: 3"],
    "abc",
  ],
  [
    "te-bare-cr",
    "Transfer-Encoding behind a bare CR",
    ["X: a\rTransfer-Encoding: chunked", "Content-Length: 3"],
    "abc",
  ],
  [
    "te-bare-lf",
    "Transfer-Encoding behind a bare LF",
    ["X: a\nTransfer-Encoding: chunked", "Content-Length: 3"],
    "abc",
  ],
  ["lengths-differ", "two lengths that differ", ["Content-Length: 3", "Content-Length: 4"], "abcd"],
  ["lengths-same", "the same length twice", ["Content-Length: 3", "content-length: 3"], "abc"],
  ["lengths-list", "two lengths in one field", ["Content-Length: 3, 3"], "abc"],
  ["length-negative", "a negative length", ["Content-Length: -1"], ""],
  ["length-plus", "a length with a plus", ["Content-Length: +3"], "abc"],
  ["length-hex", "a length in hexadecimal", ["Content-Length: 0x3"], "abc"],
  ["length-empty", "an empty length", ["Content-Length:"], ""],
  ["length-text", "a length that is no number", ["Content-Length: three"], "abc"],
  ["length-decimal", "a length with a point", ["Content-Length: 3.0"], "abc"],
  ["length-huge", "a length that no number holds", ["Content-Length: 99999999999999999999999"], "abc"],
];

const headRefusals: readonly (readonly [id: string, shows: string, bytes: string, status?: number])[] = [
  ["folded", "a folded header line", request("GET %O/a", ["X: 1", " folded"])],
  ["folded-first", "white space before the first header", head("GET %O/a HTTP/1.1", " Host: %H")],
  ["space-before-colon", "space before a colon", request("GET %O/a", ["X : 1"])],
  ["no-colon", "a header without a colon", request("GET %O/a", ["garbage"])],
  ["no-name", "a header without a name", request("GET %O/a", [": value"])],
  ["name-latin1", "a header name with bytes over 127", request("GET %O/a", ["X-caf\xe9: 1"])],
  ["nul-value", "NUL in a value", request("GET %O/a", ["X: a\0b"])],
  ["nul-name", "NUL in a name", request("GET %O/a", ["X\0: a"])],
  ["nul-target", "NUL in the target", request("GET %O/a\0b")],
  ["bare-cr", "a bare CR in a value", request("GET %O/a", ["X: a\rb"])],
  ["bare-lf", "bare line feeds instead of CRLF", "GET %O/a HTTP/1.1\nHost: %H\n\n"],
  ["bare-lf-line", "one bare line feed among CRLF", "GET %O/a HTTP/1.1\r\nHost: %H\nX: 1\r\n\r\n"],
  ["bare-lf-request-line", "a bare line feed after the request line", "GET %O/a HTTP/1.1\nHost: %H\r\n\r\n"],
  ["target-space", "a space in the target", request("GET %O/a b")],
  ["two-spaces", "two spaces in the request line", request("GET  %O/a")],
  ["tabs", "tabs in the request line", head("GET\t%O/a\tHTTP/1.1", "Host: %H")],
  ["method-odd", "a method with a character that none may have", request("GE(T %O/a")],
  ["version-1.2", "the version HTTP/1.2", head("GET %O/a HTTP/1.2", "Host: %H"), 505],
  ["version-2.0", "the version HTTP/2.0 on a request line", head("GET %O/a HTTP/2.0", "Host: %H"), 505],
  ["version-none", "HTTP/0.9: a request line without a version", "GET /a\r\n\r\n"],
  ["version-lower", "a lower-case version", head("GET %O/a http/1.1", "Host: %H")],
  ["version-space", "a space behind the version", head("GET %O/a HTTP/1.1 ", "Host: %H")],
  ["hosts", "two Host headers", request("GET %O/a", ["Host: elsewhere.example"])],
  ["te-in-1.0", "Transfer-Encoding in HTTP/1.0", `${head("POST %O/a HTTP/1.0", CHUNKED)}0\r\n\r\n`],
  [
    "head-256k",
    "a head of more than 256 KB",
    head("GET %O/a HTTP/1.1", ...Array.from({ length: 600 }, (_, n) => `X-${n}: ${"f".repeat(500)}`)),
    431,
  ],
  [
    "header-300k",
    "one header line of 300 KB that does not end",
    `GET %O/a HTTP/1.1\r\nX: ${"f".repeat(300 * 1024)}`,
    431,
  ],
];

/** Such a first line is no HTTP inside a CONNECT: the tunnel passes it untouched. */
const NOT_IN_TUNNEL = new Set([
  "target-space",
  "two-spaces",
  "tabs",
  "method-odd",
  "version-1.2",
  "version-2.0",
  "version-none",
  "version-lower",
  "version-space",
  "nul-target",
  "bare-lf",
  "bare-lf-request-line",
]);

const refusals: WireCase[] = [
  ...framingRefusals.map(([id, shows, fields, body]) =>
    refusal(`smuggling-${id}`, shows, request("POST %O/a", fields, body), 400, TWO_READINGS),
  ),
  ...headRefusals.map(([id, shows, bytes, status]): WireCase => {
    const wireCase = refusal(`malformed-${id}`, shows, bytes, status, NOT_HTTP);
    return NOT_IN_TUNNEL.has(id) ? { ...wireCase, modes: ["absolute", "tls"] } : wireCase;
  }),
];

/** A chunked request that goes wrong after its head went on: the origin never sees an end of it. */
function badChunk(id: string, shows: string, bytes: string): WireCase {
  const before = request("POST %O/a", [CHUNKED], "2\r\nok\r\n");
  return {
    id: `chunk-${id}`,
    shows: `${shows}, in a request whose head went on: 400, the connection to the origin ends, the next request is not read`,
    client: [send(before), hear("began"), send(`${bytes}${SMUGGLED}`), toEnd],
    origin: [[until("2\r\nok\r\n"), say("began"), send(ok("unread")), end]],
    originThroughProxy: [[until("2\r\nok\r\n"), say("began"), toEnd]],
    expect: differs(TWO_READINGS, {
      toClient: /^HTTP\/1\.1 400 Bad Request\r\n(?:(?!HTTP\/1\.1)[\s\S])*$/,
      toOrigin: [/^POST (?:(?!\r\n\r\nGET |smuggled|\r\n0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n)[\s\S])*$/],
      clientEnding: "end",
      originEndings: "any",
    }),
    recorded: [{ error: "client-malformed", sent: "ok", status: null }],
  };
}

const chunkCases: WireCase[] = [
  badChunk("size-text", "a chunk size that is no number", "xyz\r\n"),
  badChunk("size-negative", "a negative chunk size", "-1\r\n"),
  badChunk("size-overflow", "a chunk size that no number holds", "fffffffffffffffff1\r\n"),
  badChunk("size-0x", "a chunk size with 0x", "0x2\r\nok\r\n"),
  badChunk("size-space", "a space before a chunk size", " 2\r\nok\r\n"),
  badChunk("size-empty", "an empty chunk size", "\r\n"),
  badChunk("size-underscore", "an underscore in a chunk size", "1_0\r\n"),
  badChunk("too-long", "a chunk longer than its size", "2\r\nokay\r\n"),
  badChunk("bare-lf", "a bare line feed behind a chunk size", "2\nok\r\n"),
  badChunk("bare-cr-extension", "a bare CR in a chunk extension", "2;a\rb\r\nok\r\n"),
  badChunk("nul-extension", "NUL in a chunk extension", "2;a\0b\r\nok\r\n"),
  badChunk("extension-20k", "a chunk extension of 20 KB", `2;${"e".repeat(20 * 1024)}\r\nok\r\n`),
  badChunk("trailer-no-colon", "a trailer without a colon", "0\r\ngarbage\r\n\r\n"),
  badChunk("trailer-folded", "a folded trailer", "0\r\nX: 1\r\n folded\r\n\r\n"),
  badChunk("trailers-70k", "trailers of 70 KB", `0\r\n${"X: y\r\n".repeat(12_000)}\r\n`),
];

const oneReading: WireCase[] = [
  {
    id: "smuggling-cl-0",
    shows: "CL.0: a request in a body whose length is stated stays a body, also for GET",
    client: [
      send(
        request(
          "GET %O/a",
          [`Content-Length: ${SMUGGLED.replace("%H", "localhost:12345").length}`],
          request("GET /smuggled").replace("%H", "localhost:12345"),
        ),
      ),
      toEnd,
    ],
    origin: [[until("localhost:12345\r\n\r\n"), send(ok("ok")), end]],
    expect: same,
    recorded: [{ sent: request("GET /smuggled").replace("%H", "localhost:12345"), got: "ok" }],
  },
  {
    id: "smuggling-te-names-like",
    shows:
      "headers that only look like framing (Content_Length, Transfer_Encoding, X-Transfer-Encoding) are none",
    client: [
      send(
        request("GET %O/a", [
          "Content_Length: 5",
          "Transfer_Encoding: chunked",
          "X-Transfer-Encoding: chunked",
        ]),
      ),
      toEnd,
    ],
    origin: [[until("\r\n\r\n"), send(ok("ok")), end]],
    expect: same,
    recorded: [{ sent: "", got: "ok" }],
  },
  {
    id: "smuggling-after-refusal",
    shows: "behind a refused request nothing on its connection is read",
    client: [
      send(request("POST %O/a", ["Content-Length: 3", CHUNKED], "abc") + request("GET %O/next")),
      toEnd,
    ],
    origin: [],
    expect: { kind: "refused", status: 400, why: TWO_READINGS },
    recorded: [],
  },
  {
    id: "malformed-behind-good",
    shows:
      "a malformed request pipelined behind a good one: the good one is answered, then the connection is refused",
    client: [send(`${request("GET %O/1")}garbage\r\n\r\n`), toEnd],
    origin: [
      [
        until("/1 HTTP/1.1"),
        until("\r\n\r\n"),
        send(`${head("HTTP/1.1 200 OK", "Content-Length: 3")}one`),
        end,
      ],
    ],
    expect: differs(NOT_HTTP, {
      toOrigin: [request("GET /1")],
      toClient:
        /^HTTP\/1\.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP\/1\.1 400 Bad Request\r\n[\s\S]*Connection: close\r\n/,
    }),
    recorded: [{ got: "one" }],
  },
];

export const HOSTILE_CASES: readonly WireCase[] = [...refusals, ...chunkCases, ...oneReading];
