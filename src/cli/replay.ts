// `trafficctl replay`: sends recorded requests again, or says what would be sent.
import type { Command } from "commander";
import type { ReplayOutcome, ReplayResult } from "../operations/replay.js";
import { EXIT } from "./exit-code.js";
import { type CommonOptions, commonCommand, homeOf, textOptions, warn, writeOut } from "./output.js";
import { Progress } from "./progress.js";
import { addQueryOptions, collect, SESSION_HELP } from "./query-options.js";
import { type ReplayFlags, replayInput } from "./replay-options.js";
import { responseText } from "./replay-response.js";
import { replayHead, replayLine, replaySummary } from "./replay-text.js";
import { addUpstreamOptions } from "./replay-upstream.js";
import { warnOfReports } from "./source-reports.js";
import { stopSignal } from "./stop-signal.js";
import { formatSize } from "./units.js";

interface Flags extends CommonOptions, ReplayFlags {}

const EXAMPLES = `${SESSION_HELP}
Without --execute nothing is sent: what would be is shown. Responses go into a new session, whose exchanges name the ones
they replay. Bodies are sent byte for byte; an exchange whose body was not recorded as a whole is refused. Methods that
change something need --unsafe, unless they go to this machine. Redirects are not followed.

With --id, --method and --url do not choose: they change the request.

The exit code is 1 when a request failed or was refused; else 3 when --fail-on-diff found a difference.

Examples:
  $ trafficctl replay                                          what would be sent of the last session
  $ trafficctl replay smoke --execute --target http://localhost:3000 --compare
  $ trafficctl replay smoke '~m GET' --execute --concurrency 8 --repeat 10
  $ trafficctl replay smoke --execute --compare --ignore /updatedAt --ignore '/items/*/id' --fail-on-diff
  $ trafficctl replay smoke --id 3 --execute --json-set /user/name=Ada --set-header 'X-Test: 1'
  $ TOKEN=… trafficctl replay smoke --execute --auth-from-env TOKEN
`;

export function replayCommand(): Command {
  const command = addQueryOptions(commonCommand("replay", "send recorded requests again"));
  command
    .optionsGroup("What is sent:")
    .option("--execute", "send; without it, only show what would be sent")
    .option("-o, --output <session>", "name of the new session (default: a time stamp)")
    .option("--target <url>", "send all to this scheme, host and port; paths and queries stay")
    .option("--unsafe", "send methods that may change something to other machines too")
    .option("--set-header <field>", "'Name: value' instead of the recorded one (may be repeated)", collect)
    .option("--remove-header <name>", "leave this one out (may be repeated)", collect)
    .option(
      "--auth-from-env <name>",
      "Authorization from this variable; one word is taken for a bearer's token",
    )
    .option("--cookies <which>", "recorded; or follow: as responses set them (default: recorded)")
    .option("--limit <n>", "at most so many exchanges (default: 100)")
    .optionsGroup("One request, changed:")
    .option("--id <id>", "only this one: its number, its id, or a beginning of the id")
    .option("--body <text>", "another body: a text, @file, or @- for stdin")
    .option(
      "--json-set <place=value>",
      "set a place of a JSON body: /user/name=Ada (may be repeated)",
      collect,
    )
    .optionsGroup("When:")
    .option("--concurrency <n>", "so many at the same time (default: 1, at a recorded pace 16)")
    .option("--rate <n>", "at most so many in a second: 5, 90/m")
    .option("--pace <pace>", "none, recorded, or times as fast as recorded: 2x (default: none)")
    .option("--repeat <n>", "all of it so many times");
  addComparisonOptions(command);
  return addUpstreamOptions(command).addHelpText("after", EXAMPLES).action(run);
}

function addComparisonOptions(command: Command): void {
  command
    .optionsGroup("New beside old:")
    .option("--compare", "compare responses with the recorded ones: status, headers, body")
    .option("--ignore <pointer>", "leave out this place of JSON bodies: /updatedAt, '/items/*/id'", collect)
    .option(
      "--ignore-header <names>",
      "leave out these headers too, besides Date, ETag and their kind",
      collect,
    )
    .option("--unordered", "the order of a list's items does not count")
    .option("--fail-on-diff", "exit with 3 when a response differs");
}

async function run(words: string[], flags: Flags): Promise<void> {
  const home = await homeOf(flags);
  const input = await replayInput(home, words, flags, process.env);
  const { replay } = await import("../operations/replay.js");
  using stop = stopSignal();
  const printer = flags.json === true ? new JsonPrinter() : await TextPrinter.create(input.execute);
  const progress = new Progress(input.execute ? "sending" : "reading");
  let last: ReplayResult | undefined;
  const outcome = await replay({
    ...input,
    signal: stop.signal,
    onIndexing: (bytes) => progress.update(bytes, undefined, `indexing, ${formatSize(bytes)}`),
    onResult: async (result, done, expected) => {
      last = result;
      progress.end();
      await printer.result(result);
      progress.update(done, expected, `${done} of ${expected} requests`);
    },
  }).finally(() => progress.end());
  await printer.end(outcome, input.compare !== undefined);
  if (flags.json !== true && input.id !== undefined && last?.id != null && outcome.session !== null) {
    await writeOut(`\n${await responseText(home, outcome.session.id, last.id, await textOptions())}`);
  }
  warnOfCut(outcome);
  warnOfReports(outcome.reports);
  process.exitCode = exitCode(outcome, flags);
}

/** A request that was not sent is no success either. */
function exitCode({ counts, different, interrupted, session }: ReplayOutcome, flags: Flags): number {
  if (session === null) return EXIT.done;
  if (counts.failed + counts.refused > 0 || interrupted) return EXIT.failed;
  return flags.failOnDiff === true && different > 0 ? EXIT.checkFailed : EXIT.done;
}

function warnOfCut({ chosen, taken }: ReplayOutcome): void {
  if (taken < chosen) warn(`${taken} of ${chosen} exchanges were taken: --limit takes more`);
}

interface Printer {
  result(result: ReplayResult): Promise<void>;
  end(outcome: ReplayOutcome, compared: boolean): Promise<void>;
}

/** One object, written piece by piece: a long run does not grow. */
class JsonPrinter implements Printer {
  #separator = '{"results":[';

  async result(result: ReplayResult): Promise<void> {
    const text = `${this.#separator}${JSON.stringify(result)}`;
    this.#separator = ",";
    await writeOut(text);
  }

  async end(outcome: ReplayOutcome): Promise<void> {
    const { session, chosen, taken, counts, different, interrupted } = outcome;
    const rest = JSON.stringify({ session, chosen, taken, counts, different, interrupted });
    const begun = this.#separator === "," ? "" : this.#separator;
    await writeOut(`${begun}],${rest.slice(1)}\n`);
  }
}

class TextPrinter implements Printer {
  readonly #options: Awaited<ReturnType<typeof textOptions>>;
  readonly #execute: boolean;
  #begun = false;

  private constructor(options: Awaited<ReturnType<typeof textOptions>>, execute: boolean) {
    this.#options = options;
    this.#execute = execute;
  }

  static async create(execute: boolean): Promise<TextPrinter> {
    return new TextPrinter(await textOptions(), execute);
  }

  async result(result: ReplayResult): Promise<void> {
    const head = this.#begun ? "" : replayHead(this.#options, this.#execute);
    this.#begun = true;
    await writeOut(head + replayLine(result, this.#options, this.#execute));
  }

  async end(outcome: ReplayOutcome, compared: boolean): Promise<void> {
    await writeOut(replaySummary(outcome, compared));
  }
}
