// Writes docs/wire.md from the tables of cases and statements.
import { type Expectation, MODES, type WireCase } from "./case.js";
import { STATEMENTS } from "./statements.js";
import { TOPICS } from "./topics.js";

const INTRODUCTION = `# What trafficctl does to the wire

A client and an origin can't tell that trafficctl is between them, but for the certificate and for what this page states.
Each row is a test in \`test/wire/\`: what both sides receive through trafficctl is compared, byte for byte, with what they
receive without it, over plain HTTP to the proxy (\`absolute\`), over CONNECT (\`tunnel\`) and over TLS in CONNECT (\`tls\`), and
the session with what passed.

This page is made from the tables of those tests:

\`\`\`sh
npx vitest run test/wire/document.test.ts --update
\`\`\`

## In short

- Passed as they came: heads, bodies with their framing, interim responses, trailers, the order of everything. Nothing is
  added: no Via, no X-Forwarded-For, no Date, no Connection.
- For the hop to trafficctl alone: \`Proxy-*\` fields of a request, and the \`close\` of its Connection header
  (RFC 9110 section 7.6.1). Connections to origins are pooled.
- Refused with 400, 431, 501 or 505: requests that two readers could read in two ways. The connection ends with the answer.
- Answered with 502 or 504 and a Proxy-Status field (RFC 9209): what has no answer of the origin to pass on.
- A response that is cut off is never whole to the client: where its framing does not tell, its connection is reset.
`;

/** @returns the text of docs/wire.md */
export function wireDocument(): string {
  const sections = [
    INTRODUCTION,
    ...differences(),
    ...TOPICS.map(({ topic, cases }) => section(topic, cases.map(caseRow))),
    ...STATEMENTS.map(({ topic, statements }) =>
      section(
        topic,
        statements.map(({ id, shows, outcome, open }) => [
          id,
          shows,
          withOpen(outcome ?? "as without trafficctl", open),
        ]),
      ),
    ),
  ];
  return sections.join("\n");
}

/** What a reader looks for first. */
function differences(): string[] {
  const open = [
    ...TOPICS.flatMap(({ cases }) => cases),
    ...STATEMENTS.flatMap(({ statements }) => statements),
  ].filter((each) => each.open !== undefined);
  if (open.length === 0) return [];
  const lines = open.map(({ id, shows, open }) => `- \`${id}\`: ${escaped(shows)}. Now: ${escaped(open!)}.`);
  return [`## Not so yet\n\n${lines.join("\n")}\n`];
}

function section(topic: string, rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells) => `| \`${cells[0]}\` | ${cells.slice(1).map(escaped).join(" | ")} |`);
  return `## ${topic}\n\n| id | what | through trafficctl |\n|---|---|---|\n${lines.join("\n")}\n`;
}

function caseRow(wireCase: WireCase): string[] {
  const modes = wireCase.modes ?? MODES;
  const where = modes.length === MODES.length ? "" : ` (${modes.join(", ")})`;
  return [wireCase.id, `${wireCase.shows}${where}`, withOpen(outcome(wireCase.expect), wireCase.open)];
}

function outcome(expectation: Expectation): string {
  switch (expectation.kind) {
    case "same":
      return "the same bytes";
    case "refused":
      return `refused with ${expectation.status}: ${expectation.why}`;
    case "differs":
      return `differs: ${expectation.why}`;
  }
}

function withOpen(text: string, open: string | undefined): string {
  return open === undefined ? text : `${text} (not yet: ${open})`;
}

/** Bytes that Markdown, or a reader's terminal, would take for something else. */
function escaped(text: string): string {
  const printable = text.replace(
    /[^\x20-\x7e\u2026]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return printable.replace(/[|<>*_]/g, (character) => `\\${character}`);
}
