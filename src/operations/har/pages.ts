// The pages of imported HARs, which their sessions keep beside the exchanges.
import { z } from "zod";
import { readManifest } from "../../session/manifest-schema.js";
import type { Selection } from "../query.js";
import type { Redaction } from "../redaction.js";

const pagesSchema = z.array(z.object({ id: z.string() }).catchall(z.json()));

type Page = z.infer<typeof pagesSchema>[number];

/** @returns those that have an id, by which entries name them. Their titles are addresses, and redacted. */
export async function importedPages(
  { reports }: Selection,
  redaction: Redaction | undefined,
): Promise<Page[]> {
  const pages: Page[] = [];
  for (const { source } of reports) {
    if (source.folder === null) continue;
    // A session that has lost its manifest has its exchanges all the same.
    const manifest = await readManifest(source.folder).catch(() => undefined);
    const parsed = pagesSchema.safeParse(manifest?.har?.pages);
    if (parsed.success) pages.push(...parsed.data);
  }
  if (redaction === undefined || pages.length === 0) return pages;
  return pagesSchema.parse(redaction.json(pages, ""));
}
