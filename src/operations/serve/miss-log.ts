// Counts what was answered, and keeps what was not.
import type { Hit } from "../../replay/answer/answer-maker.js";
import type { Miss } from "../../replay/answer/miss.js";

const MOST_KEPT = 10_000;

export interface MissListeners {
  readonly onHit?: (hit: Hit) => void;
  readonly onMiss?: (miss: Miss) => void;
}

export class MissLog {
  readonly #listeners: MissListeners;
  readonly #misses: Miss[] = [];
  hits = 0;
  missCount = 0;

  constructor(listeners: MissListeners) {
    this.#listeners = listeners;
  }

  /** The last of them. */
  get misses(): readonly Miss[] {
    return this.#misses;
  }

  hit(hit: Hit): void {
    this.hits++;
    this.#listeners.onHit?.(hit);
  }

  miss(miss: Miss): void {
    this.missCount++;
    if (this.#misses.length === MOST_KEPT) this.#misses.shift();
    this.#misses.push(miss);
    this.#listeners.onMiss?.(miss);
  }
}
