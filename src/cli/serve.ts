// `trafficctl serve`: flags in, a server that answers from a recording, events or lines out.
import { Command, Option } from "commander";
import { TrafficError } from "../errors.js";
import { createLogger, LOG_LEVELS, type LogLevel } from "../log.js";
import { type ServeOutcome, serveUntil } from "../operations/serve-until.js";
import { EXIT } from "./exit-code.js";
import { surviveDefects } from "./last-resort.js";
import { LineWriter } from "./line-writer.js";
import { coloursFor } from "./print.js";
import { collect } from "./query-options.js";
import { commandOf, type ServeFlags, serveInput } from "./serve-options.js";
import { jsonServeReport, textServeReport } from "./serve-report.js";
import { stopSignal } from "./stop-signal.js";

/** How long the end of the output waits for a reader that does not read. */
const SLOW_READER_MS = 2_000;

const EXAMPLES = `
FROM is a session ('last', a name, a folder), a HAR file (.har), or fixtures (.json, or a folder of them). Requests are
answered by method and URL; of several exchanges the one whose headers and body are the closest answers, equal ones in
turn. Through the proxy the origin is never asked; talked to as a server, the path decides.

Examples:
  $ trafficctl serve smoke                                 as a proxy and as a server on port 8080
  $ trafficctl serve fixtures.json --port 0 -- npm test    one command, with the proxy in its environment
  $ trafficctl serve page.har --miss pass                  what was not recorded comes from its origin
  $ trafficctl serve chat.json --pace recorded             events at the times at which they came
  $ trafficctl serve api --ignore-query ts,nonce --match-body --ignore-body /requestId --fail-on-miss
`;

export function serveCommand(): Command {
  const command = new Command("serve")
    .usage("[options] FROM... [-- command args...]")
    .summary("answer from a recording, with no origin")
    .description("Answers from a recording, as a proxy (HTTPS too) and as a plain server, with no origin.")
    .argument("<from...>", "sessions, HAR files, fixtures")
    .addHelpText("after", EXAMPLES);
  addListenOptions(command);
  addMatchOptions(command);
  addAnswerOptions(command);
  return command.action(run);
}

function addListenOptions(command: Command): void {
  command
    .option("-p, --port <port>", "port; 0 takes a free one", "8080")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option(
      "--home <dir>",
      "folder of sessions and certificates (default: $TRAFFICCTL_HOME or the data folder)",
    );
}

function addMatchOptions(command: Command): void {
  command
    .optionsGroup("Which exchange answers:")
    .option("--ignore-query <names>", "parameters of the query that do not count: ts,nonce", collect)
    .option(
      "--ignore-body <pointer>",
      "a place of JSON bodies that does not count: /id, '/items/*/id'",
      collect,
    )
    .option("--match-body", "only one whose body is equal; else the closest answers")
    .option("--ignore-host", "whatever scheme, host and port: the path decides")
    .option("--once", "each exchange answers once; else the last of equal requests repeats")
    .addOption(
      new Option("--miss <what>", "what a request gets that nothing answers")
        .choices(["404", "502", "pass", "record"])
        .default("404"),
    )
    .option("--session <name>", "with --miss record: name of the session (default: a time stamp)")
    .option("--upstream-ca <pem>", "trust these authorities besides the system's, where misses pass")
    .option("--insecure", "accept any certificate of an origin, where misses pass");
}

function addAnswerOptions(command: Command): void {
  command
    .optionsGroup("How it answers:")
    .option("--pace <pace>", "events and chunks of streams: none, recorded, or so far apart: 50ms", "none")
    .option("--delay <time>", "before each response: none, recorded, or so long: 200ms", "none")
    .optionsGroup("The command and the output:")
    .option("--no-proxy <hosts>", "hosts that the command reaches without the proxy (default: none)")
    .option("--fail-on-miss", "exit with 3 when a request was not answered")
    .option("--json", "one JSON object a line on stdout: ready, answer, miss, stopped")
    .option("-q, --quiet", "only misses and errors on stderr")
    .addOption(
      new Option("--log-level <level>", "what the log on stderr has").choices(LOG_LEVELS).default("warn"),
    );
}

async function run(words: string[], flags: ServeFlags): Promise<void> {
  const { from, command } = commandOf(words, process.argv);
  const input = serveInput(from, flags);
  const log = createLogger(logLevel(flags.logLevel), { colour: coloursFor(process.stderr).level > 0 });
  using _defects = surviveDefects(log);
  using stop = stopSignal();
  const output = new LineWriter({ fd: flags.json === true ? 1 : 2 });
  const write = (text: string): void => output.write(text);
  const report =
    flags.json === true
      ? jsonServeReport(write)
      : textServeReport(write, process.stderr, {
          quiet: flags.quiet === true,
          command: command !== undefined,
        });
  const outcome = await serveUntil({
    ...input,
    ...(command === undefined ? {} : { command: { ...command, stdoutToStderr: flags.json === true } }),
    signal: stop.signal,
    onReady: (server) => {
      for (const warning of server.ca.warnings) log.warn(warning);
      if (server.exchanges === 0)
        log.warn("there is no exchange with a response in it: every request is a miss");
      report.ready(server);
    },
    onHit: (hit) => report.hit(hit),
    onMiss: (miss) => report.miss(miss),
    onWarning: (message) => log.warn(message),
  });
  report.stopped(outcome);
  await output.close(SLOW_READER_MS);
  process.exitCode = exitCode(outcome, flags);
}

/** The command's own failure comes first. */
function exitCode({ commandExitCode = 0, misses }: ServeOutcome, flags: ServeFlags): number {
  if (commandExitCode !== 0) return commandExitCode;
  return flags.failOnMiss === true && misses > 0 ? EXIT.checkFailed : EXIT.done;
}

function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined)
    throw new TrafficError("BAD_OPTION", `--log-level ${text} is none of ${LOG_LEVELS.join(", ")}`);
  return level;
}
