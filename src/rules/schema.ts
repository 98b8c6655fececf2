// The rule file as data: what its JSON Schema says, and what the loader checks.
import { z } from "zod";
import { ACTIONS } from "./actions.js";
import { MOST_RULES } from "./limits.js";
import { matchSchema } from "./match.js";

const described = Object.values(ACTIONS).map(
  ({ name, help, schema }) => [name, schema.optional().describe(help)] as const,
);

/** It stands twice in what is below: once is enough in the JSON Schema. */
const actionsByName = z.strictObject(Object.fromEntries(described)).meta({ id: "actions" });
const bareNames = Object.values(ACTIONS).flatMap(({ name, bare }) => (bare === undefined ? [] : [name]));

const actions = z
  .union([z.array(z.union([z.enum(bareNames), actionsByName])).min(1), actionsByName])
  .describe("What happens: actions by name, or a list of them. They act in their order.");

export const ruleSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(100)
    .describe("What the rule is called in messages and in recordings; each name stands once."),
  description: z.string().optional().describe("For people."),
  match: matchSchema
    .optional()
    .describe("Which exchanges: a filter, or an object whose every part must hold. Without it: all."),
  priority: z
    .number()
    .default(100)
    .describe("Lower ones first; rules of one priority as they stand in the file."),
  enabled: z.boolean().default(true),
  times: z.int().min(1).optional().describe("It acts on at most so many exchanges."),
  probability: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe("How likely it acts on an exchange that matches."),
  actions,
});

export type RuleData = z.output<typeof ruleSchema>;
/** A rule as a person writes it. */
export type RuleInput = z.input<typeof ruleSchema>;

export const ruleFileSchema = z.strictObject({
  $schema: z.string().optional().describe("Where the JSON Schema is, for editors."),
  version: z.literal(1).default(1),
  // Each rule is checked for itself, so that every mistake is told.
  rules: z.array(ruleSchema).max(MOST_RULES),
});

/** The JSON Schema of a rule file, as it is published. */
export function ruleFileJsonSchema(): object {
  return {
    title: "trafficctl rules",
    description: "A rule file of trafficctl, in YAML or JSON; rules.md says what the actions do.",
    ...z.toJSONSchema(ruleFileSchema, { io: "input" }),
  };
}
