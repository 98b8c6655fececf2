// A body that waits: for its end, or for a decision about it. Kept as it came, so that it can go on byte for byte.

export interface BodyPart {
  /** As it came, framing included. */
  readonly wire: Buffer;
  readonly data: readonly Buffer[];
}

/** Smaller parts are joined: a peer that sends single bytes must not cost an object for each. */
const JOINED_BELOW = 16 * 1024;

export class HeldBody {
  readonly #parts: { wire: Buffer; data: Buffer }[] = [];
  #bytes = 0;

  /** As they came, framing included. */
  get bytes(): number {
    return this.#bytes;
  }

  push(wire: Buffer, data: readonly Buffer[]): void {
    this.#bytes += wire.length;
    let part = { wire, data: data.length === 1 ? data[0]! : Buffer.concat(data) };
    // Equals are joined to pairs, those again: each byte is copied as often as it has doubled its company, and few parts stay.
    for (let last = this.#parts.at(-1); last !== undefined; last = this.#parts.at(-1)) {
      if (last.wire.length > part.wire.length || last.wire.length >= JOINED_BELOW) break;
      this.#parts.pop();
      part = { wire: Buffer.concat([last.wire, part.wire]), data: Buffer.concat([last.data, part.data]) };
    }
    this.#parts.push(part);
  }

  /** The data in one piece; it stays held. */
  whole(): Buffer {
    if (this.#parts.length === 1) return this.#parts[0]!.data;
    return Buffer.concat(this.#parts.map((part) => part.data));
  }

  /** Hands over what is held, which then is nothing. */
  take(): readonly BodyPart[] {
    this.#bytes = 0;
    return this.#parts.splice(0).map(({ wire, data }) => ({ wire, data: [data] }));
  }
}
