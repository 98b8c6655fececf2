// The well-known shapes of tokens: a vendor, the characters one begins with, and the pattern that it has from there.
// Data only; docs/redaction.md shows this table. A pattern that can fail, or whose match can be refused, is bounded: a
// text in which one begins at every mark must not be read over and over.

export interface TokenShape {
  /** Counted as `token:<id>`, and the name by which a policy turns it off. */
  readonly id: string;
  readonly vendor: string;
  /** Every token begins with one of these; at least three characters. */
  readonly heads: readonly string[];
  /** What follows the head. */
  readonly tail: RegExp;
}

const shape = (id: string, vendor: string, heads: string, tail: RegExp): TokenShape => ({
  id,
  vendor,
  heads: heads.split(" "),
  tail: new RegExp(tail.source, "y"),
});

export const TOKEN_SHAPES: readonly TokenShape[] = [
  shape("jwt", "JSON Web Token, signed or encrypted", "eyJ", /[\w-]{6,}\.(?:[\w-]{2,}|)(?:\.[\w-]*){1,3}/),
  shape("aws-access-key", "Amazon Web Services", "AKIA ASIA ABIA ACCA", /[A-Z2-7]{16}(?![A-Za-z0-9])/),
  shape("aws-bedrock", "Amazon Bedrock", "ABSK bedrock-api-key-", /[A-Za-z0-9+/=]{60,}/),
  shape("github", "GitHub", "ghp_ gho_ ghu_ ghs_ ghr_", /[A-Za-z0-9_.-]{20,}/),
  shape("github", "GitHub", "github_pat_", /\w{20,}/),
  shape(
    "gitlab",
    "GitLab",
    "glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- glwt-",
    /[\w.-]{18,}/,
  ),
  shape(
    "slack",
    "Slack",
    "xoxb- xoxp- xoxa- xoxr- xoxs- xoxc- xoxd- xoxe- xoxe. xapp-",
    /[A-Za-z0-9%.+/=-]{10,}/,
  ),
  shape("stripe", "Stripe", "sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sk_org_", /[A-Za-z0-9+/=_]{16,}/),
  shape("google-api-key", "Google API key", "AIza", /[\w-]{33,}/),
  shape("google-oauth", "Google OAuth", "ya29. GOCSPX- 1//0", /[\w-]{20,}/),
  shape("openai", "OpenAI", "sk-proj- sk-svcacct- sk-admin- sk-None- sess-", /[\w-]{20,}/),
  shape("anthropic", "Anthropic", "sk-ant-", /[\w-]{16,}/),
  shape(
    "sk",
    "keys in the style of OpenAI (OpenRouter, DeepSeek, LiteLLM, ...)",
    "sk-",
    /(?:[a-z]{1,8}-)?(?:v\d-)?(?=[\w-]{0,300}\d)[A-Za-z0-9_-]{20,300}/,
  ),
  shape("npm", "npm", "npm_", /[A-Za-z0-9]{30,}/),
  shape("pypi", "PyPI", "pypi-", /[\w-]{40,}/),
  shape("rubygems", "RubyGems", "rubygems_", /[0-9a-f]{40,}/),
  shape("crates", "crates.io", "cio", /[A-Za-z0-9]{32}(?![A-Za-z0-9])/),
  shape("nuget", "NuGet", "oy2", /[a-z0-9]{43}(?![A-Za-z0-9])/),
  shape("docker", "Docker Hub", "dckr_pat_ dckr_oat_", /[\w-]{20,}/),
  shape("huggingface", "Hugging Face", "hf_ api_org_", /[A-Za-z0-9]{30,}/),
  shape(
    "llm",
    "Groq, xAI, Perplexity, Replicate, NVIDIA, Tavily, Fireworks, LangSmith, Pinecone, E2B",
    "gsk_ xai- pplx- r8_ nvapi- tvly- fw_ lsv2_pt_ lsv2_sk_ pcsk_ e2b_",
    /(?:dev-|prod-)?[A-Za-z0-9]{20,}[\w-]*/,
  ),
  shape("sendgrid", "SendGrid", "SG.", /[\w-]{16,}\.[\w-]{16,}/),
  shape("mail", "Mailgun, Mailchimp, Resend, Brevo, Postmark", "key- pubkey-", /[0-9a-f]{32}(?![A-Za-z0-9])/),
  shape("mail", "Mailgun, Mailchimp, Resend, Brevo, Postmark", "xkeysib- xsmtpsib-", /[\w-]{40,}/),
  shape("mail", "Mailgun, Mailchimp, Resend, Brevo, Postmark", "re_", /[A-Za-z0-9]{8,}_[A-Za-z0-9]{20,}/),
  shape(
    "twilio",
    "Twilio",
    "SK0 SK1 SK2 SK3 SK4 SK5 SK6 SK7 SK8 SK9 SKa SKb SKc SKd SKe SKf",
    /[0-9a-f]{31}(?![A-Za-z0-9])/,
  ),
  shape("digitalocean", "DigitalOcean", "dop_v1_ doo_v1_ dor_v1_", /[0-9a-f]{40,}/),
  shape(
    "cloud",
    "Heroku, Pulumi, Fly.io, Netlify, Render, Railway, Vercel, Scaleway, Alibaba",
    "HRKU- pul- fo1_ fm1_ fm2_ nfp_ rnd_ vcp_ vci_ vca_ vcr_ vck_",
    /[\w-]{20,}[\w+/=-]*/,
  ),
  shape("cloudflare", "Cloudflare", "v1.0- cfut_ cfat_ cfk_", /[\w-]{32,}/),
  shape("databricks", "Databricks", "dapi dkea dose", /[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])/),
  shape("shopify", "Shopify", "shpat_ shpca_ shppa_ shpss_ shptka_", /[A-Za-z0-9]{20,}/),
  shape("square", "Square", "sq0atp- sq0csp- sq0idp-", /[\w-]{22,}/),
  shape("square", "Square", "EAAA", /[\w-]{58,64}(?![\w+/=-])/),
  shape("facebook", "Facebook", "EAACEdEose0cBA EAA", /[A-Za-z0-9]{40,}(?![+/=])/),
  shape(
    "payment",
    "Razorpay, Flutterwave, Plaid",
    "rzp_live_ rzp_test_ FLWSECK- FLWSECK_ access-sandbox- access-production- access-development-",
    /[\w-]{14,}/,
  ),
  shape("vault", "HashiCorp Vault", "hvs. hvb. hvr.", /[\w-]{20,}/),
  shape(
    "1password",
    "1Password",
    "ops_ A3-",
    /eyJ[\w+/=-]{40,}|[A-Z0-9]{6}-(?:[A-Z0-9]{4,11}-){2,4}[A-Z0-9]{5}/,
  ),
  shape("age", "age", "AGE-SECRET-KEY-1 AGE-PLUGIN-", /[A-Z0-9-]{40,}/),
  shape(
    "paseto",
    "PASETO",
    "v1.local. v2.local. v3.local. v4.local. v1.public. v2.public. v3.public. v4.public.",
    /[\w-]{20,}(?:\.[\w-]+)?/,
  ),
  shape("linear", "Linear", "lin_api_ lin_oauth_", /[A-Za-z0-9]{20,}/),
  shape("notion", "Notion", "ntn_ secret_", /[A-Za-z0-9]{40,}/),
  shape("postman", "Postman", "PMAK- PMAT-", /[\w-]{24,}/),
  shape("newrelic", "New Relic", "NRAK- NRJS- NRAL- NRII- NRRA- NRAA-", /[\w-]{19,}/),
  shape(
    "observability",
    "Grafana, Sentry, Dynatrace, Datadog, Honeycomb, PostHog, Sumo",
    "glsa_ glc_ sntrys_ sntryu_ sntrya_ dt0c01. dt0s16. ddapp_ hcaik_ hcxik_ hcbik_ phx_",
    /[\w+/=.-]{20,}/,
  ),
  shape("atlassian", "Atlassian", "ATATT3 ATCTT3 ATSTT3 ATBB ATOA", /[\w=-]{20,}/),
  shape(
    "ci",
    "CircleCI, Buildkite, Travis, Codecov, SonarQube, Snyk, Artifactory",
    "CCIPAT_ CCIPRJ_ bkua_ bkct_ sqp_ squ_ sqa_ AKCp cmVmdGtu",
    /[\w-]{20,}/,
  ),
  shape(
    "platform",
    "Figma, Dropbox, Doppler, Supabase, PlanetScale, Tailscale, Contentful, Sourcegraph, Prefect, Typeform, HubSpot, Clerk, Stytch, Ory, WorkOS, EasyPost",
    "figd_ figo_ figu_ figoh_ sl.u. sl.B dp.st. dp.pt. dp.ct. dp.sa. dp.scim. dp.audit. sbp_ sb_secret_ pscale_tkn_ pscale_pw_ pscale_oauth_ tskey- CFPAT- sgp_ sgd_ pnu_ pnb_ tfp_ pat-na1- pat-eu1- duffel_live_ duffel_test_ shippo_live_ EZAK EZTK fio-u- pina_ ory_pat_ ory_at_ ory_rt_ wrkos_",
    /[\w.=-]{20,}/,
  ),
  shape("terraform", "HCP Terraform", "atlasv1.", /[\w-]{40,}/),
  shape("airtable", "Airtable", "pat", /[A-Za-z0-9]{14}\.[0-9a-f]{40,}/),
  shape("iron", "Iron sealed session", "Fe26.2*", /[\w*-]{40,}/),
  shape("rfc8959", "secret-token: (RFC 8959)", "secret-token:", /[\w.~%-]{6,}/),
];

export interface HeadlessShape {
  readonly id: string;
  readonly vendor: string;
  /** Stands in every such token, near its start. */
  readonly mark: ":" | "." | "~" | "_";
  readonly pattern: RegExp;
}

/** Shapes that no head tells: looked for where a long run of word characters stands. */
export const HEADLESS_SHAPES: readonly HeadlessShape[] = [
  { id: "telegram", vendor: "Telegram bot", mark: ":", pattern: /(?:bot)?\d{8,10}:[\w-]{35}(?![\w-])/y },
  { id: "fcm", vendor: "Firebase Cloud Messaging", mark: ":", pattern: /AAAA[\w-]{7}:[\w-]{100,200}/y },
  {
    id: "discord",
    vendor: "Discord",
    mark: ".",
    pattern: /(?:mfa\.[\w-]{80,95}|[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,40})(?![\w-])/y,
  },
  {
    id: "terraform",
    vendor: "HCP Terraform",
    mark: ".",
    pattern: /[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,80}/y,
  },
  {
    id: "azure",
    vendor: "Microsoft Entra client secret",
    mark: "~",
    pattern: /[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![\w~.-])/y,
  },
  {
    id: "generic",
    vendor: "any: name_(key|token|secret|pat|live|…)_ and at least 20 random characters",
    mark: "_",
    pattern:
      /(?:[a-z][a-z0-9]{0,15}[_-]){0,3}(?:api|apikey|key|pat|secret|token|tok|live|prod|sk|oauth|auth|access|refresh|sess|session|priv|private|bot|svc)_(?:live_|test_|v\d_|key_|secret_|token_)?[A-Za-z0-9]{20,200}(?![A-Za-z0-9_-])/y,
  },
];

/** Webhook addresses whose path is the credential. */
export const WEBHOOK_PATHS =
  /(?:hooks\.slack(?:-gov)?\.com\\?\/(?:services|workflows|triggers)\\?\/|(?:canary\.|ptb\.)?discord(?:app)?\.com\\?\/api\\?\/(?:v\d+\\?\/)?webhooks\\?\/\d+\\?\/|[\w.-]{1,60}\.webhook\.office\.com\\?\/webhookb2\\?\/|hooks\.zapier\.com\\?\/hooks\\?\/catch\\?\/|maker\.ifttt\.com\\?\/trigger\\?\/\w{1,60}\\?\/with\\?\/key\\?\/|api\.telegram\.org\\?\/(?:file\\?\/)?bot)([\w\-:@%]+(?:\\?\/[\w\-:@%]+){0,6})/iy;
