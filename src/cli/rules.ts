// `trafficctl rules ...`: rule files checked and tried, and the rules of a running proxy.
import { Command } from "commander";
import { EXIT } from "./exit-code.js";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";
import { applyCommand } from "./rules-apply.js";
import { testCommand } from "./rules-test.js";
import { changedText, checkedText, mistakesText, rulesTable } from "./rules-text.js";

const EXAMPLES = `
A rule file is YAML or JSON: docs/rules.md has its actions, docs/rules.schema.json its schema for editors.

Examples:
  $ trafficctl record --rules rules.yaml                 a saved file holds at once
  $ trafficctl rules check rules.yaml
  $ trafficctl rules test rules.yaml --url https://api.example.com/orders --method POST
  $ trafficctl rules test rules.yaml --exchange last 3
  $ trafficctl rules list                                 of the running proxy, with how often each acted
  $ trafficctl rules disable 'slow orders'
`;

const SESSION = "name, beginning of a name or 'last'; default: the only proxy that runs";

export function rulesCommand(): Command {
  const rules = new Command("rules").description("change, mock, break and pause traffic by rules");
  const changes = (["add", "update"] as const).map(fileCommand);
  const named = (["remove", "enable", "disable"] as const).map(nameCommand);
  const all = [checkCommand(), testCommand(), applyCommand(), listCommand(), ...changes, ...named];
  for (const command of all) rules.addCommand(command);
  return rules.addHelpText("after", EXAMPLES);
}

function checkCommand(): Command {
  return commonCommand("check", "look for mistakes in rule files")
    .argument("<file...>", "YAML or JSON; - is standard input")
    .addHelpText(
      "after",
      "\nThe exit code is 3 where there is a mistake.\n\nExample:\n  $ trafficctl rules check rules.yaml\n",
    )
    .action(async (files: string[], options: CommonOptions) => {
      const { checkRules, RulesInvalid } = await import("../operations/rules/check-rules.js");
      try {
        const checked = await checkRules(files);
        await printResult(options, { valid: true, ...checked, mistakes: [] }, (text) =>
          checkedText(checked, text),
        );
      } catch (error) {
        if (!(error instanceof RulesInvalid)) throw error;
        const { mistakes } = error;
        const json = { valid: false, files: error.files, rules: [], mistakes };
        await printResult(options, json, (text) => mistakesText(mistakes, text));
        process.exitCode = EXIT.checkFailed;
      }
    });
}

function listCommand(): Command {
  return commonCommand("list", "the rules of a running proxy, and how often each has acted")
    .argument("[session]", SESSION)
    .addHelpText(
      "after",
      "\nExample:\n  $ trafficctl rules list --json | jq '.rules[] | select(.acted == 0).name'\n",
    )
    .action(async (session: string | undefined, options: CommonOptions) => {
      const { rulesOf } = await import("../operations/rules/running-rules.js");
      const rules = await rulesOf(await proxyOf(options, session));
      await printResult(options, rules, (text) => rulesTable(rules, text));
    });
}

function fileCommand(kind: "add" | "update"): Command {
  const what = kind === "add" ? "add the rules of a file" : "replace rules by those of a file, name by name";
  return commonCommand(kind, `${what}, in a running proxy`)
    .argument("<file>", "YAML or JSON; - is standard input; it is read once, not watched")
    .argument("[session]", SESSION)
    .addHelpText(
      "after",
      `\nExamples:\n  $ trafficctl rules ${kind} more.yaml\n  $ echo '{rules: [{name: slow, match: ~u /api/, actions: {delay: 1s}}]}' | trafficctl rules ${kind} -\n`,
    )
    .action(async (file: string, session: string | undefined, options: CommonOptions) => {
      const { changeRules } = await import("../operations/rules/running-rules.js");
      const rules = await changeRules({ ...(await proxyOf(options, session)), change: { kind, file } });
      await printResult(options, rules, () => changedText(rules));
    });
}

function nameCommand(kind: "remove" | "enable" | "disable"): Command {
  return commonCommand(kind, `${kind} a rule of a running proxy`)
    .argument("<name>", "of the rule")
    .argument("[session]", SESSION)
    .addHelpText(
      "after",
      `\nIts file stays as it is; saving another text of the rule undoes this.\n\nExample:\n  $ trafficctl rules ${kind} 'slow orders'\n`,
    )
    .action(async (name: string, session: string | undefined, options: CommonOptions) => {
      const { changeRules } = await import("../operations/rules/running-rules.js");
      const rules = await changeRules({
        ...(await proxyOf(options, session)),
        change: { kind, names: [name] },
      });
      await printResult(options, rules, () => changedText(rules));
    });
}

async function proxyOf(
  options: CommonOptions,
  session: string | undefined,
): Promise<{ home: string; session?: string }> {
  const home = await homeOf(options);
  return session === undefined ? { home } : { home, session };
}
