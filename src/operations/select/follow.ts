// Goes on with sessions that are being recorded: what is there first, then every exchange whose line is appended, until
// the recording ends. In the order of the lines: the order in which exchanges ended.
import { dirname } from "node:path";
import type { Logger } from "../../log.js";
import { sessionState } from "../../session/catalog.js";
import { FolderChanges } from "../../session/changes.js";
import type { Block } from "../../session/index/block.js";
import { IndexDamaged } from "../../session/index/index-file.js";
import { openGrowingRows } from "../../session/index/open-rows.js";
import type { SessionRows } from "../../session/index/session-rows.js";
import { readManifest } from "../../session/manifest-schema.js";
import type { Rows } from "../../session/rows.js";
import { mergeIterables } from "./merge-iterables.js";
import { type RowCondition, RowFilter } from "./row-filter.js";
import { type Selected, selectedAt } from "./selected.js";
import { findSources, type Source, type SourcesInput } from "./sources.js";

export interface FollowInput extends SourcesInput {
  /** null selects every exchange. */
  readonly filter: RowCondition | null;
  /** Ends it, without an error. */
  readonly signal?: AbortSignal | undefined;
  readonly log?: Logger | undefined;
}

/**
 * What is given can be loaded until the next is asked for.
 * @throws as `select` does.
 */
export async function* follow(input: FollowInput): AsyncGenerator<Selected, void, void> {
  const sources = await findSources(input);
  const left = new AbortController();
  const signals = input.signal === undefined ? [left.signal] : [left.signal, input.signal];
  const until = { ...input, signal: AbortSignal.any(signals) };
  const followed = sources.map((source) =>
    source.folder === null ? once(source, until) : new Follower(source, until).run(),
  );
  yield* mergeIterables(followed, () => left.abort());
}

/** A file that is no session's log has no recorder. */
async function* once(source: Source, input: FollowInput): AsyncGenerator<Selected, void, void> {
  const rows = await source.open(input.log === undefined ? {} : { log: input.log });
  const filter = input.filter === null ? null : new RowFilter(input.filter, rows, source.label);
  try {
    for (let number = 0; number < rows.blocks.length; number++) {
      yield* matching(source, rows, filter, await rows.block(number));
    }
  } finally {
    await rows.close();
  }
}

class Follower {
  readonly #source: Source;
  readonly #input: FollowInput;
  readonly #folder: string;
  /** The last exchange that was looked at. */
  #last: string | undefined;
  /** The index turned out to be damaged. */
  #rebuild = false;

  constructor(source: Source, input: FollowInput) {
    this.#source = source;
    this.#input = input;
    this.#folder = dirname(source.path);
  }

  async *run(): AsyncGenerator<Selected, void, void> {
    const { signal } = this.#input;
    const changes = new FolderChanges(this.#folder, signal);
    try {
      let ended = false;
      while (!ended && signal?.aborted !== true) {
        try {
          ended = yield* this.#ofOneLog(changes);
        } catch (error) {
          if (!(error instanceof IndexDamaged) || this.#rebuild) throw error;
          this.#rebuild = true;
        }
      }
    } finally {
      changes.close();
    }
  }

  /** @returns whether the recording is over; false when another log has taken its place, or the signal has aborted. */
  async *#ofOneLog(changes: FolderChanges): AsyncGenerator<Selected, boolean, void> {
    const { filter, signal, log } = this.#input;
    const rows = await openGrowingRows(this.#source.path, { log, rebuild: this.#rebuild });
    const rowFilter = filter === null ? null : new RowFilter(filter, rows, this.#source.label);
    try {
      let blocks = this.#last === undefined ? whole(earlier(rows)) : behind(earlier(rows), this.#last);
      for (;;) {
        // Asked before reading: what was written until then is read below.
        const [over, replaced] = [await this.#isOver(), await rows.isReplaced()];
        for await (const { block, from } of blocks) yield* this.#give(rows, rowFilter, block, from);
        if (signal?.aborted === true || replaced) return false;
        if (over) break;
        await changes.wait();
        blocks = whole(rows.added());
      }
      for await (const block of rows.rest()) yield* this.#give(rows, rowFilter, block, 0);
      return true;
    } finally {
      await rows.close();
    }
  }

  async *#give(
    rows: Rows,
    filter: RowFilter | null,
    block: Block,
    from: number,
  ): AsyncGenerator<Selected, void, void> {
    yield* matching(this.#source, rows, filter, block, from);
    this.#last = block.id(block.rows - 1);
  }

  async #isOver(): Promise<boolean> {
    const manifest = await readManifest(this.#folder).catch(() => undefined);
    return (await sessionState(this.#folder, manifest)) !== "recording";
  }
}

/** What an index covers, and what has been added since. */
async function* earlier(rows: SessionRows): AsyncGenerator<Block, void, void> {
  for (let number = 0; number < rows.blocks.length; number++) yield await rows.block(number);
  yield* rows.added();
}

/**
 * A log that took another's place holds the last exchanges of that one: those have been given. Where it does not hold
 * the last one any more, all of it is new.
 */
async function* behind(
  blocks: AsyncIterable<Block>,
  last: string,
): AsyncGenerator<{ block: Block; from: number }, void, void> {
  let all: { block: Block; from: number }[] = [];
  for await (const block of blocks) {
    all.push({ block, from: 0 });
    for (let row = 0; row < block.rows; row++) if (block.id(row) === last) all = [{ block, from: row + 1 }];
  }
  yield* all;
}

async function* whole(
  blocks: AsyncIterable<Block>,
): AsyncGenerator<{ block: Block; from: number }, void, void> {
  for await (const block of blocks) yield { block, from: 0 };
}

async function* matching(
  source: Source,
  rows: Rows,
  filter: RowFilter | null,
  block: Block,
  from = 0,
): AsyncGenerator<Selected, void, void> {
  for (let row = from; row < block.rows; row++) {
    if (filter === null || (filter.byFacts(block, row) ?? (await filter.decide(block, row)))) {
      yield selectedAt(source, rows, block, row);
    }
  }
}
