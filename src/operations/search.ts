// Searches URLs, header fields, decoded bodies and WebSocket messages, and gives the places with what stands around them.
import { finderOf } from "../filter/finder.js";
import { query } from "./query.js";
import { ExchangeSearch } from "./search/exchange-search.js";
import { createSearchReport, type SearchHit, type SearchInput, type SearchReport } from "./search/types.js";

export {
  createSearchReport,
  type SearchHit,
  type SearchInput,
  type SearchPlace,
  type SearchReport,
} from "./search/types.js";

/** @throws FILTER_INVALID, PATTERN_TOO_SLOW (which names the exchange), and what `query` throws. */
export async function* search(
  input: SearchInput,
  report: SearchReport = createSearchReport(),
): AsyncGenerator<SearchHit, void, void> {
  const finder = finderOf(input.pattern, {
    regex: input.regex === true,
    caseSensitive: input.caseSensitive === true,
  });
  const selection = await query(input);
  report.sources = selection.reports;
  try {
    for await (const selected of selection) {
      input.signal?.throwIfAborted();
      const hit = await new ExchangeSearch(input, finder, selected, report).run();
      report.searched++;
      input.onSearched?.({ done: report.searched, total: selection.given });
      if (hit === undefined) continue;
      report.exchanges++;
      report.matches += hit.matches;
      yield hit;
    }
  } finally {
    await selection.close();
  }
}
