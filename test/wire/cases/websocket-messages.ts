// WebSocket: messages of all sizes, fragments, control frames.
import { clientFrame, type FrameParts } from "../../proxy/websocket/frames.js";
import type { WireCase } from "../case.js";
import {
  closeBy,
  closeMessage,
  directionOf,
  frames,
  other,
  type Turn,
  webSocket,
} from "../websocket-case.js";

const SIDES = ["client", "server"] as const;
const BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const text = (length: number): string => "The quick brown fox. ".repeat(length / 21 + 1).slice(0, length);

/** From both sides, one after the other. */
function bothWays(make: (from: Turn["from"]) => Turn): Turn[] {
  return SIDES.map(make);
}

function bothDirections(...messages: readonly string[]): string[] {
  return SIDES.flatMap((side) => messages.map((message) => `${directionOf(side)} ${message}`));
}

/** 65,535 and 65,536 are where the length's form changes, as 125 and 126 are. */
const sizeCases: WireCase[] = [0, 1, 125, 126, 127, 128, 4096, 65_535, 65_536, 65_537, 300_000].map((size) =>
  webSocket(
    `ws-size-${size}`,
    `text and binary messages of ${size} bytes, both ways`,
    bothWays((from) =>
      frames(
        from,
        { payload: text(size) },
        { opcode: 2, payload: bytes(BYTES.repeat(size / 256 + 1).slice(0, size)) },
      ),
    ),
    bothDirections(`1 ${text(size)}`, `2 ${BYTES.repeat(size / 256 + 1).slice(0, size)}`),
  ),
);

/** One message of these payloads. */
function fragments(opcode: number, payloads: readonly string[]): FrameParts[] {
  return payloads.map((payload, index) => ({
    opcode: index === 0 ? opcode : 0,
    payload: bytes(payload),
    fin: index === payloads.length - 1,
  }));
}

function pieces(content: string, size: number): string[] {
  return Array.from({ length: Math.ceil(content.length / size) }, (_, n) =>
    content.slice(n * size, (n + 1) * size),
  );
}

const CONTENT = text(3000);
const fragmentCases: WireCase[] = [
  ...[1, 2, 125, 126, 1000, 2999].map((size) =>
    webSocket(
      `ws-fragments-${size}`,
      `a message of 3,000 bytes in fragments of ${size}, both ways`,
      bothWays((from) => frames(from, ...fragments(2, pieces(CONTENT, size)))),
      bothDirections(`2 ${CONTENT}`),
    ),
  ),
  webSocket(
    "ws-fragments-empty",
    "fragments of zero length: first, in the middle, last, all",
    bothWays((from) =>
      frames(
        from,
        ...fragments(1, ["", "a"]),
        ...fragments(1, ["b", "", "", "c"]),
        ...fragments(2, ["d", ""]),
        ...fragments(1, ["", "", ""]),
      ),
    ),
    bothDirections("1 a", "1 bc", "2 d", "1 "),
  ),
  webSocket(
    "ws-fragments-utf8",
    "text cut in the middle of a character",
    bothWays((from) => frames(from, ...fragments(1, ["\xe2", "\x82", "\xac\xf0\x9f", "\x98\x80"]))),
    bothDirections("1 \xe2\x82\xac\xf0\x9f\x98\x80"),
  ),
  webSocket(
    "ws-fragments-control",
    "ping, pong and empty pings between fragments",
    bothWays((from) => {
      const [first, second, third] = fragments(1, ["one ", "two ", "three"]);
      const ping = { opcode: 9, payload: "still there?" };
      return frames(from, first!, ping, { opcode: 10, payload: "yes" }, second!, { opcode: 9 }, third!);
    }),
    bothDirections("9 still there?", "10 yes", "9 ", "1 one two three"),
  ),
  webSocket(
    "ws-fragments-close",
    "a close between fragments: the message stays cut",
    [
      frames("client", ...fragments(1, ["never ", "whole"]).slice(0, 1)),
      closeBy("client", 1001, "away"),
      closeBy("server", 1001, "away"),
    ],
    [
      closeMessage("client", 1001, "away"),
      closeMessage("server", 1001, "away"),
      "send 1 never  truncated client-closed",
    ],
    { close: "client 1001 away" },
  ),
  ...SIDES.map((from) =>
    webSocket(
      `ws-drip-${from}`,
      `frames that come byte by byte from the ${from}`,
      [
        {
          ...frames(from, ...fragments(1, ["a", "", text(130)]), { opcode: 9, payload: "p" }, { opcode: 2 }),
          drip: true as const,
        },
        frames(other(from), { payload: "done" }),
      ],
      [
        `${directionOf(from)} 1 a${text(130)}`,
        `${directionOf(from)} 9 p`,
        `${directionOf(from)} 2 `,
        `${directionOf(other(from))} 1 done`,
      ],
    ),
  ),
];

const maskCases: WireCase[] = [
  webSocket(
    "ws-masks",
    "masking keys of every kind, zero too",
    [
      {
        from: "client",
        bytes: ["00000000", "ffffffff", "00ff00ff", "12345678"]
          .map((key) => clientFrame({ payload: "masked", key: Buffer.from(key, "hex") }).toString("latin1"))
          .join(""),
      },
    ],
    Array.from({ length: 4 }, () => "send 1 masked"),
  ),
];

const PAYLOADS = Array.from({ length: 126 }, (_, length) => BYTES.slice(0, length));
const controlCases: WireCase[] = [
  webSocket(
    "ws-ping-sizes",
    "pings of 0 to 125 bytes and their pongs, both ways",
    SIDES.flatMap((from) => [
      frames(from, ...PAYLOADS.map((payload) => ({ opcode: 9, payload: bytes(payload) }))),
      frames(other(from), ...PAYLOADS.map((payload) => ({ opcode: 10, payload: bytes(payload) }))),
    ]),
    SIDES.flatMap((from) => [
      ...PAYLOADS.map((payload) => `${directionOf(from)} 9 ${payload}`),
      ...PAYLOADS.map((payload) => `${directionOf(other(from))} 10 ${payload}`),
    ]),
  ),
  webSocket(
    "ws-pong-unasked",
    "pongs that answer nothing",
    bothWays((from) => frames(from, { opcode: 10 }, { opcode: 10, payload: "unasked" })),
    bothDirections("10 ", "10 unasked"),
  ),
  webSocket(
    "ws-many-at-once",
    "a thousand small messages in one write, both ways",
    bothWays((from) => frames(from, ...Array.from({ length: 1000 }, (_, n) => ({ payload: String(n) })))),
    bothDirections(...Array.from({ length: 1000 }, (_, n) => `1 ${n}`)),
  ),
];

/** As they should not be written, though every reader can read them (RFC 6455 section 5.2). */
const lengthCases: WireCase[] = [
  webSocket(
    "ws-length-not-minimal",
    "lengths in a longer form than needed",
    bothWays((from) =>
      frames(
        from,
        { payload: "in 16 bits", lengthForm: 16 },
        { payload: "in 64 bits", lengthForm: 64 },
        { opcode: 2, payload: bytes(BYTES), lengthForm: 64 },
        { opcode: 9, payload: "ping", lengthForm: 16 },
        { lengthForm: 64 },
      ),
    ),
    bothDirections("1 in 16 bits", "1 in 64 bits", `2 ${BYTES}`, "9 ping", "1 "),
  ),
];

export const WEBSOCKET_MESSAGE_CASES: readonly WireCase[] = [
  ...sizeCases,
  ...fragmentCases,
  ...maskCases,
  ...controlCases,
  ...lengthCases,
];
