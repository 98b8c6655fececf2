// `trafficctl duplicate`: a copy of one exchange, without sending anything.
import type { Command } from "commander";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";

interface Flags extends CommonOptions {
  readonly output?: string;
}

const EXAMPLES = `
SESSION is as for 'trafficctl query'. ID is the exchange's number in its session, its id, or a beginning of the id that no
other has. The copy has an id of its own and stands in a new session: one that has ended stays as it is.

Examples:
  $ trafficctl duplicate smoke 3
  $ trafficctl duplicate smoke 3 -o case-17
`;

export function duplicateCommand(): Command {
  return commonCommand("duplicate", "copy one exchange into a new session, without sending")
    .argument("<session>", "a session or file")
    .argument("<id>", "the number or id of an exchange")
    .option("-o, --output <session>", "name of the new session (default: a time stamp)")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(session: string, exchange: string, flags: Flags): Promise<void> {
  const { duplicate } = await import("../operations/duplicate.js");
  const copy = await duplicate({ home: await homeOf(flags), session, exchange, into: flags.output });
  const { id, path } = copy.session;
  await printResult(
    flags,
    { session: id, path, id: copy.id, copyOf: copy.copyOf },
    () => `${id}: ${copy.id}\n`,
  );
}
