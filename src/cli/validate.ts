// `trafficctl validate`: whether a HAR is one that everybody can read.
import { type Command, Option } from "commander";
import type { Consumer, Finding, Validation } from "../operations/validate-har.js";
import { EXIT } from "./exit-code.js";
import { type CommonOptions, commonCommand, printResult } from "./output.js";
import { printable } from "./printable.js";
import { Progress } from "./progress.js";
import type { TextOptions } from "./text-options.js";
import { formatSize } from "./units.js";

interface Flags extends CommonOptions {
  readonly consumer?: Consumer;
}

const EXAMPLES = `
Checks the schema of HAR 1.2 and what DevTools, Firefox, Playwright and others need besides. Exit code 3 when there is
an error.

Examples:
  $ trafficctl validate traffic.har
  $ trafficctl validate traffic.har --consumer chrome     only what Chrome's import needs
`;

export function validateCommand(): Command {
  return commonCommand("validate", "check a HAR file")
    .argument("<file>", "a HAR file, compressed or not")
    .addOption(
      new Option("--consumer <name>", "only what matters to this reader").choices([
        "chrome",
        "firefox",
        "playwright",
      ]),
    )
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(file: string, flags: Flags): Promise<void> {
  const { validateHar } = await import("../operations/validate-har.js");
  const progress = new Progress("checking");
  const validation = await validateHar({
    file,
    ...(flags.consumer === undefined ? {} : { consumer: flags.consumer }),
    onProgress: ({ done, total }) => progress.update(done, total || undefined, formatSize(done)),
  }).finally(() => progress.end());
  await printResult(flags, validation, (options) => describe(file, validation, options));
  if (!validation.valid) process.exitCode = EXIT.checkFailed;
}

function describe(
  file: string,
  { valid, errors, warnings, findings }: Validation,
  options: TextOptions,
): string {
  const { colours } = options;
  const lines = findings.map((finding) => findingText(finding, options));
  const rest = errors + warnings - findings.length;
  if (rest > 0) lines.push(`and ${rest} more`);
  const verdict = valid ? colours.green("valid") : colours.red("not valid");
  lines.push(`${file}: ${verdict}, ${errors} errors, ${warnings} warnings`);
  return `${lines.join("\n")}\n`;
}

function findingText(
  { entry, path, severity, message, fix, rule }: Finding,
  { colours }: TextOptions,
): string {
  const where = entry === undefined ? "file" : `entry ${entry}`;
  const mark = severity === "error" ? colours.red("error") : colours.yellow("warning");
  const what = printable(`${path} ${message}`.trim());
  return `${mark} ${where}: ${what} ${colours.dim(`(${rule})`)}\n      ${colours.cyan(printable(fix))}`;
}
