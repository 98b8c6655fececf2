// Wire tests that no table of bytes can hold (many clients, much data, real programs) have an id and a sentence too:
// docs/wire.md lists them with the cases.
import { type TestFunction, test } from "vitest";
import { STATEMENTS } from "./statements.js";

export interface Statement {
  readonly id: string;
  readonly shows: string;
  /** What is different through trafficctl; absent: nothing is. */
  readonly outcome?: string;
  /** Why it does not hold yet: the test then expects to fail. */
  readonly open?: string;
}

/** A test of the statement with this id. @throws Error when there is none */
export function wireTest(id: string, run: TestFunction, timeoutMs?: number): void {
  const statement = STATEMENTS.flatMap(({ statements }) => statements).find((each) => each.id === id);
  if (statement === undefined) throw new Error(`no statement has the id ${id}: add it to statements.ts`);
  const declare = statement.open === undefined ? test : test.fails;
  declare(`${id}: ${statement.shows}`, run, timeoutMs);
}
