// Selects exchanges of sessions by a filter, in an order: what query, search, stats, export and replay begin with.
// Memory stays bounded: 20 bytes for each exchange found, a block of the index, one exchange's bodies.
import type { Logger } from "../log.js";
import type { Block } from "../session/index/block.js";
import { IndexDamaged } from "../session/index/index-file.js";
import type { ReadReport } from "../session/read-report.js";
import { blockOf, type OpenSource, openSource, sourceOf } from "./select/open-rows.js";
import { createMatches, type Matches, type Sort } from "./select/order.js";
import { type RowCondition, RowFilter } from "./select/row-filter.js";
import { type Selected, selectedAt } from "./select/selected.js";
import { findSources, type Source, type SourcesInput } from "./select/sources.js";

export type { Sort } from "./select/order.js";
export type { RowCondition } from "./select/row-filter.js";
export type { Selected } from "./select/selected.js";

export interface SelectInput extends SourcesInput {
  /** null selects every exchange. */
  readonly filter: RowCondition | null;
  readonly sort: Sort;
  /** Exchanges to give; without it all. 0 only counts. */
  readonly limit?: number | undefined;
  /** Exchanges to pass by first. */
  readonly offset?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly log?: Logger | undefined;
  /** How far it is: of the log while an index is built, of the exchanges while they are looked at. */
  readonly onProgress?: ((progress: SelectProgress) => void) | undefined;
}

export interface SelectProgress {
  readonly source: Source;
  readonly what: "indexing" | "looking";
  /** Bytes of the log, or exchanges of the source. */
  readonly done: number;
}

/** What a source met besides its exchanges. */
export interface SourceReport {
  readonly source: Source;
  readonly exchanges: number;
  /** Damaged lines and their numbers, bytes of a torn last line. */
  readonly lines: ReadReport;
  /** Bodies that the filter asked for and whose file is missing or damaged: they count as empty. */
  readonly unreadableBodies: number;
  /** Bodies above 32 MiB that the filter asked for: their beginning was looked at. */
  readonly limitedBodies: number;
}

/** What was selected. Close it: its sources stay open until then. */
export interface Selection extends AsyncIterable<Selected> {
  /** How many exchanges the filter holds for, whatever the limit. */
  readonly total: number;
  /** How many of them it gives. */
  readonly given: number;
  readonly reports: readonly SourceReport[];
  close(): Promise<void>;
}

/** Rows whose facts are in memory side by side, 12 MB or so. */
const GIVEN_AT_ONCE = 20_000;

/**
 * Looks at every exchange; those that are given are read when they are iterated over.
 * @throws SESSION_NOT_FOUND, SESSION_AMBIGUOUS, FILE_NOT_FOUND, SESSION_DAMAGED, PATTERN_TOO_SLOW (which names the
 *   exchange), IO_FAILED, and the signal's reason.
 */
export async function select(input: SelectInput): Promise<Selection> {
  const sources = await findSources(input);
  const damaged = new Set<Source>();
  for (;;) {
    const attempt = new SelectionAttempt(input, sources, damaged);
    try {
      return await attempt.run();
    } catch (error) {
      const at = attempt.at;
      await attempt.close();
      if (!(error instanceof IndexDamaged) || at === undefined || damaged.has(at)) throw error;
      // What had been found so far may be wrong as well: all over again, with a new index.
      input.log?.debug({ source: at.label, err: error }, "the index is built anew");
      damaged.add(at);
    }
  }
}

class SelectionAttempt {
  readonly #input: SelectInput;
  readonly #sources: readonly Source[];
  readonly #damaged: ReadonlySet<Source>;
  readonly #opened: OpenSource[] = [];
  readonly #matches: Matches;
  /** The source that is looked into. */
  at: Source | undefined;

  constructor(input: SelectInput, sources: readonly Source[], damaged: ReadonlySet<Source>) {
    this.#input = input;
    this.#sources = sources;
    this.#damaged = damaged;
    const { limit = Number.POSITIVE_INFINITY, offset = 0 } = input;
    this.#matches = createMatches(input.sort, limit === 0 ? 0 : offset + limit, sources.length > 1);
  }

  async run(): Promise<Selection> {
    const { limit = Number.POSITIVE_INFINITY, offset = 0, signal } = this.#input;
    const reports: SourceReport[] = [];
    for (const source of this.#sources) reports.push(await this.#lookInto(source));
    const numbers = this.#matches.sorted().subarray(offset, offset + limit);
    return {
      total: this.#matches.total,
      given: numbers.length,
      reports,
      close: () => this.close(),
      [Symbol.asyncIterator]: () => give(this.#opened, numbers, signal),
    };
  }

  async close(): Promise<void> {
    for (const { rows } of this.#opened.splice(0)) await rows.close();
  }

  async #lookInto(source: Source): Promise<SourceReport> {
    this.at = source;
    const { filter, signal, log, onProgress } = this.#input;
    const open = await openSource(source, this.#opened.at(-1)?.end ?? 0, {
      signal,
      log,
      rebuild: this.#damaged.has(source),
      onProgress: onProgress && ((done) => onProgress({ source, what: "indexing", done })),
    });
    this.#opened.push(open);
    const { rows, first, starts, end } = open;
    const rowFilter = filter === null ? null : new RowFilter(filter, rows, source.label);
    for (const [number, start] of starts.entries()) {
      signal?.throwIfAborted();
      const block = await rows.block(number);
      if (rowFilter === null) this.#addAll(block, start);
      else await this.#addMatching(rowFilter, block, start);
      onProgress?.({ source, what: "looking", done: start + block.rows - first });
    }
    const { unreadable = 0, limited = 0 } = rowFilter?.contents.gaps ?? {};
    return {
      source,
      exchanges: end - first,
      lines: rows.report,
      unreadableBodies: unreadable,
      limitedBodies: limited,
    };
  }

  #addAll(block: Block, start: number): void {
    for (let row = 0; row < block.rows; row++) this.#matches.add(start + row, block, row);
  }

  async #addMatching(filter: RowFilter, block: Block, start: number): Promise<void> {
    for (let row = 0; row < block.rows; row++) {
      // Awaited only where it has to be: most rows are told by the index.
      const told = filter.byFacts(block, row) ?? filter.decide(block, row);
      if (typeof told === "boolean" ? told : await told) this.#matches.add(start + row, block, row);
    }
  }
}

async function* give(
  sources: readonly OpenSource[],
  numbers: Uint32Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<Selected, void, void> {
  for (let from = 0; from < numbers.length; from += GIVEN_AT_ONCE) {
    const wanted = numbers.subarray(from, from + GIVEN_AT_ONCE);
    const found = new Map<number, Selected>();
    let block: { readonly source: OpenSource; readonly number: number; readonly block: Block } | undefined;
    // In the order of the blocks, each of which is read once.
    for (const number of wanted.toSorted()) {
      const source = sourceOf(sources, number);
      const blockNumber = blockOf(source, number);
      if (block?.source !== source || block.number !== blockNumber) {
        signal?.throwIfAborted();
        block = { source, number: blockNumber, block: await source.rows.block(blockNumber) };
      }
      const row = number - source.starts[blockNumber]!;
      found.set(number, selectedAt(source.source, source.rows, block.block, row));
    }
    for (const number of wanted) yield found.get(number)!;
  }
}
