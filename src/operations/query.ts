// Chooses exchanges by what a person wrote: sessions, a filter in words, everyday flags.
import { lstat, stat } from "node:fs/promises";
import { join } from "node:path";
import { isSessionId } from "../exchange/id.js";
import { allOf, compileFilter, type Filter } from "../filter/filter.js";
import { compileFlags, type SelectionFlags } from "../filter/flags.js";
import { SESSIONS_FOLDER } from "../session/format.js";
import { openHarRows } from "./har/rows.js";
import { follow } from "./select/follow.js";
import {
  type RowCondition,
  type Selected,
  type Selection,
  type SelectProgress,
  type Sort,
  select,
} from "./select.js";

export type { SelectionFlags } from "../filter/flags.js";
export type { Selected, Selection, SelectProgress, Sort, SourceReport } from "./select.js";

/** What a person wrote to choose exchanges. */
export interface Choice {
  /** As resolveHome gives it. */
  readonly home: string;
  /**
   * Sessions and files first, then the filter, which may be several words. The first word is a session unless it can
   * only be a filter; a later one is a session where there is one of exactly that name. Without any, `last`.
   */
  readonly words: readonly string[];
  /** One more filter. */
  readonly filter?: string | undefined;
  readonly flags?: SelectionFlags;
}

export interface QueryInput extends Choice {
  /** One more condition that has to hold. */
  readonly also?: RowCondition | undefined;
  /** Default asc. */
  readonly sort?: Sort;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SelectProgress) => void) | undefined;
}

/**
 * @returns what was chosen; close it when it is not needed any more.
 * @throws FILTER_INVALID, BAD_OPTION, and what `select` throws.
 */
export async function query(input: QueryInput): Promise<Selection> {
  const { sources, filter } = await chosen(input);
  return await select({
    home: input.home,
    sources,
    filter: both(filter, input.also),
    sort: input.sort ?? "asc",
    limit: input.limit,
    offset: input.offset,
    signal: input.signal,
    onProgress: input.onProgress,
    openHar: openHarRows,
  });
}

/** What is there, and then what is recorded further, until the recording ends or the signal aborts. */
export async function* followQuery(
  input: Choice & { readonly signal: AbortSignal },
): AsyncGenerator<Selected, void, void> {
  const { sources, filter } = await chosen(input);
  yield* follow({ home: input.home, sources, filter, signal: input.signal, openHar: openHarRows });
}

/** @returns the sources that were named, and one filter for all that was asked; null where nothing was. */
async function chosen(choice: Choice): Promise<{ sources: string[]; filter: Filter | null }> {
  const { sources, filterText } = await sortWords(choice);
  const texts = [filterText, choice.filter ?? ""].filter((text) => text.trim() !== "");
  const parts = texts.map((text) => compileFilter(text));
  const flags = choice.flags ?? {};
  if (Object.values(flags).some((value) => value !== undefined)) parts.push(compileFlags(flags));
  return { sources, filter: parts.length === 0 ? null : allOf(parts) };
}

function both(filter: RowCondition | null, also: RowCondition | undefined): RowCondition | null {
  if (filter === null || also === undefined) return filter ?? also ?? null;
  return {
    needs: {
      headers: filter.needs.headers || also.needs.headers,
      requestContent: filter.needs.requestContent || also.needs.requestContent,
      responseContent: filter.needs.responseContent || also.needs.responseContent,
      messages: filter.needs.messages || also.needs.messages,
    },
    test: (subject) => {
      const first = also.test(subject);
      return first === false ? false : filter.test(subject) === false ? false : first && filter.test(subject);
    },
  };
}

async function sortWords({ home, words }: Choice): Promise<{ sources: string[]; filterText: string }> {
  const [first, ...rest] = words;
  if (first === undefined) return { sources: ["last"], filterText: "" };
  if (/^[~!("']/.test(first)) return { sources: ["last"], filterText: words.join(" ") };
  const sources = [first];
  for (const [at, word] of rest.entries()) {
    if (!(await isSource(home, word))) return { sources, filterText: rest.slice(at).join(" ") };
    sources.push(word);
  }
  return { sources, filterText: "" };
}

async function isSource(home: string, word: string): Promise<boolean> {
  if (word === "last" || word === "all") return true;
  if (isSessionId(word)) {
    const folder = await lstat(join(home, SESSIONS_FOLDER, word)).catch(() => undefined);
    if (folder?.isDirectory() === true) return true;
  }
  if (!/[\\/]|\.(?:har|har\.gz|zhar|zip|jsonl)$/i.test(word)) return false;
  return (await stat(word).catch(() => undefined)) !== undefined;
}
