// Wire cases of WebSocket: an upgrade, then frames by turns, byte for byte, right ones and wrong ones (RFC 6455).
import { clientFrame, closePayload, type FrameParts, frame } from "../proxy/websocket/frames.js";
import { end, head, request, type Step, same, send, toEnd, until, type WireCase } from "./case.js";

/** The two ways to WebSocket: ws and wss, both in a CONNECT, as clients do it. */
const WEBSOCKET_MODES = ["tunnel", "tls"] as const;

const KEY_FIELDS: readonly string[] = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

export function upgradeRequest(...fields: readonly string[]): string {
  return request("GET %O/chat", [...KEY_FIELDS, ...fields]);
}

export function switching(...fields: readonly string[]): string {
  return head(
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ...fields,
  );
}

/** What one side sends before the other goes on; `drip` sends it byte by byte. */
export interface Turn {
  readonly from: "client" | "server";
  readonly bytes: string;
  readonly drip?: true;
}

/** A frame of this side, masked as it has to be. */
export function fromClient(parts: FrameParts = {}): Turn {
  return { from: "client", bytes: clientFrame(parts).toString("latin1") };
}

export function fromServer(parts: FrameParts = {}): Turn {
  return { from: "server", bytes: frame(parts).toString("latin1") };
}

/** The same frames from either side: of a client with a mask. */
export function frames(from: Turn["from"], ...all: readonly FrameParts[]): Turn {
  const make = from === "client" ? clientFrame : frame;
  return { from, bytes: Buffer.concat(all.map((parts) => make(parts))).toString("latin1") };
}

export function closeBy(from: Turn["from"], code: number, reason = ""): Turn {
  return frames(from, { opcode: 8, payload: closePayload(code, reason) });
}

/** What the session says of such a close frame. */
export function closeMessage(from: Turn["from"], code: number, reason = ""): string {
  return `${directionOf(from)} 8 ${closePayload(code, reason).toString("latin1")}`;
}

export const directionOf = (from: Turn["from"]): "send" | "receive" =>
  from === "client" ? "send" : "receive";
export const other = (from: Turn["from"]): Turn["from"] => (from === "client" ? "server" : "client");

export interface WebSocketMore extends Partial<WireCase> {
  /** `Sec-WebSocket-Extensions` that the server agrees to. */
  readonly extensions?: string;
  readonly close?: string | null;
  readonly error?: string | null;
}

/** A WebSocket whose sides speak by turns; then the origin ends the connection. The bytes are the same unless stated. */
export function webSocket(
  id: string,
  shows: string,
  turns: readonly Turn[],
  messages: readonly string[],
  more: WebSocketMore = {},
): WireCase {
  const { extensions, close = null, error = null, ...rest } = more;
  const fields = extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`];
  const answer = switching(...fields);
  const [client, origin] = [scriptOf("client", turns), scriptOf("server", turns)];
  return {
    id,
    shows,
    client: [send(upgradeRequest(...fields)), until(answer), ...client, toEnd],
    origin: [[until("\r\n\r\n"), send(answer), ...origin, end]],
    expect: same,
    modes: WEBSOCKET_MODES,
    recorded: [{ kind: "websocket", status: 101, messages, close, error }],
    ...rest,
  };
}

function scriptOf(side: Turn["from"], turns: readonly Turn[]): Step[] {
  return turns.flatMap((turn, index): Step[] => {
    if (turn.from !== side) {
      // Where the other side goes on, what it said until then has to be here.
      return turns[index + 1]?.from === turn.from ? [] : [until(runOf(turns, index))];
    }
    return [turn.drip ? { do: "drip", bytes: turn.bytes } : send(turn.bytes)];
  });
}

/** What one side said in a row up to this turn: all of it, since the end of a payload may well be in its middle too. */
function runOf(turns: readonly Turn[], last: number): string {
  let first = last;
  while (turns[first - 1]?.from === turns[last]!.from) first--;
  return turns
    .slice(first, last + 1)
    .map(({ bytes }) => bytes)
    .join("");
}
