// What the quick check takes for an exchange or a message is one to the schema as well: otherwise the index would count
// other lines as damaged than the reader does.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parsePlainLine } from "../../src/session/line-check.js";
import { parseLine } from "../../src/session/line-parse.js";
import { exchangeSchema, messageSchema } from "../../src/session/line-schema.js";
import { httpExchange, newId, tunnelExchange, webSocketExchange, webSocketMessage } from "./support.js";

const full = httpExchange({
  error: { code: "origin-reset", message: "it reset" },
  tags: ["a"],
  rules: ["b"],
  replays: newId(),
  requestBody: { kind: "file", file: "bodies/packed", offset: 3, size: 9, stored: 9 },
  body: { kind: "text", text: "x", size: 1, chunks: [[1.5, 1]] },
});
const samples: readonly object[] = [
  { type: "exchange", ...httpExchange() },
  { type: "open", ...httpExchange() },
  { type: "exchange", ...full },
  { type: "exchange", ...webSocketExchange() },
  { type: "websocket-message", ...webSocketMessage(newId(), 1, { kind: "base64", base64: "AA==", size: 1 }) },
];
const bytesOf = (line: unknown): Buffer => Buffer.from(JSON.stringify(line));
const judge = (bytes: Buffer) => parseLine({ bytes, length: bytes.length, offset: 0, number: 1 }, "log");

/** Every key of the schema, so that one is tried in every place as soon as the schema has it. */
const NAMES = namesIn(z.toJSONSchema(z.union([exchangeSchema, messageSchema])));

function namesIn(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "properties" in schema ? Object.keys(schema.properties ?? {}) : [];
  return [...new Set([...own, ...Object.values(schema).flatMap(namesIn)])];
}

/** Places in a value, those that are there and those that the schema may know, as the keys that lead there. */
function placesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  const names = Array.isArray(value) ? [] : NAMES.map((name) => [...path, name]);
  return [path, ...names, ...Object.entries(value).flatMap(([key, item]) => placesOf(item, [...path, key]))];
}

function changed(value: unknown, path: readonly string[], to: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return to;
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
  const inner: unknown = Reflect.get(copy, key);
  Reflect.set(copy, key, changed(inner, rest, to));
  return copy;
}

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    undefined,
    null,
    -1,
    -2,
    0,
    0.5,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    65_536,
    "",
    "x",
    [],
    {},
    [["a"]],
    "HTTP/3.0",
  ),
  fc.constantFrom("bodies/../x", "bodies/a/b", "file", "omitted", "tunnel", "http", "empty", "origin-closed"),
  fc.constantFrom(newId(), "2026-11-20T10:15:30.123Z", "2026-11-20", true, false, [[1, 2, 3]], [[1, -2]]),
);

describe("the quick check of a line", () => {
  it.each(samples.map((sample) => [JSON.stringify(sample).slice(0, 60), sample] as const))(
    "takes what a recorder writes: %s",
    (_what, sample) => {
      expect(parsePlainLine(bytesOf({ v: 1, ...sample }))).toBeDefined();
    },
  );

  it("leaves the rest to the schema", () => {
    expect(parsePlainLine(bytesOf({ v: 1, type: "exchange", ...tunnelExchange() }))).toBeUndefined();
    expect(parsePlainLine(bytesOf({ v: 2, type: "exchange", ...httpExchange() }))).toBeUndefined();
    expect(parsePlainLine(Buffer.from([0xff]))).toBeUndefined();
  });

  it("takes nothing that the schema would not, and gives the same", () => {
    const change = fc
      .constantFrom(...samples)
      .chain((sample) =>
        fc.tuple(fc.constant({ v: 1, ...sample }), fc.constantFrom(...placesOf({ v: 1, ...sample })), odd),
      );
    fc.assert(
      fc.property(change, ([sample, path, to]) => {
        const text = JSON.stringify(changed(sample, path, to)) ?? "null";
        // A number beyond all is written as null by JSON.stringify, yet may stand in a line.
        const bytes = Buffer.from(to === Number.POSITIVE_INFINITY ? text.replace("null", "1e999") : text);
        const plain = parsePlainLine(bytes);
        if (plain === undefined) return;
        const item = judge(bytes);
        expect(typeof item).toBe("object");
        if (typeof item !== "object") return;
        if (plain.type === "websocket-message")
          expect(item).toMatchObject({ type: "message", message: plain.message });
        else expect(item).toMatchObject({ exchange: plain.exchange, open: plain.type === "open" });
      }),
      { numRuns: 10_000 },
    );
  });

  it("knows every error code of the schema", () => {
    const schema = exchangeSchema.options[0].shape.error.unwrap().shape.code;
    for (const code of schema.options) {
      const exchange = httpExchange({ error: { code, message: "" } });
      expect(parsePlainLine(bytesOf({ v: 1, type: "exchange", ...exchange }))).toBeDefined();
    }
  });
});
