// `trafficctl merge`: several sessions as one.
import type { Command } from "commander";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";
import { Progress } from "./progress.js";
import { addQueryOptions, choiceOf, type QueryFlags, SESSION_HELP } from "./query-options.js";
import { warnOfReports } from "./source-reports.js";

interface Flags extends CommonOptions, QueryFlags {
  readonly output: string;
}

const EXAMPLES = `${SESSION_HELP}
The new session has the exchanges in the order of their starts, numbered anew, with their ids.

Examples:
  $ trafficctl merge before after -o both
  $ trafficctl merge all -o errors '~c 5xx | ~e'      a part of everything, as a session of its own
`;

export function mergeCommand(): Command {
  return addQueryOptions(commonCommand("merge", "several sessions, or a part of one, as a new session"))
    .requiredOption("-o, --output <session>", "name of the new session")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(words: string[], flags: Flags): Promise<void> {
  const { merge } = await import("../operations/merge.js");
  const progress = new Progress("merging");
  const merged = await merge({
    ...choiceOf(await homeOf(flags), words, flags),
    into: flags.output,
    onWritten: (done, total) => progress.update(done, total, `${done} of ${total} exchanges`),
  }).finally(() => progress.end());
  const { id, path, counts, duplicates } = merged;
  await printResult(flags, { id, path, counts, duplicates }, () => {
    const twice = duplicates === 0 ? "" : `; ${duplicates} that stood in several were taken once`;
    return `${id}: ${counts.exchanges} exchanges${twice}\n`;
  });
  warnOfReports(merged.reports);
}
