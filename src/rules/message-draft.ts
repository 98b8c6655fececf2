// A message of a WebSocket that rules change, drop, or answer with messages of their own.
import { isUtf8 } from "node:buffer";

export type Direction = "send" | "receive";

export interface Injected {
  readonly direction: Direction;
  /** 1 text, 2 binary. */
  readonly opcode: 1 | 2;
  readonly data: Buffer;
}

export class MessageDraft {
  /** `send`: from the client. */
  readonly direction: Direction;
  readonly opcode: number;
  readonly injected: Injected[] = [];
  readonly notes: string[] = [];
  data: Buffer;
  dropped = false;

  constructor(direction: Direction, opcode: number, data: Buffer) {
    this.direction = direction;
    this.opcode = opcode;
    this.data = data;
  }

  /** As text; undefined for bytes that are none. */
  get text(): string | undefined {
    return isUtf8(this.data) ? this.data.toString("utf8") : undefined;
  }
}
