// What the soak's clients asked and what became of it: counted by kind, and by number to compare with the session.

/**
 * What a client can see of a request's end.
 * whole: 200 and every byte of the body; cut: a response of which the end is missing, visibly; gateway: the proxy's own
 * 502 or 504; short: one that ended cleanly too early; refused: no response; left: the client did not wait; wrong: anything that should never be seen.
 * @typedef {"whole" | "cut" | "short" | "gateway" | "refused" | "left" | "wrong"} Outcome
 *
 * @typedef {object} Entry
 * @property {string} kind
 * @property {Outcome} outcome
 * @property {number} status 0 without a response
 * @property {number} length of the body, as far as it came
 * @property {boolean} mayRepeat nothing is lost when the origin sees it twice
 */

const MAX_KEPT = 50;

export class Ledger {
  #next = 1;
  /** @type {Map<number, Entry>} */
  entries = new Map();
  /** How often a kind ended how. @type {Map<string, Map<string, number>>} */
  counts = new Map();
  /** @type {string[]} */
  unexpected = [];
  unexpectedCount = 0;

  newId() {
    return this.#next++;
  }

  /**
   * @param {number} id
   * @param {Entry} entry
   * @param {readonly Outcome[]} expected
   * @param {string} detail for whoever looks into an unexpected one
   */
  add(id, entry, expected, detail) {
    this.entries.set(id, entry);
    this.count(entry.kind, entry.outcome);
    if (!expected.includes(entry.outcome))
      this.fail(`${entry.kind}: ${entry.outcome} (${detail}), expected ${expected.join(" or ")}`);
  }

  /**
   * @param {string} kind
   * @param {string} outcome
   */
  count(kind, outcome) {
    const outcomes = this.counts.get(kind) ?? new Map();
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    this.counts.set(kind, outcomes);
  }

  /** @param {string} message */
  fail(message) {
    this.unexpectedCount++;
    if (this.unexpected.length < MAX_KEPT) this.unexpected.push(message);
  }
}
