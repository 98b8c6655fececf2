// docs/redaction.md, made from the tables that redact.
import { HEADLESS_SHAPES, TOKEN_SHAPES } from "../../src/redact/token-shapes.js";
import { SECRET_CODE_OF, SECRET_KEY_OF, SECRET_WORDS } from "../../src/redact/word-lists.js";

export const EXAMPLE_POLICY = `# Every key may be left away; then the built-in rules hold alone.
version: 1
headers:
  redact: [X-Internal-*]        # names, "*" for any characters, case does not matter
  keep: [X-Request-Token]
fields:                         # query, form, JSON, XML, HTML, settings in text
  redact: [iban, "*_ref"]
  keep: [public_token]
cookies:
  keep: [theme, lang]
patterns:                       # ECMAScript; the first group is the secret, or else the whole match
  - { name: employee, match: "EMP-[0-9]{6}", ignoreCase: true }
values:
  redact: [Acme Corp]           # wherever they stand
  keep: [test-token]
tokens:
  keep: [google-api-key]        # shapes that stay, by the ids below; userinfo: passwords in addresses
keep:
  hosts: [localhost, "*.local"] # exchanges that stay as they are
  urls: ["https://example.com/public/*"]
`;

export function redactionDocument(): string {
  const vendors = new Map<string, { vendors: Set<string>; heads: string[] }>();
  for (const { id, vendor, heads } of TOKEN_SHAPES) {
    const row = vendors.get(id) ?? { vendors: new Set(), heads: [] };
    row.vendors.add(vendor);
    row.heads.push(...heads);
    vendors.set(id, row);
  }
  for (const { id, vendor } of HEADLESS_SHAPES) {
    const row = vendors.get(id) ?? { vendors: new Set(), heads: [] };
    row.vendors.add(vendor);
    vendors.set(id, row);
  }
  const rows = [...vendors].map(([id, row]) => {
    const heads = row.heads.length > 6 ? [...row.heads.slice(0, 6), "…"] : row.heads;
    return `| \`${id}\` | ${[...row.vendors].join("; ")} | ${heads.map((head) => (head === "…" ? head : `\`${head}\``)).join(" ")} |`;
  });
  const words = (set: ReadonlySet<string>) => [...set].sort().join(", ");
  return `# Redaction

What leaves the machine is redacted by default: HAR export, fixtures, answers to agents. The session keeps everything. \`--no-redact\` turns redaction off: then credentials of everyone who used the proxy are in the file. (This page is made by \`test/redact\`.)

## What stands there instead
\`REDACTED-1\`, \`REDACTED-2\`, in the order of first sight: equal secrets of one export have equal placeholders, in whatever form they stood, so a token can be followed from the response that gave it to the requests that used it. Redacting again changes nothing. JSON, forms, addresses, markup and base64 stay valid; formatting, order and numbers stay as they were (a number that is a secret becomes a string). Bytes that are no text keep their length.

## What is replaced
- **Header fields**: credentials behind their scheme (\`Authorization: Bearer REDACTED-1\`), every cookie's value with name and attributes kept, any field whose name says secret, queries in Referer, Location, Link and the like, random subprotocols of a WebSocket. Not: challenges, policies, ETags, ids of requests and traces.
- **Addresses**: passwords before the host, parameters of query and fragment, random path segments behind one that says what they are (\`/reset-password/…\`), webhooks.
- **Fields by name** in queries, forms, multipart, JSON at any depth (JSON in strings, name and value apart, GraphQL variables and arguments), XML, SOAP, property lists, HTML inputs and scripts, YAML, INI, logs.
- **Shapes** anywhere in text, also within base64 and percent-encoding: private keys, JSON Web Tokens, and the table below.
- **Streams**: the text of server-sent events, lines of JSON and WebSocket messages is read joined; a secret in pieces leaves its placeholder in the first.
- **What was a secret once**: a value of at least 7 characters that is no word, date or flag is replaced wherever else it stands, plain, percent-encoded, escaped for JSON or markup, or in base64; the user name and password of Basic credentials too. Export reads everything twice for that. Shorter and common values are replaced in their own field only.

### Names
A name is split into words (\`userPassword\`, \`user_password\`, \`user[password]\`); its last word decides, numbers and words such as \`value\`, \`new\`, \`confirmation\` aside.

- Always: ${words(SECRET_WORDS)}; \`session_id\`, \`card_number\` and the like.
- \`key\` after: ${words(SECRET_KEY_OF)}.
- \`code\` after: ${words(SECRET_CODE_OF)}.
- \`key\`, \`code\`, \`session\`, \`auth\` alone: in queries, forms, headers and cookies; elsewhere when the value looks random.
- Never: names about a secret (\`token_type\`, \`password_hint\`, \`key_id\`), questions (\`has_password\`), counts (\`max_tokens\`), places in lists (\`next_page_token\`), true, false, null and masks (\`****\`); labels in responses (\`"password": "Your password"\`).

### Shapes
| id | whose | begins with |
|---|---|---|
${rows.join("\n")}

## A policy file
YAML or JSON; a mistake is named with line and column. A pattern that takes more than 2 s on one text ends the export with PATTERN_TOO_SLOW.

\`\`\`yaml
${EXAMPLE_POLICY}\`\`\`

## Before anything is written
A rule with the action \`redact\` (docs/rules.md) keeps values out of the recording itself; the traffic is not changed. What it names (header fields, parameters, form fields, JSON pointers, whole bodies) is replaced by \`REDACTED\` and, where it is long and rare enough, so is the same value elsewhere in that exchange: in its other header fields and addresses, and where form fields or JSON are named in its bodies and messages, too. \`redact\` alone replaces what an export would; placeholders are numbered as there.

- Bodies that are looked into wait in memory until it is decided, up to 10 MB each and 128 MB together. What is larger, can't be decoded, is a piece of a document (\`Content-Range\`), or broke off in the middle of a JSON document is left out as a whole (\`omitted\`, with its size).
- An exchange that streams is in the recording when it has ended: what its bodies give away may stand in its head. WebSockets are there from their beginning.
- A connection that is passed through is asked of no rule: its CONNECT is recorded as it came.
- A rule of which it can't be told whether it matches (a body too large to look at, no response) counts as one that does.
- What was replaced in is kept without its content coding.
- A rule that decided the exchange does not decide what is recorded of it: \`redact\` rules behind it keep out what they say. Breakpoints show what they hold as it is.

## What is not found
- A secret of no known shape, in a field whose name says nothing, that no header, cookie or field gives away elsewhere in the same export. Name the field or a pattern.
- Columns of CSV, and secrets in sentences (\`the password is …\`), unless they are known from elsewhere.
- Secrets that are encrypted, compressed within a body, in pictures, in hexadecimal, in base64 of base64 beyond four layers, or spelled out.
- Names, addresses, mail addresses and other personal data: this is about credentials.
- Host names, user names, paths and sizes stay.
- In bytes that are no text: only known shapes and known secrets, not names.
- In scripts: values in quotes only, with a digit or a good length.
- After some hundred thousand different secrets, later ones are replaced in their own place only; the report says how many.
`;
}
