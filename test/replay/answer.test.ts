// The pure parts of answering: URLs in one notation, places of secrets, how alike two requests are, cuts and pace.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyDifference } from "../../src/replay/answer/body-difference.js";
import { leavesOf } from "../../src/replay/answer/body-leaves.js";
import { pacedPieces } from "../../src/replay/answer/pace.js";
import { matchesRedacted } from "../../src/replay/answer/placeholders.js";
import {
  bodyLikeness,
  cameRequest,
  headerLikeness,
  requestPrint,
} from "../../src/replay/answer/request-print.js";
import { urlParts } from "../../src/replay/answer/url-parts.js";
import { compilePointers } from "../../src/replay/compare/pointers.js";

const NONE = compilePointers([]);
const leaves = (value: unknown, ignored = NONE) =>
  leavesOf(Buffer.from(JSON.stringify(value)), "application/json", ignored);

describe("a URL", () => {
  test.each([
    ["https://API.test:443/a?b=1&a=2#x", "https://api.test/a?a=2&b=1"],
    ["http://u:p@api.test:80", "http://api.test/"],
    ["wss://api.test/feed", "https://api.test/feed"],
    ["http://[::1]:8080/?q=%7E+x", "http://[::1]:8080/?q=~%20x"],
    ["http://api.test/?a=1&b=2&a=0&flag", "http://api.test/?a=1&a=0&b=2&flag"],
    ["http://api.test/?x=%zz&y=\ud800", "http://api.test/?x=%25zz&y=%EF%BF%BD"],
    ["http://api.test/?ts=1&q=2&ts=3", "http://api.test/?q=2"],
  ])("%s is matched as %s", (url, wanted) => {
    const { origin, path, query } = urlParts(url, new Set(["ts"]));
    expect(`${origin}${path}${query.length > 0 ? `?${query.join("&")}` : ""}`).toBe(wanted);
  });

  test("any text is taken", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => void urlParts(`http://a/?${text}`, new Set())),
    );
  });
});

describe("a place of a secret", () => {
  test("matches whatever stands there, and nothing else", () => {
    const piece = fc.string({ maxLength: 5 }).filter((text) => !/REDACTED-/.test(text));
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.string(), (pieces, secret) => {
        const recorded = pieces.map((each, at) => (at === 0 ? each : `REDACTED-${at}|${each}`)).join("");
        const came = pieces.map((each, at) => (at === 0 ? each : `${secret}|${each}`)).join("");
        expect(matchesRedacted(recorded, came)).toBe(true);
      }),
    );
    expect(matchesRedacted("a-REDACTED-1-b", "a-b")).toBe(false);
    expect(matchesRedacted("a-REDACTED-1-b", "a-x-c")).toBe(false);
    expect(matchesRedacted("REDACTED-1:REDACTED-2:", "x:")).toBe(false);
  });
});

describe("likeness", () => {
  test("a body is like itself in any order of its names, and like no other", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const print = requestPrint([], leaves(one));
        expect(bodyLikeness(cameRequest([], leaves(one)), print)).toBe(1);
        const isEqual = JSON.stringify([...leaves(one)]) === JSON.stringify([...leaves(other)]);
        if (!isEqual && bodyDifference(leaves(other), leaves(one)) !== undefined)
          expect(bodyLikeness(cameRequest([], leaves(other)), print)).toBeLessThan(1);
      }),
    );
    const swapped = cameRequest([], leaves({ b: 2, a: 1 }));
    expect(bodyLikeness(swapped, requestPrint([], leaves({ a: 1, b: 2 })))).toBe(1);
  });

  test("the more is the same, the more alike", () => {
    const came = cameRequest([], leaves({ a: 1, b: 2, c: 3 }));
    const of = (value: object): number => bodyLikeness(came, requestPrint([], leaves(value)));
    expect(of({ a: 1, b: 2, c: 4 })).toBeGreaterThan(of({ a: 1, b: 0, c: 4 }));
    expect(of({ a: 1, b: 2, c: 4 })).toBeLessThan(1);
    expect(of({})).toBe(0);
  });

  test("ignored places do not count", () => {
    const ignored = compilePointers(["/id", "/items/*/at"]);
    const one = { id: 1, items: [{ at: 1, x: 1 }] };
    const other = { id: 2, items: [{ at: 2, x: 1 }] };
    const print = requestPrint([], leaves(one, ignored));
    expect(bodyLikeness(cameRequest([], leaves(other, ignored)), print)).toBe(1);
  });

  test("headers of the moment do not count", () => {
    const of = (...fields: [string, string][]) => fields;
    const recorded = requestPrint(of(["Accept", "a"], ["Date", "x"], ["Authorization", "REDACTED-1"]), []);
    expect(headerLikeness(cameRequest(of(["accept", "a"], ["date", "y"]), []), recorded)).toBe(1);
    expect(headerLikeness(cameRequest(of(["accept", "b"]), []), recorded)).toBe(0);
  });
});

describe("pieces", () => {
  test("are cut where they were cut, whatever the source's chunks", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (cuts, chunks) => {
        const total = Math.max(sum(cuts), sum(chunks));
        const bytes = Buffer.from(Array.from({ length: total }, (_, at) => at));
        const source = async function* () {
          let from = 0;
          for (const size of [...chunks, total]) {
            yield bytes.subarray(from, from + size);
            from += size;
          }
        };
        const wanted = cuts.map((_, at) => ({ end: sum(cuts.slice(0, at + 1)), ms: 0 }));
        const pieces: Buffer[] = [];
        for await (const piece of pacedPieces(source(), wanted, new AbortController().signal))
          pieces.push(piece);
        expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
        const ends = new Set(pieces.map((_, at) => sum(pieces.slice(0, at + 1).map(({ length }) => length))));
        for (const cut of wanted) expect(ends.has(cut.end)).toBe(true);
      }),
    );
  });

  test("end when nobody waits any more", async () => {
    const over = new AbortController();
    const source = async function* () {
      yield Buffer.from("ab");
    };
    const cuts = [
      { end: 1, ms: 0 },
      { end: 2, ms: 3_600_000 },
    ];
    const pieces: string[] = [];
    for await (const piece of pacedPieces(source(), cuts, over.signal)) {
      pieces.push(String(piece));
      setImmediate(() => over.abort());
    }
    expect(pieces).toEqual(["a"]);
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
