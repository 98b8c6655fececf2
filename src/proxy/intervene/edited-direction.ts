// One direction of a WebSocket whose messages may be changed: frames in, frames out, anew.
import type { WebSocketData, WebSocketIntervention, WebSocketOutcome } from "../intervention.js";
import { type Frame, FrameReader, type FrameSink } from "../websocket/frame-reader.js";
import { writeFrame } from "./web-socket-frame.js";

const CLOSE = 8;
const NOTHING = Buffer.alloc(0);

interface OpenMessage {
  readonly opcode: 1 | 2;
  readonly pieces: Buffer[];
  bytes: number;
  /** Too long to be held: its pieces go on as they come. */
  passing: boolean;
}

export interface EditedDirectionOptions {
  readonly direction: WebSocketData["direction"];
  readonly intervention: WebSocketIntervention;
  /** Messages of ours that an outcome wants sent, in whatever direction. */
  readonly inject: (message: WebSocketData) => void;
  readonly onFault: (message: string) => void;
}

export class EditedDirection implements FrameSink {
  readonly #options: EditedDirectionOptions;
  readonly #reader: FrameReader;
  readonly #fromClient: boolean;
  #frame: Frame | undefined;
  #control: Buffer[] = [];
  #message: OpenMessage | undefined;
  #out: Buffer[] = [];
  /** Messages of ours that can't go between the pieces of one that passes. */
  #queued: WebSocketData[] = [];
  #pushing = false;
  #closed = false;

  constructor(options: EditedDirectionOptions) {
    this.#options = options;
    this.#fromClient = options.direction === "send";
    this.#reader = new FrameReader(this.#fromClient, "none", this);
  }

  /** @returns what goes on instead */
  push(chunk: Buffer): Buffer {
    this.#pushing = true;
    try {
      this.#reader.push(chunk);
    } finally {
      this.#pushing = false;
    }
    return this.#take();
  }

  /**
   * Sends a message of ours, as soon as one that passes piece by piece has ended.
   * @returns what has to be written for it by whoever is not in `push`; undefined where no more messages are sent
   */
  inject(message: WebSocketData): Buffer | undefined {
    if (this.#closed) return undefined;
    if (this.#message?.passing === true) this.#queued.push(message);
    else this.#write(message.opcode, true, message.data);
    return this.#pushing ? NOTHING : this.#take();
  }

  close(): void {
    this.#closed = true;
    this.#reader.stop();
  }

  // From the reader: see FrameSink.

  frameStart(frame: Frame): void {
    this.#frame = frame;
    if (frame.opcode === 1 || frame.opcode === 2) {
      this.#message = { opcode: frame.opcode, pieces: [], bytes: 0, passing: false };
    }
  }

  payload(piece: Buffer, endsFrame: boolean): void {
    const frame = this.#frame!;
    if (frame.opcode >= CLOSE) this.#controlPayload(frame, piece, endsFrame);
    else this.#messagePayload(this.#message!, piece, endsFrame && frame.fin);
  }

  malformed(reason: string): void {
    this.#closed = true;
    this.#options.onFault(`${this.#fromClient ? "client" : "server"} ${reason}`);
  }

  #controlPayload({ opcode }: Frame, piece: Buffer, endsFrame: boolean): void {
    this.#control.push(piece);
    if (!endsFrame) return;
    this.#write(opcode, true, Buffer.concat(this.#control.splice(0)));
    // RFC 6455 section 5.5.1: nothing follows.
    if (opcode === CLOSE) this.#closed = true;
  }

  #messagePayload(message: OpenMessage, piece: Buffer, endsMessage: boolean): void {
    message.bytes += piece.length;
    if (message.passing) this.#write(0, endsMessage, piece);
    else {
      message.pieces.push(piece);
      if (message.bytes > this.#options.intervention.messageLimit) {
        message.passing = true;
        this.#write(message.opcode, endsMessage, Buffer.concat(message.pieces.splice(0)));
      }
    }
    if (!endsMessage) return;
    this.#message = undefined;
    if (!message.passing) this.#decide(message.opcode, Buffer.concat(message.pieces));
    for (const queued of this.#queued.splice(0)) this.#write(queued.opcode, true, queued.data);
  }

  #decide(opcode: 1 | 2, data: Buffer): void {
    const { direction, intervention } = this.#options;
    const outcome: WebSocketOutcome = intervention.message({ direction, opcode, data });
    if (outcome.kind === "keep") this.#write(opcode, true, data);
    if (outcome.kind === "replace") this.#write(outcome.opcode ?? opcode, true, outcome.data);
    for (const message of outcome.inject ?? []) this.#options.inject(message);
  }

  #write(opcode: number, fin: boolean, data: Buffer): void {
    this.#out.push(writeFrame({ opcode, fin, data }, this.#fromClient));
  }

  #take(): Buffer {
    const out = this.#out;
    this.#out = [];
    return out.length === 1 ? out[0]! : Buffer.concat(out);
  }
}
