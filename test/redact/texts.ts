// Texts for the fuzz targets of redaction: what the finders and the screens tell apart, in any order, at any of the
// lengths from which on something is looked at in another way.
import fc from "fast-check";

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
export const FRAGMENTS = [
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

/** From these lengths on, in characters or bytes, a finder or a screen does something else. */
const LIMITS = [
  16, 26, 32, 35, 40, 80, 100, 120, 160, 200, 300, 400, 512, 600, 1024, 2048, 8192, 9000, 26_000,
];
const UNITS = [
  "a",
  "7",
  "aB3",
  "-",
  " ",
  "/",
  "é",
  "日",
  "😀",
  "%61",
  "\\u0061",
  "\\n",
  "[",
  '{"a":',
  "a=",
  "a,",
  "\n",
];

/** Just below, at or above a limit. */
const filler = fc
  .tuple(fc.constantFrom(...UNITS), fc.constantFrom(...LIMITS), fc.integer({ min: -2, max: 2 }))
  .map(([unit, limit, off]) => unit.repeat(Math.max(1, Math.ceil(limit / unit.length) + off)));

const piece = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom(...FRAGMENTS) },
  { weight: 10, arbitrary: fc.string({ maxLength: 6, unit: "binary" }) },
  { weight: 3, arbitrary: filler },
);

const flat = fc
  .array(piece, { maxLength: 40 })
  .map((parts) => Buffer.from(parts.join(""), "utf8").toString("utf8"));

/** Ways in which a text stands within another. */
export const CARRIERS: Readonly<Record<string, (text: string) => string>> = {
  json: (text) => JSON.stringify({ a: [text], n: 1 }),
  "json, all escaped": (text) => `{"a":"${escaped(text)}"}`,
  form: (text) => new URLSearchParams([["a", text]]).toString(),
  "form, all encoded": (text) => `a=1&b=${Buffer.from(text).toString("hex").replace(/../g, "%$&")}&c=2`,
  base64: (text) => `x ${Buffer.from(text).toString("base64")} y`,
  markup: (text) =>
    `<div data-a='{"a":"${escaped(text)}"}' b="${text.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}">x</div>`,
  events: (text) =>
    inPieces(text)
      .map((data) => `data: ${data}\n\n`)
      .join(""),
  "events of several lines": (text) =>
    `event: a\n${text
      .split("\n")
      .map((line) => `data: ${line}\n`)
      .join("")}\n`,
  "events, no JSON": (text) => text.replace(/.{3}/gs, (part) => `data: ${part.replace("\n", " ")}\n\n`),
  lines: (text) => inPieces(text).join("\n"),
};

function escaped(text: string): string {
  return text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function inPieces(text: string): string[] {
  return (text.match(/[\s\S]{1,5}/gu) ?? []).map((delta, at) =>
    JSON.stringify({ id: "m1", index: at % 7 === 3 ? 1 : 0, delta: { text: delta } }),
  );
}

export const text = fc.oneof(
  { weight: 3, arbitrary: flat },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(fc.constantFrom(...Object.values(CARRIERS)), { minLength: 1, maxLength: 3 }), flat)
      .map(([carriers, inner]) => carriers.reduce((each, carry) => carry(each.slice(0, 6000)), inner))
      .map((all) => Buffer.from(all, "utf8").toString("utf8")),
  },
);

export const info = fc.record({
  contentType: fc.constantFrom(...TYPES),
  side: fc.constantFrom("request" as const, "response" as const),
});
