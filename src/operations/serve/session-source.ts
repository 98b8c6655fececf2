// Answers from sessions and HAR files: the index's rows say what there is, everything else is read when it is asked for.
import type { AnswerSource, Recorded, RecordedFacts } from "../../replay/answer/recorded.js";
import { hasAnswer } from "../../replay/answer/recorded.js";
import type { Block } from "../../session/index/block.js";
import { IndexDamaged } from "../../session/index/index-file.js";
import { RowView } from "../../session/index/row-view.js";
import { openHarRows } from "../har/rows.js";
import { blockOf, type OpenSource, openSource, sourceOf } from "../select/open-rows.js";
import { selectedAt } from "../select/selected.js";
import { findSources } from "../select/sources.js";

/**
 * @param references sessions and files, as `findSources` takes them
 * @throws SESSION_NOT_FOUND, SESSION_AMBIGUOUS, FILE_NOT_FOUND, SESSION_DAMAGED, HAR_INVALID, IO_FAILED
 */
export async function openSessionSource(home: string, references: readonly string[]): Promise<AnswerSource> {
  const opened: OpenSource[] = [];
  const source = new SessionSource(opened);
  try {
    for (const each of await findSources({ home, sources: references, openHar: openHarRows })) {
      opened.push(
        await openSource(each, opened.at(-1)?.end ?? 0, {}).catch((error: unknown) => {
          if (!(error instanceof IndexDamaged)) throw error;
          return openSource(each, opened.at(-1)?.end ?? 0, { rebuild: true });
        }),
      );
    }
    return source;
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Blocks of the index that are kept, a megabyte or so each: what is asked for now was recorded at about one time. */
const KEPT_BLOCKS = 8;

class SessionSource implements AnswerSource {
  readonly #opened: OpenSource[];
  readonly #blocks = new Map<string, Promise<Block>>();
  /** The row of each number: rows that answer nothing have none. */
  #rows = new Uint32Array(1024);
  #count = 0;

  constructor(opened: OpenSource[]) {
    this.#opened = opened;
  }

  async *facts(): AsyncGenerator<RecordedFacts, void, void> {
    for (const { rows, starts } of this.#opened) {
      for (const [number, start] of starts.entries()) {
        const block = await rows.block(number);
        const view = new RowView(block);
        for (let row = 0; row < block.rows; row++) {
          view.move(block, row);
          if (!hasAnswer(view.kind, view.status)) continue;
          this.#keep(start + row);
          yield {
            method: block.ownString("method", row),
            url: block.ownString("url", row),
            webSocket: view.kind === "websocket",
          };
        }
      }
    }
  }

  async load(number: number): Promise<Recorded> {
    const at = this.#rows[number]!;
    const source = sourceOf(this.#opened, at);
    const blockNumber = blockOf(source, at);
    const block = await this.#block(source, blockNumber);
    const selected = selectedAt(source.source, source.rows, block, at - source.starts[blockNumber]!);
    return {
      exchange: await selected.exchange(),
      storedBody: (body, limit) => selected.storedBody(body, limit),
      openBody: (body) => selected.openBody(body),
      messages: () => selected.messages(),
    };
  }

  async close(): Promise<void> {
    for (const { rows } of this.#opened.splice(0)) await rows.close();
  }

  #block({ first, rows }: OpenSource, number: number): Promise<Block> {
    const key = `${first} ${number}`;
    const block = this.#blocks.get(key) ?? rows.block(number);
    // The latest is the last of the map.
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    block.catch(() => this.#blocks.delete(key));
    if (this.#blocks.size > KEPT_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value ?? "");
    return block;
  }

  #keep(row: number): void {
    if (this.#count === this.#rows.length) {
      const larger = new Uint32Array(this.#rows.length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#rows[this.#count++] = row;
  }
}
