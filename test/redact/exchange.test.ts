// The head of an exchange: addresses and header fields.
import { describe, expect, test } from "vitest";
import type { HttpExchange } from "../../src/exchange/exchange.js";
import type { RawHeaders } from "../../src/exchange/headers.js";
import { createRedactor } from "../../src/redact/redactor.js";
import { exchangeWith } from "./support.js";

function header(name: string, value: string): string {
  const exchange = exchangeWith({ request: [[name, value]] });
  return createRedactor().exchange(exchange).request.headers[0]![1];
}

describe("header fields that are replaced", () => {
  test.each([
    ["Authorization", "Bearer abc.def", "Bearer REDACTED-1"],
    ["authorization", "Basic Ym9iOmh1bnRlcjI=", "Basic REDACTED-1"],
    ["Authorization", "abcdef", "REDACTED-1"],
    [
      "Authorization",
      "AWS4-HMAC-SHA256 Credential=AK/1/s3, SignedHeaders=host, Signature=f00",
      "AWS4-HMAC-SHA256 REDACTED-1",
    ],
    ["Proxy-Authorization", 'Digest username="a", response="b"', "Digest REDACTED-1"],
    ["Cookie", 'a=1234; theme=dark;  sid="x y"', 'a=REDACTED-1; theme=REDACTED-2;  sid="REDACTED-3"'],
    [
      "Set-Cookie",
      "sid=abc; Path=/; HttpOnly; SameSite=Lax",
      "sid=REDACTED-1; Path=/; HttpOnly; SameSite=Lax",
    ],
    ["X-Api-Key", "k", "REDACTED-1"],
    ["api-key", "k", "REDACTED-1"],
    ["x-auth-token", "k", "REDACTED-1"],
    ["X-Amz-Security-Token", "k", "REDACTED-1"],
    ["Ocp-Apim-Subscription-Key", "k", "REDACTED-1"],
    ["X-Hub-Signature-256", "sha256=abc", "REDACTED-1"],
    ["X-CSRFToken", "k", "REDACTED-1"],
    ["X-Goog-Iap-Jwt-Assertion", "k", "REDACTED-1"],
    ["X-Session-Id", "k", "REDACTED-1"],
    ["Referer", "https://a.test/?token=abc&b=1", "https://a.test/?token=REDACTED-1&b=1"],
    ["Location", "/cb?code=abc&state=x#id_token=d", "/cb?code=REDACTED-1&state=x#id_token=REDACTED-2"],
    [
      "Link",
      '<https://a.test/?page=2&api_key=abc>; rel="next"',
      '<https://a.test/?page=2&api_key=REDACTED-1>; rel="next"',
    ],
    ["Sec-WebSocket-Protocol", "chat, a1b2c3d4e5f6g7h8i9j0k1l2", "chat, REDACTED-1"],
  ])("%s: %s", (name, value, expected) => {
    expect(header(name, value)).toBe(expected);
    expect(header(name, expected)).toBe(expected);
  });
});

describe("header fields that stay", () => {
  test.each([
    ["X-Request-Key", "0123456789"],
    ["X-Request-Id", "7c9e6679-7425-40de-944b-e07fc1f90ae7"],
    ["ETag", '"33a64df551425fcc55e4d42a148795d9f25f89d4"'],
    ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
    ["WWW-Authenticate", 'Bearer realm="x", error="invalid_token"'],
    ["Content-Security-Policy", "script-src 'nonce-abc' https://a.test"],
    ["Idempotency-Key", "order-1"],
    ["Surrogate-Key", "a b c"],
    ["X-Token-Expires", "3600"],
    ["Access-Control-Allow-Headers", "authorization, x-api-key"],
    ["Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"],
    ["Cache-Control", "max-age=31536000, public"],
    ["Content-Type", "multipart/form-data; boundary=----WebKitFormBoundaryabc123"],
    ["X-Author", "bob"],
  ])("%s: %s", (name, value) => {
    expect(header(name, value)).toBe(value);
  });
});

describe("addresses", () => {
  test.each([
    ["https://bob:pass99@a.test/x", "https://bob:REDACTED-1@a.test/x"],
    ["https://a.test/x?access_token=abc&page=2", "https://a.test/x?access_token=REDACTED-1&page=2"],
    [
      "https://a.test/x?X-Amz-Credential=AK%2F1&X-Amz-Date=2026&X-Amz-Signature=ab",
      "https://a.test/x?X-Amz-Credential=REDACTED-1&X-Amz-Date=2026&X-Amz-Signature=REDACTED-2",
    ],
    ["https://a.test/x?user%5Bpassword%5D=abc", "https://a.test/x?user%5Bpassword%5D=REDACTED-1"],
    [
      "https://a.test/x?r=https%3A%2F%2Fb.test%2F%3Fsig%3Dabc",
      "https://a.test/x?r=https%3A%2F%2Fb.test%2F%3Fsig%3DREDACTED-1",
    ],
    [
      "https://a.test/x#access_token=abc&token_type=bearer",
      "https://a.test/x#access_token=REDACTED-1&token_type=bearer",
    ],
    ["https://a.test/reset-password/a1B2c3D4e5F6g7H8i9J0", "https://a.test/reset-password/REDACTED-1"],
    [
      "https://a.test/users/42/posts?sort=-created&q=token+ring",
      "https://a.test/users/42/posts?sort=-created&q=token+ring",
    ],
    ["https://a.test/app.8f14e45fceea167a5a36.js?v=3", "https://a.test/app.8f14e45fceea167a5a36.js?v=3"],
  ])("%s", (url, expected) => {
    expect(createRedactor().exchange(exchangeWith({ url })).request.url).toBe(expected);
  });
});

test("every place of an exchange, and nothing else", () => {
  const secret = "a1B2c3D4e5F6g7H8";
  const fields: RawHeaders = [
    ["X-Token", secret],
    ["X-Other", `seen ${secret}`],
    ["X-Token", secret],
  ];
  const plain = exchangeWith({ url: `https://a.test/?token=${secret}`, request: fields, response: fields });
  const exchange: HttpExchange = {
    ...plain,
    request: { ...plain.request, trailers: fields },
    response: {
      ...plain.response!,
      trailers: fields,
      informational: [{ status: 103, reason: "", headers: fields }],
    },
    error: { code: "internal", message: `failed with ${secret}` },
  };
  const redactor = createRedactor();
  const cleaned = redactor.exchange(exchange);
  expect(JSON.stringify(cleaned)).toBe(JSON.stringify(exchange).replaceAll(secret, "REDACTED-1"));
  expect(redactor.report()).toMatchObject({ secrets: 1, kinds: { query: 1, header: 10, known: 6 } });
  expect(redactor.report().places).toMatchObject({ url: 1, error: 1 });
});

describe("a secret once known", () => {
  const token = "tok+en/with=odd&chars42";
  const given = exchangeWith({ request: [["Authorization", `Bearer ${token}`]] });

  test.each([
    ["as it is", token],
    ["percent-encoded", encodeURIComponent(token)],
    [
      "percent-encoded in lower case",
      encodeURIComponent(token).replace(/%../g, (code) => code.toLowerCase()),
    ],
    ["escaped for JSON", JSON.stringify(`x${token}"`).slice(2, -3).replaceAll("/", "\\/")],
    ["escaped for markup", token.replaceAll("&", "&amp;")],
    ["in base64", Buffer.from(token).toString("base64")],
    ["in base64 with more around", Buffer.from(`more ${token} around`).toString("base64")],
    ["in base64url", Buffer.from(token).toString("base64url")],
  ])("is replaced elsewhere: %s", (_form, text) => {
    const redactor = createRedactor();
    redactor.exchange(given);
    const cleaned = redactor.content(`<${text}>`, { contentType: "text/plain", side: "response" });
    expect(cleaned).not.toContain(text);
    const decoded = Buffer.from(cleaned.slice(1, -1), "base64").toString();
    expect(cleaned + decoded).toContain("REDACTED");
    expect(decoded).not.toContain(token);
  });

  test("a password from Basic credentials, and before it was given away with a first pass", () => {
    const basic = exchangeWith({
      request: [["Authorization", `Basic ${Buffer.from("bob:hunter2x").toString("base64")}`]],
    });
    const redactor = createRedactor();
    redactor.learn.exchange(basic);
    expect(redactor.report().total).toBe(0);
    const info = { contentType: "text/plain", side: "response" } as const;
    expect(redactor.content("said hunter2x to bob", info)).toMatch(/^said REDACTED-\d to bob$/);
  });

  test.each(["true", "1234", "summer", "development", "abc"])("but not where it is %s", (value) => {
    const redactor = createRedactor();
    redactor.content(JSON.stringify({ password: value }), {
      contentType: "application/json",
      side: "request",
    });
    const text = `it was ${value} that day`;
    expect(redactor.content(text, { contentType: "text/plain", side: "request" })).toBe(text);
  });
});
