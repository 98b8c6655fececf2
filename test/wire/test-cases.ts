// Makes tests of a table of wire cases: each runs in each of its modes.
import { afterAll, beforeAll, describe, test } from "vitest";
import type { RecordOptions } from "../../src/operations/record.js";
import { openBench, type WireBench } from "./bench.js";
import { MODES } from "./case.js";
import { runCase } from "./run-case.js";
import { runHttp2Case } from "./run-http2-case.js";
import type { Http1Topic, Http2Topic } from "./topics.js";

/** @param suite `describe.concurrent` where cases wait for the recorder, several at once */
export function testTopic(
  { topic, cases }: Http1Topic,
  options: Partial<RecordOptions> = {},
  suite: typeof describe | typeof describe.concurrent = describe,
): void {
  suite(topic, () => {
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

/** The same for cases of HTTP/2, each in its one mode. */
export function testHttp2Topic({ topic, cases }: Http2Topic): void {
  describe.concurrent(topic, () => {
    let bench: WireBench;
    beforeAll(async () => {
      bench = await openBench();
    });
    afterAll(() => bench.close());
    for (const each of cases) {
      const run = each.open === undefined ? test : test.fails;
      run(`${each.id} [${each.modes[0]}]: ${each.shows}`, () => runHttp2Case(bench, each));
    }
  });
}
