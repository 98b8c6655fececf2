// A message of a WebSocket that rules change, drop, or answer with messages of their own.
import { isUtf8 } from "node:buffer";

export type Direction = "send" | "receive";
/** 1 text, 2 binary. */
export type DataOpcode = 1 | 2;

export interface Injected {
  readonly direction: Direction;
  readonly opcode: DataOpcode;
  readonly data: Buffer;
}

/** Why a rule has nothing to do with a message: it goes the other way, or has another text. */
export type MessageMiss = "direction" | "text";

/** What one rule did to a message. */
export interface MessageDeed {
  readonly rule: string;
  /** Absent where it acted. */
  readonly missed?: MessageMiss;
  readonly changed: boolean;
  readonly dropped: boolean;
  readonly injected: readonly Injected[];
}

export class MessageDraft {
  /** `send`: from the client. */
  readonly direction: Direction;
  /** Its content before any rule. */
  readonly came: Buffer;
  readonly injected: Injected[] = [];
  /** Of each rule for messages, in order. */
  readonly deeds: MessageDeed[] = [];
  readonly notes: string[] = [];
  dropped = false;
  #opcode: DataOpcode;
  #data: Buffer;

  constructor(direction: Direction, opcode: DataOpcode, data: Buffer) {
    this.direction = direction;
    this.came = data;
    this.#opcode = opcode;
    this.#data = data;
  }

  get opcode(): DataOpcode {
    return this.#opcode;
  }

  get data(): Buffer {
    return this.#data;
  }

  /** As text; undefined for bytes that are none. */
  get text(): string | undefined {
    return isUtf8(this.#data) ? this.#data.toString("utf8") : undefined;
  }

  /** Another message in its place. One that is the same leaves it as it came. */
  put(opcode: DataOpcode, data: Buffer): void {
    this.#opcode = opcode;
    if (!data.equals(this.#data)) this.#data = data;
  }
}
