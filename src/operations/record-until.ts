// A recording from its start to its end: until a command ends, a time is over, or someone says stop.
import { rm } from "node:fs/promises";
import { TrafficError } from "../errors.js";
import type { Exchange } from "../exchange/exchange.js";
import { gatewayError } from "../exchange/gateway.js";
import { type ExchangeSummary, summarise } from "../exchange/summary.js";
import { compileStatus } from "../filter/status.js";
import type { SessionCounts } from "../session/manifest.js";
import { prepareEnvironment } from "./environment.js";
import type { ExportReport } from "./export-har.js";
import { type RecordOptions, type RunningRecording, record } from "./record.js";
import type { Policy } from "./redaction.js";
import { runCommand } from "./run-command.js";

export interface RecordUntilOptions extends Omit<RecordOptions, "onExchange" | "onStopRequested"> {
  /** Run this with the proxy and the certificate in its environment, and end with it. */
  readonly command?: {
    readonly file: string;
    readonly args: readonly string[];
    readonly stdoutToStderr: boolean;
  };
  /** Hosts that the command reaches without the proxy. */
  readonly noProxy?: string;
  /** Milliseconds after which the recording ends. */
  readonly durationMs?: number;
  /** A status condition (`5xx`, `404`): exchanges that match are counted as failures. */
  readonly failOn?: string;
  /** Writes a HAR of the session when the recording has ended, however the command ended. */
  readonly har?: HarAtEnd;
  /** Ends the recording. */
  readonly signal: AbortSignal;
  readonly onReady?: (recording: RunningRecording) => void;
  readonly onExchange?: (summary: ExchangeSummary) => void;
}

export interface HarAtEnd {
  readonly path: string;
  /** As `exportHar` takes it. */
  readonly redact?: Policy | "off";
}

/** A HAR that could not be written costs nothing that was recorded. */
export type HarOutcome = { readonly report: ExportReport } | { readonly error: TrafficError };

export interface RecordOutcome {
  readonly session: RunningRecording["session"];
  readonly counts: SessionCounts;
  /** The command's exit code, 128 + n after a signal; absent when none was run. */
  readonly commandExitCode?: number;
  /** Exchanges that matched `failOn`: how many, and the first of them. */
  readonly failures: { readonly count: number; readonly first: readonly ExchangeSummary[] };
  /** Present where a HAR was asked for. */
  readonly har?: HarOutcome;
}

const FAILURES_SHOWN = 20;

/** @throws TrafficError as `record` does, and COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE. */
export async function recordUntil(options: RecordUntilOptions): Promise<RecordOutcome> {
  const failures: ExchangeSummary[] = [];
  let failureCount = 0;
  const fails = options.failOn === undefined ? () => false : compileStatus(options.failOn);
  const onExchange = (exchange: Exchange): void => {
    const summary = summarise(exchange);
    const status = answeredStatus(summary);
    if (status !== undefined && fails(status)) {
      failureCount++;
      if (failures.length < FAILURES_SHOWN) failures.push(summary);
    }
    options.onExchange?.(summary);
  };
  const stopRequest = new AbortController();
  const signal = AbortSignal.any([options.signal, stopRequest.signal]);
  const onStopRequested = (): void => stopRequest.abort();
  const recording = await record({ ...options, onExchange, onStopRequested });
  let commandExitCode: number | undefined;
  try {
    options.onReady?.(recording);
    commandExitCode = await untilEnd({ ...options, signal }, recording);
  } catch (error) {
    await recording.stop();
    // A command that could not be started leaves nothing behind.
    if (recording.counts().exchanges === 0)
      await rm(recording.session.path, { recursive: true, force: true });
    throw error;
  }
  await recording.stop();
  const har = options.har && (await writeHarOf(recording.session.path, options.home, options.har));
  return {
    ...(har === undefined ? {} : { har }),
    session: recording.session,
    counts: recording.counts(),
    ...(commandExitCode === undefined ? {} : { commandExitCode }),
    failures: { count: failureCount, first: failures },
  };
}

async function writeHarOf(session: string, home: string, { path, redact }: HarAtEnd): Promise<HarOutcome> {
  try {
    const { exportHar } = await import("./export-har.js");
    const choice = { home, words: [session], output: path };
    return { report: await exportHar({ ...choice, ...(redact === undefined ? {} : { redact }) }) };
  } catch (error) {
    if (error instanceof TrafficError) return { error };
    throw error;
  }
}

/** The status that the client saw: the origin's, or ours in its place. */
function answeredStatus({ status, error }: ExchangeSummary): number | undefined {
  if (status !== null) return status;
  return error === null ? undefined : gatewayError(error.code)?.status;
}

/** @returns the command's exit code, when there is a command. */
async function untilEnd(
  options: RecordUntilOptions,
  recording: RunningRecording,
): Promise<number | undefined> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timer = options.durationMs === undefined ? undefined : setTimeout(end, options.durationMs);
  options.signal.addEventListener("abort", end, { once: true });
  if (options.signal.aborted) end();
  try {
    if (options.command === undefined) {
      await aborted(ending.signal);
      return undefined;
    }
    const env = await prepareEnvironment({
      home: options.home,
      caCertPath: recording.ca.certPath,
      proxyUrl: recording.urlWithCredentials,
      ...(options.noProxy === undefined ? {} : { noProxy: options.noProxy }),
    });
    const result = await runCommand({
      command: options.command.file,
      args: options.command.args,
      env: { ...process.env, ...env },
      stdout: options.command.stdoutToStderr ? "stderr" : "inherit",
      signal: ending.signal,
    });
    return result.exitCode;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", end);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
