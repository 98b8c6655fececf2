// HTTP/2 to HTTP/2: fields, pseudo-header fields, methods, paths, statuses.
import type { RawHeaders } from "../../../src/exchange/headers.js";
import { data, GET_A, type Http2Case, headers, OK, oneStream, pseudo, status } from "../http2-case.js";

const withFields = (...fields: RawHeaders) => [headers(1, [...pseudo(), ...fields], true)];
const answerWith = (...fields: RawHeaders) => [headers(1, [status(200), ...fields]), data(1, "ok", true)];
const many = (count: number, size: number): RawHeaders =>
  Array.from({ length: count }, (_, index) => [`x-field-${index}`, "v".repeat(size)] as const);

const fieldCases: Http2Case[] = [
  oneStream(
    "h2-order",
    "order and duplicates of fields, both ways",
    withFields(["x-b", "1"], ["accept", "*/*"], ["x-a", "2"], ["x-b", "3"], ["x-b", "1"]),
    answerWith(
      ["z", "1"],
      ["set-cookie", "a=1"],
      ["vary", "a"],
      ["set-cookie", "b=2"],
      ["z", "1"],
      ["vary", "b"],
    ),
    {
      recorded: [
        { status: 200, got: "ok", httpVersion: "HTTP/2.0", responseVersion: "HTTP/2.0", error: null },
      ],
    },
  ),
  oneStream(
    "h2-empty",
    "empty values",
    withFields(["x-empty", ""], ["accept", ""], ["x-after", "1"]),
    answerWith(["x-empty", ""], ["server", ""]),
    { recorded: [{ status: 200 }] },
  ),
  oneStream(
    "h2-latin1",
    "bytes over 127 in values: latin-1 and UTF-8",
    withFields(["x-latin", "caf\xe9 \xff\x80"], ["x-utf8", "\xe2\x82\xac"]),
    answerWith(["x-latin", "\xe9\xff\xa0"], ["content-disposition", 'filename="\xc3\xa9.txt"']),
    { recorded: [{ status: 200 }] },
  ),
  oneStream(
    "h2-odd-characters",
    "control characters that most let pass (not NUL, CR, LF)",
    withFields(["x-odd", "a\x01b\x7fc\td"]),
    answerWith(["x-odd", "a\x01b\x7fc\td"]),
    { recorded: [{ status: 200 }] },
  ),
  oneStream(
    "h2-odd-names",
    "names of every character that a name may have",
    withFields(["!#$%&'*+-.^_`|~09", "1"], ["__proto__", "2"], ["constructor", "3"]),
    answerWith(["!#$%&'*+-.^_`|~09", "1"], ["__proto__", "2"]),
    { recorded: [{ status: 200 }] },
  ),
  oneStream(
    "h2-cookie-crumbs",
    "the crumbs of a cookie stay crumbs; the session has them joined (RFC 9113 section 8.2.3)",
    withFields(["cookie", "a=1"], ["x", "1"], ["cookie", "b=2"], ["cookie", ""], ["cookie", "c=3; d=4"]),
    OK,
    { recorded: [{ status: 200 }] },
  ),
  oneStream(
    "h2-16k",
    "values of 16 KB and of 60 KB, over CONTINUATION frames",
    withFields(["cookie", "c".repeat(16_384)], ["x-large", "x".repeat(60_000)], ["x-after", "1"]),
    answerWith(["set-cookie", "s".repeat(16_384)], ["x-large", "y".repeat(60_000)], ["x-after", "1"]),
    { recorded: [{ status: 200 }] },
  ),
  oneStream(
    "h2-200-fields",
    "200 fields both ways",
    withFields(...many(200, 20)),
    answerWith(...many(200, 30)),
    {
      recorded: [{ status: 200 }],
    },
  ),
  oneStream(
    "h2-te-trailers",
    "te: trailers, and fields that look like a connection's but are none",
    withFields(["te", "trailers"], ["http2-settings", "AAMAAABk"], ["x-connection", "close"]),
    OK,
    { recorded: [{ status: 200 }] },
  ),
  oneStream("h2-nothing-added", "neither side gets a field that the other did not send", GET_A, [
    headers(1, [status(200)], true),
  ]),
  oneStream("h2-expect", "an expectation", withFields(["expect", "100-continue"]), OK, {
    recorded: [{ status: 200 }],
  }),
  oneStream(
    "h2-whitespace",
    "white space around values of a response, which clients take",
    GET_A,
    answerWith(["x-space", " v "], ["x-tab", "\tv"]),
    { recorded: [{ status: 200 }] },
  ),
];

const pseudoCases: Http2Case[] = [
  oneStream(
    "h2-pseudo-order",
    "the order of pseudo-header fields",
    [
      headers(
        1,
        [
          [":path", "/a"],
          [":authority", "%H"],
          [":method", "GET"],
          [":scheme", "https"],
          ["x", "1"],
        ],
        true,
      ),
    ],
    OK,
    { recorded: [{ target: "/a", authority: "%H" }] },
  ),
  oneStream(
    "h2-authority-other",
    "an :authority that names another host",
    [
      headers(
        1,
        [
          [":method", "GET"],
          [":scheme", "https"],
          [":authority", "other.test:1234"],
          [":path", "/a"],
        ],
        true,
      ),
    ],
    OK,
    { recorded: [{ authority: "other.test:1234" }] },
  ),
  oneStream(
    "h2-host-instead",
    "a host field instead of :authority",
    [
      headers(
        1,
        [
          [":method", "GET"],
          [":scheme", "https"],
          [":path", "/a"],
          ["host", "other.test"],
        ],
        true,
      ),
    ],
    OK,
    { recorded: [{ status: 200 }] },
  ),
  oneStream("h2-host-too", "both :authority and host", withFields(["host", "%H"]), OK),
  oneStream(
    "h2-scheme-http",
    "a :scheme other than the connection's",
    [
      headers(
        1,
        [
          [":method", "GET"],
          [":scheme", "http"],
          [":authority", "%H"],
          [":path", "/a"],
        ],
        true,
      ),
    ],
    OK,
  ),
];

const PATHS: readonly (readonly [name: string, path: string])[] = [
  ["double-slash", "//a"],
  ["dots", "/a/../b/./c"],
  ["escaped-slash", "/a%2Fb%2fc"],
  ["bad-escape", "/a?q=%zz%"],
  ["bare-question-mark", "/a?"],
  ["double-question-mark", "/a??x=?"],
  ["braces", '/a|{}[]^`"<>\\'],
  ["semicolon", "/a;b=c,d@e:f!$'()*+"],
  ["latin1", "/caf\xe9\xff"],
  ["fragment", "/a#b"],
  ["8k", `/${"u".repeat(8192)}?${"q".repeat(8192)}`],
];
const targetCases: Http2Case[] = [
  ...PATHS.map(([name, path]) =>
    oneStream(
      `h2-path-${name}`,
      `the path ${path.length > 40 ? `${path.slice(0, 30)}\u2026 (16 KB)` : path}`,
      [headers(1, pseudo("GET", path), true)],
      OK,
      { recorded: [{ target: path }] },
    ),
  ),
  oneStream("h2-path-options-star", "OPTIONS *", [headers(1, pseudo("OPTIONS", "*"), true)], OK, {
    recorded: [{ method: "OPTIONS", target: "*" }],
  }),
  ...["PROPFIND", "M-SEARCH", "get", "PATCH", "BREW!", "X".repeat(12)].map((method) =>
    oneStream(
      `h2-method-${method.toLowerCase().replace(/[^a-z-]/g, "")}`,
      `the method ${method}`,
      [headers(1, pseudo(method), true)],
      OK,
      { recorded: [{ method, status: 200 }] },
    ),
  ),
];

const statusCases: Http2Case[] = [201, 299, 418, 500, 599, 999].map((code) =>
  oneStream(
    `h2-status-${code}`,
    `the status ${code}`,
    GET_A,
    [headers(1, [status(code)]), data(1, "ok", true)],
    {
      recorded: [{ status: code, reason: "", got: "ok" }],
    },
  ),
);

export const HTTP2_HEAD_CASES: readonly Http2Case[] = [
  ...fieldCases,
  ...pseudoCases,
  ...targetCases,
  ...statusCases,
];
