// How the two sides take turns: interim responses, expectations, early responses, pipelining, versions, upgrades.
import {
  close,
  differs,
  drip,
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

const CONTINUE = head("HTTP/1.1 100 Continue");

const interimCases: WireCase[] = [
  oneExchange("interim-100", "a 100 that nobody asked for", GET, `${CONTINUE}${ok("ok")}`, {
    recorded: [{ status: 200, informational: [100], got: "ok" }],
  }),
  oneExchange(
    "interim-103",
    "103 with its fields",
    GET,
    `${head("HTTP/1.1 103 Early Hints", "Link: </a.css>; rel=preload", "link: </b.js>")}${ok("ok")}`,
    {
      recorded: [{ status: 200, informational: [103] }],
    },
  ),
  oneExchange(
    "interim-several",
    "102, 103, 103, 199 before the answer",
    GET,
    [102, 103, 103, 199].map((code) => head(`HTTP/1.1 ${code} Soon`, `X-Code: ${code}`)).join("") + ok("ok"),
    {
      recorded: [{ status: 200, informational: [102, 103, 103, 199] }],
    },
  ),
  {
    id: "interim-at-once",
    shows: "an interim response reaches the client before the answer is there",
    client: [send(GET), until("103 Early Hints\r\n\r\n"), say("hinted"), toEnd],
    origin: [
      [until("\r\n\r\n"), send(head("HTTP/1.1 103 Early Hints")), hear("hinted"), send(ok("ok")), end],
    ],
    expect: same,
    recorded: [{ informational: [103], got: "ok" }],
  },
  {
    id: "interim-to-1.0",
    shows: "an interim response that an origin sends to an HTTP/1.0 client",
    client: [send(head("GET %O/a HTTP/1.0", "Host: %H")), toEnd],
    origin: [[until("\r\n\r\n"), send(`${CONTINUE}${ok("ok")}`), end]],
    expect: same,
    recorded: [{ status: 200, informational: [100] }],
  },
  {
    id: "expect-honoured",
    shows: "Expect: 100-continue: the body comes after the origin's own 100",
    client: [
      send(request("POST %O/a", ["Expect: 100-continue", "Content-Length: 5"])),
      until(CONTINUE),
      send("hello"),
      toEnd,
    ],
    origin: [[until("\r\n\r\n"), send(CONTINUE), until("hello"), send(ok("ok")), end]],
    expect: same,
    recorded: [{ sent: "hello", informational: [100], status: 200, got: "ok", error: null }],
  },
  {
    id: "expect-refused",
    shows: "Expect: 100-continue refused with 417: the client leaves without its body",
    client: [
      send(request("POST %O/a", ["Expect: 100-continue", "Content-Length: 5"])),
      until("no\n"),
      end,
      toEnd,
    ],
    origin: [
      [until("\r\n\r\n"), send(response("417 Expectation Failed", ["Content-Length: 3"], "no\n")), end],
    ],
    expect: same,
    recorded: [{ sent: "", status: 417, got: "no\n" }],
  },
  {
    id: "expect-refused-persists",
    shows: "Expect: 100-continue refused with 417 without an end: the client leaves, and nothing is in doubt",
    client: [send(request("POST %O/a", ["Expect: 100-continue", "Content-Length: 5"])), until("no\n"), close],
    origin: [
      [until("\r\n\r\n"), send(`${head("HTTP/1.1 417 Expectation Failed", "Content-Length: 3")}no\n`), toEnd],
    ],
    expect: same,
    recorded: [{ sent: "", status: 417, got: "no\n" }],
  },
  {
    id: "expect-ignored",
    shows: "Expect: 100-continue ignored by the origin: the client sends its body unasked",
    client: [
      send(request("POST %O/a", ["Expect: 100-continue", "Content-Length: 5"])),
      hear("head came"),
      send("hello"),
      toEnd,
    ],
    origin: [[until("\r\n\r\n"), say("head came"), until("hello"), send(ok("ok")), end]],
    expect: same,
    recorded: [{ sent: "hello", informational: [], status: 200 }],
  },
  oneExchange(
    "expect-other",
    "an expectation other than 100-continue",
    request("POST %O/a", ["Expect: tea", "Content-Length: 2"], "hi"),
    ok("ok"),
    { recorded: [{ sent: "hi" }] },
  ),
];

const earlyCases: WireCase[] = [
  {
    id: "early-then-rest",
    shows:
      "an answer while the request body is still coming; the origin reads on, and the connection serves another request",
    client: [
      send(request("POST %O/1", ["Content-Length: 10"], "hello")),
      until("early"),
      send("world"),
      send(request("GET %O/2")),
      toEnd,
    ],
    origin: [
      [
        until("hello"),
        send(`${head("HTTP/1.1 200 OK", "Content-Length: 5")}early`),
        until("world"),
        until("\r\n\r\n"),
        send(ok("second")),
        end,
      ],
    ],
    expect: same,
    recorded: [{ sent: "helloworld", got: "early", error: null }, { got: "second" }],
  },
  {
    id: "early-and-close",
    shows: "an answer while the request body is still coming, and the origin ends the connection",
    client: [send(request("POST %O/a", ["Content-Length: 100"], "hello")), toEnd],
    origin: [
      [until("hello"), send(response("413 Content Too Large", ["Content-Length: 7"], "too big")), end],
    ],
    expect: same,
    recorded: [{ sent: "hello", status: 413, got: "too big" }],
  },
  {
    id: "early-and-reset",
    shows: "an answer while the request body is still coming, and a reset after it: the answer arrives whole",
    client: [
      send(request("POST %O/a", ["Content-Length: 100"], "hello")),
      until("too big"),
      say("answered"),
      toEnd,
    ],
    origin: [
      [
        until("hello"),
        send(response("413 Content Too Large", ["Content-Length: 7"], "too big")),
        hear("answered"),
        reset,
      ],
    ],
    expect: differs("the answer was whole: the client's connection ends in order, where the origin's broke", {
      clientEnding: "end",
    }),
    recorded: [{ status: 413, got: "too big", requestTruncated: "origin-closed" }],
  },
  {
    id: "early-chunked",
    shows: "an answer while a chunked request is still coming",
    client: [
      send(request("POST %O/a", ["Transfer-Encoding: chunked"], "5\r\nhello\r\n")),
      until("early"),
      say("answered"),
      send("1\r\n!\r\n0\r\n\r\n"),
      toEnd,
    ],
    origin: [[until("hello\r\n"), send(ok("early")), hear("answered"), until("0\r\n\r\n"), end]],
    expect: same,
    recorded: [{ sent: "hello!", got: "early", error: null }],
  },
];

const sequence = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

const persistenceCases: WireCase[] = [
  {
    id: "drip",
    shows: "request and response come one byte at a time",
    client: [drip(request("POST %O/a", ["Content-Length: 5"], "hello")), toEnd],
    origin: [[until("hello"), drip(`${CONTINUE}${ok("ok", "X: 1")}`), end]],
    expect: same,
    recorded: [{ sent: "hello", got: "ok", informational: [100] }],
  },
  {
    id: "drip-keep-alive",
    shows: "two exchanges one byte at a time on one connection",
    client: [drip(request("GET %O/1")), until("one"), drip(request("GET %O/2")), toEnd],
    origin: [
      [
        until("/1 HTTP/1.1"),
        until("\r\n\r\n"),
        drip(`${head("HTTP/1.1 200 OK", "Content-Length: 3")}one`),
        until("/2 HTTP/1.1"),
        until("\r\n\r\n"),
        drip(ok("two")),
        end,
      ],
    ],
    expect: same,
    recorded: [{ got: "one" }, { got: "two" }],
  },
  {
    id: "keep-alive-50",
    shows: "50 requests one after another on one connection of the client, and one of the origin",
    client: [
      ...sequence(49).flatMap((n) => [
        send(request(`POST %O/${n}`, ["Content-Length: 3"], "abc")),
        until(`(${n})`),
      ]),
      send(request("GET %O/50")),
      toEnd,
    ],
    origin: [
      [
        ...sequence(49).flatMap((n) => [
          until(`/${n} HTTP/1.1`),
          until("abc"),
          send(`${head("HTTP/1.1 200 OK", `Content-Length: ${`(${n})`.length}`)}(${n})`),
        ]),
        until("/50 HTTP/1.1"),
        until("\r\n\r\n"),
        send(ok("last")),
        end,
      ],
    ],
    expect: same,
    recorded: [...sequence(49).map((n) => ({ sent: "abc", got: `(${n})` })), { got: "last" }],
  },
  {
    id: "pipelined",
    shows: "pipelined requests, with and without bodies, are answered in their order",
    client: [
      send(
        request("GET %O/1") +
          request("POST %O/2", ["Content-Length: 5"], "hello") +
          request("PUT %O/3", ["Transfer-Encoding: chunked"], "2\r\nhi\r\n0\r\n\r\n") +
          request("HEAD %O/4") +
          request("GET %O/5"),
      ),
      toEnd,
    ],
    origin: [
      [
        until("/1 HTTP/1.1"),
        send(`${head("HTTP/1.1 200 OK", "Content-Length: 1")}1`),
        until("hello"),
        send(`${head("HTTP/1.1 201 Created", "Transfer-Encoding: chunked")}1\r\n2\r\n0\r\n\r\n`),
        until("0\r\n\r\n"),
        send(head("HTTP/1.1 204 No Content")),
        until("/4 HTTP/1.1"),
        send(head("HTTP/1.1 200 OK", "Content-Length: 99")),
        until("/5 HTTP/1.1"),
        until("\r\n\r\n"),
        send(ok("5")),
        end,
      ],
    ],
    expect: same,
    recorded: [
      { got: "1" },
      { sent: "hello", got: "2" },
      { sent: "hi", status: 204 },
      { method: "HEAD", got: "" },
      { got: "5" },
    ],
  },
  {
    id: "pipelined-half-close",
    shows: "a client that pipelines, and then ends its side, gets every answer",
    client: [send(request("GET %O/1") + request("GET %O/2")), end, toEnd],
    origin: [
      [
        until("/1 HTTP/1.1"),
        send(`${head("HTTP/1.1 200 OK", "Content-Length: 1")}1`),
        until("/2 HTTP/1.1"),
        until("\r\n\r\n"),
        send(`${head("HTTP/1.1 200 OK", "Content-Length: 1")}2`),
        toEnd,
        end,
      ],
    ],
    expect: same,
    recorded: [{ got: "1" }, { got: "2" }],
  },
  {
    id: "half-close",
    shows:
      "a client that ends its side after its request gets its answer, and the origin sees the end before it answers",
    client: [send(request("POST %O/a", ["Content-Length: 5"], "hello")), end, toEnd],
    origin: [[until("hello"), toEnd, send(ok("ok")), end]],
    expect: same,
    recorded: [{ sent: "hello", got: "ok", error: null }],
  },
  {
    id: "close-ends-the-order",
    shows: "what a client pipelines behind a request that asks for close is not answered",
    client: [send(request("GET %O/1", ["Connection: close"]) + request("GET %O/2")), toEnd],
    origin: [[until("/1 HTTP/1.1"), send(ok("1")), end]],
    expect: differs("the second request is not sent to an origin that was told of the end", {
      toOrigin: [request("GET /1")],
    }),
    recorded: [{ got: "1" }],
  },
  {
    id: "blank-lines-before-request",
    shows:
      "empty lines before a request, as old clients send behind a body, are left out (RFC 9112 section 2.2)",
    client: [send(`\r\n\r\n${GET}`), toEnd],
    origin: [[until("/a"), until("\r\n\r\n"), send(ok("ok")), end]],
    expect: differs("only a first message has a start", { toOrigin: [request("GET /a")] }),
    modes: ["absolute", "tls"],
  },
];

const ONE_ZERO = head("GET %O/a HTTP/1.0", "Host: %H", "X-Client: of HTTP/1.0");

const versionCases: WireCase[] = [
  oneExchange(
    "1.0-request",
    "an HTTP/1.0 request stays one",
    ONE_ZERO,
    `${head("HTTP/1.0 200 OK", "Content-Type: text/plain")}until the end`,
    {
      recorded: [{ httpVersion: "HTTP/1.0", responseVersion: "HTTP/1.0", got: "until the end" }],
    },
  ),
  oneExchange(
    "1.0-request-no-fields",
    "an HTTP/1.0 request of a line alone",
    head("GET %O/an-old-client-asks HTTP/1.0"),
    ok("ok"),
    { recorded: [{ httpVersion: "HTTP/1.0" }] },
  ),
  oneExchange("1.0-request-1.1-response", "an HTTP/1.1 answer to an HTTP/1.0 request", ONE_ZERO, ok("ok"), {
    recorded: [{ responseVersion: "HTTP/1.1", got: "ok" }],
  }),
  oneExchange(
    "1.0-response",
    "an HTTP/1.0 answer to an HTTP/1.1 request ends the connection",
    GET,
    `${head("HTTP/1.0 200 OK", "Content-Length: 2")}ok`,
    {
      recorded: [{ httpVersion: "HTTP/1.1", responseVersion: "HTTP/1.0", got: "ok" }],
    },
  ),
  oneExchange(
    "1.0-response-close-delimited",
    "an HTTP/1.0 answer that ends with the connection",
    GET,
    `${head("HTTP/1.0 200 OK")}until the end`,
    { recorded: [{ got: "until the end" }] },
  ),
  oneExchange(
    "1.0-chunked-to-1.0",
    "a chunked answer to an HTTP/1.0 request, which no origin should send",
    ONE_ZERO,
    `${head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked")}2;x\r\nok\r\n0\r\n\r\n`,
    {
      recorded: [{ got: "ok" }],
    },
  ),
  {
    id: "1.0-keep-alive",
    shows: "HTTP/1.0 with keep-alive: two requests on one connection of the client",
    client: [
      send(head("GET %O/1 HTTP/1.0", "Connection: keep-alive")),
      until("one"),
      send(head("GET %O/2 HTTP/1.0", "Connection: Keep-Alive")),
      until("two"),
    ],
    origin: [
      [
        until("/1 HTTP/1.0"),
        until("\r\n\r\n"),
        send(`${head("HTTP/1.0 200 OK", "Connection: keep-alive", "Content-Length: 3")}one`),
        until("/2 HTTP/1.0"),
        until("\r\n\r\n"),
        send(`${head("HTTP/1.0 200 OK", "Connection: keep-alive", "Content-Length: 3")}two`),
      ],
    ],
    expect: same,
    recorded: [{ got: "one" }, { got: "two" }],
  },
  {
    id: "1.0-response-keep-alive",
    shows: "HTTP/1.0 answers with keep-alive to an HTTP/1.1 client: the connection stays",
    client: [send(request("GET %O/1")), until("one"), send(request("GET %O/2")), until("two")],
    origin: [
      [
        until("/1 HTTP/1.1"),
        until("\r\n\r\n"),
        send(`${head("HTTP/1.0 200 OK", "Connection: keep-alive", "Content-Length: 3")}one`),
        until("/2 HTTP/1.1"),
        until("\r\n\r\n"),
        send(`${head("HTTP/1.0 200 OK", "Connection: keep-alive", "Content-Length: 3")}two`),
      ],
    ],
    expect: same,
    recorded: [{ got: "one" }, { got: "two" }],
  },
];

const SWITCH = head("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: echo/1");

const upgradeCases: WireCase[] = [
  {
    id: "upgrade-other",
    shows: "an upgrade to a protocol that is not WebSocket: bytes both ways, and the ends of both",
    client: [
      send(request("GET %O/a", ["Connection: Upgrade", "Upgrade: echo/1"])),
      until("\r\n\r\n"),
      send("\0ping"),
      until("pong"),
      end,
      toEnd,
    ],
    origin: [[until("\r\n\r\n"), send(SWITCH), until("ping"), send("\xffpong"), toEnd, send("bye"), end]],
    expect: same,
    recorded: [{ kind: "tunnel", error: null }],
  },
  {
    id: "upgrade-with-first-bytes",
    shows: "bytes of the new protocol right behind the 101, and right behind the request",
    client: [
      send(`${request("GET %O/a", ["Connection: Upgrade", "Upgrade: echo/1"])}eager`),
      until("hello"),
      end,
      toEnd,
    ],
    origin: [[until("\r\n\r\n"), send(`${SWITCH}hello`), until("eager"), toEnd, end]],
    expect: same,
    recorded: [{ kind: "tunnel" }],
  },
  {
    id: "upgrade-half-closed",
    shows: "a client that ended its side before the 101: the new protocol's origin sees the end",
    client: [send(request("GET %O/a", ["Connection: Upgrade", "Upgrade: echo/1"])), end, toEnd],
    origin: [[until("\r\n\r\n"), send(SWITCH), toEnd, send("bye"), end]],
    expect: same,
    recorded: [{ kind: "tunnel" }],
  },
  {
    id: "upgrade-refused",
    shows: "an upgrade that the origin refuses, with its body; the connection stays HTTP",
    client: [
      send(request("GET %O/1", ["Connection: Upgrade", "Upgrade: echo/1"])),
      until("never"),
      send(request("GET %O/2")),
      toEnd,
    ],
    origin: [
      [
        until("\r\n\r\n"),
        send(`${head("HTTP/1.1 426 Upgrade Required", "Upgrade: other", "Content-Length: 5")}never`),
        until("/2 HTTP/1.1"),
        until("\r\n\r\n"),
        send(ok("ok")),
        end,
      ],
    ],
    expect: same,
    recorded: [{ kind: "http", status: 426, got: "never" }, { status: 200 }],
  },
  {
    id: "upgrade-unasked",
    shows: "a 101 that nobody asked for: what follows is no HTTP any more, as the origin says",
    client: [send(GET), until("\r\n\r\n"), send("GET /raw\n"), end, toEnd],
    origin: [[until("\r\n\r\n"), send(SWITCH), until("/raw\n"), toEnd, send("bye"), end]],
    expect: same,
    recorded: [{ kind: "tunnel" }],
  },
  {
    id: "upgrade-reset",
    shows: "an origin that resets an upgraded connection",
    client: [
      send(request("GET %O/a", ["Connection: Upgrade", "Upgrade: echo/1"])),
      until("\r\n\r\n"),
      say("switched"),
      toEnd,
    ],
    origin: [[until("\r\n\r\n"), send(SWITCH), hear("switched"), reset]],
    expect: same,
    recorded: [{ kind: "tunnel", error: "origin-reset" }],
  },
  {
    id: "upgrade-reset-by-client",
    shows: "a client that resets an upgraded connection",
    client: [send(request("GET %O/a", ["Connection: Upgrade", "Upgrade: echo/1"])), until("\r\n\r\n"), reset],
    origin: [[until("\r\n\r\n"), send(SWITCH), toEnd]],
    expect: same,
    recorded: [{ kind: "tunnel", error: "client-closed" }],
  },
];

export const CONVERSATION_CASES: readonly WireCase[] = [
  ...interimCases,
  ...earlyCases,
  ...persistenceCases,
  ...versionCases,
  ...upgradeCases,
];
