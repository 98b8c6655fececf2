// `trafficctl import`: HAR files of any tool as a session.
import type { Command } from "commander";
import { TrafficError } from "../errors.js";
import type { ImportedFile } from "../operations/import-har.js";
import { keepHeapSmall } from "./heap.js";
import { type CommonOptions, commonCommand, homeOf, printResult, warn } from "./output.js";
import { Progress } from "./progress.js";
import { formatSize } from "./units.js";

interface Flags extends CommonOptions {
  readonly session?: string;
  readonly strict?: boolean;
  readonly lenient?: boolean;
}

const EXAMPLES = `
Files come from Chrome, Edge, Firefox, Safari, Charles, Fiddler, Proxyman, HTTP Toolkit, Insomnia, mitmproxy, Playwright
and others: .har, compressed or not, .zhar, and Playwright's .zip. 'query', 'show' and 'export' take them directly too.

Examples:
  $ trafficctl import traffic.har
  $ trafficctl import monday.har tuesday.har.gz --session week
  $ trafficctl import page.har --strict             refuses the file at its first fault
`;

const MOST_NAMED = 20;

export function importCommand(): Command {
  return commonCommand("import", "HAR files as a session")
    .argument("<files...>", "HAR files")
    .option("-s, --session <name>", "name of the session (default: a time stamp)")
    .option("--strict", "refuse what is not right")
    .option("--lenient", "keep what can be kept and report the rest (the default)")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(files: string[], flags: Flags): Promise<void> {
  if (flags.strict === true && flags.lenient === true) {
    throw new TrafficError("BAD_OPTION", "--strict and --lenient exclude each other");
  }
  const { importHar } = await import("../operations/import-har.js");
  using _heap = keepHeapSmall();
  const progress = new Progress("importing");
  const report = await importHar({
    home: await homeOf(flags),
    files,
    name: flags.session,
    strict: flags.strict === true,
    onProgress: ({ done, total }) => progress.update(done, total || undefined, formatSize(done)),
  }).finally(() => progress.end());
  const { id, path, counts } = report;
  await printResult(flags, report, () => `${id}: ${counts.exchanges} exchanges\n${path}\n`);
  if (flags.json !== true) for (const file of report.files) reportFile(file);
}

function reportFile({ file, skipped, skippedCount, repairs, repairCount }: ImportedFile): void {
  for (const { entry, why } of skipped.slice(0, MOST_NAMED)) {
    warn(`${file}: ${entry === undefined ? "" : `entry ${entry} `}skipped: ${why}`);
  }
  for (const { entry, path, what } of repairs.slice(0, MOST_NAMED)) {
    warn(`${file}: entry ${entry} repaired: ${path} ${what}`);
  }
  const rest =
    skippedCount + repairCount - Math.min(skipped.length, MOST_NAMED) - Math.min(repairs.length, MOST_NAMED);
  if (rest > 0) warn(`${file}: and ${rest} more; --json has them`);
}
