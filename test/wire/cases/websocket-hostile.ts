// WebSocket: frames that break the protocol. They pass as they came, since what to do about them is for the other end to
// say; the session holds what came before, and that the connection was malformed.
import { clientFrame, frame } from "../../proxy/websocket/frames.js";
import type { WireCase } from "../case.js";
import { directionOf, frames, other, type Turn, webSocket } from "../websocket-case.js";

const SIDES = ["client", "server"] as const;
const GOOD = { payload: "good" };

/** A bad frame between good ones: the other direction is recorded on, the bad frame's is not. */
function malformed(
  name: string,
  shows: string,
  from: Turn["from"],
  bad: string,
  cut: readonly string[] = [],
): WireCase {
  const [direction, back] = [directionOf(from), directionOf(other(from))];
  return webSocket(
    `ws-${name}-by-${from}`,
    `${shows}, by the ${from}`,
    [
      frames(from, GOOD),
      { from, bytes: bad },
      frames(from, { payload: "behind" }),
      frames(other(from), { payload: "still read" }),
    ],
    [`${direction} 1 good`, ...cut.map((message) => `${direction} ${message}`), `${back} 1 still read`],
    { error: "websocket-malformed" },
  );
}

const opcodeCases: WireCase[] = SIDES.flatMap((from) =>
  [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) =>
    malformed(
      `opcode-${opcode}`,
      `the reserved opcode ${opcode}`,
      from,
      frames(from, { opcode, payload: "x" }).bytes,
    ),
  ),
);

const bitCases: WireCase[] = SIDES.flatMap((from) =>
  [1, 2, 4, 7].map((rsv) =>
    malformed(
      `rsv-${rsv}`,
      `RSV bits (${rsv}) that no extension has a meaning for`,
      from,
      frames(from, { rsv, payload: "x" }).bytes,
    ),
  ),
);

const frameCases: WireCase[] = SIDES.flatMap((from) => {
  const one = (parts: Parameters<typeof frame>[0]): string => frames(from, parts ?? {}).bytes;
  return [
    malformed(
      "control-fragmented",
      "a ping in fragments",
      from,
      one({ opcode: 9, fin: false, payload: "x" }),
    ),
    malformed("control-126", "a ping of 126 bytes", from, one({ opcode: 9, payload: "x".repeat(126) })),
    malformed("close-126", "a close of 126 bytes", from, one({ opcode: 8, payload: "x".repeat(126) })),
    malformed("continuation-of-none", "a continuation of no message", from, one({ opcode: 0, payload: "x" })),
    malformed(
      "message-in-message",
      "a new message inside a fragmented one",
      from,
      one({ fin: false, payload: "begun" }) + one({ payload: "new" }),
      ["1 begun truncated aborted"],
    ),
    malformed("length-2-63", "a length of 2^63", from, one({ payload: "x", length: 2n ** 63n })),
    malformed("length-2-64", "a length of 2^64 - 1", from, one({ payload: "x", length: 2n ** 64n - 1n })),
    malformed("length-2-53", "a length of 2^53", from, one({ payload: "x", length: 2n ** 53n })),
  ];
});

const maskCases: WireCase[] = [
  malformed("not-masked", "a frame without a mask", "client", frame({ payload: "bare" }).toString("latin1")),
  malformed("masked", "a frame with a mask", "server", clientFrame({ payload: "masked" }).toString("latin1")),
];

/** Bytes that are no UTF-8, in text: each of them is a message, whole, and recorded as the bytes it is. */
const BAD_UTF8: readonly (readonly [name: string, bytes: string])[] = [
  ["lone-continuation", "a\x80b"],
  ["overlong", "\xc0\xaf"],
  ["surrogate", "\xed\xa0\x80"],
  ["beyond", "\xf4\x90\x80\x80"],
  ["cut-short", "a\xe2\x82"],
];
const textCases: WireCase[] = SIDES.map((from) =>
  webSocket(
    `ws-bad-utf8-by-${from}`,
    `text that is no UTF-8 (${BAD_UTF8.map(([name]) => name).join(", ")}), by the ${from}`,
    [frames(from, ...BAD_UTF8.map(([, bytes]) => ({ payload: Buffer.from(bytes, "latin1") })))],
    BAD_UTF8.map(([, bytes]) => `${directionOf(from)} 1 ${bytes}`),
  ),
);

/** A length that never comes: what came of it is recorded when the connection ends. */
const hugeCases: WireCase[] = [
  webSocket(
    "ws-length-2-52",
    "a length of 2^52, of which little comes",
    [frames("client", { opcode: 2, payload: "some", length: 2n ** 52n })],
    ["send 2 some truncated client-closed"],
  ),
];

export const WEBSOCKET_HOSTILE_CASES: readonly WireCase[] = [
  ...opcodeCases,
  ...bitCases,
  ...frameCases,
  ...maskCases,
  ...textCases,
  ...hugeCases,
];
