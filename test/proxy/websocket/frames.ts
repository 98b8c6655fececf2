// Builds WebSocket frames byte by byte, right and wrong ones, and watches them; for tests.
import { constants, deflateRawSync } from "node:zlib";
import { createExchangeIds } from "../../../src/exchange/id.js";
import { type WatchedWebSocket, WebSocketWatcher } from "../../../src/proxy/websocket/watcher.js";
import { MemoryRecording } from "../../support/memory-recording.js";

export interface FrameParts {
  readonly opcode?: number;
  readonly payload?: Buffer | string;
  readonly fin?: boolean;
  readonly rsv?: number;
  /** The masking key; undefined for an unmasked frame. */
  readonly key?: Buffer | undefined;
  /** How the length is written; by default as short as can be. */
  readonly lengthForm?: 7 | 16 | 64;
  /** A length other than the payload's. */
  readonly length?: bigint;
}

export const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** A frame by RFC 6455 section 5.2, masked only when it has a key. */
export function frame(parts: FrameParts = {}): Buffer {
  const payload = Buffer.from(parts.payload ?? "");
  const length = parts.length ?? BigInt(payload.length);
  const form = parts.lengthForm ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64);
  const maskBit = parts.key === undefined ? 0 : 0x80;
  const head = Buffer.alloc(form === 7 ? 2 : form === 16 ? 4 : 10);
  head[0] = (parts.fin === false ? 0 : 0x80) | ((parts.rsv ?? 0) << 4) | (parts.opcode ?? 1);
  head[1] = maskBit | (form === 7 ? Number(length) : form === 16 ? 126 : 127);
  if (form === 16) head.writeUInt16BE(Number(length), 2);
  if (form === 64) head.writeBigUInt64BE(length, 2);
  const { key } = parts;
  if (key === undefined) return Buffer.concat([head, payload]);
  return Buffer.concat([head, key, payload.map((byte, i) => byte ^ key[i % 4]!)]);
}

/** A frame as a client sends it. */
export function clientFrame(parts: FrameParts = {}): Buffer {
  return frame({ key: KEY, ...parts });
}

/** A payload compressed by RFC 7692 section 7.2.1, without context. */
export function compress(payload: Buffer | string, windowBits = 15): Buffer {
  const deflated = deflateRawSync(payload, { windowBits, finishFlush: constants.Z_SYNC_FLUSH });
  return deflated.subarray(0, deflated.length - 4);
}

export function closePayload(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return payload;
}

export const EXCHANGE = createExchangeIds()(0);

export interface Watched extends WatchedWebSocket {
  readonly recording: MemoryRecording;
  /** `send 1 hello`, `receive 2 c0ffee compressed truncated client-closed`: bytes as text where they are UTF-8. */
  readonly messages: string[];
}

/** Watches chunks of one connection to its end. */
export async function watch(
  chunks: readonly (readonly ["client" | "server", Buffer])[],
  options: { extensions?: string; maxInflated?: number } = {},
): Promise<Watched> {
  const recording = new MemoryRecording();
  const { extensions, ...rest } = options;
  const watcher = new WebSocketWatcher({ exchange: EXCHANGE, recording, extensions, ...rest });
  for (const [from, chunk] of chunks) {
    if (from === "client") watcher.fromClient(chunk);
    else watcher.fromServer(chunk);
  }
  const watched = await watcher.end();
  return { ...watched, recording, messages: summary(recording) };
}

export function summary(recording: MemoryRecording): string[] {
  return recording.messages.map(({ direction, opcode, compressed, body }) => {
    const words = [
      direction,
      opcode,
      body.kind === "text" ? body.text : recording.bytesOf(body).toString("hex"),
    ];
    if (compressed) words.push("compressed");
    if (body.truncated !== undefined) words.push(`truncated ${body.truncated}`);
    return words.join(" ");
  });
}

/** The bytes one by one. */
export function bytewise(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
}
