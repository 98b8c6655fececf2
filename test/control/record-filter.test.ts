// What `record --filter` keeps, and what can't be asked while recording; both may change while it runs.
import { expect, test } from "vitest";
import { setOptionsMethod, watchExchangesMethod } from "../../src/control/methods.js";
import type { TrafficError } from "../../src/errors.js";
import { OPERATORS } from "../../src/filter/operators.js";
import { compileSelection } from "../../src/filter/selection.js";
import { connectProxy } from "../../src/operations/control.js";
import { getOptions, setOptions } from "../../src/operations/set-options.js";
import { httpOrigin } from "../support/origin.js";
import { testRecording } from "../support/recording.js";
import { run } from "../support/run.js";
import { world } from "../support/world.js";

const { opened } = world();

/** Answers `/200` with that status, and with the request's body. */
const origin = () =>
  opened(
    httpOrigin((request, response) => {
      request.pipe(response.writeHead(Number(request.url?.slice(1, 4)), { "x-name": request.url ?? "" }));
    }),
  );

const urls = async (recording: { finish(): Promise<{ exchanges: { request: { url: string } }[] }> }) =>
  (await recording.finish()).exchanges.map(({ request }) => new URL(request.url).pathname).sort();

async function ask(proxy: string, port: number, paths: readonly string[], ...more: string[]): Promise<void> {
  for (const path of paths) {
    await run("curl", ["-sS", "-x", proxy, ...more, `http://127.0.0.1:${port}${path}`]);
  }
}

test.each([
  ["~u /201", ["/201"]],
  ["~c 4xx", ["/404/a", "/404/b"]],
  ["!~c 4xx", ["/200", "/201"]],
  ["~u a$ & ~c 404 | ~u /200", ["/200", "/404/a"]],
  ["~hs '^x-name: /404/b'", ["/404/b"]],
  ["~all", ["/200", "/201", "/404/a", "/404/b"]],
])("--filter '%s' keeps %j", async (filter, expected) => {
  const { port } = await origin();
  const recording = await opened(testRecording({ filter }));
  await ask(recording.url, port, ["/200", "/201", "/404/a", "/404/b"]);
  expect(await urls(recording)).toEqual(expected);
});

test("the other selections have to hold as well", async () => {
  const { port } = await origin();
  const recording = await opened(testRecording({ filter: "~c 404", select: { urls: ["/b"] } }));
  await ask(recording.url, port, ["/200/b", "/404/a", "/404/b"]);
  expect(await urls(recording)).toEqual(["/404/b"]);
});

test("what the heads don't tell is refused, not recorded as nothing", () => {
  const refused = [...OPERATORS.values()]
    .filter(({ example, caseSensitive }) => !caseSensitive && !isTaken(`!(${example} | ~m POST)`))
    .map(({ name }) => name);
  const known = "b bq bs src dst err tag rule marker e marked id dur size sizeq sizes";
  expect(refused.sort()).toEqual(known.split(" ").sort());
});

function isTaken(filter: string): boolean {
  try {
    compileSelection({}, filter);
    return true;
  } catch (error) {
    expect((error as TrafficError).code).toBe("FILTER_INVALID");
    return false;
  }
}

test("a pattern that is too slow records, and is told of once", async () => {
  const warnings: string[] = [];
  const { port } = await origin();
  const recording = await opened(
    testRecording({ filter: "~u '(?:x|y)(a|a)*$'", onWarning: ({ code }) => warnings.push(code) }),
  );
  await ask(recording.url, port, ["/200/b", `/200/x${"a".repeat(60)}b`, `/200/y${"a".repeat(60)}c`]);
  const { exchanges } = await recording.finish();
  expect(exchanges).toHaveLength(2);
  expect(warnings).toEqual(["PATTERN_TOO_SLOW"]);
});

test("changes from the next exchange on: filter and max-body, all or none", async () => {
  const { port } = await origin();
  const recording = await opened(testRecording());
  const proxy = { home: recording.home };
  await ask(recording.url, port, ["/200/before"]);
  await setOptions({ ...proxy, values: { filter: "~u kept", "max-body": 4 } });
  await ask(recording.url, port, ["/200/kept", "/200/other"], "-d", "0123456789");
  for (const values of [
    { filter: null, port: 1 },
    { filter: null, "max-body": -1 },
    { "max-body": null, filter: "~u (" },
    { "max-body": null, filter: 5 },
  ]) {
    await expect(setOptions({ ...proxy, values })).rejects.toMatchObject({
      code: expect.stringMatching(/^(BAD_OPTION|FILTER_INVALID)$/),
    });
  }
  const { options } = await getOptions(proxy);
  expect(options).toContainEqual({ name: "filter", value: "~u kept", changeable: true });
  expect(options).toContainEqual({ name: "max-body", value: 4, changeable: true });
  expect(options).toContainEqual({ name: "port", value: recording.port, changeable: false });
  await setOptions({ ...proxy, values: { filter: null, "max-body": null } });
  await ask(recording.url, port, ["/200/after"], "-d", "0123456789");
  const { exchanges } = await recording.finish();
  expect(
    exchanges.map(({ request }) => [
      new URL(request.url).pathname,
      "text" in request.body && request.body.text,
    ]),
  ).toEqual([
    ["/200/before", false],
    ["/200/kept", "0123"],
    ["/200/after", "0123456789"],
  ]);
});

test("without bodies there is nothing to limit", async () => {
  const recording = await opened(testRecording({ bodies: false }));
  await expect(setOptions({ home: recording.home, values: { "max-body": 5 } })).rejects.toMatchObject({
    code: "BAD_OPTION",
  });
});

test("names of objects' own are no options", async () => {
  const recording = await opened(testRecording());
  using client = await connectProxy({ home: recording.home });
  for (const name of ["constructor", "toString", "hasOwnProperty"]) {
    await expect(client.call(setOptionsMethod, { values: { [name]: 1 } })).rejects.toMatchObject({
      code: "BAD_OPTION",
      message: `'${name}' is no option of a running proxy`,
    });
  }
});

test("whoever watches is told of each exchange, and of the end", async () => {
  const { port } = await origin();
  const recording = await opened(testRecording());
  using client = await connectProxy({ home: recording.home });
  const seen: string[] = [];
  const asked = ask(recording.url, port, ["/200", "/404/a"]);
  for await (const { url, status } of client.watch(watchExchangesMethod, {})) {
    seen.push(`${status} ${new URL(url).pathname}`);
    if (seen.length === 1) await asked;
    if (seen.length === 2) void recording.stop();
  }
  expect(seen).toEqual(["200 /200", "404 /404/a"]);
});
