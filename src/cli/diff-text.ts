// A diff for a terminal, and for the summary of a CI run.
import type { Diff } from "../operations/diff.js";
import { changedOnes, countsText, type DiffLine, durationText, linesOf } from "./diff-lines.js";
import { printable } from "./printable.js";
import type { TextOptions } from "./text-options.js";

export function diffText(diff: Diff, { colours }: TextOptions): string {
  const paint = ({ sign, text }: DiffLine): string => {
    const line = `  ${sign} ${text}`;
    if (sign === "+") return colours.green(line);
    return sign === "-" ? colours.red(line) : colours.yellow(line);
  };
  const blocks = changedOnes(diff).map((each) => {
    const duration = durationText(each);
    const head = `${colours.bold(printable(each.method))} ${printable(each.endpoint)}`;
    const timed = duration === "" ? head : `${head}  ${colours.dim(duration)}`;
    return [timed, ...linesOf(each).map(paint)].join("\n");
  });
  const failures = diff.failures.map(
    ({ kind, method, endpoint, message }) =>
      `${colours.red.bold("failed")} ${kind}: ${printable(`${method} ${endpoint}`)}: ${message}`,
  );
  return `${[...blocks, ...failures, countsText(diff)].join("\n")}\n`;
}

/** GitHub's flavour: a table, then what differs below each endpoint. */
export function diffMarkdown(diff: Diff): string {
  const changed = changedOnes(diff);
  const parts = [`## API differences\n\n${countsText(diff)}\n`];
  if (diff.failures.length > 0) {
    const rows = diff.failures.map(
      ({ kind, method, endpoint, message }) =>
        `- **${kind}** ${code(`${method} ${endpoint}`)}: ${plain(message)}`,
    );
    parts.push(`### Failures\n\n${rows.join("\n")}\n`);
  }
  if (changed.length > 0) {
    const rows = changed.map(
      (each) =>
        `| ${code(`${each.method} ${each.endpoint}`)} | ${each.change} | ${plain(durationText(each))} |`,
    );
    parts.push(`| Endpoint | Change | Median |\n| --- | --- | --- |\n${rows.join("\n")}\n`);
  }
  for (const each of changed.filter(({ change }) => change === "changed")) {
    const lines = linesOf(each).map(({ sign, text }) => `${sign} ${text}`);
    // Four backticks: what is quoted may have three.
    if (lines.length > 0) {
      parts.push(
        `${code(`${each.method} ${each.endpoint}`)}\n\n\`\`\`\`diff\n${lines.join("\n")}\n\`\`\`\`\n`,
      );
    }
  }
  return parts.join("\n");
}

function code(text: string): string {
  // In a table a bar ends the cell, in code as well.
  return `\`${printable(text).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

function plain(text: string): string {
  return printableArrow(text).replace(/[\\`*_{}[\]<>|#]/g, "\\$&");
}

/** The arrow is ours; everything else that is not ASCII is a peer's. */
function printableArrow(text: string): string {
  return text.split("→").map(printable).join("→");
}
