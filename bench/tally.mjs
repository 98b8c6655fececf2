// Counts one lap of the load generator: what was asked, what came as it should, how long each took.
import { Connection } from "./connection.mjs";

/** @typedef {{ requests: number, path: string, bytes: number, progressEvery: number }} Lap */

/**
 * @typedef {object} LoadResult
 * @property {number} requests answered as they should be
 * @property {number} errors
 * @property {string} firstError
 * @property {number} dials connections opened in the counted window
 * @property {number} seconds
 * @property {number} p50 milliseconds; of a new-host job until the first byte, else until the last
 * @property {number} p99
 * @property {number} max
 */

export class Tally {
  #lap;
  #taken = 0;
  #errors = 0;
  #firstError = "";
  #dials = 0;
  #start = performance.now();
  /** @type {number[]} */
  #latencies = [];

  /** @param {Lap} lap */
  constructor(lap) {
    this.#lap = lap;
  }

  /** @returns whether one more request is to be sent */
  take() {
    return this.#taken++ < this.#lap.requests;
  }

  /** @param {import("./connection.mjs").Target} target */
  dial(target) {
    this.#dials++;
    return Connection.open(target);
  }

  /**
   * @param {import("./connection.mjs").Answer} answer
   * @param {number} milliseconds
   */
  count(answer, milliseconds) {
    if (answer.status !== 200 || answer.bodyBytes !== this.#lap.bytes) {
      this.fail(`status ${answer.status} with ${answer.bodyBytes} bytes instead of ${this.#lap.bytes}`);
      return;
    }
    const done = this.#latencies.push(milliseconds);
    if (this.#lap.progressEvery > 0 && done % this.#lap.progressEvery === 0)
      process.send?.({ progress: done });
  }

  /** @param {unknown} error */
  fail(error) {
    this.#errors++;
    this.#firstError ||= String(error);
  }

  /** @returns {LoadResult} */
  result() {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (/** @type {number} */ share) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    return {
      requests: sorted.length,
      errors: this.#errors,
      firstError: this.#firstError,
      dials: this.#dials,
      seconds: (performance.now() - this.#start) / 1000,
      p50: at(0.5),
      p99: at(0.99),
      max: at(1),
    };
  }
}
