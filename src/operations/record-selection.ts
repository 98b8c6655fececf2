// Which exchanges a recording keeps: its flags, and a filter that may change while it runs.
import { TrafficError } from "../errors.js";
import {
  compileSelection,
  type Selectable,
  type Selected,
  type SelectionFlags,
} from "../filter/selection.js";

type Select = (candidate: Selectable) => Selected;

export class RecordSelection {
  readonly #flags: SelectionFlags;
  readonly #onSlow: (error: TrafficError) => void;
  #filter: string | undefined;
  #select: Select;
  #toldSlow = false;

  /**
   * @param onSlow called once for each filter that was given up for being too slow
   * @throws TrafficError BAD_OPTION, FILTER_INVALID
   */
  constructor(flags: SelectionFlags, filter: string | undefined, onSlow: (error: TrafficError) => void) {
    this.#flags = flags;
    this.#filter = filter;
    this.#onSlow = onSlow;
    this.#select = compileSelection(flags, filter);
  }

  get filter(): string | undefined {
    return this.#filter;
  }

  /** @returns what makes it hold from the next question on. @throws TrafficError FILTER_INVALID */
  prepare(filter: string | undefined): () => void {
    const select = compileSelection(this.#flags, filter);
    return () => {
      this.#filter = filter;
      this.#select = select;
      this.#toldSlow = false;
    };
  }

  /** Rather too much is recorded than too little, and traffic never suffers from it. */
  readonly select = (candidate: Selectable): Selected => {
    try {
      return this.#select(candidate);
    } catch (error) {
      if (!(error instanceof TrafficError) || error.code !== "PATTERN_TOO_SLOW") throw error;
      if (!this.#toldSlow) this.#onSlow(error);
      this.#toldSlow = true;
      return "record";
    }
  };
}
