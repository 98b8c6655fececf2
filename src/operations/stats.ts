// Statistics over the exchanges of sessions.
import { type Choice, query, type SelectProgress, type SourceReport } from "./query.js";
import { type Statistics, StatisticsCollector } from "./statistics/collect.js";

export type { Statistics, StatisticsGroup } from "./statistics/collect.js";

export interface StatsInput extends Choice {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SelectProgress) => void) | undefined;
}

/** @throws as `query` does. */
export async function stats(
  input: StatsInput,
): Promise<{ statistics: Statistics; reports: readonly SourceReport[] }> {
  const selection = await query(input);
  try {
    const collector = new StatisticsCollector();
    for await (const { facts } of selection) collector.add(facts);
    return { statistics: collector.result(), reports: selection.reports };
  } finally {
    await selection.close();
  }
}
