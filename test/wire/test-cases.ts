// Makes tests of a table of wire cases: each runs in each of its modes.
import { afterAll, beforeAll, describe, test } from "vitest";
import type { RecordOptions } from "../../src/operations/record.js";
import { openBench, type WireBench } from "./bench.js";
import { MODES } from "./case.js";
import { runCase } from "./run-case.js";
import type { Topic } from "./topics.js";

export function testTopic({ topic, cases }: Topic, options: Partial<RecordOptions> = {}): void {
  describe(topic, () => {
    let bench: WireBench;
    beforeAll(async () => {
      bench = await openBench(options);
    });
    afterAll(() => bench.close());
    for (const wireCase of cases) {
      const run = wireCase.open === undefined ? test : test.fails;
      for (const mode of wireCase.modes ?? MODES) {
        run(`${wireCase.id} [${mode}]: ${wireCase.shows}`, () => runCase(bench, wireCase, mode));
      }
    }
  });
}
