// What `record` says while it runs: JSON events on stdout, or lines for people on stderr.
import type { TrafficError } from "../errors.js";
import type { ExchangeSummary } from "../exchange/summary.js";
import type { HeldSummary } from "../operations/intercept.js";
import type { RunningRecording } from "../operations/record.js";
import type { RecordOutcome } from "../operations/record-until.js";
import { exchangeLine } from "./exchange-line.js";
import { plural } from "./plural.js";
import { type Colours, coloursFor, columnsOf } from "./print.js";
import { printable } from "./printable.js";
import { formatDuration, formatSize } from "./units.js";

export interface RecordReport {
  ready(recording: RunningRecording): void;
  exchange(summary: ExchangeSummary): void;
  /** An exchange is held at a breakpoint. */
  held(held: HeldSummary): void;
  /** A rule file was saved: so many rules are in force; with an error, those before. */
  rules(count: number, error: TrafficError | undefined): void;
  stopped(outcome: RecordOutcome): void;
}

/** One JSON object a line, as the documentation's "record --json" describes. */
export function jsonReport(write: (line: string) => void): RecordReport {
  const event = (value: object): void => write(`${JSON.stringify(value)}\n`);
  return {
    ready: (recording) =>
      event({
        event: "ready",
        host: recording.host,
        port: recording.port,
        url: recording.url,
        ...(recording.reverse === undefined ? {} : { reverse: recording.reverse }),
        caCert: recording.ca.certPath,
        caFingerprint: recording.ca.fingerprint256,
        session: recording.session.id,
        sessionPath: recording.session.path,
      }),
    exchange: (summary) => event({ event: "exchange", ...summary }),
    held: (held) => event({ event: "held", ...held }),
    rules: (count, error) =>
      event({
        event: "rules",
        rules: count,
        error: error === undefined ? null : { code: error.code, message: error.message },
      }),
    stopped: ({ session, counts, commandExitCode, failures, har }) =>
      event({
        event: "stopped",
        session: session.id,
        sessionPath: session.path,
        counts: { exchanges: counts.exchanges, messages: counts.messages },
        bytes: counts.bytes,
        dropped: counts.dropped,
        errors: counts.errors,
        failures: failures.count,
        ...(commandExitCode === undefined ? {} : { commandExitCode }),
        ...(har === undefined ? {} : { har: "error" in har ? null : har.report }),
      }),
  };
}

/**
 * @param stream where the text ends up: its colours and width count
 * @param options.quiet only what went wrong is said
 */
export function textReport(
  write: (text: string) => void,
  stream: NodeJS.WriteStream,
  options: { quiet: boolean; command: boolean },
): RecordReport {
  const colours = coloursFor(stream);
  const started = performance.now();
  return {
    ready: (recording) => {
      if (!options.quiet) write(banner(recording, colours, options.command));
    },
    exchange: (summary) => {
      if (!options.quiet) write(`${exchangeLine(summary, colours, columnsOf(stream))}\n`);
    },
    held: ({ id, phase, method, url }) => {
      if (options.quiet) return;
      const what = `held ${id}: ${phase} ${printable(method)} ${printable(url)}`;
      write(`${colours.yellow(what)}  ${colours.dim(`trafficctl intercept show ${id}`)}\n`);
    },
    rules: (count, error) => {
      if (error === undefined && !options.quiet) {
        write(`${colours.dim(`the saved rules hold from now on: ${plural(count, "rule")}`)}\n`);
      }
    },
    stopped: (outcome) => {
      if (outcome.failures.count > 0) write(failureList(outcome, colours, columnsOf(stream)));
      if (!options.quiet) write(closing(outcome, performance.now() - started, colours));
    },
  };
}

function banner(recording: RunningRecording, colours: Colours, command: boolean): string {
  const title = `${colours.bold("trafficctl")} is recording on ${colours.cyan(recording.url)}`;
  const session = `  session      ${recording.session.id}`;
  if (recording.reverse !== undefined) return reverseBanner(recording, title, session, colours);
  if (command) return `${title}\n${session}\n\n`;
  const where = recording.url.replace(/^http:\/\/(0\.0\.0\.0|\[::\])/, "http://127.0.0.1");
  const wantsUser = recording.urlWithCredentials !== recording.url;
  return [
    title,
    session,
    `  one command  trafficctl record -- COMMAND`,
    `  a terminal   eval "$(trafficctl env --port ${recording.port}${wantsUser ? " --proxy-auth USER:PASSWORD" : ""})"`,
    `  curl         curl -x ${where}${wantsUser ? " -U USER:PASSWORD" : ""} --cacert ${recording.ca.certPath} https://example.com`,
    `  a browser    proxy ${where.slice("http://".length)}, certificate ${where}/`,
    colours.dim("  Ctrl-C stops"),
    "",
    "",
  ].join("\n");
}

function reverseBanner(
  recording: RunningRecording,
  title: string,
  session: string,
  colours: Colours,
): string {
  return [
    title,
    session,
    `  the origin   ${recording.reverse}`,
    `  curl         curl --cacert ${recording.ca.certPath} ${recording.url}`,
    `  a client     talk to ${recording.url} as if it were the origin; its certificate: trafficctl ca path`,
    colours.dim("  Ctrl-C stops"),
    "",
    "",
  ].join("\n");
}

function failureList(outcome: RecordOutcome, colours: Colours, columns: number | undefined): string {
  const { count, first } = outcome.failures;
  const lines = first.map((summary) => exchangeLine(summary, colours, columns));
  const more = count > first.length ? `${count - first.length} more are in the session\n` : "";
  const matches = count === 1 ? "1 exchange matches" : `${count} exchanges match`;
  return `\n${colours.red.bold(`--fail-on: ${matches}`)}\n${lines.join("\n")}\n${more}`;
}

function closing(outcome: RecordOutcome, ms: number, colours: Colours): string {
  const { counts, session } = outcome;
  const parts = [
    plural(counts.exchanges, "exchange"),
    ...(counts.messages > 0 ? [plural(counts.messages, "WebSocket message")] : []),
    formatSize(counts.bytes),
    ...(counts.errors > 0 ? [colours.red(plural(counts.errors, "error"))] : []),
    ...(counts.dropped > 0 ? [colours.yellow(`${counts.dropped} dropped`)] : []),
    formatDuration(ms),
  ];
  return `\n${colours.bold("recorded")} ${parts.join(", ")}\n  ${colours.dim(session.path)}\n`;
}
