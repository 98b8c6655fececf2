// Inflates one direction's compressed messages one piece after the other, and says when each is done.
import type { Body, Truncation } from "../../exchange/body.js";
import type { Backlog } from "./backlog.js";
import type { CompressedMessage } from "./compressed-message.js";
import type { DeflateParameters } from "./extensions.js";
import { type InflateGate, type InflateResult, Inflater } from "./inflate.js";
import { Queue } from "./queue.js";

/** The end of a message. `complete` is false for one that the connection's end cut short. */
export interface MessageEnd {
  readonly complete: boolean;
  readonly truncated?: Truncation;
  readonly done: (body: Body) => void;
}

interface Item {
  readonly message: CompressedMessage;
  readonly piece: Buffer;
  readonly end: MessageEnd | null;
}

export interface InflateQueueOptions {
  readonly parameters: DeflateParameters;
  readonly gate: InflateGate;
  readonly backlog: Backlog;
  /** Told of a message that did not inflate: `frame 12: ...`. */
  readonly onFault: (fault: string) => void;
}

// An item and its buffer's object, next to the buffer's bytes; estimated.
const ITEM_BYTES = 200;

export class InflateQueue {
  readonly #options: InflateQueueOptions;
  readonly #inflater: Inflater;
  readonly #items = new Queue<Item>();
  #busy = false;
  #contextLost = false;

  constructor(options: InflateQueueOptions) {
    this.#options = options;
    this.#inflater = new Inflater(options.parameters, options.gate);
  }

  /** @param end with the last piece of a message, which may be empty */
  push(message: CompressedMessage, piece: Buffer, end: MessageEnd | null): void {
    if (piece.length === 0 && end === null) return;
    this.#options.backlog.add(piece.length + ITEM_BYTES);
    this.#items.push({ message, piece, end });
    if (!this.#busy) this.#advance();
  }

  /** Frees what inflating holds; for when every message is done. */
  close(): void {
    this.#inflater.close();
  }

  #advance(): void {
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
      if (this.#needsInflating(item)) {
        this.#busy = true;
        this.#inflate(item);
        return;
      }
      item.message.skip(item.piece);
      this.#finish(item);
    }
    this.#busy = false;
  }

  #needsInflating({ message, piece, end }: Item): boolean {
    if (this.#contextLost || !message.isInflating) return false;
    if (piece.length > 0) return true;
    // A message of no bytes at all is not deflate (an empty one is one byte, RFC 7692 section 7.2.3.6), but peers
    // whose zlib had nothing to flush send it; with the tail alone every message after it would be garbled.
    return end?.complete === true && message.hasContent;
  }

  #inflate(item: Item): void {
    const { message, piece, end } = item;
    message.keep(piece);
    this.#inflater.inflate(
      piece,
      end?.complete === true,
      (chunk) => message.inflated(chunk),
      (result) => {
        if (result.kind !== "done") this.#lost(message, result);
        this.#finish(item);
        this.#advance();
      },
    );
  }

  #lost(message: CompressedMessage, result: InflateResult): void {
    if (result.kind === "failed") message.failed();
    const what =
      result.kind === "failed"
        ? `${message.place}: the compressed message that begins here does not inflate (${result.reason})`
        : `${message.place}: the compressed message that begins here is too large when inflated, and is cut off`;
    if (!this.#options.parameters.contextTakeover) this.#options.onFault(what);
    else {
      this.#contextLost = true;
      this.#options.onFault(
        `${what}; later compressed messages of this direction are recorded as they passed`,
      );
    }
  }

  #finish({ message, piece, end }: Item): void {
    end?.done(message.end(end.truncated));
    this.#options.backlog.remove(piece.length + ITEM_BYTES);
  }
}
