// Plays the server's side of a recorded WebSocket: its messages in their order, each after the client's messages that
// came before it, and its close.
import { once } from "node:events";
import type { Duplex } from "node:stream";
import type { WebSocketMessage } from "../../exchange/websocket-message.js";
import { writeFrame } from "../../proxy/intervene/web-socket-frame.js";
import { type Frame, FrameReader, type FrameSink } from "../../proxy/websocket/frame-reader.js";
import { type Pace, pause } from "./pace.js";
import type { Recorded } from "./recorded.js";

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
/** Of one message; a session keeps them whole. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Of a control frame's payload, RFC 6455 section 5.5. */
const CONTROL_BYTES = 125;

export class WebSocketPlay implements FrameSink {
  readonly #socket: Duplex;
  readonly #recorded: Recorded;
  readonly #pace: Pace;
  readonly #reader: FrameReader;
  readonly #over = new AbortController();
  #frame: Frame | undefined;
  #control: Buffer[] = [];
  /** Messages of the client that were not waited for yet. */
  #received = 0;
  #wake: (() => void) | undefined;
  #closing = false;

  constructor(socket: Duplex, recorded: Recorded, pace: Pace) {
    this.#socket = socket;
    this.#recorded = recorded;
    this.#pace = pace;
    this.#reader = new FrameReader(true, "none", this);
    socket.on("data", (chunk: Buffer) => this.#reader.push(chunk));
    socket.on("end", () => socket.end());
    socket.on("close", () => this.#end());
    socket.on("error", () => socket.destroy());
  }

  /** @param first what the client sent right after its handshake. @throws SESSION_DAMAGED */
  async run(first: Buffer): Promise<void> {
    this.#reader.push(first);
    let before: number | undefined;
    for await (const message of this.#recorded.messages()) {
      if (this.#over.signal.aborted) return;
      const time = Date.parse(message.time);
      const gap = before === undefined ? 0 : time - before;
      before = time;
      if (message.opcode !== OPCODE.text && message.opcode !== OPCODE.binary) continue;
      if (message.direction === "send") await this.#clientMessage();
      else await this.#send(message, gap);
    }
    if (!this.#over.signal.aborted) this.#close();
  }

  // Of the client: see FrameSink.

  frameStart(frame: Frame): void {
    this.#frame = frame;
    if (frame.opcode >= OPCODE.close) this.#control = [];
  }

  payload(piece: Buffer, endsFrame: boolean): void {
    const frame = this.#frame;
    if (frame === undefined) return;
    if (frame.opcode >= OPCODE.close) this.#control.push(piece);
    if (!endsFrame) return;
    if (frame.opcode < OPCODE.close) this.#dataFrame(frame);
    else if (frame.opcode === OPCODE.ping) this.#write(OPCODE.pong, Buffer.concat(this.#control));
    else if (frame.opcode === OPCODE.close) void this.#clientCloses(Buffer.concat(this.#control));
  }

  malformed(): void {
    this.#socket.destroy();
  }

  #dataFrame({ fin }: Frame): void {
    if (!fin) return;
    this.#received++;
    this.#wake?.();
  }

  async #clientMessage(): Promise<void> {
    while (this.#received === 0 && !this.#over.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#received--;
  }

  async #send({ opcode, body }: WebSocketMessage, gap: number): Promise<void> {
    const { signal } = this.#over;
    await pause(this.#pace === "recorded" ? gap : this.#pace === "none" ? 0 : this.#pace, signal);
    const data = await this.#recorded.storedBody(body, MOST_BYTES);
    if (signal.aborted || this.#closing) return;
    if (this.#write(opcode, data)) return;
    await once(this.#socket, "drain", { signal }).catch(() => {});
  }

  /** As it was recorded: by the server now, by the client when it does. */
  #close(): void {
    const { exchange } = this.#recorded;
    const close = exchange.kind === "websocket" ? exchange.close : undefined;
    if (close?.by !== "server" || this.#closing) return;
    if (close.code === null) {
      this.#socket.end();
      return;
    }
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(close.code);
    this.#closing = true;
    this.#write(OPCODE.close, Buffer.concat([payload, Buffer.from(close.reason)]));
  }

  /** RFC 6455 section 5.5.1: answered with a close of the same code, then the server ends the connection. */
  async #clientCloses(payload: Buffer): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      const code = payload.subarray(0, 2);
      // What cannot be read costs the reason alone.
      const recorded = await this.#recordedReply(code).catch(() => undefined);
      this.#write(OPCODE.close, recorded ?? code);
    }
    this.#socket.end();
  }

  /** What the server answered to a client's close of this code, its reason included. */
  async #recordedReply(code: Buffer): Promise<Buffer | undefined> {
    const { exchange } = this.#recorded;
    if (exchange.kind !== "websocket" || exchange.close?.by !== "client") return undefined;
    for await (const { direction, opcode, body } of this.#recorded.messages()) {
      if (direction !== "receive" || opcode !== OPCODE.close) continue;
      const reply = await this.#recorded.storedBody(body, CONTROL_BYTES);
      return reply.subarray(0, 2).equals(code) ? reply : undefined;
    }
    return undefined;
  }

  /** @returns false: wait until it drains */
  #write(opcode: number, data: Buffer): boolean {
    return this.#socket.writable ? this.#socket.write(writeFrame({ opcode, fin: true, data }, false)) : true;
  }

  #end(): void {
    this.#over.abort();
    this.#wake?.();
  }
}
