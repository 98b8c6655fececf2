// The rules of a running proxy.
import { z } from "zod";
import type { RulesOfProxy } from "../../operations/rules/running-rules.js";
import { fitted } from "../budget.js";
import { CURSOR, startOf } from "../cursor.js";
import { restText } from "../list-page.js";
import { COUNT, type DataOf, FLAG, PAGE, TEXT } from "../output.js";
import type { Answer } from "../result.js";
import { RULES, type Rules, ruleTextOf } from "../rule-text.js";
import { ADDS, CHANGES, DESTROYS, defineTool, READS, type Tool, type ToolContext } from "../tool.js";
import { RUNNING, referenceOf } from "./capture.js";

const NAMES = z.array(z.string().min(1).max(100)).min(1).max(500).describe("Names of rules");
const AFTER = "Holds for requests from then on, until the proxy stops; nothing restarts.";

const RULE_LIST = {
  session: TEXT,
  rules: z.array(
    z.object({
      name: TEXT,
      priority: z.number(),
      enabled: FLAG,
      match: TEXT,
      does: z.array(TEXT),
      matched: COUNT,
      acted: COUNT,
      source: TEXT,
    }),
  ),
  files: z.array(TEXT),
  ...PAGE,
};

const listRules = defineTool({
  name: "list_rules",
  title: "Rules of a running proxy",
  toolset: "rules",
  description:
    "The rules of a running proxy in the order in which they are asked: what each matches and does, whether it is enabled, how often it matched and acted, where it comes from. Changes nothing.",
  input: { session: RUNNING, cursor: CURSOR },
  output: RULE_LIST,
  effects: READS,
  run: async (input, context) => {
    const { rulesOf } = await import("../../operations/rules/running-rules.js");
    return rulesAnswer(
      "list_rules",
      input,
      await rulesOf(await referenceOf(input.session, context)),
      context,
    );
  },
});

const addRules = defineTool({
  name: "add_rules",
  title: "Add rules",
  toolset: "rules",
  description: `Adds rules to a running proxy that mock, change, delay, break or hold traffic. All of them or, where one is wrong, none; the error names every mistake. The first rule that responds or aborts decides an exchange. ${AFTER} test_rules tells before what they would do. A rule that rewrites to another host needs --allow-send.`,
  input: { session: RUNNING, rules: RULES },
  output: RULE_LIST,
  effects: ADDS,
  run: async ({ session, rules }, context) => await changed("add", session, rules, context),
});

const updateRules = defineTool({
  name: "update_rules",
  title: "Replace rules",
  toolset: "rules",
  description: `Replaces rules of a running proxy by others of the same names, as a whole. All of them or none. ${AFTER} A rule file that a rule came from stays as it is.`,
  input: { session: RUNNING, rules: RULES },
  output: RULE_LIST,
  effects: { ...CHANGES, destructiveHint: true },
  run: async ({ session, rules }, context) => await changed("update", session, rules, context),
});

async function changed(
  kind: "add" | "update",
  session: string | undefined,
  rules: Rules,
  context: ToolContext,
): Promise<Answer<DataOf<typeof RULE_LIST>>> {
  const { changeRules } = await import("../../operations/rules/running-rules.js");
  const reference = await referenceOf(session, context);
  const change = { kind, rules: await ruleTextOf(rules, context) };
  const result = await changeRules({ ...reference, change });
  return rulesAnswer("list_rules", { ...(session === undefined ? {} : { session }) }, result, context);
}

function byName(
  kind: "remove" | "enable" | "disable",
  about: Pick<Tool, "name" | "title" | "description" | "effects">,
): Tool {
  return defineTool({
    ...about,
    toolset: "rules",
    input: { session: RUNNING, names: NAMES },
    output: RULE_LIST,
    run: async ({ session, names }, context) => {
      const { changeRules } = await import("../../operations/rules/running-rules.js");
      const result = await changeRules({ ...(await referenceOf(session, context)), change: { kind, names } });
      return rulesAnswer("list_rules", { ...(session === undefined ? {} : { session }) }, result, context);
    },
  });
}

const removeRules = byName("remove", {
  name: "remove_rules",
  title: "Remove rules",
  description: `Removes rules of a running proxy, by name. ${AFTER} To switch one off for a while use disable_rules.`,
  effects: DESTROYS,
});

const enableRules = byName("enable", {
  name: "enable_rules",
  title: "Enable rules",
  description: `Switches rules of a running proxy on, by name. ${AFTER}`,
  effects: CHANGES,
});

const disableRules = byName("disable", {
  name: "disable_rules",
  title: "Disable rules",
  description: `Switches rules of a running proxy off, by name; they stay and can be enabled again. ${AFTER}`,
  effects: CHANGES,
});

/** Its further pages are had from `tool`. */
function rulesAnswer(
  tool: string,
  args: Readonly<Record<string, unknown>> & { readonly cursor?: string },
  { session, rules, files }: RulesOfProxy,
  context: ToolContext,
): Answer<DataOf<typeof RULE_LIST>> {
  const offset = startOf(tool, args);
  // What a person's rules match and set may be secrets.
  const rows = context.safe.deep(rules.slice(offset));
  const page = { tool, args, rows, offset, more: false, total: rules.length };
  return fitted(page, context.settings.budget, (shown, facts) => ({
    text: `${rules.length} rules hold in the proxy of session ${session}.${restText(facts)}`,
    data: { session, rules: shown, files: files.slice(0, 20), ...facts },
    traffic: shown
      .map(
        ({ name, enabled, match, does, acted }) =>
          `${name}${enabled ? "" : " (disabled)"}: ${match} -> ${does.join("; ")}  acted ${acted} times`,
      )
      .join("\n"),
  }));
}

export const RULE_TOOLS: readonly Tool[] = [
  listRules,
  addRules,
  updateRules,
  removeRules,
  enableRules,
  disableRules,
];
