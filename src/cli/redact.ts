// `trafficctl redact`: a session without its secrets, as a new session.
import type { Command } from "commander";
import { keepHeapSmall } from "./heap.js";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";
import { Progress } from "./progress.js";
import { addQueryOptions, choiceOf, type QueryFlags, SESSION_HELP } from "./query-options.js";
import { reportRedaction } from "./redaction-report.js";
import { warnOfReports } from "./source-reports.js";

interface Flags extends CommonOptions, QueryFlags {
  readonly output: string;
  readonly policy?: string;
}

const EXAMPLES = `${SESSION_HELP}
The session that it is made of stays as it is.

Examples:
  $ trafficctl redact last -o shareable
  $ trafficctl redact smoke '~d api.example.com' --policy policy.yaml -o shareable
`;

export function redactCommand(): Command {
  return addQueryOptions(commonCommand("redact", "a session without its secrets, as a new session"))
    .requiredOption("-o, --output <session>", "name of the new session")
    .option("--policy <file>", "redaction policy (YAML or JSON) on top of the built-in one")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(words: string[], flags: Flags): Promise<void> {
  const { redactSession } = await import("../operations/redact-session.js");
  const { readPolicy } = await import("../operations/redaction.js");
  const policy = flags.policy === undefined ? undefined : await readPolicy(flags.policy);
  using _heap = keepHeapSmall();
  const progress = new Progress("redacting");
  const redacted = await redactSession({
    ...choiceOf(await homeOf(flags), words, flags),
    into: flags.output,
    policy,
    onRedacted: ({ what, done, total }) => progress.update(done, total, `${what}, ${done} of ${total}`),
  }).finally(() => progress.end());
  const { id, path, counts, redaction, sources } = redacted;
  await printResult(
    flags,
    { id, path, counts, redaction },
    () => `${id}: ${counts.exchanges} exchanges\n${path}\n`,
  );
  if (flags.json !== true) reportRedaction(redaction);
  warnOfReports(sources);
}
