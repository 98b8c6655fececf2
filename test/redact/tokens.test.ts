// Tokens of known shapes are found in whatever stands around them. Every example is made here, in two halves, so that
// no scanner of repositories takes this file for a leak.
import { describe, expect, test } from "vitest";
import { createRedactor } from "../../src/redact/redactor.js";

const MIXED = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6";
const HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const EXAMPLES: Readonly<Record<string, string>> = {
  aws: `AK${"IA"}${UPPER.slice(0, 16)}`,
  awsTemporary: `AS${"IA"}${UPPER.slice(3, 19)}`,
  github: `gh${"p_"}${MIXED.slice(0, 36)}`,
  githubActions: `gh${"s_"}${MIXED.slice(0, 36)}`,
  githubFine: `github${"_pat_"}${MIXED.slice(0, 22)}_${MIXED}`,
  gitlab: `gl${"pat-"}${MIXED.slice(0, 20)}`,
  slackBot: `xo${"xb-"}123456789012-1234567890123-${MIXED.slice(0, 24)}`,
  slackApp: `xa${"pp-"}1-A0123456789-1234567890123-${HEX}`,
  stripe: `sk${"_live_"}${MIXED.slice(0, 24)}`,
  stripeRestricted: `rk${"_test_"}${MIXED.slice(0, 24)}`,
  stripeWebhook: `wh${"sec_"}${MIXED.slice(0, 32)}`,
  googleKey: `AI${"za"}Sy${MIXED.slice(0, 33)}`,
  googleAccess: `ya${"29."}a0${MIXED}`,
  googleSecret: `GOC${"SPX-"}${MIXED.slice(0, 28)}`,
  googleRefresh: `1/${"/0"}g${MIXED.slice(0, 40)}`,
  openaiOld: `s${"k-"}${MIXED.slice(0, 48)}`,
  openai: `s${"k-proj-"}${MIXED}_${MIXED}`,
  anthropic: `s${"k-ant-"}api03-${MIXED}-${MIXED}AA`,
  openrouter: `s${"k-or-v1-"}${HEX}`,
  npm: `np${"m_"}${MIXED.slice(0, 36)}`,
  pypi: `py${"pi-"}AgEIcHlwaS5vcmc${MIXED}`,
  huggingface: `h${"f_"}${MIXED.slice(0, 34)}`,
  sendgrid: `S${"G."}${MIXED.slice(0, 22)}.${MIXED.slice(0, 43)}`,
  twilio: `S${"K"}${HEX.slice(0, 32)}`,
  digitalocean: `do${"p_v1_"}${HEX}`,
  databricks: `da${"pi"}${HEX.slice(0, 32)}`,
  shopify: `shp${"at_"}${HEX.slice(0, 32)}`,
  square: `sq0${"atp-"}${MIXED.slice(0, 22)}`,
  mailgun: `ke${"y-"}${HEX.slice(0, 32)}`,
  vault: `hv${"s."}${MIXED}`,
  onePassword: `op${"s_"}eyJ${MIXED}${MIXED}`,
  age: `AGE-${"SECRET-KEY-1"}${UPPER}${UPPER.slice(0, 26)}`,
  terraform: `${MIXED.slice(0, 14)}.atl${"asv1."}${MIXED}${MIXED.slice(0, 15)}`,
  linear: `li${"n_api_"}${MIXED.slice(0, 40)}`,
  notion: `nt${"n_"}${MIXED.slice(0, 46)}`,
  postman: `PM${"AK-"}${HEX.slice(0, 24)}-${HEX.slice(0, 34)}`,
  newrelic: `NR${"AK-"}${UPPER.slice(0, 27)}`,
  telegram: `123456789:${"AA"}${MIXED.slice(0, 33)}`,
  discord: `MT${"Az"}${MIXED.slice(0, 22)}.${MIXED.slice(0, 6)}.${MIXED.slice(0, 38)}`,
  jwt: `ey${"J"}hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${MIXED.slice(0, 43)}`,
  jwtUnsigned: `ey${"J"}hbGciOiJub25lIn0.eyJzdWIiOiIxIn0.`,
  azure: `abc${"8Q~"}${MIXED.slice(0, 34)}`,
  groq: `gs${"k_"}${MIXED}`,
  atlassian: `ATA${"TT3"}xFfGF0${MIXED}=${HEX.slice(0, 8)}`,
  unknownVendor: `acme_live_${"sec"}ret_${MIXED.slice(0, 32)}`,
};

const CARRIERS: Readonly<Record<string, (token: string) => string>> = {
  alone: (token) => token,
  prose: (token) => `Use ${token}, then go on.`,
  json: (token) => JSON.stringify({ a: 1, note: `here: ${token}`, b: [token] }),
  "a line break in JSON": (token) => JSON.stringify({ note: `first\n${token}\nlast` }),
  "a parameter of no meaning": (token) => `https://a.test/x?q=${encodeURIComponent(token)}&b=1`,
  "a path": (token) => `https://a.test/x/${token}/y`,
  markup: (token) => `<p title="${token}">${token}</p>`,
  script: (token) => `const a="${token}";f('${token}')`,
  base64: (token) => Buffer.from(`the value is ${token} indeed`).toString("base64"),
};

describe.each(Object.entries(CARRIERS))("a token in %s", (_carrier, carry) => {
  test.each(Object.entries(EXAMPLES))("%s", (_name, token) => {
    const redactor = createRedactor();
    const info = { contentType: "", side: "response" } as const;
    const cleaned = redactor.content(carry(token), info);
    // Without its last characters too: nothing that could be used is left.
    const core = token.slice(0, -1);
    for (const text of [cleaned, Buffer.from(cleaned, "base64").toString()]) {
      expect(text).not.toContain(core);
      expect(text).not.toContain(encodeURIComponent(core));
    }
    expect(JSON.stringify(redactor.report())).not.toContain(core);
    expect(redactor.content(cleaned, info)).toBe(cleaned);
  });
});

test.each(Object.entries(EXAMPLES))(
  "%s within bytes: the length stays, and what is around",
  (_name, token) => {
    const bytes = Buffer.concat([
      Buffer.from([10, token.length]),
      Buffer.from(token),
      Buffer.from([16, 150, 1]),
    ]);
    const cleaned = createRedactor().bytes(bytes, { contentType: "application/x-protobuf", side: "request" });
    expect(cleaned.length).toBe(bytes.length);
    expect(cleaned.includes(token.slice(0, -1))).toBe(false);
    expect(cleaned.subarray(0, 2)).toEqual(bytes.subarray(0, 2));
    expect(cleaned.subarray(-3)).toEqual(bytes.subarray(-3));
  },
);

test("a secret key of AWS near its id", () => {
  const secret = `wJalrXUtnFEMI/K7MDENG/bPx${"Rfi"}CYEXAMPLEKEY`;
  const cleaned = createRedactor().content(`id ${EXAMPLES.aws} and ${secret}`, {
    contentType: "text/plain",
    side: "request",
  });
  expect(cleaned).toBe("id REDACTED-1 and REDACTED-2");
});

test("webhooks whose path is the credential", () => {
  const hooks = [
    `https://hooks.slack.com/services/T0123/B0123/${MIXED.slice(0, 24)}`,
    `https://discord.com/api/webhooks/123456/${MIXED}`,
    `https://api.telegram.org/bot123456:${MIXED.slice(0, 35)}/getMe`,
  ];
  for (const hook of hooks) {
    const cleaned = createRedactor().content(JSON.stringify({ hook }), { contentType: "", side: "request" });
    expect(cleaned).not.toContain(MIXED.slice(0, 24));
    expect(cleaned).toContain(new URL(hook).host);
  }
});
