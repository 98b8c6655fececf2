// The everyday flags are conditions of the same language.
import { describe, expect, test } from "vitest";
import type { ExchangeFacts } from "../../src/exchange/facts.js";
import { compileFilter } from "../../src/filter/filter.js";
import { compileFlags, compileHostGlob, type SelectionFlags } from "../../src/filter/flags.js";
import { compileSelection } from "../../src/filter/selection.js";
import { compileStatus } from "../../src/filter/status.js";
import { indexed, subject } from "./support.js";

type Case = [flags: SelectionFlags, facts: Partial<ExchangeFacts>, expected: boolean];

const cases: Case[] = [
  [{}, {}, true],
  [{ methods: ["get", "POST"] }, { method: "GET" }, true],
  [{ methods: ["GE"] }, { method: "GET" }, false],
  [{ urls: ["/API?"] }, { url: "http://a/api?x" }, true],
  [{ urls: ["a.b"] }, { url: "http://axb/" }, false],
  [{ urls: ["/\\/(a|c)$/"] }, { url: "http://x/c" }, true],
  [{ urls: ["/X.y/s"] }, { url: "http://x\ny" }, true],
  [{ hostnames: ["example"] }, { url: "http://www.Example.com/" }, true],
  [{ hostnames: ["*.example.com"] }, { url: "http://example.com/" }, false],
  [{ hostnames: ["*.EXAMPLE.com"] }, { url: "http://a.example.com/" }, true],
  [{ hostnames: ["[::1]"] }, { url: "http://[::1]:80/" }, true],
  [{ statuses: ["404", "5xx"] }, { status: 502 }, true],
  [{ statuses: ["400..403"] }, { status: 404 }, false],
  [{ types: ["json"] }, { responseType: "application/problem+json" }, true],
  [{ types: ["image/*"] }, { responseType: "image/png; q=1" }, true],
  [{ types: ["*/json"] }, { responseType: "application/json-seq" }, false],
  [{ from: "2026-11-20T10:15:30Z" }, {}, true],
  [{ from: "2026-11-20T10:16Z" }, {}, false],
  [{ to: "2026-11-20T10:15Z" }, {}, false],
  [{ from: "2026-11-01", to: "2026-11-30" }, {}, true],
  [{ minDuration: "500ms" }, { duration: 500 }, true],
  [{ minDuration: "1s" }, { duration: 500 }, false],
  [{ streaming: true }, { streaming: true }, true],
  [{ streaming: true, methods: ["POST"] }, { streaming: true }, false],
];

describe("flags", () => {
  test.each(cases)("%j on %j: %s", (flags, facts, expected) => {
    const filter = compileFlags(flags);
    expect(filter.test(indexed(facts))).toBe(expected);
    // Their text says the same in the language.
    expect(compileFilter(filter.text).test(indexed(facts))).toBe(expected);
  });

  test("--text looks everywhere", () => {
    const filter = compileFlags({ texts: ["a+b"] });
    expect(filter.test(subject({ url: "http://x/A+B" }))).toBe(true);
    expect(filter.test(subject({}, { responseHeaders: [["X", "a+b"]] }))).toBe(true);
    expect(filter.test(subject({}, { requestContent: "1a+b" }))).toBe(true);
    expect(filter.test(subject({}, { requestContent: "aab" }))).toBe(false);
  });

  test.each([
    [{ urls: ["/(/"] }, "--url /(/ is no regular expression"],
    [{ statuses: ["oops"] }, "--status oops: 'oops' is no status"],
    [{ from: "now" }, "--from now: 'now' is no time"],
    [{ to: "x" }, "--to x: 'x' is no time"],
    [{ minDuration: "fast" }, "--min-duration fast: 'fast' is not a duration"],
  ])("%j is refused", (flags, message) => {
    const wanted = { code: "BAD_OPTION", message: expect.stringContaining(message) };
    expect(() => compileFlags(flags)).toThrow(expect.objectContaining(wanted));
  });
});

test("a host glob matches whole names", () => {
  const matches = compileHostGlob(" *.Example.com ");
  expect(["a.example.COM", "example.com", "a.example.com.evil", "axexample.com"].map(matches)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("what is recorded is told with the request, or later", () => {
  const stream = compileSelection({ streaming: true, methods: ["GET"] });
  const request = { method: "GET", url: "http://a/" };
  expect(stream({ ...request, method: "POST" })).toBe("skip");
  expect(stream(request)).toBe("later");
  const type = (value: string) => ({
    ...request,
    response: { status: 200, headers: [["Content-Type", value]] as const },
  });
  expect(stream(type("text/event-stream"))).toBe("record");
  expect(stream(type("text/html"))).toBe("skip");
  expect(compileSelection({})(request)).toBe("record");
  expect(compileSelection({ statuses: ["5xx"] })(type("a"))).toBe("skip");
});

test("--fail-on takes what ~c takes", () => {
  expect([404, 500, 200].map(compileStatus("404,5xx"))).toEqual([true, true, false]);
  expect(() => compileStatus("many")).toThrow(
    expect.objectContaining({ code: "BAD_OPTION", message: "'many' is no status condition" }),
  );
});
