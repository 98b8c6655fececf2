// Knows when the oldest exchanges are to go, for --max-exchanges: not one by one, which would copy the log each time.

/** Below this many surplus exchanges a trim costs more than it frees. */
const MIN_SURPLUS = 1000;

export class KeepLast {
  readonly #limit: number;
  readonly #surplusBytesLimit: number;
  /** Bytes of each exchange in the log, oldest first. */
  #sizes: number[] = [];
  #surplusBytes = 0;

  /** @param surplusBytesLimit a trim is due when what should go holds this many bytes. */
  constructor(limit: number, surplusBytesLimit: number) {
    this.#limit = limit;
    this.#surplusBytesLimit = surplusBytesLimit;
  }

  /** Exchanges beyond the limit. */
  get surplus(): number {
    return Math.max(0, this.#sizes.length - this.#limit);
  }

  get surplusBytes(): number {
    return this.#surplusBytes;
  }

  get due(): boolean {
    const { surplus } = this;
    if (surplus === 0) return false;
    return surplus >= Math.max(this.#limit, MIN_SURPLUS) || this.#surplusBytes >= this.#surplusBytesLimit;
  }

  added(bytes: number): void {
    this.#sizes.push(bytes);
    const { surplus } = this;
    if (surplus > 0) this.#surplusBytes += this.#sizes[surplus - 1]!;
  }

  /** @param count of the oldest; all that are beyond the limit, or more */
  trimmed(count: number): void {
    if (count >= this.surplus) this.#surplusBytes = 0;
    else for (let i = 0; i < count; i++) this.#surplusBytes -= this.#sizes[i]!;
    this.#sizes = this.#sizes.slice(count);
  }
}
