// The short ways of an export: a screen that says "nothing", a body that was looked at in the first pass. They must come
// to what the finders come to, on any text.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeText } from "../../src/content/text.js";
import { parsePolicy } from "../../src/redact/policy.js";
import { createRedactor, type Redactor } from "../../src/redact/redactor.js";
import type { ContentInfo } from "../../src/redact/work.js";
import { fuzzFor } from "../support/fuzz.js";
import { CARRIERS, FRAGMENTS, info, text } from "./texts.js";

function readBody(bytes: Buffer, { contentType }: ContentInfo) {
  return () => decodeText(bytes, contentType);
}

/** The body by the short way, as text. */
function shortWay(redactor: Redactor, body: string, where: ContentInfo): string {
  const bytes = Buffer.from(body);
  const result = redactor.body(bytes, where, readBody(bytes, where));
  return Buffer.isBuffer(result) ? result.toString() : result.text;
}

/** Whether the body is text: what is none goes another way. */
function isText(body: string, { contentType }: ContentInfo): boolean {
  return body === "" || decodeText(Buffer.from(body), contentType)?.charset === "utf-8";
}

const POLICIES = {
  "the built-in policy": undefined,
  "a policy with names, patterns and values": parsePolicy(
    'version: 1\nfields: {redact: ["*T22", "ab*"], keep: [token]}\npatterns: [{name: n, match: "[0-9]{6}"}]\nvalues: {keep: [hunter2x], redact: [a.test/]}\ntokens: {keep: [github]}\n',
    { path: "policy.yaml" },
  ),
};

describe.each(Object.entries(POLICIES))("with %s", (_name, policy) => {
  test("one text by the short way comes to what the finders come to", () => {
    fc.assert(
      fc.property(text, info, (body, where) => {
        fc.pre(isText(body, where));
        const long = createRedactor(policy);
        const short = createRedactor(policy);
        expect(shortWay(short, body, where)).toBe(long.content(body, where));
        expect(short.report()).toEqual(long.report());
      }),
      fuzzFor(1500),
    );
  });

  test("two passes over several bodies come to what two passes of the finders come to", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, info), { minLength: 1, maxLength: 5 }), (bodies) => {
        fc.pre(bodies.every(([body, where]) => isText(body, where)));
        const long = createRedactor(policy);
        const short = createRedactor(policy);
        for (const [body, where] of bodies) {
          long.learn.content(body, where);
          const bytes = Buffer.from(body);
          short.learn.body(bytes, where, readBody(bytes, where));
        }
        for (const [body, where] of [...bodies, ...bodies]) {
          expect(shortWay(short, body, where)).toBe(long.content(body, where));
        }
        expect(short.report()).toEqual(long.report());
      }),
      fuzzFor(500),
    );
  });
});

test("what another body gives away is found in any layer of a body that holds nothing else", () => {
  const values = ["hunter2x", "pässwörd 7", 'quo"te\\d 9z', "a1B2c3D4e5F6g7", "tok+en/with=odd&chars42"];
  const carriers = fc.array(fc.constantFrom(...Object.entries(CARRIERS)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...values), carriers, info, fc.boolean(), (value, layers, where, isFirst) => {
      const plain = `it was ${value}, once`;
      const body = layers.reduce((inner, [, carry]) => carry(inner), plain);
      fc.pre(isText(body, where));
      const giver = JSON.stringify({ password: value });
      const json = { ...where, contentType: "application/json" };
      const all = isFirst
        ? [[giver, json] as const, [body, where] as const]
        : [[body, where] as const, [giver, json] as const];
      const [long, short] = [createRedactor(), createRedactor()];
      for (const [each, place] of all) {
        long.learn.content(each, place);
        const bytes = Buffer.from(each);
        short.learn.body(bytes, place, readBody(bytes, place));
      }
      for (const [each, place] of all) expect(shortWay(short, each, place)).toBe(long.content(each, place));
      expect(short.report()).toEqual(long.report());
    }),
    fuzzFor(500),
  );
});

test("bytes by the short way come to what the finders come to", () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(...FRAGMENTS).map((fragment) => Buffer.from(fragment)),
    fc.constant(Buffer.from("the secret é Zx9-known")),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const bytes = Buffer.concat(parts);
      const where = { contentType: "image/png", side: "response" } as const;
      const [long, short] = [createRedactor(), createRedactor()];
      for (const redactor of [long, short])
        redactor.learn.content('{"password":"the secret é Zx9-known"}', {
          ...where,
          contentType: "application/json",
        });
      const result = short.body(bytes, where, () => null);
      expect(result).toEqual(long.bytes(bytes, where));
      expect(short.report()).toEqual(long.report());
    }),
    fuzzFor(500),
  );
});

describe("after the first pass", () => {
  const where = { contentType: "application/json", side: "response" } as const;
  const read = (bytes: Buffer) => () => {
    throw new Error(`${bytes.length} bytes were read as text again`);
  };

  test.each([
    ["that holds nothing", '{"a":"b"}'],
    ["whose secret was found", '{"password":"hunter2x"}'],
  ])("a body %s is not read again", (_what, body) => {
    const redactor = createRedactor();
    const bytes = Buffer.from(body);
    redactor.learn.body(bytes, where, readBody(bytes, where));
    redactor.body(bytes, where, read(bytes));
  });

  test("a body without a secret of its own loses one that another gave away", () => {
    const redactor = createRedactor();
    const clean = Buffer.from('{"note":"it was hunter2x"}');
    redactor.learn.body(clean, where, readBody(clean, where));
    redactor.learn.content('{"password":"hunter2x"}', where);
    expect(redactor.body(clean, where, read(clean))).toMatchObject({ text: '{"note":"it was REDACTED-1"}' });
  });

  test("a stream within a form loses what another body gave away", () => {
    const redactor = createRedactor();
    const there = { ...where, contentType: "application/x-www-form-urlencoded" };
    const stream = ["hunt", "er2x", "yz"].map((part) => `data: ${part}\n\n`).join("");
    const body = Buffer.from(new URLSearchParams([["a", stream]]).toString());
    redactor.learn.body(body, there, readBody(body, there));
    redactor.learn.content('{"password":"hunter2xyz"}', where);
    expect(redactor.body(body, there, readBody(body, there))).toMatchObject({
      text: expect.stringContaining("REDACTED-1"),
    });
  });

  test("the same bytes of another type or side are looked at anew", () => {
    const redactor = createRedactor();
    const bytes = Buffer.from('code = "a1B2c3D4e5F6g7H8"');
    for (const contentType of ["text/css", "text/plain"]) {
      const there = { contentType, side: "response" } as const;
      redactor.learn.body(bytes, there, readBody(bytes, there));
    }
    expect(redactor.body(bytes, { ...where, contentType: "text/css" }, read(bytes))).not.toBe(bytes);
    expect(redactor.body(bytes, { ...where, contentType: "text/plain" }, read(bytes))).not.toBe(bytes);
  });
});
