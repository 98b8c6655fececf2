// Before anything of a session is shown, its other exchanges are looked at: what one of them gives away as a token stands
// in the URLs and bodies of others, where nothing tells that it is one.
import type { ToolContext } from "./tool.js";

/** A call looks at so many that were not looked at before, and at so many bytes of bodies; the next one goes on. */
const MOST_EXCHANGES = 20_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** @param words as `query` takes them. @throws as `query` does */
export async function learnAhead(
  words: readonly string[],
  { safe, settings, signal }: ToolContext,
): Promise<void> {
  if (safe.redaction === undefined) return;
  const { query } = await import("../operations/query.js");
  const selection = await query({ home: settings.home, words, signal });
  let exchanges = 0;
  let bytes = 0;
  try {
    for await (const selected of selection) {
      signal.throwIfAborted();
      if (safe.knows(selected)) continue;
      if (++exchanges > MOST_EXCHANGES || bytes > MOST_BYTES) return;
      bytes += selected.facts.requestSize + selected.facts.responseSize;
      await safe.learn(selected);
    }
  } finally {
    await selection.close();
  }
}
