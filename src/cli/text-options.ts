// What a renderer needs to know of the place where its text goes.
import type { Colours } from "./print.js";

export interface TextOptions {
  readonly colours: Colours;
  /** Columns of the terminal; undefined where nothing has to fit. */
  readonly width: number | undefined;
}
