// Rows that can't be had again, such as what a replay brought: kept for a client until it has read their pages.
import { TrafficError } from "../errors.js";
import { TEXT } from "./output.js";

/** In the data of an answer that does not have all: by what name the rows are found again. */
export const RESULT = TEXT.exactOptional().describe("For read_result, which has all");

/** Results, and rows of each. */
const MOST_RESULTS = 20;
const MOST_ROWS = 20_000;

export interface KeptRows {
  readonly about: Readonly<Record<string, unknown>>;
  readonly rows: readonly unknown[];
  /** Rows that were too many to keep. */
  readonly beyond: number;
}

export class KeptPages {
  readonly #results = new Map<string, KeptRows>();
  #made = 0;

  /** @returns by what name the rows are found again. */
  keep(about: KeptRows["about"], rows: readonly unknown[]): string {
    const name = `result-${++this.#made}`;
    this.#results.set(name, {
      about,
      rows: rows.slice(0, MOST_ROWS),
      beyond: Math.max(0, rows.length - MOST_ROWS),
    });
    const [oldest] = this.#results.keys();
    if (this.#results.size > MOST_RESULTS && oldest !== undefined) this.#results.delete(oldest);
    return name;
  }

  /** @throws BAD_OPTION */
  get(name: string): KeptRows {
    const found = this.#results.get(name);
    if (found !== undefined) return found;
    throw new TrafficError("BAD_OPTION", `there is no result '${name}'`, {
      hint: `the last ${MOST_RESULTS} results of a client are kept; what was sent is in the new session`,
    });
  }
}
