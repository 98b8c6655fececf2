// Rules as text: of files, and of a running proxy.
import type { CheckedRules, RuleMistake } from "../operations/rules/check-rules.js";
import type { RulesOfProxy } from "../operations/rules/running-rules.js";
import { plural } from "./plural.js";
import { printable, printableLine, printableText } from "./printable.js";
import { renderTable } from "./table.js";
import type { TextOptions } from "./text-options.js";

export function checkedText({ rules }: CheckedRules, { colours }: TextOptions): string {
  const lines = rules.map(({ name, enabled, match, does }) => {
    const off = enabled ? "" : colours.dim(" (disabled)");
    return `  ${colours.bold(printableLine(name))}${off}: ${colours.dim(printableLine(match))}\n      ${does.map(printableLine).join("; ")}`;
  });
  return [...lines, `${colours.green("valid")}, ${plural(rules.length, "rule")}`, ""].join("\n");
}

export function mistakesText(mistakes: readonly RuleMistake[], { colours }: TextOptions): string {
  const lines = mistakes.map(({ file, line, column, message, hint }) => {
    const help = hint === undefined ? "" : `\n      ${colours.cyan(printable(hint))}`;
    return `${colours.red("error")} ${printable(file)}:${line}:${column}: ${printableText(message)}${help}`;
  });
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  return [...lines, `${colours.red("not valid")}, ${count}`, ""].join("\n");
}

export function rulesTable({ session, rules }: RulesOfProxy, { colours, width }: TextOptions): string {
  if (rules.length === 0) return `${session} has no rules: \`trafficctl rules add FILE\` adds some\n`;
  return renderTable(
    rules,
    [
      { title: "RULE", value: ({ name }) => printableLine(name), minWidth: 16 },
      { title: "PRIORITY", value: ({ priority }) => String(priority), align: "right" },
      { title: "MATCHED", value: ({ matched }) => String(matched), align: "right" },
      {
        title: "ACTED",
        value: ({ acted, times }) => (times === null ? String(acted) : `${acted}/${times}`),
        align: "right",
      },
      { title: "FROM", value: ({ source, changed }) => (changed ? `${source}, changed` : source) },
      {
        title: "DOES",
        value: ({ enabled, does }) => `${enabled ? "" : "disabled: "}${does.map(printableLine).join("; ")}`,
        minWidth: 20,
      },
    ],
    { width, paintTitle: (text) => colours.dim(text) },
  );
}

export function changedText({ session, rules }: RulesOfProxy): string {
  return `${session}: ${plural(rules.filter(({ enabled }) => enabled).length, "rule")} in force\n`;
}
