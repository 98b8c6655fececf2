// Whether a client that ended its side has left, as nearly all have that do, or reads on.

/** Longer than a round trip takes (RFC 6298 section 2.1 begins with as much). */
const ROUND_TRIP_MS = 1_000;

/**
 * TCP tells a closed connection from one that is still read from by its answer to what is sent then: a reset, so that writing
 * fails. Who takes what is sent later than a round trip after that reads on; of who was not sent enough since, the rule holds.
 */
export class ClientPresence {
  #endedSide = false;
  #firstSent: number | undefined;
  #readsOn = false;

  /** It ended its side, and nothing shows that it still reads. */
  get hasLeft(): boolean {
    return this.#endedSide && !this.#readsOn;
  }

  endedSide(): void {
    this.#endedSide = true;
  }

  /** Some of the response was handed over. */
  sent(): void {
    if (!this.hasLeft) return;
    const now = performance.now();
    this.#firstSent ??= now;
    if (now - this.#firstSent > ROUND_TRIP_MS) this.#readsOn = true;
  }
}
