// Writes WebSocket frames (RFC 6455 section 5.2).
import { randomBytes } from "node:crypto";
import { unmask } from "../websocket/mask.js";

export interface FrameToWrite {
  readonly opcode: number;
  readonly fin: boolean;
  readonly data: Buffer;
}

/** @param masked as a client sends it, with a key of its own (section 5.3) */
export function writeFrame({ opcode, fin, data }: FrameToWrite, masked: boolean): Buffer {
  const { length } = data;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = 2 + extended + (masked ? 4 : 0);
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = (fin ? 0x80 : 0) | opcode;
  frame[1] = (masked ? 0x80 : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) data.copy(frame, head);
  else {
    const key = randomBytes(4);
    key.copy(frame, head - 4);
    // Masking is its own inverse.
    unmask(data, key, 0, frame.subarray(head));
  }
  return frame;
}
