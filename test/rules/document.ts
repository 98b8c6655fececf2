// docs/rules.md, made from the table of actions, so that it says what the program does.
import { z } from "zod";
import { ACTIONS } from "../../src/rules/actions.js";
import { matchSchema } from "../../src/rules/match.js";
import { SOURCE_NAMES } from "../../src/rules/template-sources.js";

const INTRODUCTION = `# Rules

A rule file says which exchanges are meant and what happens to them. It is YAML or JSON; [rules.schema.json](rules.schema.json) is
its JSON Schema, which editors take from the first line:

\`\`\`yaml
# yaml-language-server: $schema=./rules.schema.json
rules:
  - name: one order
    match: ~m GET & ~u /orders/
    actions:
      respond:
        json: {id: 42}
\`\`\`

- Rules are asked in the order of their \`priority\` (100 where none is given; lower ones first), equal ones as they stand in the file.
- What matches sees the request as the client sent it, and the response as the origin gave it. Changes add up, each on what the one
  before left.
- The first rule that acts with **respond**, **serve-dir**, **abort** or **pass** decides the exchange: no rule after it is asked.
- A rule acts as soon as its match can be told: with the request, or with the response where it asks about that (\`~c 500\`).
- The answer that opens a WebSocket passes as it came. A rule whose match asks about it (\`~c 101\`) acts on the messages and on the
  record; nothing else can be changed by then. In a match its URL may be written \`wss://\` or \`https://\`.
- \`enabled: false\` turns a rule off, \`times: 3\` lets it act on three exchanges, \`probability: 0.1\` on every tenth or so.
- A rule that looks at a body, or changes it by what it was, has that body held until it is whole, up to 10 MB: an
  event stream too, which then comes at its end. A longer one streams by: no match holds for it, nothing in it is changed, and values
  of it are empty. All other bodies stream.
- After a change Content-Length, Content-Encoding and the charset are right again; ETag, Content-MD5 and digests of the old body go.
- What a change of JSON does not name stays as it was written, to the byte, and numbers are sent as they stand in the rule file:
  \`1.0\` is not \`1\`.
- Names of files are relative to the rule file. They are read with it, and again when they change.
- A text like \`/^a.c$/i\` is a regular expression, as in filters (Python's syntax) with the flags \`i\`, \`m\` and \`s\`; one search
  takes 50 ms at most, and a million replacements in one body are the most. In YAML put quotes around what has \`[\`, \`]\`, \`{\`, \`}\`, \`,\` or \`#\` in it.
`;

const TEMPLATES = `## Values in texts

In \`respond\`, \`set-request\` and \`set-response\`, \`{{…}}\` in header fields and bodies stands for a value:
${SOURCE_NAMES.map((name) => `\`${name}\``).join(", ")}.

Behind a \`|\` comes how it is written: \`{{request.query.q | url}}\`; there are \`json\`, \`url\`, \`base64\`, \`html\`, \`upper\`, \`lower\`,
\`trim\`, \`default:TEXT\`, and \`raw\` for as it is. In a JSON body a value is written so that it can't end the string it stands in; a
string of a \`json:\` body that is nothing but \`{{… | json}}\` becomes the value itself, a number or an object. Files have no values in
them unless \`template: true\` is said; \`template: false\` leaves \`{{\` alone. Nothing is ever executed.
`;

export function rulesDocument(): string {
  return [
    INTRODUCTION,
    matches(),
    "## Actions\n",
    ...Object.values(ACTIONS).map(actionSection),
    TEMPLATES,
  ].join("\n");
}

function matches(): string {
  return `## What matches

\`match\` is a filter in one text (\`trafficctl filters\` lists what there is), or an object whose every part must hold. Without it a rule
is for everything. In globs \`*\` stands for any characters, \`/\` included; the whole text must match.

${options(matchSchema)}
`;
}

function actionSection({
  name,
  help,
  example,
  schema,
  terminal,
}: (typeof ACTIONS)[keyof typeof ACTIONS]): string {
  const { description } = z.toJSONSchema(schema, { io: "input" });
  const table = options(schema) || (description ?? "");
  return `### ${name}

${help}${terminal ? " Decides the exchange." : ""}

\`\`\`yaml
${exampleRule(example)}
\`\`\`
${table === "" ? "" : `\n${table}\n`}`;
}

/** As the formatter of this project leaves it: short lists on one line. */
export function printedJson(value: object): string {
  const list = /^( *"[^"]*": )\[\s+((?:(?:"[^"]*"|\d+),?\s+)+)\](,?)$/gm;
  const text = JSON.stringify(value, null, 2).replace(
    list,
    (whole: string, key: string, items: string, comma: string) => {
      const line = `${key}[${items.trim().replace(/\s+/g, " ")}]${comma}`;
      return line.length <= 110 ? line : whole;
    },
  );
  return `${text}\n`;
}

/** An item of the list of rules. */
export function exampleRule(example: string): string {
  const lines = example.trim().split("\n");
  return lines.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`)).join("\n");
}

function options(schema: z.ZodType): string {
  const rows = rowsOf(z.toJSONSchema(schema, { io: "input" }), "");
  return rows.length === 0 ? "" : ["| setting | |", "|---|---|", ...rows].join("\n");
}

/** Settings that have settings of their own are named with a dot. */
function rowsOf(schema: z.core.JSONSchema.BaseSchema, prefix: string): string[] {
  const alternatives = schema.anyOf ?? [schema];
  return alternatives
    .flatMap((each) => Object.entries(each.properties ?? {}))
    .flatMap(([name, value]) => {
      if (typeof value === "boolean") return [];
      const own = value.description ?? kindOf(value);
      const row = own === "" ? [] : [`| \`${prefix}${name}\` | ${own.replaceAll("|", "\\|")} |`];
      return [...row, ...rowsOf(itemsOf(value), `${prefix}${name}.`)];
    });
}

function itemsOf(schema: z.core.JSONSchema.BaseSchema): z.core.JSONSchema.BaseSchema {
  const { items } = schema;
  return typeof items === "object" && !Array.isArray(items) ? items : schema;
}

function kindOf(schema: z.core.JSONSchema.BaseSchema): string {
  const fallback = schema.default === undefined ? "" : ` By default ${String(schema.default)}.`;
  if (schema.enum !== undefined) return `One of ${schema.enum.join(", ")}.${fallback}`;
  if (schema.properties !== undefined) return "";
  const { minimum, maximum } = schema;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}.${fallback}`;
  return schema.type === "string" ? `A text.${fallback}` : schema.type === "boolean" ? "true or false." : "";
}
