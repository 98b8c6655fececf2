// docs/mcp.md is made from the tables: `npx vitest run test/mcp/docs.test.ts -u` writes it anew.
import { expect, test } from "vitest";
import { PROMPTS } from "../../src/mcp/prompts.js";
import { RESOURCES } from "../../src/mcp/resources.js";
import { TOOLSETS } from "../../src/mcp/settings.js";
import type { Tool } from "../../src/mcp/tool.js";
import { TOOLS } from "../../src/mcp/tools.js";
import { INTRODUCTION, SETUP } from "./docs-text.js";

test("docs/mcp.md has what the tables have", async () => {
  const sections = [
    INTRODUCTION,
    SETUP,
    "## Tools",
    ...TOOLSETS.map((toolset) => toolsetText(toolset)),
    "## Resources",
    resourcesText(),
    "## Prompts",
    promptsText(),
  ];
  await expect(`${sections.join("\n\n")}\n`).toMatchFileSnapshot("../../docs/mcp.md");
});

function toolsetText(toolset: string): string {
  const tools = TOOLS.filter((tool) => tool.toolset === toolset);
  return [`### ${toolset}`, ...tools.map(toolText)].join("\n\n");
}

function toolText({ name, title, description, effects, inputSchema, alsoIn = [] }: Tool): string {
  const what = [
    effects.readOnlyHint
      ? "reads only"
      : effects.destructiveHint
        ? "may take something away"
        : "adds or changes",
    effects.idempotentHint ? "the same again does no more" : "",
    effects.openWorldHint ? "reaches servers" : "",
    alsoIn.length > 0 ? `also in ${alsoIn.join(", ")}` : "",
  ].filter((each) => each !== "");
  return [`#### ${name}`, `**${title}** (${what.join("; ")}). ${description}`, argumentsText(inputSchema)]
    .filter((each) => each !== "")
    .join("\n\n");
}

interface Argument {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly anyOf?: readonly Argument[];
}

function argumentsText(schema: Tool["inputSchema"]): string {
  const { properties = {}, required = [] }: { properties?: Record<string, Argument>; required?: string[] } =
    JSON.parse(JSON.stringify(schema));
  const rows = Object.entries(properties).map(
    ([name, argument]) =>
      `| \`${name}\`${required.includes(name) ? "" : "?"} | ${typeOf(argument)} | ${(argument.description ?? "").replaceAll("|", "\\|")} |`,
  );
  return rows.length === 0 ? "" : ["| argument | | |", "|---|---|---|", ...rows].join("\n");
}

function typeOf({ type, enum: values, anyOf }: Argument): string {
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(", ");
  if (anyOf !== undefined) return anyOf.map(typeOf).join(" or ");
  return String(type ?? "JSON");
}

function resourcesText(): string {
  return [
    "| address | |",
    "|---|---|",
    ...RESOURCES.map(({ uri, description }) => `| \`${uri}\` | ${description} |`),
  ].join("\n");
}

function promptsText(): string {
  const rows = PROMPTS.map(
    ({ name, description, args }) =>
      `| \`${name}\` | ${description} | ${args.map((each) => `\`${each.name}\`${each.required ? "" : "?"}`).join(", ")} |`,
  );
  return ["| prompt | | arguments |", "|---|---|---|", ...rows].join("\n");
}
