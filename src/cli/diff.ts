// `trafficctl diff`: two recordings of the same API beside each other, endpoint by endpoint.
import { type Command, Option } from "commander";
import type { Diff, DiffInput } from "../operations/diff.js";
import { diffJunit } from "./diff-junit.js";
import { diffMarkdown, diffText } from "./diff-text.js";
import { EXIT } from "./exit-code.js";
import { type CommonOptions, commonCommand, homeOf, textOptions, warn, writeOut } from "./output.js";
import { Progress } from "./progress.js";
import { addQueryOptions, choiceOf, type QueryFlags } from "./query-options.js";
import { warnOfReports } from "./source-reports.js";

interface Flags extends CommonOptions, QueryFlags {
  readonly format: "text" | "json" | "markdown" | "junit";
  readonly failOn?: string;
  readonly ignoreHost?: boolean;
}

const EXAMPLES = `
BEFORE and AFTER are sessions, as for 'trafficctl query', or .har files. Endpoints are method and URL without query, with
what varies in the path folded: /users/{id}. Of each its statuses, the shape of its JSON (fields and their types, over all
its exchanges) and its median duration are compared. The flags above and a filter choose the exchanges of both.

Examples:
  $ trafficctl diff yesterday today
  $ trafficctl diff staging production --ignore-host --hostname api
  $ trafficctl diff main branch --fail-on endpoints,status,shape,slower=20%      exit code 3 when one of these differs
  $ trafficctl diff main branch --format markdown >> "$GITHUB_STEP_SUMMARY"
  $ trafficctl diff main branch --format junit --fail-on shape > api.xml
`;

export function diffCommand(): Command {
  const command = addQueryOptions(
    commonCommand("diff", "compare two recordings of an API")
      .argument("<before>", "a session or file")
      .argument("<after>", "a session or file"),
  );
  return command
    .usage("[options] BEFORE AFTER [FILTER]")
    .optionsGroup("What is compared, and how it is shown:")
    .option("--ignore-host", "the same path of different hosts is the same endpoint")
    .option("--fail-on <what>", "exit with 3 when these differ: endpoints,status,shape,slower=20%")
    .addOption(
      new Option("--format <format>", "how it is printed")
        .choices(["text", "json", "markdown", "junit"])
        .default("text"),
    )
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(before: string, after: string, words: string[], flags: Flags): Promise<void> {
  const { diff, parseFailOn } = await import("../operations/diff.js");
  const { home, flags: selection, filter } = choiceOf(await homeOf(flags), [], flags);
  const progress = new Progress("reading");
  const input: DiffInput = {
    home,
    before,
    after,
    filter: bothFilters(words.join(" "), filter),
    ...(selection === undefined ? {} : { flags: selection }),
    ignoreHost: flags.ignoreHost,
    failOn: flags.failOn === undefined ? undefined : parseFailOn(flags.failOn),
    onProgress: (session, done) => progress.update(done, undefined, `${session}: ${done} exchanges`),
  };
  const result = await diff(input).finally(() => progress.end());
  await print(result, flags);
  warnOfGaps(result);
  process.exitCode = result.failures.length > 0 ? EXIT.checkFailed : EXIT.done;
}

function bothFilters(first: string, second: string | undefined): string | undefined {
  const texts = [first, second ?? ""].filter((text) => text.trim() !== "");
  return texts.length === 0 ? undefined : texts.map((text) => `(${text})`).join(" ");
}

async function print(diff: Diff, flags: Flags): Promise<void> {
  const format = flags.json === true ? "json" : flags.format;
  if (format === "json") {
    const { reports: _before, ...before } = diff.before;
    const { reports: _after, ...after } = diff.after;
    await writeOut(`${JSON.stringify({ ...diff, before, after })}\n`);
  } else if (format === "markdown") await writeOut(diffMarkdown(diff));
  else if (format === "junit") await writeOut(diffJunit(diff));
  else await writeOut(diffText(diff, await textOptions()));
}

/** Nothing is passed by in silence. */
function warnOfGaps(diff: Diff): void {
  for (const { sessions, unseenBodies, beyond, reports } of [diff.before, diff.after]) {
    const name = sessions.join(", ");
    if (unseenBodies > 0) warn(`warning: ${name}: ${unseenBodies} JSON bodies could not be looked into`);
    if (beyond > 0) warn(`warning: ${name}: ${beyond} exchanges are of endpoints beyond the first 5000`);
    warnOfReports(reports);
  }
}
