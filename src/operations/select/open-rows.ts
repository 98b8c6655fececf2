// The rows of several sources as one list, numbered from 0 in the order of the sources.
import type { RowsOptions } from "../../session/index/open-rows.js";
import type { Rows } from "../../session/rows.js";
import type { Source } from "./sources.js";

export interface OpenSource {
  readonly source: Source;
  readonly rows: Rows;
  /** Number of its first row. */
  readonly first: number;
  /** Number of the first row of each block. */
  readonly starts: readonly number[];
  /** Behind its last row. */
  readonly end: number;
}

/** @param first number of its first row. @throws as `Source.open` does. */
export async function openSource(source: Source, first: number, options: RowsOptions): Promise<OpenSource> {
  const rows = await source.open(options);
  const starts: number[] = [];
  let end = first;
  for (const block of rows.blocks) {
    starts.push(end);
    end += block.rows;
  }
  return { source, rows, first, starts, end };
}

/** @param sources in their order. @returns the one that holds the row. */
export function sourceOf(sources: readonly OpenSource[], number: number): OpenSource {
  return sources[lastAtMost(sources, number, ({ first }) => first)]!;
}

/** @returns the block that holds the row. */
export function blockOf({ starts }: OpenSource, number: number): number {
  return lastAtMost(starts, number, (start) => start);
}

/** Of places that ascend, the last that is not beyond; so that of equal ones the empty are passed by. */
function lastAtMost<T>(list: readonly T[], number: number, place: (item: T) => number): number {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (place(list[middle]!) <= number) low = middle;
    else high = middle - 1;
  }
  return low;
}
