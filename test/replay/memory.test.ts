// Ten thousand exchanges are replayed with flat memory: what is held after the last one is what was held early on.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { replay } from "../../src/operations/replay.js";
import { tempFolder } from "../session/support.js";
import { httpOrigin } from "../support/origin.js";
import { world } from "../support/world.js";
import { type RecordedAs, recordedSession } from "./support.js";

const { opened } = world();
const COUNT = 10_000;
/** Two kilobytes for each exchange would be twenty megabytes. */
const MOST_GROWTH = 8 * 1024 * 1024;

test("10,000 exchanges, compared and with cookies", async () => {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  const held = (): number => {
    if (typeof collect === "function") collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const origin = await opened(
    httpOrigin((request, response) => {
      response.setHeader("Set-Cookie", `at=${request.url?.slice(1)}; Path=/`);
      response.end("x".repeat(2000));
    }),
  );
  const home = tempFolder();
  await recordedSession(home, "old", recordedUrls(`http://127.0.0.1:${origin.port}`));
  let early = 0;
  let late = 0;
  const outcome = await replay({
    home,
    words: ["old"],
    execute: true,
    limit: COUNT,
    concurrency: 4,
    cookies: "follow",
    compare: {},
    onResult: (_result, done) => {
      if (done === COUNT / 10) early = held();
      if (done === COUNT) late = held();
    },
  });
  expect(outcome.counts).toMatchObject({ answered: COUNT });
  expect(late - early).toBeLessThan(MOST_GROWTH);
}, 180_000);

function* recordedUrls(base: string): Generator<RecordedAs> {
  for (let at = 0; at < COUNT; at++) yield { url: `${base}/${at}`, response: "x".repeat(2000) };
}
