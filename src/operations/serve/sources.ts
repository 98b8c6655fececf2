// What `serve` was given: sessions, HAR files and fixtures, as one source of answers.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TrafficError } from "../../errors.js";
import type { AnswerSource, Recorded, RecordedFacts } from "../../replay/answer/recorded.js";
import { FixtureSource } from "../../replay/fixtures/fixture-source.js";
import { EXCHANGES_FILE } from "../../session/format.js";
import { readFixtures } from "../fixtures/read-fixtures.js";
import { openSessionSource } from "./session-source.js";

/**
 * @param references fixtures (a `.json` file, or a folder of them), and what `query` takes: sessions, HAR files
 * @throws SESSION_NOT_FOUND, SESSION_AMBIGUOUS, FILE_NOT_FOUND, SESSION_DAMAGED, HAR_INVALID, FIXTURES_INVALID, IO_FAILED
 */
export async function openSources(home: string, references: readonly string[]): Promise<AnswerSource> {
  const opened: AnswerSource[] = [];
  try {
    for (const reference of references) opened.push(await openOne(home, reference));
  } catch (error) {
    for (const each of opened) await each.close();
    throw error;
  }
  return opened.length === 1 ? opened[0]! : new JoinedSources(opened);
}

async function openOne(home: string, reference: string): Promise<AnswerSource> {
  if (await isFixtures(reference)) return new FixtureSource(await readFixtures(reference));
  try {
    return await openSessionSource(home, [reference]);
  } catch (error) {
    const isUnknown = error instanceof TrafficError && error.code === "SESSION_NOT_FOUND";
    // A folder named without a slash: only where no session is called so.
    if (!isUnknown || !(await isFolder(reference))) throw error;
    return new FixtureSource(await readFixtures(reference));
  }
}

async function isFixtures(reference: string): Promise<boolean> {
  if (/\.json$/i.test(reference)) return true;
  return /[\\/]/.test(reference) && (await isFolder(reference));
}

/** A folder that is no session. */
async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return false;
  return (await stat(join(path, EXCHANGES_FILE)).catch(() => undefined)) === undefined;
}

class JoinedSources implements AnswerSource {
  readonly #sources: readonly AnswerSource[];
  /** The first number of each. */
  readonly #firsts: number[] = [];

  constructor(sources: readonly AnswerSource[]) {
    this.#sources = sources;
  }

  async *facts(): AsyncGenerator<RecordedFacts, void, void> {
    let count = 0;
    for (const source of this.#sources) {
      this.#firsts.push(count);
      for await (const facts of source.facts()) {
        count++;
        yield facts;
      }
    }
  }

  async load(number: number): Promise<Recorded> {
    const at = this.#firsts.findLastIndex((first) => first <= number);
    return await this.#sources[at]!.load(number - this.#firsts[at]!);
  }

  async close(): Promise<void> {
    for (const source of this.#sources) await source.close();
  }
}
