// What was found in values that come again, and the short looks at names and short texts: they must come to what a full
// look comes to.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findAnywhere } from "../../src/redact/find-anywhere.js";
import { findField, redactHeaderValue } from "../../src/redact/headers.js";
import { NameGrades } from "../../src/redact/name-grades.js";
import { gradeName } from "../../src/redact/names.js";
import { DEFAULT_POLICY } from "../../src/redact/policy.js";
import { isQuiet } from "../../src/redact/quiet.js";
import { createRedactor } from "../../src/redact/redactor.js";
import { Scan } from "../../src/redact/scan.js";
import { ValueMemo } from "../../src/redact/value-memo.js";
import * as words from "../../src/redact/word-lists.js";
import { Works } from "../../src/redact/works.js";
import { fuzzFor } from "../support/fuzz.js";
import { exchangeWith } from "./support.js";
import { FRAGMENTS } from "./texts.js";

const ASKED = { contentType: "", side: "request" } as const;
const NAMES = [
  "Cookie",
  "set-cookie",
  "Authorization",
  "X-Api-Key",
  "Referer",
  "Link",
  "Date",
  "X-Other",
  "Sec-WebSocket-Protocol",
];
const VALUES = [
  "a=1; sid=a1B2c3D4e5F6g7H8; theme=dark",
  "Bearer a1B2c3D4e5F6g7H8i9J0",
  "Basic Ym9iOmh1bnRlcjJ4eXo=",
  "seen hunter2xyz here",
  "seen a1B2c3D4e5F6g7H8 here",
  "https://a.test/?token=a1B2c3D4e5F6g7H8&b=2",
  '{"password":"hunter2xyz"}',
  '{"note":"it was \\u0068unter2xyz"}',
  "Tue, 14 Nov 2023 22:13:20 GMT",
  "x",
];

describe("values that come again", () => {
  test("come to what a full look comes to, in two passes", () => {
    const step = fc.record({
      name: fc.constantFrom(...NAMES),
      value: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...VALUES) },
        {
          weight: 1,
          arbitrary: fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 8 }).map((all) => all.join("")),
        },
      ),
      learns: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const [long, short] = [new Works(DEFAULT_POLICY), new Works(DEFAULT_POLICY)];
        const memo = new ValueMemo(short);
        const longWork = long.at("request header", ASKED, { header: true });
        const shortWork = short.at("request header", ASKED, { header: true });
        // The first pass takes note of some, the second writes the others.
        for (const { name, value, learns } of [...steps].sort((one, other) => +other.learns - +one.learns)) {
          if (learns) {
            long.learning(() => redactHeaderValue(name, value, longWork));
            short.learning(() => memo.redacted(name, value, shortWork, findField));
          } else {
            const full = redactHeaderValue(name, value, longWork);
            expect(memo.redacted(name, value, shortWork, findField)).toBe(full);
          }
        }
        expect(short.report()).toEqual(long.report());
      }),
      fuzzFor(500),
    );
  });

  test("a name whose values are all other ones is looked at each time", () => {
    const redactor = createRedactor();
    const value = (number: number) => `Bearer a1B2c3D4e5F6g7H8i9J0${number}`;
    for (let number = 0; number < 500; number++) {
      const clean = redactor.exchange(exchangeWith({ request: [["Authorization", value(number % 450)]] }));
      expect(clean.request.headers).toEqual([["Authorization", `Bearer REDACTED-${(number % 450) + 1}`]]);
    }
    expect(redactor.report()).toMatchObject({ total: 500, secrets: 450 });
  });

  test("an address and its target are one place", () => {
    const redactor = createRedactor();
    redactor.exchange(exchangeWith({ url: "https://a.test/x?token=hunter2xyz&code=Zx9Zx9Zx9" }));
    expect(redactor.report()).toMatchObject({ total: 2, kinds: { query: 2 }, places: { url: 2 } });
  });

  test("a target that holds what its address does not is a place", () => {
    const redactor = createRedactor();
    const plain = exchangeWith({ url: "https://a.test/x" });
    redactor.exchange({ ...plain, request: { ...plain.request, target: "/x?token=hunter2xyz" } });
    expect(redactor.report()).toMatchObject({ total: 1, places: { url: 1 } });
  });
});

test("names are judged alike in text and in bytes", () => {
  const all = Object.values(words).flatMap((list) => [...list]);
  const part = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...all) },
    { weight: 1, arbitrary: fc.constantFrom(...all).map((word) => word.toUpperCase()) },
    { weight: 2, arbitrary: fc.constantFrom(..."_-.[]%$1é ", "%6b", "X", "id", "2") },
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), fc.nat(8), (parts, split) => {
      // Separators may part a word, too.
      const joined = parts.join("");
      const name = split < joined.length ? `${joined.slice(0, split)}_${joined.slice(split)}` : joined;
      const bytes = Buffer.from(name);
      expect(new NameGrades(gradeName, true).inBytes(bytes, 0, bytes.length)).toBe(gradeName(name));
    }),
    fuzzFor(2000),
  );
});

test("a quiet text holds nothing", () => {
  const parts = fc.array(
    fc.oneof(
      fc.constantFrom(...FRAGMENTS),
      fc.constantFrom("BEARER ", "bAsic ", "e", "r", "asic ", "earer%20"),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 12 },
  );
  const work = new Works(DEFAULT_POLICY).at("request body", ASKED);
  fc.assert(
    fc.property(parts, (all) => {
      const text = all.join("");
      fc.pre(isQuiet(text));
      // A longer text is never called quiet.
      const scan = new Scan(`${text}${"\n".repeat(201)}`, work);
      findAnywhere(scan);
      expect(scan.own).toEqual([]);
    }),
    fuzzFor(2000),
  );
});
