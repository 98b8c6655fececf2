// `trafficctl record`: flags in, a recording, events or lines out, and the exit code of what was recorded.
import { Command, Option } from "commander";
import { TrafficError } from "../errors.js";
import { createLogger, LOG_LEVELS, type Logger, type LogLevel } from "../log.js";
import { type RecordOutcome, recordUntil } from "../operations/record-until.js";
import { EXIT } from "./exit-code.js";
import { keepHeapSmall } from "./heap.js";
import { surviveDefects } from "./last-resort.js";
import { LineWriter } from "./line-writer.js";
import { coloursFor } from "./print.js";
import { collect } from "./query-options.js";
import { harAtEnd, reportHar } from "./record-har.js";
import { type RecordFlags, recordInput } from "./record-options.js";
import { jsonReport, textReport } from "./record-report.js";
import { addRuleOptions } from "./record-rules.js";
import { addRouteOptions } from "./route-options.js";
import { stopSignal } from "./stop-signal.js";

/** How long the end of the output waits for a reader that does not read. */
const SLOW_READER_MS = 2_000;

const EXAMPLES = `
Examples:
  trafficctl record -- curl https://example.com
  trafficctl record --har test.har -- npm test
  trafficctl record --fail-on 5xx -- npm run smoke     exit code 3 when a response was a 5xx
  trafficctl record --port 0 --json                    for programs: the first line has the port
  trafficctl record --hostname api.example.com --method POST
  trafficctl record --filter '~d example.com & !~a'     no scripts, styles and images
  trafficctl record --rules rules.yaml                 changed, mocked, broken (trafficctl rules)
  trafficctl record --passthrough '*.apple.com' --duration 5m

Without a command, point a client at the proxy (the banner says how) and stop with Ctrl-C.
The exit code is the command's own; 3 when --fail-on matched; 0 after Ctrl-C.`;

export function recordCommand(): Command {
  const command = new Command("record")
    .usage("[options] [-- command args...]")
    .summary("record the traffic of a command, or of any client that uses the proxy")
    .description("Starts a proxy that records HTTP and HTTPS to a session on disk.")
    .argument(
      "[command...]",
      "run this with the proxy and its certificate in its environment, and end with it",
    )
    .passThroughOptions()
    .addHelpText("after", EXAMPLES);
  addListenOptions(command);
  addSelectionOptions(command);
  addTlsOptions(command);
  addRouteOptions(command);
  addRuleOptions(command);
  addOutputOptions(command);
  return command.action(async (words: string[], flags: RecordFlags) => {
    process.exitCode = await run(words, flags);
  });
}

function addListenOptions(command: Command): void {
  command
    .option("-p, --port <port>", "port of the proxy; 0 takes a free one", "8080")
    .option(
      "--host <address>",
      "address to listen on; any other than the default is open to the network",
      "127.0.0.1",
    )
    .option("-s, --session <name>", "name of the session (default: a time stamp)")
    .option(
      "--home <dir>",
      "folder of sessions and certificates (default: $TRAFFICCTL_HOME or the data folder)",
    )
    .option("--timeout <time>", "how long an origin may take to begin its response (default: 120s)")
    .option("--duration <time>", "stop after this time: 30s, 5m");
}

function addSelectionOptions(command: Command): void {
  command
    .optionsGroup("What is recorded:")
    .option(
      "--method <methods>",
      "only these methods: GET,POST (this and the next two may be repeated)",
      collect,
    )
    .option("--url <text>", "only URLs with this text, or that match /a regular expression/", collect)
    .option("--hostname <text>", "only hosts with this text, or that match a glob: *.example.com", collect)
    .option("--filter <filter>", "only what this filter matches: '~d api & ~c 5xx' (`trafficctl filters`)")
    .option("--streaming", "only streaming responses: server-sent events, other streams, chunks")
    .option("--max-exchanges <n>", "keep the last n exchanges")
    .option("--max-body <size>", "keep this much of each body (default: all of it)")
    .option("--no-bodies", "keep no bodies, only their sizes")
    .option("--max-disk <size>", "stop recording, not the proxy, at this size on disk (default: 1GB)");
}

function addTlsOptions(command: Command): void {
  command
    .optionsGroup("TLS:")
    .option("--upstream-ca <pem>", "trust these authorities besides the system's when connecting to origins")
    .option("--insecure", "accept any certificate of an origin")
    .option("--client-cert <pem>", "certificate and key to show to origins that ask for one")
    .option("--passthrough <glob>", "hosts to tunnel, not decrypt", collect)
    .option("--intercept-only <glob>", "decrypt only these hosts", collect)
    .option("--fail-open", "tunnel a host from when a client refused our certificate for it (pinned apps)");
}

function addOutputOptions(command: Command): void {
  command
    .optionsGroup("The command and the output:")
    .option("--no-proxy <hosts>", "hosts that the command reaches without the proxy (default: none)")
    .option("--fail-on <status>", "exit with 3 when a response has this status: 5xx, 404, 404,5xx")
    .option("--har <file>", "write a HAR when it has ended, redacted: .har, .har.gz or .zhar")
    .option("--policy <file>", "redaction policy for it (YAML or JSON) on top of the built-in one")
    .option("--no-redact", "write cookies, tokens and passwords into it as they were sent")
    .option("--json", "one JSON object a line on stdout: ready, exchange, held, rules, stopped")
    .option("-q, --quiet", "only errors on stderr")
    .addOption(
      new Option("--log-level <level>", "what the log on stderr has").choices(LOG_LEVELS).default("warn"),
    );
}

async function run(words: readonly string[], flags: RecordFlags): Promise<number> {
  const input = recordInput(flags);
  const har = await harAtEnd(flags);
  using _heap = keepHeapSmall();
  const log = createLogger(logLevel(flags.logLevel), { colour: coloursFor(process.stderr).level > 0 });
  warnAboutRisks(flags, log);
  const [file, ...args] = words;
  if (file !== undefined && input.reverse !== undefined) {
    throw new TrafficError("BAD_OPTION", "--mode reverse takes no command: a command is brought to a proxy", {
      hint: "start the command in another terminal, and let it talk to the port as its server",
    });
  }
  using _defects = surviveDefects(log);
  using stop = stopSignal();
  const output = new LineWriter({
    fd: flags.json === true ? 1 : 2,
    // As `| head` expects of a program that nothing else keeps running.
    onReaderGone: () => {
      if (file === undefined) stop.abort();
    },
  });
  const write = (text: string): void => output.write(text);
  const report =
    flags.json === true
      ? jsonReport(write)
      : textReport(write, process.stderr, { quiet: flags.quiet === true, command: file !== undefined });
  const outcome = await recordUntil({
    ...input,
    ...(file === undefined ? {} : { command: { file, args, stdoutToStderr: flags.json === true } }),
    ...(har === undefined ? {} : { har }),
    signal: stop.signal,
    onReady: (recording) => {
      for (const warning of recording.ca.warnings) log.warn(warning);
      report.ready(recording);
    },
    onExchange: (summary) => report.exchange(summary),
    onConnectionFailure: ({ address, message }) => log.warn({ client: address }, message),
    onWarning: ({ message, hint }) => log.warn(hint === undefined ? message : `${message}: ${hint}`),
    onHeld: (held) => report.held(held),
    onRules: (count, error) => {
      if (error !== undefined) log.warn(`the rules before this edit stay in force:\n${error.message}`);
      report.rules(count, error);
    },
    onRecordingStopped: (info) =>
      log.error({ reason: info.reason }, `recording has stopped: ${info.message}`),
  });
  report.stopped(outcome);
  await output.close(SLOW_READER_MS);
  if (output.lost > 0) log.warn(`${output.lost} lines were not shown: their reader was too slow`);
  if (outcome.har !== undefined) reportHar(outcome.har, flags.quiet === true || flags.json === true);
  return exitCode(outcome);
}

/** The command's own failure comes first: a check is asked only of a command that succeeded. */
function exitCode(outcome: RecordOutcome): number {
  if (outcome.commandExitCode !== undefined && outcome.commandExitCode !== 0) return outcome.commandExitCode;
  if (outcome.har !== undefined && "error" in outcome.har) return EXIT.failed;
  return outcome.failures.count > 0 ? EXIT.checkFailed : EXIT.done;
}

function warnAboutRisks(flags: RecordFlags, log: Logger): void {
  if (!isLoopback(flags.host) && flags.proxyAuth === undefined) {
    log.warn(`the proxy is open to the network: whoever reaches ${flags.host} can use it and be recorded`);
  }
  if (flags.insecure === true) log.warn("--insecure: certificates of origins are not checked");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined)
    throw new TrafficError("BAD_OPTION", `--log-level ${text} is none of ${LOG_LEVELS.join(", ")}`);
  return level;
}
