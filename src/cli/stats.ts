// `trafficctl stats`: who was asked what, how often, how long it took, and what failed.
import { type Command, Option } from "commander";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";
import { Progress } from "./progress.js";
import { addQueryOptions, choiceOf, type QueryFlags, SESSION_HELP } from "./query-options.js";
import { warnOfReports } from "./source-reports.js";
import { describeStatistics, type GroupName } from "./stats-text.js";

interface Flags extends CommonOptions, QueryFlags {
  readonly by?: GroupName;
}

const EXAMPLES = `${SESSION_HELP}
Examples:
  $ trafficctl stats
  $ trafficctl stats last --by endpoint              ids in paths folded: /users/{id}
  $ trafficctl stats last '~d api.example.com' --json | jq .durations
`;

export function statsCommand(): Command {
  return addQueryOptions(commonCommand("stats", "counts, sizes, durations and errors of sessions"))
    .optionsGroup("What is shown of them:")
    .addOption(
      new Option("--by <group>", "one table, with every row").choices([
        "host",
        "method",
        "status",
        "type",
        "endpoint",
      ]),
    )
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(words: string[], flags: Flags): Promise<void> {
  const { stats } = await import("../operations/stats.js");
  const progress = new Progress("reading");
  const { statistics, reports } = await stats({
    ...choiceOf(await homeOf(flags), words, flags),
    onProgress: ({ done, what }) => progress.update(done, undefined, `${what} ${done}`),
  }).finally(() => progress.end());
  await printResult(flags, statistics, (options) => describeStatistics(statistics, flags.by, options));
  warnOfReports(reports);
}
