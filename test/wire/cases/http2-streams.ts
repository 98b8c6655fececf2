// HTTP/2 to HTTP/2: bodies, trailers, interim responses, resets, GOAWAY, and streams that speak at once.
import { Http2Code } from "../../../src/proxy/http2/errors.js";
import { hear, say } from "../case.js";
import {
  data,
  ended,
  GET_A,
  type Http2Case,
  type Http2Step,
  headers,
  OK,
  oneStream,
  pseudo,
  rst,
  seen,
  status,
} from "../http2-case.js";

const POST = (...fields: readonly (readonly [string, string])[]): Http2Step =>
  headers(1, [...pseudo("POST"), ...fields]);
const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");

const bodyCases: Http2Case[] = [
  oneStream(
    "h2-body-length",
    "bodies with content-length both ways",
    [POST(["content-length", "5"]), data(1, "hello", true)],
    [headers(1, [status(200), ["content-length", "6"]]), data(1, "world!", true)],
    { recorded: [{ sent: "hello", got: "world!", error: null }] },
  ),
  oneStream(
    "h2-body-no-length",
    "bodies without a length, of every byte, in many frames",
    [POST(), ...[...ALL_BYTES].map((byte) => data(1, byte)), data(1, "", true)],
    [headers(1, [status(200)]), ...[...ALL_BYTES].map((byte) => data(1, byte)), data(1, "", true)],
    { recorded: [{ sent: ALL_BYTES, got: ALL_BYTES }] },
  ),
  oneStream(
    "h2-body-empty",
    "bodies of no bytes: an end of its own",
    [POST(["content-length", "0"]), data(1, "", true)],
    [headers(1, [status(200)]), data(1, "", true)],
    { recorded: [{ sent: "", got: "", error: null }] },
  ),
  oneStream(
    "h2-body-40k",
    "bodies of 40 KB",
    [POST(), data(1, "u".repeat(40_000), true)],
    [headers(1, [status(200)]), data(1, "d".repeat(40_000), true)],
  ),
  oneStream("h2-body-get", "GET with a body", [headers(1, pseudo("GET")), data(1, "body", true)], OK, {
    recorded: [{ method: "GET", sent: "body" }],
  }),
  oneStream(
    "h2-head-length",
    "HEAD with a content-length",
    [headers(1, pseudo("HEAD"), true)],
    [headers(1, [status(200), ["content-length", "1000"]], true)],
    { recorded: [{ method: "HEAD", status: 200, got: "", error: null }] },
  ),
  oneStream("h2-204", "204", GET_A, [headers(1, [status(204), ["x", "1"]], true)], {
    recorded: [{ status: 204, got: "", error: null }],
  }),
  oneStream(
    "h2-304",
    "304 with the content-length of what it stands for",
    GET_A,
    [headers(1, [status(304), ["content-length", "1000"], ["etag", '"a"']], true)],
    { recorded: [{ status: 304, got: "", error: null }] },
  ),
  oneStream(
    "h2-trailers",
    "trailers both ways, with order and duplicates",
    [
      POST(["te", "trailers"]),
      data(1, "a"),
      headers(
        1,
        [
          ["x-b", "1"],
          ["x-a", "2"],
          ["x-b", ""],
        ],
        true,
      ),
    ],
    [
      headers(1, [status(200)]),
      data(1, "b"),
      headers(
        1,
        [
          ["x-sum", "\xe9"],
          ["x-sum", "2"],
        ],
        true,
      ),
    ],
    {
      recorded: [
        {
          sent: "a",
          got: "b",
          requestTrailers: [
            ["x-b", "1"],
            ["x-a", "2"],
            ["x-b", ""],
          ],
          responseTrailers: [
            ["x-sum", "\xe9"],
            ["x-sum", "2"],
          ],
        },
      ],
    },
  ),
  oneStream(
    "h2-trailers-only",
    "trailers without a body, as gRPC has them",
    [POST(), headers(1, [["x-t", "1"]], true)],
    [headers(1, [status(200)]), headers(1, [["grpc-status", "0"]], true)],
    { recorded: [{ requestTrailers: [["x-t", "1"]], responseTrailers: [["grpc-status", "0"]] }] },
  ),
];

const interimCases: Http2Case[] = [
  oneStream(
    "h2-interim",
    "100, 102, 103 with fields, 199 before the answer",
    GET_A,
    [
      headers(1, [status(100)]),
      headers(1, [status(102)]),
      headers(1, [status(103), ["link", "</a>"], ["link", "</b>"]]),
      headers(1, [status(199)]),
      ...OK,
    ],
    { recorded: [{ status: 200, informational: [100, 102, 103, 199], got: "ok" }] },
  ),
  {
    id: "h2-interim-at-once",
    shows: "an interim response reaches the client before the answer is there",
    modes: ["h2"],
    client: [...GET_A, seen(1, ":status: 103"), say("hinted"), ended(1)],
    origin: [[ended(1), headers(1, [status(103)]), hear("hinted"), ...OK]],
    expect: { kind: "same" },
  },
  {
    id: "h2-expect-honoured",
    shows: "Expect: 100-continue: the body comes after the origin's own 100",
    modes: ["h2"],
    client: [POST(["expect", "100-continue"]), seen(1, ":status: 100"), data(1, "hello", true), ended(1)],
    origin: [[seen(1, "expect"), headers(1, [status(100)]), ended(1), ...OK]],
    expect: { kind: "same" },
    recorded: [{ sent: "hello", informational: [100], status: 200 }],
  },
  {
    id: "h2-expect-refused",
    shows: "Expect: 100-continue refused with 417: the client leaves its body out",
    modes: ["h2"],
    client: [
      POST(["expect", "100-continue"]),
      ended(1),
      rst(1, Http2Code.CANCEL),
      headers(2, pseudo(), true),
      ended(2),
    ],
    origin: [[seen(1, "expect"), headers(1, [status(417)], true), ended(2), headers(2, [status(200)], true)]],
    expect: { kind: "same" },
  },
  {
    id: "h2-head-before-body",
    shows: "heads before any body, and each part of a body as it comes, both ways at once",
    modes: ["h2"],
    client: [
      POST(),
      seen(1, ":status: 200"),
      data(1, "ping 1"),
      seen(1, "pong 1"),
      data(1, "ping 2"),
      seen(1, "pong 2"),
      data(1, "", true),
      ended(1),
    ],
    origin: [
      [
        seen(1, ":method"),
        headers(1, [status(200)]),
        seen(1, "ping 1"),
        data(1, "pong 1"),
        seen(1, "ping 2"),
        data(1, "pong 2"),
        ended(1),
        data(1, "", true),
      ],
    ],
    expect: { kind: "same" },
    recorded: [{ sent: "ping 1ping 2", got: "pong 1pong 2", error: null }],
  },
  {
    id: "h2-early-answer",
    shows:
      "a whole answer while the request is still coming, and a reset with NO_ERROR: the answer arrives whole",
    modes: ["h2"],
    client: [POST(), data(1, "begun"), seen(1, "RST_STREAM")],
    origin: [
      [seen(1, "begun"), headers(1, [status(413)]), data(1, "too large", true), rst(1, Http2Code.NO_ERROR)],
    ],
    expect: { kind: "same" },
    recorded: [{ status: 413, got: "too large", error: null }],
  },
  {
    id: "h2-interleaved",
    shows: "streams that answer in another order than they were asked",
    modes: ["h2"],
    client: [1, 2, 3]
      .map((stream): Http2Step => headers(stream, pseudo("GET", `/${stream}`), true))
      .concat([3, 2, 1].map((stream) => ended(stream))),
    origin: [
      [
        ended(3),
        ...[3, 1, 2].flatMap((stream) => [headers(stream, [status(200)]), data(stream, `answer ${stream}`)]),
        ...[3, 2, 1].map((stream) => data(stream, "", true)),
      ],
    ],
    expect: { kind: "same" },
  },
];

const CODES: readonly (readonly [string, number])[] = [
  ...Object.entries(Http2Code),
  ["0xdeadbeef", 0xdeadbeef],
];
const slug = (name: string): string => name.toLowerCase().replaceAll("_", "-");
const resetCases: Http2Case[] = CODES.flatMap(([name, code]): Http2Case[] => [
  {
    id: `h2-reset-by-origin-${slug(name)}`,
    shows: `an origin that resets a stream with ${name} in mid-body; others go on`,
    modes: ["h2"],
    client: [
      ...GET_A,
      seen(1, "begun"),
      say("seen"),
      seen(1, "RST_STREAM"),
      headers(2, pseudo(), true),
      ended(2),
    ],
    origin: [
      [
        ended(1),
        headers(1, [status(200)]),
        data(1, "begun"),
        hear("seen"),
        rst(1, code),
        ended(2),
        headers(2, [status(204)], true),
      ],
    ],
    expect: { kind: "same" },
  },
  {
    id: `h2-reset-by-origin-unanswered-${slug(name)}`,
    shows: `an origin that resets a stream with ${name} before it answers`,
    modes: ["h2"],
    client: [...GET_A, seen(1, "RST_STREAM")],
    origin: [[ended(1), rst(1, code)]],
    expect: { kind: "same" },
    recorded: [{ status: null, error: "origin-reset" }],
  },
  {
    id: `h2-reset-by-client-${slug(name)}`,
    shows: `a client that resets a stream with ${name}; others go on`,
    modes: ["h2"],
    client: [...GET_A, seen(1, "begun"), rst(1, code), headers(2, pseudo(), true), ended(2)],
    origin: [
      [
        ended(1),
        headers(1, [status(200)]),
        data(1, "begun"),
        seen(1, "RST_STREAM"),
        ended(2),
        headers(2, [status(204)], true),
      ],
    ],
    expect: { kind: "same" },
  },
  {
    id: `h2-reset-by-client-uploading-${slug(name)}`,
    shows: `a client that resets a stream with ${name} in the middle of its request`,
    modes: ["h2"],
    client: [POST(), data(1, "part"), hear("seen"), rst(1, code), hear("reset")],
    origin: [[seen(1, "part"), say("seen"), seen(1, "RST_STREAM"), say("reset")]],
    expect: { kind: "same" },
    recorded: [{ sent: "part", error: "client-closed", requestTruncated: "client-closed" }],
  },
]);

const goawayCases: Http2Case[] = [
  {
    id: "h2-goaway-by-origin",
    shows: "an origin's GOAWAY: what it has begun is answered, what comes after goes to a new connection",
    modes: ["h2"],
    client: [...GET_A, ended(1), headers(2, pseudo("GET", "/b"), true), ended(2)],
    origin: [
      [ended(1), { do: "goaway", code: Http2Code.NO_ERROR, lastStream: 1 }, ...OK],
      [ended(1), ...OK],
    ],
    expect: {
      kind: "differs",
      why: "a GOAWAY is of one connection: the client's own stays, and its next request goes to a new one",
      toClient: ["a", "b"].map(() => "\nHEADERS\n:status: 200\nDATA ok\nEND"),
      toOrigin: ["a", "b"].map(
        (path) => `\nHEADERS\n:method: GET\n:scheme: https\n:authority: %H\n:path: /${path}\nEND`,
      ),
    },
  },
  {
    id: "h2-goaway-by-client",
    shows: "a client's GOAWAY: what it has asked is answered, and its connection ends",
    modes: ["h2"],
    client: [...GET_A, { do: "goaway", code: Http2Code.NO_ERROR, lastStream: 0 }, ended(1)],
    origin: [[ended(1), ...OK]],
    expect: { kind: "same" },
  },
  {
    id: "h2-origin-leaves",
    shows:
      "an origin that ends the connection in mid-body: the stream is reset, the client's connection stays",
    modes: ["h2"],
    client: [
      ...GET_A,
      seen(1, "begun"),
      say("seen"),
      seen(1, "RST_STREAM"),
      headers(2, pseudo(), true),
      ended(2),
    ],
    origin: [
      [ended(1), headers(1, [status(200)]), data(1, "begun"), hear("seen"), { do: "close" }],
      [ended(1), headers(1, [status(204)], true)],
    ],
    expect: {
      kind: "differs",
      why: "the client's connection is of its own: its streams are reset with INTERNAL_ERROR",
      toOrigin: Array.from(
        { length: 2 },
        () => "\nHEADERS\n:method: GET\n:scheme: https\n:authority: %H\n:path: /a\nEND",
      ),
      toClient: [
        "\nHEADERS\n:status: 200\nDATA begun\nRST_STREAM INTERNAL_ERROR",
        "\nHEADERS\n:status: 204\nEND",
      ],
    },
  },
  {
    id: "h2-client-leaves",
    shows: "a client that ends its connection: its streams at the origin are reset with CANCEL",
    modes: ["h2"],
    client: [...GET_A, seen(1, "begun"), { do: "close" }],
    origin: [[ended(1), headers(1, [status(200)]), data(1, "begun"), seen(1, "RST_STREAM")]],
    expect: {
      kind: "differs",
      why: "the connection to the origin is of its own, and serves others",
      toClient: ["\nHEADERS\n:status: 200\nDATA begun"],
      toOrigin: [
        "\nHEADERS\n:method: GET\n:scheme: https\n:authority: %H\n:path: /a\nEND\nRST_STREAM CANCEL",
      ],
    },
  },
];

export const HTTP2_STREAM_CASES: readonly Http2Case[] = [
  ...bodyCases,
  ...interimCases,
  ...resetCases,
  ...goawayCases,
];
