// Makes fixtures of exchanges: redacted, readable, the same bytes for the same input.
import { stat } from "node:fs/promises";
import { extname, resolve } from "node:path";
import type { Writable } from "node:stream";
import type { Fixture } from "../replay/fixtures/schema.js";
import { type CollectCounts, collectFixtures } from "./fixtures/collect.js";
import { pathCondition } from "./fixtures/path-condition.js";
import {
  FIXTURES_FRAME,
  LIST_FRAME,
  writeFolder,
  writeList,
  writeListFile,
} from "./fixtures/write-fixtures.js";
import { learnAll } from "./har/learn.js";
import { type QueryInput, query, type SourceReport } from "./query.js";
import { type Policy, Redaction, type RedactionReport } from "./redaction.js";

export interface FixturesInput extends QueryInput {
  /** A `.json` file, a folder (with a file for each exchange), or a stream, which is ended. */
  readonly output: string | Writable;
  /** Only these paths and what is below them. */
  readonly paths?: readonly string[] | undefined;
  /** `mockserver`: expectations of MockServer. */
  readonly format?: "fixtures" | "mockserver";
  /** Default: the built-in policy. `off` writes secrets as they are. */
  readonly redact?: Policy | "off";
}

export interface FixturesReport extends CollectCounts {
  /** Absolute path of the file or folder, or null where it went to a stream. */
  readonly path: string | null;
  readonly exchanges: number;
  /** What was replaced; null with redaction off. */
  readonly redaction: RedactionReport | null;
  readonly sources: readonly SourceReport[];
}

/** @throws IO_FAILED, DISK_FULL, and what `query` throws. */
export async function makeFixtures(input: FixturesInput): Promise<FixturesReport> {
  const also = input.paths === undefined ? {} : { also: pathCondition(input.paths) };
  const selection = await query({ ...input, ...also });
  try {
    const redaction = input.redact === "off" ? undefined : new Redaction(input.redact);
    if (redaction !== undefined) await learnAll(selection, redaction, {});
    const counts: CollectCounts = { unanswered: 0, incompleteBodies: 0 };
    const fixtures = collectFixtures(selection, redaction, counts);
    const { path, exchanges } = await write(input, fixtures);
    return {
      path,
      exchanges,
      ...counts,
      redaction: redaction?.report ?? null,
      sources: selection.reports,
    };
  } finally {
    await selection.close();
  }
}

async function write(
  { output, format }: FixturesInput,
  fixtures: AsyncIterable<Fixture>,
): Promise<{ path: string | null; exchanges: number }> {
  const isMockServer = format === "mockserver";
  const items = isMockServer ? expectations(fixtures) : fixtures;
  const frame = isMockServer ? LIST_FRAME : FIXTURES_FRAME;
  if (typeof output !== "string") return { path: null, exchanges: await writeList(items, frame, output) };
  const path = resolve(output);
  const exchanges =
    !isMockServer && (await isFolder(output))
      ? await writeFolder(fixtures, output)
      : await writeListFile(items, frame, output);
  return { path, exchanges };
}

/** What one needs to know the others for: those of the same request. */
async function* expectations(fixtures: AsyncIterable<Fixture>): AsyncGenerator<unknown, void, void> {
  const { mockServerExpectations } = await import("../replay/fixtures/mockserver.js");
  const all: Fixture[] = [];
  for await (const fixture of fixtures) all.push(fixture);
  yield* mockServerExpectations(all);
}

async function isFolder(output: string): Promise<boolean> {
  if (/[\\/]$/.test(output)) return true;
  const found = await stat(output).catch(() => undefined);
  return found === undefined ? extname(output) === "" : found.isDirectory();
}
