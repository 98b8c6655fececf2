// WebSocket with permessage-deflate (RFC 7692): compressed bytes pass as they are, the session has them decompressed.
import { constants, deflateRawSync } from "node:zlib";
import { compress, type FrameParts } from "../../proxy/websocket/frames.js";
import type { WireCase } from "../case.js";
import { directionOf, frames, type Turn, webSocket } from "../websocket-case.js";

const SIDES = ["client", "server"] as const;
const RSV1 = 4;
const TEXT = "The quick brown fox jumps over the lazy dog. ".repeat(20);

const packed = (payload: string, windowBits = 15): FrameParts => ({
  rsv: RSV1,
  payload: compress(payload, windowBits),
});

/** As a compressor that has seen `before` makes it. */
function packedAfter(before: string, payload: string, windowBits = 15): FrameParts {
  const deflated = deflateRawSync(payload, {
    windowBits,
    dictionary: Buffer.from(before),
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return { rsv: RSV1, payload: deflated.subarray(0, -4) };
}

function deflate(
  id: string,
  shows: string,
  extensions: string,
  parts: readonly FrameParts[],
  messages: readonly string[],
): WireCase {
  return webSocket(
    `ws-deflate-${id}`,
    shows,
    SIDES.map((from): Turn => frames(from, ...parts)),
    SIDES.flatMap((from) => messages.map((message) => `${directionOf(from)} ${message}`)),
    { extensions },
  );
}

/** Cuts a compressed message into frames. */
function cut(parts: FrameParts, ...sizes: readonly number[]): FrameParts[] {
  const payload = Buffer.from(parts.payload ?? "");
  const starts = [0, ...sizes];
  return starts.map((start, index) => ({
    ...(index === 0 ? { rsv: RSV1 } : { opcode: 0 }),
    payload: payload.subarray(start, starts[index + 1] ?? payload.length),
    fin: index === starts.length - 1,
  }));
}

const NO_CONTEXT = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
const ONE = `1 ${TEXT} compressed`;

export const WEBSOCKET_DEFLATE_CASES: readonly WireCase[] = [
  deflate("no-context", "messages without context", NO_CONTEXT, [packed(TEXT), packed(TEXT)], [ONE, ONE]),
  deflate(
    "context",
    "messages that refer to earlier ones",
    "permessage-deflate",
    [packed(TEXT), packedAfter(TEXT, TEXT), packedAfter(TEXT + TEXT, "fox")],
    [ONE, ONE, "1 fox compressed"],
  ),
  ...[8, 9, 12, 15].map((bits) =>
    deflate(
      `window-${bits}`,
      `a window of 2^${bits} bytes, with context`,
      `permessage-deflate; server_max_window_bits=${bits}; client_max_window_bits=${bits}`,
      // zlib makes no window of 2^8: what fits into one is made with 2^9.
      [
        packed(TEXT.slice(0, 200), Math.max(bits, 9)),
        packedAfter(TEXT.slice(0, 200), "fox", Math.max(bits, 9)),
      ],
      [`1 ${TEXT.slice(0, 200)} compressed`, "1 fox compressed"],
    ),
  ),
  deflate(
    "empty",
    "empty messages, compressed and not",
    NO_CONTEXT,
    [
      packed(""),
      {},
      { opcode: 2, rsv: RSV1, payload: Buffer.of(0) },
      { ...packed(""), opcode: 2 },
      packed("end"),
    ],
    ["1  compressed", "1 ", "2  compressed", "2  compressed", "1 end compressed"],
  ),
  deflate(
    "mixed",
    "messages that are not compressed, and control frames, among compressed ones",
    "permessage-deflate",
    [
      packed(TEXT),
      { payload: TEXT },
      { opcode: 9, payload: "ping" },
      packedAfter(TEXT, TEXT),
      { payload: "" },
    ],
    [ONE, `1 ${TEXT}`, "9 ping", ONE, "1 "],
  ),
  deflate(
    "fragments",
    "a compressed message in fragments, empty ones too, with a ping in between",
    NO_CONTEXT,
    [
      ...cut(packed(TEXT), 1, 1, 10),
      ...cut(packed(TEXT), 0).slice(0, 1),
      { opcode: 9, payload: "ping" },
      ...cut(packed(TEXT), 0).slice(1),
    ],
    [ONE, "9 ping", ONE],
  ),
  deflate(
    "stored-blocks",
    "a message of stored blocks, one that ends with a final block, and one of 300 KB",
    NO_CONTEXT,
    [
      { rsv: RSV1, payload: stored(TEXT) },
      { rsv: RSV1, payload: Buffer.concat([deflateRawSync(TEXT), Buffer.of(0)]) },
      packed("0123456789".repeat(30_000)),
    ],
    [ONE, ONE, `1 ${"0123456789".repeat(30_000)} compressed`],
  ),
  ...SIDES.flatMap((from) => [
    webSocket(
      `ws-deflate-garbage-by-${from}`,
      `a compressed message that is none, by the ${from}: recorded as it passed`,
      [frames(from, { rsv: RSV1, payload: Buffer.from([0xff, 0xff, 0xff]) })],
      [`${directionOf(from)} 1 \xff\xff\xff compressed`],
      { extensions: NO_CONTEXT, error: "websocket-malformed" },
    ),
    webSocket(
      `ws-deflate-rsv-continuation-by-${from}`,
      `RSV1 on a continuation, by the ${from}`,
      [frames(from, { fin: false, payload: "a" }, { opcode: 0, rsv: RSV1, payload: "b" })],
      [`${directionOf(from)} 1 a truncated aborted`],
      { extensions: NO_CONTEXT, error: "websocket-malformed" },
    ),
    webSocket(
      `ws-deflate-rsv-ping-by-${from}`,
      `RSV1 on a ping, by the ${from}`,
      [frames(from, { opcode: 9, rsv: RSV1, payload: "b" })],
      [],
      { extensions: NO_CONTEXT, error: "websocket-malformed" },
    ),
  ]),
];

function stored(payload: string): Buffer {
  const deflated = deflateRawSync(payload, { level: 0, finishFlush: constants.Z_SYNC_FLUSH });
  return deflated.subarray(0, -4);
}
