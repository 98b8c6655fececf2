// The short ways of an export: a screen that says "nothing", a body that was looked at in the first pass. They must come
// to what the finders come to, on any text.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeText } from "../../src/content/text.js";
import { parsePolicy } from "../../src/redact/policy.js";
import { createRedactor, type Redactor } from "../../src/redact/redactor.js";
import type { ContentInfo } from "../../src/redact/work.js";
import { fuzzFor } from "../support/fuzz.js";

const TYPES = [
  "application/json",
  "text/html",
  "application/xml",
  "text/event-stream",
  "application/x-ndjson",
  "multipart/form-data; boundary=BB",
  "application/x-www-form-urlencoded",
  "application/javascript",
  "text/css",
  "text/plain",
  "",
];

/** What the finders and the screens tell apart: names, marks, heads of tokens, escapes, and what is beside them. */
const FRAGMENTS = [
  ..."{}[]\"':=,;<>&?/\\ .-_~%#@\n\t`+|!($",
  "password",
  "api_key",
  "Token",
  "session",
  "code",
  "key",
  "value",
  "name",
  "id",
  "cookie",
  "Set-Cookie",
  "type",
  "content",
  '"token":',
  '"key": ',
  '"name":"Authorization",',
  '"value":"a1B2c3D4e5F6g7"',
  '["X-Api-Key","a1B2c3D4e5F6g7H8"]',
  '["cookie","abcd"]',
  "passwo\\u0072d",
  '{"a":{"password":[',
  "a1B2c3D4e5F6g7H8i9J0",
  "4f1e2d3c-1b2a-4c5d-8e9f-0a1b2c3d4e5f",
  "hunter2x",
  "sk-proj-",
  "ghp_",
  "AKIA",
  "AKIAABCDEFGHIJKLMNOP",
  "eyJhbGciOiJIUzI1NiJ9",
  ".eyJzdWIiOiIxIn0.abcdefgh",
  "npm_",
  "123456789:",
  "AAAAabcdefg:",
  "abcdefghijklmnopqrstuvwxyzABCDEFGHI0123456789",
  "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAx.G1abcd.abcdefghijklmnopqrstuvwxyz0123",
  "abc8Q~abcdefghijklmnopqrstuvwxyz012345",
  "live_a1B2c3D4e5F6g7H8i9J0k1L2",
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN CERTIFICATE-----",
  "Bearer ",
  "Bearer%20",
  "basic ",
  "Basic dXNlcjpwYXNzd29yZDE=",
  "cGFzc3dvcmQ9aHVudGVyMnhhYmM=",
  "--password ",
  " -u bob:",
  " --user ",
  "https://",
  "https:\\/\\/",
  "user:pa55word@",
  "hooks.slack.com/services/",
  "/reset-password/",
  "a.test/",
  "?token=",
  "&amp;code=",
  "\\u0026secret=",
  "%70assword",
  "%3D",
  "\\n",
  '\\"',
  "\\u00e9",
  "é",
  "日本語",
  "\u3000",
  "\ufeff",
  "😀",
  "<input type=password value=",
  '<input name="csrf" value="a1b2c3d4e5f6"/>',
  "<password>",
  "</password>",
  "<string name='api_key'>",
  "<key>",
  "<![CDATA[",
  "]]>",
  "<script>",
  "</script>",
  "<a href='",
  '<div data-props=\'{"token":"',
  "data: ",
  'data: {"t":"',
  '--BB\r\nContent-Disposition: form-data; name="pin"\r\n\r\n',
  "2026-11-20T10:15:30",
  "true",
  "null",
  "123456",
  "function(){return ",
  "password: |\n  ",
  "REDACTED-1",
  "x".repeat(500),
  " ".repeat(300),
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 6, unit: "binary" })), {
    maxLength: 40,
  })
  .map((parts) => Buffer.from(parts.join(""), "utf8").toString("utf8"));
const info = fc.record({
  contentType: fc.constantFrom(...TYPES),
  side: fc.constantFrom("request" as const, "response" as const),
});

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
