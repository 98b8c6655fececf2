// What breaks: origins that end early, reset, or send what is no HTTP; clients that leave.
import {
  close,
  differs,
  end,
  GET,
  head,
  hear,
  ok,
  oneExchange,
  request,
  reset,
  response,
  same,
  say,
  send,
  toEnd,
  until,
  type WireCase,
} from "../case.js";

const GATEWAY = "there is no answer to pass on: RFC 9110 section 15.6.3, with the reason";
const FRAMED_CUT =
  "the body's framing tells that it is cut; a reset would take back what the client has not read yet";
const LONG = "Content-Length: 100";
const CHUNKED = "Transfer-Encoding: chunked";

/** An answer of trafficctl for an origin that failed. */
const bad = (proxyStatus: string): RegExp =>
  new RegExp(
    `^HTTP/1\\.1 502 Bad Gateway\r\n[\\s\\S]*Proxy-Status: trafficctl; error=${proxyStatus}\r\n[\\s\\S]*Connection: close\r\n\r\ntrafficctl: [\\s\\S]+\n$`,
  );

/** The answer is cut off after what the client has seen; `how` the origin cuts. */
function cut(
  id: string,
  shows: string,
  answer: string,
  how: typeof end | typeof reset,
  more: Partial<WireCase>,
): WireCase {
  const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  return {
    id,
    shows,
    client: [send(GET), until("\r\n\r\n"), until(body), say("seen"), toEnd],
    origin: [[until("\r\n\r\n"), send(answer), hear("seen"), how]],
    expect: same,
    ...more,
  };
}

const truncationCases: WireCase[] = [
  cut(
    "cut-length-end",
    "an origin that ends in the middle of a body of known length",
    response("200 OK", [LONG], "part"),
    end,
    {
      recorded: [{ status: 200, got: "part", error: "origin-closed", responseTruncated: "origin-closed" }],
    },
  ),
  cut(
    "cut-length-reset",
    "an origin that resets in the middle of a body of known length",
    response("200 OK", [LONG], "part"),
    reset,
    {
      expect: differs(FRAMED_CUT, { clientEnding: "end" }),
      recorded: [{ status: 200, got: "part", error: "origin-reset", responseTruncated: "origin-closed" }],
    },
  ),
  cut(
    "cut-chunked-end",
    "an origin that ends in the middle of a chunk",
    response("200 OK", [CHUNKED], "a\r\npart"),
    end,
    {
      recorded: [{ got: "part", error: "origin-closed" }],
    },
  ),
  cut(
    "cut-chunked-between",
    "an origin that ends between chunks",
    response("200 OK", [CHUNKED], "4\r\npart\r\n"),
    end,
    {
      recorded: [{ got: "part", error: "origin-closed" }],
    },
  ),
  cut(
    "cut-chunked-in-trailers",
    "an origin that ends in the trailers",
    response("200 OK", [CHUNKED], "4\r\npart\r\n0\r\nX: "),
    end,
    {
      recorded: [{ got: "part", error: "origin-closed" }],
    },
  ),
  cut(
    "cut-chunked-reset",
    "an origin that resets between chunks",
    response("200 OK", [CHUNKED], "4\r\npart\r\n"),
    reset,
    {
      expect: differs(FRAMED_CUT, { clientEnding: "end" }),
      recorded: [{ got: "part", error: "origin-reset" }],
    },
  ),
  cut(
    "cut-close-delimited-reset",
    "an origin that resets in a body that ends with the connection",
    `${head("HTTP/1.1 200 OK")}part`,
    reset,
    {
      recorded: [{ got: "part", error: "origin-reset", responseTruncated: "origin-closed" }],
    },
  ),
  {
    id: "cut-with-much-behind",
    shows: "all that came before an origin's end in mid-body still reaches the client, half a megabyte here",
    client: [send(GET), toEnd],
    origin: [
      [
        until("\r\n\r\n"),
        send(`${response("200 OK", ["Content-Length: 900000"])}${"x".repeat(500_000)}!`),
        end,
      ],
    ],
    expect: same,
    recorded: [{ error: "origin-closed" }],
  },
  {
    id: "cut-head",
    shows: "an origin that ends in the middle of a response head",
    client: [send(GET), toEnd],
    origin: [[until("\r\n\r\n"), send("HTTP/1.1 200 OK\r\nConte"), end]],
    expect: differs(GATEWAY, { toClient: bad("http_response_incomplete") }),
    recorded: [{ status: null, error: "origin-closed" }],
  },
  {
    id: "no-answer-end",
    shows: "an origin that ends without an answer",
    client: [send(GET), toEnd],
    origin: [[until("\r\n\r\n"), end]],
    expect: differs(GATEWAY, { toClient: bad("http_response_incomplete") }),
    recorded: [{ status: null, error: "origin-closed" }],
  },
  {
    id: "no-answer-reset",
    shows: "an origin that resets without an answer",
    client: [send(GET), toEnd],
    origin: [[until("\r\n\r\n"), reset]],
    expect: differs(GATEWAY, { toClient: bad("connection_terminated"), clientEnding: "end" }),
    recorded: [{ status: null, error: "origin-reset" }],
  },
  {
    id: "no-answer-in-upload",
    shows: "an origin that resets while it is being sent a body",
    client: [send(request("POST %O/a", [LONG], "part")), toEnd],
    origin: [[until("part"), reset]],
    expect: differs(GATEWAY, { toClient: bad("connection_terminated"), clientEnding: "end" }),
    recorded: [{ status: null, error: "origin-reset", sent: "part", requestTruncated: "origin-closed" }],
  },
  {
    id: "interim-then-end",
    shows: "an origin that ends after a 100",
    client: [send(GET), toEnd],
    origin: [[until("\r\n\r\n"), send(head("HTTP/1.1 100 Continue")), end]],
    expect: differs(GATEWAY, { toClient: /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 502 Bad Gateway\r\n/ }),
    recorded: [{ status: null, error: "origin-closed" }],
  },
];

/** A response whose chunks go wrong after some were passed on. */
function badChunk(id: string, shows: string, bytes: string): WireCase {
  const before = response("200 OK", [CHUNKED], "4\r\npart\r\n");
  return {
    id: `chunk-${id}`,
    shows: `a response with ${shows}: the client gets what was read, then a truncation`,
    client: [send(GET), until("part\r\n"), say("seen"), toEnd],
    origin: [[until("\r\n\r\n"), send(before), hear("seen"), send(bytes), end]],
    expect: differs("what follows a chunk that can't be read is nobody's body", { toClient: CUT_CHUNKS }),
    recorded: [{ got: "part", error: "origin-malformed", responseTruncated: "origin-closed" }],
  };
}

/** Never the end of a body: no last chunk whose trailers end. */
const CUT_CHUNKS = /part\r\n(?:(?!\r\n\r\n|smuggled)[\s\S])*$/;

const badChunkCases: WireCase[] = [
  badChunk("response-text", "a chunk size that is no number", "zz\r\nmore\r\n0\r\n\r\n"),
  badChunk("response-overflow", "a chunk size that no number holds", "ffffffffffffffff\r\nmore\r\n0\r\n\r\n"),
  badChunk("response-too-long", "a chunk longer than its size", "2\r\nmore\r\n0\r\n\r\n"),
  badChunk("response-bare-lf", "a bare line feed behind a chunk size", "4\nmore\r\n0\r\n\r\n"),
  badChunk("response-trailer", "a trailer without a colon", "0\r\nsmuggled\r\n\r\n"),
  badChunk(
    "response-extension-20k",
    "a chunk extension of 20 KB",
    `4;${"e".repeat(20 * 1024)}\r\nmore\r\n0\r\n\r\n`,
  ),
  badChunk("response-trailers-70k", "trailers of 70 KB", `0\r\n${"X: y\r\n".repeat(12_000)}\r\n`),
];

const GARBAGE: readonly (readonly [id: string, shows: string, answer: string])[] = [
  ["ssh", "another protocol's greeting", "SSH-2.0-OpenSSH_9.2p1\r\n\r\n"],
  ["http09", "a body without a head (HTTP/0.9)", "<html>hello</html>\n\n"],
  ["http2", "the version HTTP/2.0 on a status line", head("HTTP/2.0 200 OK", "Content-Length: 0")],
  ["lower-case-version", "a lower-case version", head("http/1.1 200 OK", "Content-Length: 0")],
  ["status-2-digits", "a status of two digits", head("HTTP/1.1 20 OK", "Content-Length: 0")],
  ["status-4-digits", "a status of four digits", head("HTTP/1.1 2000 OK", "Content-Length: 0")],
  ["status-000", "the status 000", head("HTTP/1.1 000 OK", "Content-Length: 0")],
  ["no-colon", "a header line without a colon", head("HTTP/1.1 200 OK", "garbage", "Content-Length: 0")],
  ["space-before-colon", "space before a colon", head("HTTP/1.1 200 OK", "Content-Length : 0")],
  ["nul", "NUL in a value", head("HTTP/1.1 200 OK", "X: a\0b", "Content-Length: 0")],
  [
    "bare-cr",
    "a bare CR in a value",
    head("HTTP/1.1 200 OK", "X: a\rContent-Length: 5", "Content-Length: 0"),
  ],
  [
    "lengths-differ",
    "two lengths that differ",
    `${head("HTTP/1.1 200 OK", "Content-Length: 2", "Content-Length: 3")}abc`,
  ],
  ["lengths-in-one", "two lengths in one field", `${head("HTTP/1.1 200 OK", "Content-Length: 2, 3")}abc`],
  ["length-negative", "a negative length", head("HTTP/1.1 200 OK", "Content-Length: -1")],
  ["length-plus", "a length with a plus", `${head("HTTP/1.1 200 OK", "Content-Length: +2")}ok`],
  ["length-hex", "a length in hexadecimal", `${head("HTTP/1.1 200 OK", "Content-Length: 0x2")}ok`],
  [
    "head-300k",
    "a head of 300 KB",
    head(
      "HTTP/1.1 200 OK",
      ...Array.from({ length: 600 }, (_, n) => `X-${n}: ${"f".repeat(500)}`),
      "Content-Length: 0",
    ),
  ],
  [
    "length-huge",
    "a length that no number holds",
    head("HTTP/1.1 200 OK", "Content-Length: 99999999999999999999999"),
  ],
];

const garbageCases: WireCase[] = GARBAGE.map(([id, shows, answer]) =>
  oneExchange(`garbage-${id}`, `an origin that answers with ${shows}`, GET, answer, {
    expect: differs("what can't be read, or could be read in two ways, is not passed on", {
      toClient: bad("http_protocol_error"),
    }),
    recorded: [{ status: null, error: "origin-malformed" }],
  }),
);

const SPLIT = `${head("HTTP/1.1 200 OK", "Content-Length: 3")}one${head("HTTP/1.1 200 OK", "Content-Length: 4")}evil`;

const oddResponseCases: WireCase[] = [
  oneExchange(
    "response-both-lengths",
    "a response with both Content-Length and Transfer-Encoding: read as chunked, the connection ends with it",
    GET,
    `${head("HTTP/1.1 200 OK", "Content-Length: 2", CHUNKED)}4\r\nfour\r\n0\r\n\r\n`,
    {
      recorded: [{ got: "four", error: null }],
    },
  ),
  oneExchange(
    "response-xchunked",
    "a response with an unknown transfer coding: its body ends with the connection",
    GET,
    `${head("HTTP/1.1 200 OK", "Transfer-Encoding: xchunked")}2\r\nok\r\n0\r\n\r\n`,
    {
      recorded: [{ got: "2\r\nok\r\n0\r\n\r\n", error: null }],
    },
  ),
  oneExchange(
    "response-chunked-not-last",
    "a response whose last transfer coding is not chunked: its body ends with the connection",
    GET,
    `${head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked, gzip")}2\r\nok\r\n0\r\n\r\n`,
    {
      recorded: [{ got: "2\r\nok\r\n0\r\n\r\n" }],
    },
  ),
  oneExchange(
    "response-bare-lf",
    "a response with bare line feeds is written anew with CRLF",
    GET,
    "HTTP/1.1 200 OK\nX: 1\nContent-Length: 2\nConnection: close\n\nok",
    {
      expect: differs("so that nobody behind can read it otherwise", {
        toClient: `${head("HTTP/1.1 200 OK", "X: 1", "Content-Length: 2", "Connection: close")}ok`,
      }),
      recorded: [{ got: "ok" }],
    },
  ),
  oneExchange(
    "response-folded",
    "a folded header is written as one line (RFC 9112 section 5.2)",
    GET,
    `${head("HTTP/1.1 200 OK", "X: 1,\r\n\t 2", "Content-Length: 2", "Connection: close")}ok`,
    {
      expect: differs("so that nobody behind can read it otherwise", {
        toClient: `${head("HTTP/1.1 200 OK", "X: 1, 2", "Content-Length: 2", "Connection: close")}ok`,
      }),
      recorded: [{ got: "ok" }],
    },
  ),
  oneExchange(
    "response-nothing-after-204",
    "a body behind a 204 is nobody's, and does not reach the client",
    GET,
    `${head("HTTP/1.1 204 No Content", "Connection: close")}body`,
    {
      expect: differs("a 204 has no body (RFC 9112 section 6.3)", {
        toClient: head("HTTP/1.1 204 No Content", "Connection: close"),
      }),
      recorded: [{ status: 204, got: "" }],
    },
  ),
  oneExchange(
    "response-nothing-after-head",
    "a body behind the answer to a HEAD is nobody's, and does not reach the client",
    request("HEAD %O/a"),
    ok("body"),
    {
      expect: differs("the answer to a HEAD has no body (RFC 9112 section 6.3)", {
        toClient: response("200 OK", ["Content-Length: 4"]),
      }),
      recorded: [{ status: 200, got: "" }],
    },
  ),
  oneExchange(
    "response-nothing-after-length",
    "bytes behind a response are nobody's, and do not reach the client",
    GET,
    `${ok("ok")}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`,
    {
      expect: differs("response splitting: they belong to no request", { toClient: ok("ok") }),
      recorded: [{ got: "ok" }],
    },
  ),
  {
    id: "split-response-not-next",
    shows: "bytes behind a response never answer the client's next request, which goes to a new connection",
    client: [send(request("GET %O/1")), until("one"), send(request("GET %O/2")), toEnd],
    origin: [[until("\r\n\r\n"), send(SPLIT), until("/2 HTTP/1.1"), until("\r\n\r\n"), end]],
    originThroughProxy: [
      [until("\r\n\r\n"), send(SPLIT)],
      [until("\r\n\r\n"), send(ok("two")), end],
    ],
    expect: differs("response splitting: directly they would have answered the next request", {
      toOrigin: [request("GET /1"), request("GET /2")],
      toClient: `${head("HTTP/1.1 200 OK", "Content-Length: 3")}one${ok("two")}`,
    }),
    recorded: [{ got: "one" }, { got: "two" }],
  },
];

const LEFT = differs(
  "a client that left and one that broke look the same to the origin: its connection is over",
  {
    originEndings: "any",
  },
);

const clientCases: WireCase[] = [
  {
    id: "client-leaves-waiting",
    shows: "a client that leaves while it waits: the origin sees its connection end",
    client: [send(GET), hear("asked"), close],
    origin: [[until("\r\n\r\n"), say("asked"), toEnd]],
    expect: same,
    recorded: [{ status: null, error: "client-closed" }],
  },
  {
    id: "client-resets-waiting",
    shows: "a client that resets while it waits: the origin's connection ends",
    client: [send(GET), hear("asked"), reset],
    origin: [[until("\r\n\r\n"), say("asked"), toEnd]],
    expect: LEFT,
    recorded: [{ status: null, error: "client-closed" }],
  },
  {
    id: "client-leaves-in-upload",
    shows:
      "a client that leaves in the middle of its body: the origin's connection ends, the body incomplete",
    client: [send(request("POST %O/a", [LONG], "part")), hear("asked"), close],
    origin: [[until("part"), say("asked"), toEnd]],
    expect: LEFT,
    recorded: [{ status: null, error: "client-closed", sent: "part", requestTruncated: "client-closed" }],
  },
  {
    id: "client-ends-in-upload",
    shows: "a client that ends its side in the middle of its body",
    client: [send(request("POST %O/a", [LONG], "part")), hear("asked"), end, toEnd],
    origin: [
      [
        until("part"),
        say("asked"),
        toEnd,
        send(response("400 Bad Request", ["Content-Length: 5"], "short")),
        end,
      ],
    ],
    expect: differs(
      "a request that can't become whole is over: the origin's connection ends, and the client's with a reset",
      {
        toClient: "",
        clientEnding: "reset",
        originEndings: "any",
      },
    ),
    recorded: [{ status: null, error: "client-closed", sent: "part", requestTruncated: "client-closed" }],
  },
  {
    id: "client-ends-in-head",
    shows: "a client that ends its side in the middle of a head",
    client: [send("GET %O/a HTTP/1.1\r\nHo"), end, toEnd],
    origin: [[until("Ho"), toEnd, end]],
    originThroughProxy: [],
    expect: differs("there is no request to pass on", { toOrigin: [], originEndings: [] }),
    recorded: [],
  },
  {
    id: "client-resets-in-download",
    shows: "a client that resets in the middle of an answer: the origin's connection ends",
    client: [send(GET), until("part"), reset],
    origin: [[until("\r\n\r\n"), send(response("200 OK", [LONG], "part")), toEnd]],
    expect: LEFT,
    recorded: [{ status: 200, got: "part", error: "client-closed", responseTruncated: "client-closed" }],
  },
];

export const FAILURE_CASES: readonly WireCase[] = [
  ...truncationCases,
  ...badChunkCases,
  ...garbageCases,
  ...oddResponseCases,
  ...clientCases,
];
