// Heads: header fields, targets, methods, status lines, versions.
import {
  differs,
  end,
  GET,
  head,
  ok,
  oneExchange,
  request,
  response,
  send,
  toEnd,
  until,
  type WireCase,
} from "../case.js";

/** `count` fields with values of `size` bytes. */
function fields(count: number, size: number): string[] {
  return Array.from({ length: count }, (_, index) => `X-Field-${index}: ${"v".repeat(size)}`);
}

const headerCases: WireCase[] = [
  oneExchange(
    "header-case",
    "the case and order of header names, both ways",
    request("GET %O/a", ["x-lower: 1", "X-UPPER: 2", "X-mIxEd: 3", "Accept: */*", "a: 4"]),
    response("200 OK", ["zeta: 1", "ALPHA: 2", "content-LENGTH: 2", "eTag: x"], "ok"),
    { recorded: [{ status: 200, got: "ok", error: null }] },
  ),
  oneExchange(
    "header-duplicates",
    "duplicates of any header, in their places",
    request("GET %O/a", ["Cookie: a=1", "X: 1", "cookie: b=2", "X: 2", "Accept: a", "X: 1"]),
    ok("ok", "Set-Cookie: a=1; Path=/", "Vary: a", "set-cookie: b=2", "Vary: b", "Set-Cookie: a=1; Path=/"),
    { recorded: [{ got: "ok" }] },
  ),
  oneExchange(
    "header-empty",
    "empty values, with and without space",
    request("GET %O/a", ["X-Empty:", "X-Space: ", "X-Spaces:   \t "]),
    ok("ok", "X-Empty:", "X-Space: ", "X-Tab:\t"),
    { recorded: [{ status: 200 }] },
  ),
  oneExchange(
    "header-latin1",
    "bytes over 127 in values: latin-1 and UTF-8",
    request("GET %O/a", ["X-Latin: caf\xe9 \xff\x80", "X-Utf8: \xe2\x82\xac"]),
    ok("ok", "X-Latin: \xe9\xff\xa0", 'Content-Disposition: attachment; filename="\xc3\xa9.txt"'),
    { recorded: [{ status: 200 }] },
  ),
  oneExchange(
    "header-whitespace",
    "none, much, and trailing space around values",
    request("GET %O/a", ["X-None:v", "X-Much: \t   v", "X-Trailing: v \t ", "X-Inside: a \t  b"]),
    ok("ok", "X-None:v", "X-Much:    v", "X-Trailing: v   ", "X-Inside: a   b"),
    { recorded: [{ status: 200 }] },
  ),
  oneExchange(
    "header-odd-characters",
    "control characters that HTTP forbids in values but most let pass (not NUL, CR, LF)",
    request("GET %O/a", ["X-Odd: a\x01b\x7fc\x0bd"]),
    ok("ok", "X-Odd: a\x01b\x7fc\x0cd"),
    { recorded: [{ status: 200 }] },
  ),
  oneExchange(
    "header-odd-names",
    "names of every character that a name may have",
    request("GET %O/a", ["!#$%&'*+-.^_`|~09: 1", "_under_score: 2", "__proto__: 3", "constructor: 4"]),
    ok("ok", "!#$%&'*+-.^_`|~09: 1", "__proto__: 2", "hasOwnProperty: 3"),
    { recorded: [{ status: 200 }] },
  ),
  oneExchange(
    "header-16k",
    "values of 16 KB",
    request("GET %O/a", [`Cookie: ${"c".repeat(16 * 1024)}`, "X-After: 1"]),
    ok("ok", `Set-Cookie: ${"s".repeat(16 * 1024)}`, "X-After: 1"),
    { recorded: [{ status: 200 }] },
  ),
  oneExchange(
    "header-200",
    "200 headers",
    request("GET %O/a", fields(200, 20)),
    ok("ok", ...fields(200, 20)),
    { recorded: [{ status: 200 }] },
  ),
  oneExchange(
    "header-hop",
    "hop-by-hop headers other than Proxy-* and close: Connection: keep-alive, TE, Keep-Alive, nominated ones",
    request("GET %O/a", [
      "Connection: keep-alive, TE, X-Nominated",
      "TE: trailers",
      "Keep-Alive: timeout=9",
      "X-Nominated: 1",
    ]),
    `${head(
      "HTTP/1.1 200 OK",
      "Connection: X-Hop, close",
      "X-Hop: 1",
      "Keep-Alive: timeout=3",
      "Content-Length: 2",
    )}ok`,
    { recorded: [{ status: 200 }] },
  ),
  oneExchange(
    "header-connection-close",
    "`close` of a request's Connection header stays on its hop, other tokens go on",
    request("GET %O/a", ["Connection: close, TE", "TE: trailers", "X-After: 1"]),
    ok("ok"),
    {
      expect: differs(
        "the connection to the origin is pooled; the client's ends as it asked (RFC 9110 section 7.6.1)",
        {
          toOrigin: [head("GET /a HTTP/1.1", "Host: %H", "Connection: TE", "TE: trailers", "X-After: 1")],
        },
      ),
      recorded: [{ status: 200 }],
    },
  ),
  {
    id: "header-close-from-client",
    shows:
      "a client that asks for close gets the end after the answer, though the origin's answer does not say close",
    client: [send(request("GET %O/a", ["Connection: close", "Accept: */*"])), toEnd],
    origin: [[until("*/*\r\n\r\n"), send(`${head("HTTP/1.1 200 OK", "Content-Length: 2")}ok`), end]],
    expect: { kind: "same" },
    recorded: [{ status: 200, got: "ok" }],
  },
  oneExchange(
    "header-proxy-fields",
    "Proxy-Connection and Proxy-Authorization, sent to the proxy's own port, end there",
    request("GET %O/a", [
      "Proxy-Connection: keep-alive",
      "Proxy-Authorization: Basic eDp5",
      "X-After: the proxy's own fields",
    ]),
    ok("ok"),
    { modes: ["absolute"], recorded: [{ status: 200 }] },
  ),
  oneExchange(
    "header-proxy-fields-in-tunnel",
    "Proxy-* inside a tunnel is between client and origin",
    request("GET %O/a", ["Proxy-Authorization: Basic eDp5", "X-After: the proxy's own fields"]),
    ok("ok", "Proxy-Authenticate: Basic realm=x"),
    {
      modes: ["tunnel", "tls"],
      recorded: [{ status: 200 }],
    },
  ),
  oneExchange(
    "header-nothing-added",
    "a response without Date, Server, Content-Type or Connection gets none; nor does the request get Via or X-Forwarded-For",
    head("GET %O/a HTTP/1.1", "Host: %H", "Accept-Encoding: x-odd;q=0.5, gzip"),
    `${head("HTTP/1.1 200 OK")}until the end`,
    { recorded: [{ status: 200, got: "until the end" }] },
  ),
  oneExchange(
    "host-other",
    "a Host that names another host",
    head("GET %O/a HTTP/1.1", "Host: elsewhere.example"),
    ok("ok"),
    {
      recorded: [{ status: 200 }],
    },
  ),
  oneExchange("host-empty", "an empty Host", head("GET %O/a HTTP/1.1", "Host:"), ok("ok"), {
    recorded: [{ status: 200 }],
  }),
  oneExchange(
    "host-last",
    "Host after other headers",
    head("GET %O/a HTTP/1.1", "A: 1", "hOsT:%H", "B: 2"),
    ok("ok"),
    {
      recorded: [{ status: 200 }],
    },
  ),
  oneExchange(
    "host-missing",
    "no Host in HTTP/1.1: the origin's to judge",
    head("GET %O/a HTTP/1.1", "A: 1"),
    ok("ok"),
    {
      recorded: [{ status: 200 }],
    },
  ),
];

const TARGETS: readonly (readonly [id: string, target: string])[] = [
  ["double-slash", "//a"],
  ["dots", "/a/../b/./c"],
  ["escaped-slash", "/a%2Fb%2fc"],
  ["bad-escape", "/a?q=%zz%"],
  ["bare-question-mark", "/a?"],
  ["double-question-mark", "/a??x=?"],
  ["braces", '/a|{}[]^`"<>\\'],
  ["semicolon", "/a;b=c,d@e:f!$'()*+"],
  ["latin1", "/caf\xe9\xff"],
  ["utf8", "/caf\xc3\xa9?\xe2\x82\xac"],
  ["fragment", "/a#b"],
  ["8k", `/${"u".repeat(8 * 1024)}?${"q".repeat(8 * 1024)}`],
];

const targetCases: WireCase[] = [
  ...TARGETS.map(([id, target]) =>
    oneExchange(
      `target-${id}`,
      `the target ${target.slice(0, 30)}${target.length > 30 ? "… (16 KB)" : ""}`,
      request(`GET %O${target}`),
      ok("ok"),
      {
        recorded: [{ status: 200, target: `%O${target}` }],
      },
    ),
  ),
  oneExchange("target-options-star", "OPTIONS *", request("OPTIONS *"), ok("ok"), {
    modes: ["tunnel", "tls"],
    recorded: [{ method: "OPTIONS", target: "*" }],
  }),
  {
    id: "target-options-star-absolute",
    shows:
      "OPTIONS of an absolute URL without a path reaches the origin as OPTIONS * (RFC 9112 section 3.2.4)",
    client: [send(head("OPTIONS http://%H HTTP/1.1", "Host: %H")), toEnd],
    origin: [[until("\r\n\r\n"), send(ok("ok")), end]],
    expect: differs("what a proxy is asked in absolute form, an origin is asked in its own", {
      toOrigin: [head("OPTIONS * HTTP/1.1", "Host: %H")],
    }),
    modes: ["absolute"],
    recorded: [{ method: "OPTIONS", status: 200 }],
  },
  {
    id: "target-absolute-query",
    shows: "an absolute URL with a query and no path is asked for as /?query",
    client: [send(head("GET http://%H?q=1 HTTP/1.1", "Host: %H")), toEnd],
    origin: [[until("\r\n\r\n"), send(ok("ok")), end]],
    expect: differs("what a proxy is asked in absolute form, an origin is asked in its own", {
      toOrigin: [head("GET /?q=1 HTTP/1.1", "Host: %H")],
    }),
    modes: ["absolute"],
    recorded: [{ status: 200 }],
  },
  {
    id: "target-userinfo",
    shows: "a user in an absolute URL stays with the proxy, and becomes no Authorization",
    client: [send(head("GET http://user:word@%H/a HTTP/1.1", "Host: %H")), toEnd],
    origin: [[until("\r\n\r\n"), send(ok("ok")), end]],
    expect: differs("what a proxy is asked in absolute form, an origin is asked in its own", {
      toOrigin: [head("GET /a HTTP/1.1", "Host: %H")],
    }),
    modes: ["absolute"],
    recorded: [{ status: 200 }],
  },
  oneExchange(
    "target-absolute-in-tunnel",
    "an absolute URL inside a tunnel is for the origin, as it is",
    head("GET http://elsewhere.example/a HTTP/1.1", "Host: elsewhere.example"),
    ok("ok"),
    { modes: ["tunnel", "tls"], recorded: [{ status: 200, target: "http://elsewhere.example/a" }] },
  ),
];

const METHODS = ["PROPFIND", "M-SEARCH", "get", "PATCH", "BREW!", "X".repeat(60)];

const methodCases: WireCase[] = [
  ...METHODS.map((method) =>
    oneExchange(
      `method-${method
        .toLowerCase()
        .replace(/[^a-z-]/g, "")
        .slice(0, 12)}`,
      `the method ${method.slice(0, 12)}`,
      request(`${method} %O/a`),
      ok("ok"),
      { recorded: [{ method, status: 200 }] },
    ),
  ),
  ...["GET", "DELETE", "OPTIONS", "PROPFIND"].map((method) =>
    oneExchange(
      `method-body-${method.toLowerCase()}`,
      `${method} with a body`,
      request(`${method} %O/a`, ["Content-Length: 5"], "hello"),
      ok("ok"),
      { recorded: [{ method, sent: "hello" }] },
    ),
  ),
];

const STATUS_LINES: readonly (readonly [id: string, line: string, reason: string])[] = [
  ["299", "299 Whatever It Is", "Whatever It Is"],
  ["599", "599 Network Connect Timeout", "Network Connect Timeout"],
  ["999", "999 Request denied", "Request denied"],
  ["418", "418 I'm a \xfcber-teapot (\xe2\x98\x95)", "I'm a \xfcber-teapot (\xe2\x98\x95)"],
  ["no-reason", "200 ", ""],
  ["no-space", "200", ""],
  ["spaces", "200  two  spaces ", " two  spaces "],
  ["505", "505 HTTP Version Not Supported", "HTTP Version Not Supported"],
];

const statusCases: WireCase[] = [
  ...STATUS_LINES.map(([id, line, reason]) =>
    oneExchange(
      `status-${id}`,
      `the status line ${JSON.stringify(line)}`,
      GET,
      response(line, ["Content-Length: 2"], "ok"),
      {
        recorded: [{ status: Number(line.slice(0, 3)), reason, got: "ok" }],
      },
    ),
  ),
];

export const HEAD_CASES: readonly WireCase[] = [
  ...headerCases,
  ...targetCases,
  ...methodCases,
  ...statusCases,
];
