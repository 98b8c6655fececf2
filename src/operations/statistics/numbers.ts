// A growing list of numbers in eight bytes each, and its percentiles.

export interface Spread {
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export class Numbers {
  #values = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  /** null where there are none. Percentiles by nearest rank: each is a value that occurred. */
  spread(): Spread | null {
    if (this.#length === 0) return null;
    const sorted = this.values().slice().sort();
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
    let sum = 0;
    for (const value of sorted) sum += value;
    return {
      min: sorted[0]!,
      mean: sum / sorted.length,
      p50: at(0.5),
      p90: at(0.9),
      p95: at(0.95),
      p99: at(0.99),
      max: sorted[sorted.length - 1]!,
    };
  }
}
