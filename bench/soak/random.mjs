// Random choices that a seed decides, so that a soak's plan can be asked for again. What meets what on the wire still
// depends on time.

export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** mulberry32. @returns {number} from 0 up to, not including, 1 */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /**
   * @param {number} least
   * @param {number} most
   * @returns {number} a whole number, both ends included
   */
  between(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability;
  }

  /**
   * @template T
   * @param {readonly T[]} values
   * @returns {T}
   */
  pick(values) {
    return /** @type {T} */ (values[this.between(0, values.length - 1)]);
  }

  /**
   * @template T
   * @param {readonly (readonly [number, T])[]} weighted
   * @returns {T}
   */
  weighted(weighted) {
    let left = this.next() * weighted.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of weighted) {
      left -= weight;
      if (left < 0) return value;
    }
    return /** @type {T} */ (weighted[0]?.[1]);
  }

  /**
   * Small ones often, large ones now and then: evenly spread over the logarithm.
   * @param {number} most
   * @returns {number} bytes, 1 or more
   */
  size(most) {
    return Math.max(1, Math.floor(Math.exp(this.next() * Math.log(most))));
  }

  /** @param {number} length */
  bytes(length) {
    return Buffer.from(Array.from({ length }, () => this.between(0, 255)));
  }
}
