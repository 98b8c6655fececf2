// What is no secret stays byte for byte: a redaction that eats ids, hashes, labels and counts makes an export useless.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { gradeName } from "../../src/redact/names.js";
import { createRedactor } from "../../src/redact/redactor.js";

const FOLDER = resolve(import.meta.dirname, "../../fixtures/redact/benign");
const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  xml: "application/xml",
  html: "text/html; charset=utf-8",
  js: "application/javascript",
  yaml: "application/yaml",
  log: "text/plain",
  graphql: "application/graphql",
  txt: "application/x-www-form-urlencoded",
};

describe("benign traffic", () => {
  test.each(readdirSync(FOLDER))("%s", (name) => {
    const text = readFileSync(join(FOLDER, name), "utf8").trimEnd();
    const redactor = createRedactor();
    const info = { contentType: TYPES[name.split(".").at(-1)!]!, side: "response" } as const;
    expect(redactor.content(text, info)).toBe(text);
    // The same within a string of JSON, as tools and logs carry it.
    if (!name.endsWith(".json")) {
      const wrapped = JSON.stringify({ text });
      expect(redactor.content(wrapped, { ...info, contentType: "application/json" })).toBe(wrapped);
    }
    expect(redactor.report().total).toBe(0);
  });
});

describe("names", () => {
  test.each(
    `password Password user_password userPassword PASSWORD newPassword password_confirmation passwd pwd passphrase
    secret client_secret clientSecret token access_token accessToken AccessToken id_token refresh-token csrfToken authenticity_token
    api_key apiKey APIKey apikey x-api-key X-Functions-Key private_key secretKey AWSSecretAccessKey jwt otp pin cvv
    signature sig X-Amz-Signature X-Hub-Signature-256 credentials session_id sessionId PHPSESSID JSESSIONID connect.sid
    authorization Proxy-Authorization mytoken authtoken user[password] a.b.secret password1 db_password_prod
    auth_code verification_code recovery_codes card_number code_verifier SAMLResponse webhook_secret encryption_key`
      .split(/\s+/)
      .filter((name) => name !== ""),
  )("%s is a secret's", (name) => {
    expect(gradeName(name)).toBe("secret");
  });

  test.each(
    `user name email id type key_id public_key primaryKey sort_key cacheKey request-key idempotency_key keyboard keyword monkey
    author authority passenger compass secretary tokenizer token_type tokenType expires_in token_endpoint max_tokens total_tokens
    prompt_tokens cached_tokens next_page_token nextPageToken password_hint passwordPolicy has_password isTokenValid forgotPassword
    show_password requires_auth country_code status_code errorCode zip_code auth_method session_count session_timeout secret_name
    signature_algorithm etag trace_id Sec-WebSocket-Key cookie_policy design assignment spinner ping shipping`
      .split(/\s+/)
      .filter((name) => name !== ""),
  )("%s is none", (name) => {
    expect(gradeName(name)).toBe("none");
  });
});
