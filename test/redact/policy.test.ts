// The policy file: what it adds and takes away, and where it is wrong.
import { describe, expect, test } from "vitest";
import { DEFAULT_POLICY, parsePolicy } from "../../src/redact/policy.js";
import { createRedactor } from "../../src/redact/redactor.js";
import { EXAMPLE_POLICY } from "./document.js";
import { exchangeWith } from "./support.js";

const JSON_INFO = { contentType: "application/json", side: "request", url: "https://a.test/" } as const;

describe("a policy", () => {
  const policy = parsePolicy(EXAMPLE_POLICY, { path: "policy.yaml" });

  test("adds and removes names, cookies, patterns and values", () => {
    const redactor = createRedactor(policy);
    const text = JSON.stringify({
      iban: "DE1",
      public_token: "x",
      note: "EMP-123456 at Acme Corp",
      token: "test-token",
    });
    expect(redactor.content(text, JSON_INFO)).toBe(
      JSON.stringify({
        iban: "REDACTED-1",
        public_token: "x",
        note: "REDACTED-2 at REDACTED-3",
        token: "test-token",
      }),
    );
    const request = [
      ["X-Internal-User", "bob"],
      ["X-Request-Token", "t"],
      ["Cookie", "theme=dark; sid=abc"],
    ] as const;
    const cleaned = redactor.exchange(exchangeWith({ request })).request.headers.map(([, value]) => value);
    expect(cleaned).toEqual(["REDACTED-4", "t", "theme=dark; sid=REDACTED-5"]);
    expect(redactor.report().kinds).toMatchObject({ "pattern:employee": 1 });
  });

  test("keeps hosts and addresses as they are", () => {
    const redactor = createRedactor(policy);
    const kept = exchangeWith({ url: "http://localhost/?token=abc" });
    expect(redactor.exchange(kept)).toBe(kept);
    expect(redactor.content('{"token":"abc"}', { ...JSON_INFO, url: kept.request.url })).toBe(
      '{"token":"abc"}',
    );
  });

  test("is the built-in one when the file is empty", () => {
    expect(parsePolicy("", { path: "p" })).toEqual(DEFAULT_POLICY);
    expect(parsePolicy("{}", { path: "p" })).toEqual(DEFAULT_POLICY);
  });

  test.each([
    ["headers: [", "p:1:11"],
    ["fields:\n  redact: 5\n", "p:2:11: fields.redact"],
    ["feilds: {}\n", "p:1:1: Unrecognized key"],
    ["patterns:\n  - name: a\n    match: '('\n", "p:3:12: "],
    ["patterns:\n  - name: a\n    match: 'x*'\n", "p:3:12: the pattern a matches the empty text"],
    ["tokens:\n  keep: [jwt, nope]\n", "p:2:15: tokens.keep.1: no such token shape"],
  ])("that is wrong says where: %j", (text, message) => {
    const attempt = () => parsePolicy(text, { path: "p" });
    expect(attempt).toThrow(
      expect.objectContaining({ code: "POLICY_INVALID", message: expect.stringContaining(message) }),
    );
  });

  test("with an expression that runs without end is stopped", () => {
    const slow = parsePolicy("patterns: [{ name: slow, match: '(a+)+b' }]", { path: "p" });
    const run = () => createRedactor(slow).content("a".repeat(60), JSON_INFO);
    expect(run).toThrow(expect.objectContaining({ code: "PATTERN_TOO_SLOW" }));
  });
});
