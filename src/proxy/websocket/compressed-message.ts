// The body of one compressed message: inflated where that works, else as it passed.
import type { Body, Truncation } from "../../exchange/body.js";
import type { BodyWriter } from "../../exchange/recording.js";

// Compressed bytes that are kept of a message, to record it as it passed should it not inflate to its end.
const MOST_KEPT = 64 * 1024;

export interface CompressedMessageOptions {
  /** For a person: `frame 12`, where the message begins. */
  readonly place: string;
  readonly openBody: () => BodyWriter;
  /** Bytes that a message may inflate to; what is more is not recorded. */
  readonly maxInflated: number;
}

export class CompressedMessage {
  readonly place: string;
  readonly #openBody: () => BodyWriter;
  readonly #maxInflated: number;
  #writer: BodyWriter;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #inflated = 0;
  #state: "inflating" | "raw" | "cut" = "inflating";
  #truncated: Truncation | undefined;

  constructor(options: CompressedMessageOptions) {
    this.place = options.place;
    this.#openBody = options.openBody;
    this.#maxInflated = options.maxInflated;
    this.#writer = options.openBody();
  }

  /** Whether its pieces are to be inflated; otherwise they go to `skip`. */
  get isInflating(): boolean {
    return this.#state === "inflating";
  }

  /** Whether any piece of it was inflated. */
  get hasContent(): boolean {
    return this.#keptBytes > 0;
  }

  /** Remembers a piece that is about to be inflated. */
  keep(piece: Buffer): void {
    this.#keptBytes += piece.length;
    if (this.#keptBytes <= MOST_KEPT) this.#kept.push(piece);
    else this.#kept = [];
  }

  /** @returns false when the message has grown beyond its limit: it ends there, truncated as `max-body`. */
  inflated(chunk: Buffer): boolean {
    const room = this.#maxInflated - this.#inflated;
    this.#inflated += chunk.length;
    if (chunk.length <= room) {
      this.#writer.write(chunk);
      return true;
    }
    if (room > 0) this.#writer.write(chunk.subarray(0, room));
    this.#cut("max-body");
    return false;
  }

  /**
   * It does not inflate. Up to 64 KiB it is then recorded as it passed; of a longer one what inflated so far is,
   * truncated as `aborted`.
   */
  failed(): void {
    if (this.#keptBytes > MOST_KEPT) this.#cut("aborted");
    else this.#recordRaw();
  }

  /** A piece that is not inflated: recorded as it is, or dropped where the message ended early. */
  skip(piece: Buffer): void {
    if (piece.length === 0) return;
    if (this.#state === "inflating") this.#recordRaw();
    if (this.#state === "raw") this.#writer.write(piece);
  }

  end(truncated: Truncation | undefined): Body {
    this.#kept = [];
    return this.#writer.end(this.#truncated ?? truncated);
  }

  #recordRaw(): void {
    this.#state = "raw";
    if (this.#inflated > 0) {
      this.#writer.discard();
      this.#writer = this.#openBody();
    }
    for (const piece of this.#kept) this.#writer.write(piece);
    this.#kept = [];
  }

  #cut(truncated: Truncation): void {
    this.#state = "cut";
    this.#truncated = truncated;
    this.#kept = [];
  }
}
