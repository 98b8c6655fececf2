// WebSocket: the opening, closes of every code, and connections that end without one.
import { end, head, hear, reset, same, say, send, toEnd, until, type WireCase } from "../case.js";
import {
  closeBy,
  closeMessage,
  directionOf,
  frames,
  fromClient,
  fromServer,
  other,
  switching,
  upgradeRequest,
  webSocket,
} from "../websocket-case.js";

const SIDES = ["client", "server"] as const;

/** Every code that may be sent (RFC 6455 section 7.4, and the registry of IANA). */
const LEGAL_CODES = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
];
/** Codes that never are on the wire, and codes that nobody defined. */
const ILLEGAL_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535];

function closeCase(from: "client" | "server", code: number, legal: boolean): WireCase {
  const reason = `because ${code}`;
  return webSocket(
    `ws-close-${code}-by-${from}`,
    `close ${code}${legal ? "" : ", which must not be sent,"} by the ${from}, with a reason, answered alike`,
    [closeBy(from, code, reason), closeBy(other(from), code)],
    [closeMessage(from, code, reason), closeMessage(other(from), code)],
    { close: `${from} ${code} ${reason}` },
  );
}

const REASON = "\u20ac".repeat(41);
const reasonCases: WireCase[] = SIDES.flatMap((from) => [
  webSocket(
    `ws-close-no-reason-by-${from}`,
    `a close without a reason by the ${from}`,
    [closeBy(from, 1000), closeBy(other(from), 1000)],
    [closeMessage(from, 1000), closeMessage(other(from), 1000)],
    { close: `${from} 1000 ` },
  ),
  webSocket(
    `ws-close-reason-123-by-${from}`,
    `a reason of 123 bytes, the longest, in UTF-8, by the ${from}`,
    [closeBy(from, 4000, REASON), closeBy(other(from), 4000, REASON)],
    [closeMessage(from, 4000, REASON), closeMessage(other(from), 4000, REASON)],
    { close: `${from} 4000 ${Buffer.from(REASON).toString("latin1")}` },
  ),
  webSocket(
    `ws-close-no-code-by-${from}`,
    `a close without a code by the ${from}`,
    [frames(from, { opcode: 8 }), frames(other(from), { opcode: 8 })],
    [`${directionOf(from)} 8 `, `${directionOf(other(from))} 8 `],
    { close: `${from} null ` },
  ),
  webSocket(
    `ws-close-one-byte-by-${from}`,
    `a close whose payload is half a code, by the ${from}`,
    [frames(from, { opcode: 8, payload: "\x03" }), closeBy(other(from), 1002)],
    [`${directionOf(from)} 8 \x03`, closeMessage(other(from), 1002)],
    { close: `${from} null ` },
  ),
  webSocket(
    `ws-after-close-${from}`,
    `frames behind a close of the ${from}`,
    [
      closeBy(from, 1000, "bye"),
      frames(from, { payload: "and another thing" }),
      frames(other(from), { payload: "late" }),
      closeBy(other(from), 1000),
    ],
    [
      closeMessage(from, 1000, "bye"),
      `${directionOf(from)} 1 and another thing`,
      `${directionOf(other(from))} 1 late`,
      closeMessage(other(from), 1000),
    ],
    { close: `${from} 1000 bye` },
  ),
]);

const openingCases: WireCase[] = [
  {
    ...webSocket("ws-server-first", "frames right behind the 101, in one write", [], ["receive 1 welcome"]),
    client: [send(upgradeRequest()), until("welcome"), toEnd],
    origin: [[until("\r\n\r\n"), send(switching() + fromServer({ payload: "welcome" }).bytes), end]],
  },
  {
    ...webSocket("ws-client-first", "frames right behind the request, in one write", [], ["send 1 eager"]),
    client: [send(upgradeRequest() + fromClient({ payload: "eager" }).bytes), until(switching()), toEnd],
    origin: [[until("\r\n\r\n"), send(switching()), until(fromClient({ payload: "eager" }).bytes), end]],
  },
  {
    ...webSocket(
      "ws-negotiated",
      "subprotocols, extensions and extra fields of both, as they came",
      [],
      ["send 1 \xff"],
    ),
    client: [
      send(
        upgradeRequest(
          "Sec-WebSocket-Protocol: chat, superchat",
          "sec-websocket-protocol: other",
          "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-unknown; a=1",
          "Origin: https://page.test",
          "Cookie: a=1",
          "X-Extra: \xe9",
        ),
      ),
      until("\r\n\r\n"),
      send(frames("client", { payload: Buffer.from([255]), rsv: 3 }).bytes),
      toEnd,
    ],
    origin: [
      [
        until("\r\n\r\n"),
        send(
          switching(
            "Sec-WebSocket-Protocol: superchat",
            "Sec-WebSocket-Extensions: x-unknown; a=1",
            "Set-Cookie: b=2",
            "Set-Cookie: c=3",
            "x-lower: \xe9",
          ),
        ),
        until(frames("client", { payload: Buffer.from([255]), rsv: 3 }).bytes),
        end,
      ],
    ],
  },
  {
    ...webSocket("ws-wrong-accept", "an accept key that does not fit, for the client to judge", [], []),
    client: [send(upgradeRequest()), until("\r\n\r\n"), toEnd],
    origin: [
      [
        until("\r\n\r\n"),
        send(
          head(
            "HTTP/1.1 101 Sure",
            "upgrade: WebSocket",
            "connection: upgrade",
            "Sec-WebSocket-Accept: wrong",
          ),
        ),
        end,
      ],
    ],
  },
  ...[
    ["401", "401 Who Are You", "WWW-Authenticate: Basic"],
    ["426", "426 Upgrade Required", "Sec-WebSocket-Version: 13, 8"],
    ["503", "503 Busy", "Retry-After: 1"],
  ].map(
    ([status, line, field]): WireCase => ({
      id: `ws-refused-${status}`,
      shows: `an upgrade refused with ${status}, its fields and its body`,
      client: [send(upgradeRequest()), until("not now"), toEnd],
      origin: [
        [
          until("\r\n\r\n"),
          send(`${head(`HTTP/1.1 ${line}`, field!, "Content-Length: 7", "Connection: close")}not now`),
          end,
        ],
      ],
      expect: same,
      modes: ["tunnel", "tls"],
      recorded: [{ kind: "http", status: Number(status), got: "not now", error: null }],
    }),
  ),
];

const SHORT = fromServer({ payload: "half of it", length: 20n }).bytes;
const endCases: WireCase[] = [
  {
    ...webSocket(
      "ws-end-by-server",
      "an origin that ends the connection without a close",
      [],
      ["receive 1 last"],
    ),
    client: [send(upgradeRequest()), until("last"), toEnd],
    origin: [[until("\r\n\r\n"), send(switching() + fromServer({ payload: "last" }).bytes), end]],
  },
  {
    ...webSocket(
      "ws-cut-by-server",
      "an origin that ends the connection in mid-frame",
      [],
      ["receive 1 half of it truncated origin-closed"],
    ),
    client: [send(upgradeRequest()), until("half of it"), toEnd],
    origin: [[until("\r\n\r\n"), send(switching() + SHORT), end]],
  },
  {
    ...webSocket("ws-reset-by-server", "an origin that resets the connection", [], ["receive 1 seen"], {
      error: "origin-reset",
    }),
    client: [send(upgradeRequest()), until("seen"), say("seen"), toEnd],
    origin: [
      [until("\r\n\r\n"), send(switching() + fromServer({ payload: "seen" }).bytes), hear("seen"), reset],
    ],
  },
  {
    ...webSocket(
      "ws-end-by-client",
      "a client that ends its side without a close, and is still answered",
      [],
      ["send 1 last", "receive 1 goodbye"],
    ),
    client: [
      send(upgradeRequest()),
      until(switching()),
      send(fromClient({ payload: "last" }).bytes),
      end,
      until("goodbye"),
      toEnd,
    ],
    origin: [
      [until("\r\n\r\n"), send(switching()), toEnd, send(fromServer({ payload: "goodbye" }).bytes), end],
    ],
  },
  {
    ...webSocket("ws-reset-by-client", "a client that resets the connection", [], ["send 1 seen"], {
      error: "client-closed",
    }),
    client: [
      send(upgradeRequest()),
      until(switching()),
      send(fromClient({ payload: "seen" }).bytes),
      hear("seen"),
      reset,
    ],
    origin: [
      [
        until("\r\n\r\n"),
        send(switching()),
        until(fromClient({ payload: "seen" }).bytes),
        say("seen"),
        toEnd,
      ],
    ],
  },
];

export const WEBSOCKET_CLOSING_CASES: readonly WireCase[] = [
  ...openingCases,
  ...SIDES.flatMap((from) => LEGAL_CODES.map((code) => closeCase(from, code, true))),
  ...SIDES.flatMap((from) => ILLEGAL_CODES.map((code) => closeCase(from, code, false))),
  ...reasonCases,
  ...endCases,
];
