// Writes docs/wire.md from the tables of cases and statements.
import { type Expectation, MODES, type WireCase } from "./case.js";
import type { Http2Case, Http2Expectation } from "./http2-case.js";
import { STATEMENTS } from "./statements.js";
import { TOPICS } from "./topics.js";

const INTRODUCTION = `# What trafficctl does to the wire

A client and an origin can't tell that trafficctl is between them, but for the certificate and for what this page states.
Each row is a test in \`test/wire/\`: what both sides receive through trafficctl is compared, byte for byte, with what they
receive without it, over plain HTTP to the proxy (\`absolute\`), over CONNECT (\`tunnel\`) and over TLS in CONNECT (\`tls\`), and
the session with what passed. HTTP/2 is compared stream by stream: between two sides that speak it (\`h2\`), and where the
client alone does (\`h2-h1\`) or the origin alone (\`h1-h2\`).

This page is made from the tables of those tests:

\`\`\`sh
npx vitest run test/wire/document.test.ts --update
\`\`\`

## In short

- Passed as they came: heads, bodies with their framing, interim responses, trailers, the order of everything. Nothing is
  added: no Via, no X-Forwarded-For, no Date, no Connection.
- For the hop to trafficctl alone: \`Proxy-*\` fields of a request, and the \`close\` of its Connection header
  (RFC 9110 section 7.6.1). Connections to origins are pooled. The credentials of --proxy-auth go no further and are not
  recorded, inside of a tunnel either, where any other \`Proxy-Authorization\` is between client and origin.
- Refused with 400, 431, 501 or 505: requests that two readers could read in two ways. The connection ends with the answer.
- Answered with 502 or 504 and a Proxy-Status field (RFC 9209): what has no answer of the origin to pass on.
- A response that is cut off is never whole to the client: where its framing does not tell, its connection is reset.

### HTTP/2

- A client is offered HTTP/2 exactly when its origin speaks it; one that speaks nothing else is translated for.
- Of a stream passes as it came: fields with their order, duplicates and pseudo-header fields, the crumbs of a cookie, data
  as it comes, where it ends, interim responses, trailers, and the code of a reset, both ways.
- Of a connection, and so not passed on: numbers of streams, how data is cut into frames, padding, priorities, HPACK's
  tables, SETTINGS, PING, GOAWAY. Windows are each side's own; a reader that stops stops the writer all the same. Server
  push is turned off. One connection to an origin serves many clients: a client that leaves resets its streams there.
- A malformed request resets its stream, and what breaks the connection or floods it ends that, with a GOAWAY that a client can
  read though it goes on sending. Neither reaches the origin.
- To HTTP/1: \`:authority\` becomes Host, crumbs one Cookie, a body without a length is chunked. To HTTP/2: names in lower
  case, Host becomes \`:authority\`, fields of the connection stay behind, reason phrases are lost. HTTP/2 has no half-close of a
  connection: an HTTP/1 client that ends its side before its answer is over is taken for one that has left.

### WebSocket

- After the 101 every byte passes as it came: frames, their lengths' form, masks, RSV bits, fragments, control frames,
  compressed payloads, closes of any code, and what breaks the protocol as well. Each end judges the other, not trafficctl.
- Each message is recorded whole: unmasked, joined, decompressed where permessage-deflate was agreed on. From a frame that
  can't be read on, no more of that direction is recorded, and the exchange says \`websocket-malformed\`.
- Over HTTP/2 (RFC 8441) it is offered to a client exactly when its origin offers it. A client's Upgrade goes to an origin
  that speaks HTTP/2 alone as an extended CONNECT, whose 2xx is the client's 101; one that does not offer that gets nothing,
  and the client 502.
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

function caseRow(wireCase: WireCase | Http2Case): string[] {
  const modes = wireCase.modes ?? MODES;
  // Those of HTTP/2 have one, which their id begins with.
  const isHttp2 = modes.some((mode) => mode.includes("h2"));
  const where = modes.length === MODES.length || isHttp2 ? "" : ` (${modes.join(", ")})`;
  const through = outcome(wireCase.expect, isHttp2 ? "the same streams" : "the same bytes");
  return [wireCase.id, `${wireCase.shows}${where}`, withOpen(through, wireCase.open)];
}

function outcome(expectation: Expectation | Http2Expectation, same: string): string {
  switch (expectation.kind) {
    case "same":
      return same;
    case "refused":
      if ("code" in expectation)
        return `the ${expectation.what} ends with ${expectation.code}: ${expectation.why}`;
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
