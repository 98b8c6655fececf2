// For random secrets at random places in random carriers: the secret is gone in every form, and the carrier can still
// be read. And hostile texts: nothing throws, nothing takes longer than its length allows.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formsOf } from "../../src/redact/encodings.js";
import { createRedactor } from "../../src/redact/redactor.js";
import { fuzzFor } from "../support/fuzz.js";
import { exchangeWith } from "./support.js";

const LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789+/=_.!$&'\"\\<> é-%~".split("");
const secret = fc
  .array(fc.constantFrom(...LETTERS), { minLength: 12, maxLength: 40 })
  .map((chars) => `q7${chars.join("")}Z3`)
  .filter((text) => /\d.*[A-Za-z]/.test(text));
const secretName = fc.constantFrom(
  "password",
  "api_key",
  "accessToken",
  "client-secret",
  "X-Auth-Token",
  "user[pin]",
);
const plainValue = fc.string({ maxLength: 12 });

/** Carriers of a named secret: how it is written, its media type, and how one sees that it can still be read. */
const CARRIERS: Readonly<
  Record<
    string,
    {
      type: string;
      write: (name: string, value: string, other: string) => string;
      read: (text: string) => unknown;
    }
  >
> = {
  json: {
    type: "application/json",
    write: (name, value, other) => JSON.stringify({ other, deep: [{ [name]: value }], n: 1 }, null, 1),
    read: JSON.parse,
  },
  "JSON in JSON": {
    type: "application/json",
    write: (name, value, other) => JSON.stringify({ body: JSON.stringify({ other, [name]: value }) }),
    read: (text) => JSON.parse(JSON.parse(text).body),
  },
  form: {
    type: "application/x-www-form-urlencoded",
    write: (name, value, other) =>
      new URLSearchParams([
        ["other", other],
        [name, value],
      ]).toString(),
    read: (text) => expect([...new URLSearchParams(text)].length).toBe(2),
  },
  multipart: {
    type: "multipart/form-data; boundary=BB",
    write: (name, value) =>
      `--BB\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--BB--\r\n`,
    read: (text) => expect(text).toMatch(/^--BB\r\n[\s\S]*\r\n--BB--\r\n$/),
  },
  "query in text": {
    type: "text/plain",
    write: (name, value) =>
      `see https://a.test/x?a=1&${encodeURIComponent(name)}=${encodeURIComponent(value)}&b=2 there`,
    read: (text) => new URL(text.slice(4, -6)),
  },
  "server-sent events": {
    type: "text/event-stream",
    write: (name, value) => `data: ${JSON.stringify({ [name]: value })}\n\n`,
    read: (text) => JSON.parse(text.slice(6)),
  },
};

function expectGone(text: string, value: string): void {
  for (const form of formsOf(value)) {
    expect(text.includes(form.text), `${JSON.stringify(text)} holds ${JSON.stringify(form.text)}`).toBe(
      false,
    );
  }
}

describe("a named secret is gone, and what carried it can be read", () => {
  test.each(Object.entries(CARRIERS))("%s", (_name, { type, write, read }) => {
    fc.assert(
      fc.property(secretName, secret, plainValue, (name, value, other) => {
        fc.pre(!other.includes(value));
        const info = { contentType: type, side: "request" } as const;
        const cleaned = createRedactor().content(write(name, value, other), info);
        expectGone(cleaned, value);
        read(cleaned);
        expect(createRedactor().content(cleaned, info)).toBe(cleaned);
      }),
      fuzzFor(150),
    );
  });
});

test("a secret from a header is gone from any content that comes after", () => {
  const places: readonly ((value: string) => string)[] = [
    (value) => `plain ${value} text`,
    (value) => JSON.stringify({ note: `x ${value} y` }),
    (value) => `a=${encodeURIComponent(value)}&b=2`,
    (value) =>
      `<p>${value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;")}</p>`,
    (value) => Buffer.from(value).toString("base64"),
    (value) => `data: ${JSON.stringify({ delta: value })}\n\n`,
  ];
  fc.assert(
    fc.property(secret, fc.constantFrom(...places), (value, place) => {
      const redactor = createRedactor();
      const latin1 = Buffer.from(value).toString("latin1");
      redactor.exchange(exchangeWith({ request: [["X-Api-Key", latin1]] }));
      redactor.content(JSON.stringify({ token: value }), {
        contentType: "application/json",
        side: "request",
      });
      expectGone(redactor.content(place(value), { contentType: "", side: "response" }), value.trim());
    }),
    fuzzFor(300),
  );
});

describe("hostile texts", () => {
  const fragments = [
    '"',
    "\\",
    "{",
    "[",
    "}",
    "]",
    ":",
    ",",
    "=",
    "&",
    "%",
    "%3D",
    "<",
    ">",
    "-----BEGIN PRIVATE KEY-----",
    "password",
    "token",
    "sk-",
    "eyJ",
    ".",
    "_",
    "://",
    "@",
    "Bearer ",
    "\n",
    "data: ",
    "--",
    "\ud800",
    "\u0000",
    "0",
    "Basic ",
    "<![CDATA[",
    "<script>",
    "&quot;",
    "\\u0022",
    "ghp_",
    "eyJ-",
    "eyJabcdefgh-",
  ];
  const types = [
    "application/json",
    "text/html",
    "text/event-stream",
    "application/x-ndjson",
    "multipart/form-data; boundary=--",
    "application/x-www-form-urlencoded",
    "application/javascript",
    "text/plain",
    "",
  ];

  test("of any fragments in any order go through", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...fragments), { maxLength: 200 }),
        fc.constantFrom(...types),
        (parts, contentType) => {
          const info = { contentType, side: "response" } as const;
          const once = createRedactor().content(parts.join(""), info);
          expect(typeof once).toBe("string");
        },
      ),
      fuzzFor(500),
    );
  });

  // A quadratic finder would take minutes on these; the test's own time limit is the bound.
  test.each(fragments)("a quarter of a megabyte of %j", (fragment) => {
    const text = fragment.repeat(Math.ceil(250_000 / fragment.length));
    for (const contentType of types) createRedactor().content(text, { contentType, side: "response" });
  });

  test.each([
    '"password":"',
    "token='",
    "password=",
    'a.token="\\',
    "<a b='",
    '{"a":',
    "AAAAAAA-",
    "https://a:b",
    "key_",
    'data: {"x":"\n\n',
  ])("a quarter of a megabyte of %j", (fragment) => {
    const text = fragment.repeat(Math.ceil(250_000 / fragment.length));
    for (const contentType of types) createRedactor().content(text, { contentType, side: "response" });
  });

  test("ten thousand secrets that begin alike", () => {
    const redactor = createRedactor();
    const value = (n: number) => `same-beginning-of-all-${n.toString(36).padStart(6, "0")}9Z`;
    const all = JSON.stringify(Array.from({ length: 10_000 }, (_, n) => ({ token: value(n) })));
    redactor.content(all, { contentType: "application/json", side: "request" });
    const text = Array.from({ length: 10_000 }, (_, n) => value(n)).join(" ");
    expect(redactor.content(text, { contentType: "text/plain", side: "request" })).toMatch(
      /^(?:REDACTED-\d+ ?)+$/,
    );
  });
});
