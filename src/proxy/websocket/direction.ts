// One direction of a watched connection: frames become messages (RFC 6455 sections 5.4 and 5.5).
import type { Truncation } from "../../exchange/body.js";
import type { ExchangeId } from "../../exchange/id.js";
import type { BodyWriter, Recording } from "../../exchange/recording.js";
import type { Backlog } from "./backlog.js";
import { CompressedMessage } from "./compressed-message.js";
import type { AgreedExtensions } from "./extensions.js";
import { type Frame, FrameReader, type FrameSink } from "./frame-reader.js";
import { InflateQueue } from "./inflate-queue.js";
import type { MessageOrder } from "./message-order.js";

export interface DirectionOptions {
  readonly from: "client" | "server";
  readonly exchange: ExchangeId;
  readonly recording: Recording;
  readonly extensions: AgreedExtensions;
  readonly order: MessageOrder;
  readonly backlog: Backlog;
  readonly maxInflated: number;
  /** Told of each close frame's payload. */
  readonly onClose: (payload: Buffer) => void;
}

/** A message of which not every frame has passed. */
interface OpenMessage {
  readonly opcode: number;
  readonly body: BodyWriter | CompressedMessage;
}

const EMPTY = Buffer.alloc(0);
const RSV1 = 4;

export class Direction implements FrameSink {
  readonly #options: DirectionOptions;
  readonly #direction: "send" | "receive";
  readonly #reader: FrameReader;
  readonly #compressed: InflateQueue | null;
  /** The message whose frame is being read. */
  #current: OpenMessage | null = null;
  /** A fragmented message, while control frames pass in between. */
  #data: OpenMessage | null = null;
  #fin = false;
  #closePayload: Buffer[] | null = null;
  #frameFault: string | undefined;
  #inflateFault: string | undefined;

  constructor(options: DirectionOptions) {
    const { from, extensions, recording, backlog } = options;
    this.#options = options;
    this.#direction = from === "client" ? "send" : "receive";
    const rsvRule = extensions.kind === "unknown" ? "any" : extensions.kind;
    this.#reader = new FrameReader(from === "client", rsvRule, this);
    this.#compressed =
      extensions.kind !== "deflate"
        ? null
        : new InflateQueue({
            parameters: extensions[from],
            gate: recording,
            backlog,
            onFault: (fault) => {
              this.#inflateFault ??= fault;
            },
          });
  }

  /** What stopped the reading and the first thing that did not inflate: `client frame 3: reserved opcode 5`. */
  get faults(): string[] {
    const faults = [this.#inflateFault, this.#frameFault].filter((fault) => fault !== undefined);
    return faults.map((fault) => `${this.#options.from} ${fault}`);
  }

  push(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      // The traffic must go on whatever happens here; the recording then says why it does not.
      this.#reader.stop();
      this.#frameFault = `watching failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** No more bytes come: a message under way is recorded as far as it came. */
  end(truncated: Truncation): void {
    this.#reader.stop();
    const { order } = this.#options;
    const unfinished = this.#current === this.#data ? [this.#data] : [this.#data, this.#current];
    this.#current = null;
    this.#data = null;
    for (const message of unfinished) {
      if (message === null) continue;
      const { opcode, body } = message;
      if (!(body instanceof CompressedMessage)) {
        order.record({ direction: this.#direction, opcode, compressed: false }, body.end(truncated));
        continue;
      }
      const done = order.reserve({ direction: this.#direction, opcode, compressed: true });
      this.#compressed?.push(body, EMPTY, { complete: false, truncated, done });
    }
  }

  /** Frees what inflating holds; for when the order is empty. */
  close(): void {
    this.#compressed?.close();
  }

  frameStart(frame: Frame): void {
    this.#fin = frame.fin;
    if (frame.opcode >= 8) {
      this.#current = { opcode: frame.opcode, body: this.#openBody() };
      if (frame.opcode === 8) this.#closePayload = [];
      return;
    }
    if (frame.opcode !== 0) this.#data = { opcode: frame.opcode, body: this.#openMessage(frame) };
    this.#current = this.#data;
  }

  payload(piece: Buffer, endsFrame: boolean): void {
    const message = this.#current;
    if (message === null) return;
    const endsMessage = endsFrame && this.#fin;
    if (endsFrame) this.#current = null;
    if (endsMessage && message === this.#data) this.#data = null;
    if (message.body instanceof CompressedMessage) {
      this.#compressedPayload(message.opcode, message.body, piece, endsMessage);
      return;
    }
    if (piece.length > 0) message.body.write(piece);
    if (message.opcode === 8) this.#closePayload?.push(piece);
    if (!endsMessage) return;
    this.#options.order.record(
      { direction: this.#direction, opcode: message.opcode, compressed: false },
      message.body.end(),
    );
    if (message.opcode === 8) this.#closed();
  }

  malformed(reason: string): void {
    this.#frameFault = reason;
    this.end("aborted");
  }

  #openMessage(frame: Frame): BodyWriter | CompressedMessage {
    if (this.#compressed === null || frame.rsv !== RSV1) return this.#openBody();
    return new CompressedMessage({
      place: `frame ${frame.number}`,
      openBody: () => this.#openBody(),
      maxInflated: this.#options.maxInflated,
    });
  }

  #openBody(): BodyWriter {
    return this.#options.recording.openBody({ id: this.#options.exchange, part: "message" });
  }

  #compressedPayload(opcode: number, body: CompressedMessage, piece: Buffer, endsMessage: boolean): void {
    const done = endsMessage
      ? this.#options.order.reserve({ direction: this.#direction, opcode, compressed: true })
      : null;
    this.#compressed?.push(body, piece, done === null ? null : { complete: true, done });
  }

  #closed(): void {
    const payload = Buffer.concat(this.#closePayload ?? []);
    this.#closePayload = null;
    this.#options.onClose(payload);
  }
}
