import fc from "fast-check";
import { expect, it } from "vitest";
import type { Body } from "../../src/exchange/body.js";
import { renderLine } from "../../src/session/format.js";
import { lineBodies } from "../../src/session/line-bodies.js";
import { httpExchange } from "./support.js";

/** What would mislead whoever takes a line for text. */
const misleading = fc.constantFrom(
  '"body":{"kind":"empty","size":0}}},"timings":{',
  '"}}},"timings":{"',
  '"body"',
  "body",
  '\\"',
  "}}}",
  '"response":{',
  "\u2028\ud83d\ude00",
);
const text = fc
  .array(fc.oneof(misleading, fc.string({ maxLength: 5 })), { maxLength: 4 })
  .map((parts) => parts.join(""));
const body: fc.Arbitrary<Body> = fc.oneof(
  fc.constant<Body>({ kind: "empty", size: 0 }),
  text.map((value): Body => ({ kind: "text", size: value.length, text: value })),
  fc.constant<Body>({ kind: "file", size: 5, stored: 5, file: "bodies/packed", offset: 7 }),
);
const headers = fc.array(fc.tuple(text, text), { maxLength: 3 });
/** What a later version, or another tool, may put anywhere. */
const extra = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  fc.constantFrom({ body: { kind: "text", size: 1, text: "x" } }, { request: { body: 1 } }, "body"),
);

it("gives the bodies of a line, or nothing", () => {
  let given = 0;
  const shape = fc.record({
    requestBody: body,
    responseBody: body,
    headers,
    extra,
    failed: fc.boolean(),
    last: fc.boolean(),
  });
  fc.assert(
    fc.property(shape, ({ requestBody, responseBody, headers, extra, failed, last }) => {
      const { request, response, timings, ...rest } = httpExchange({ requestBody, body: responseBody });
      const exchange = {
        ...rest,
        ...(extra === undefined || last ? {} : { extra }),
        request: { ...request, headers, body: requestBody },
        timings,
        ...(failed || response === undefined
          ? {}
          : { response: { ...response, headers, body: responseBody } }),
        ...(extra === undefined || !last ? {} : { extra }),
      };
      const bodies = lineBodies(Buffer.from(renderLine("exchange", exchange).trimEnd()));
      if (bodies === undefined) return;
      given++;
      expect(bodies).toEqual({ request: requestBody, response: failed ? null : responseBody });
    }),
    { numRuns: 2000 },
  );
  expect(given).toBeGreaterThan(500);
});

it("gives them whatever the order of the keys, or nothing", () => {
  const { request, response, timings, ...rest } = httpExchange({
    requestBody: { kind: "text", size: 1, text: "q" },
    body: { kind: "text", size: 1, text: "s" },
  });
  const expected = {
    request: { kind: "text", size: 1, text: "q" },
    response: { kind: "text", size: 1, text: "s" },
  };
  for (const exchange of [
    { ...rest, request, timings, response },
    { ...rest, timings, request, response },
    { ...rest, response, request, timings },
    { response, timings, request, ...rest },
    { ...rest, request, response, timings },
  ]) {
    const bodies = lineBodies(Buffer.from(JSON.stringify({ v: 1, type: "exchange", ...exchange })));
    expect([undefined, expected]).toContainEqual(bodies);
  }
});
