// `trafficctl fixtures`: exchanges as a redacted file for version control, that `serve` answers from.
import { type Command, Option } from "commander";
import { TrafficError } from "../errors.js";
import type { FixturesReport } from "../operations/fixtures.js";
import type { Policy } from "../operations/redaction.js";
import { type CommonOptions, commonCommand, homeOf, warn } from "./output.js";
import { addQueryOptions, choiceOf, collect, type QueryFlags, SESSION_HELP } from "./query-options.js";
import { reportRedaction } from "./redaction-report.js";
import { warnOfReports } from "./source-reports.js";

interface Flags extends CommonOptions, QueryFlags {
  readonly output?: string;
  readonly path?: readonly string[];
  readonly format: "fixtures" | "mockserver";
  readonly redact: boolean;
  readonly policy?: string;
}

const EXAMPLES = `${SESSION_HELP}
The file is for people to review: JSON bodies are JSON, streams are their events, secrets are replaced
(docs/fixtures-format.md). The same exchanges give the same bytes.

Examples:
  $ trafficctl fixtures smoke -o fixtures.json
  $ trafficctl fixtures last --hostname api.example.com --path /v1/messages -o test/fixtures/
  $ trafficctl serve fixtures.json --port 0 -- npm test
  $ trafficctl fixtures last --format mockserver -o expectations.json
`;

export function fixturesCommand(): Command {
  return addQueryOptions(commonCommand("fixtures", "exchanges as a redacted file that `serve` answers from"))
    .option("--path <path>", "only this path and what is below it: /v1/messages (may be repeated)", collect)
    .optionsGroup("What is written of them, and where:")
    .option("-o, --output <file>", "a .json file; a folder gets a file for each exchange; '-' is stdout")
    .addOption(
      new Option("--format <format>", "what is written: fixtures, or expectations of MockServer")
        .choices(["fixtures", "mockserver"])
        .default("fixtures"),
    )
    .option("--policy <file>", "redaction policy (YAML or JSON) on top of the built-in one")
    .option("--no-redact", "write cookies, tokens and passwords as they were sent")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(words: string[], flags: Flags): Promise<void> {
  const toStdout = flags.output === undefined || flags.output === "-";
  if (toStdout && flags.json === true)
    throw new TrafficError("BAD_OPTION", "--json reports on a file: it needs -o FILE");
  const redact = await redactionOf(flags);
  const { makeFixtures } = await import("../operations/fixtures.js");
  const report = await makeFixtures({
    ...choiceOf(await homeOf(flags), words, flags),
    output: toStdout ? process.stdout : (flags.output ?? "-"),
    paths: flags.path,
    format: flags.format,
    ...(redact === undefined ? {} : { redact }),
  });
  if (flags.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  else say(report);
}

async function redactionOf({ redact, policy }: Flags): Promise<Policy | "off" | undefined> {
  if (!redact && policy !== undefined)
    throw new TrafficError("BAD_OPTION", "--policy and --no-redact exclude each other");
  if (!redact) return "off";
  if (policy === undefined) return undefined;
  return await (await import("../operations/redaction.js")).readPolicy(policy);
}

function say(report: FixturesReport): void {
  const { path, exchanges, unanswered, incompleteBodies } = report;
  if (path !== null) warn(`${path}: ${exchanges} ${exchanges === 1 ? "exchange" : "exchanges"}`);
  if (unanswered > 0) warn(`${unanswered} without a response are not in it`);
  if (incompleteBodies > 0) warn(`${incompleteBodies} bodies are not complete, or not in it`);
  reportRedaction(report.redaction);
  warnOfReports(report.sources);
}
