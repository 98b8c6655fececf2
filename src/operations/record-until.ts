// A recording from its start to its end: until a command ends, a time is over, or someone says stop.
import { rm } from "node:fs/promises";
import type { Exchange } from "../exchange/exchange.js";
import { gatewayError } from "../exchange/gateway.js";
import { type ExchangeSummary, summarise } from "../exchange/summary.js";
import { compileStatus } from "../filter/status.js";
import type { SessionCounts } from "../session/manifest.js";
import { prepareEnvironment } from "./environment.js";
import { type RecordOptions, type RunningRecording, record } from "./record.js";
import { runCommand } from "./run-command.js";

export interface RecordUntilOptions extends Omit<RecordOptions, "onExchange"> {
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
  /** Ends the recording. */
  readonly signal: AbortSignal;
  readonly onReady?: (recording: RunningRecording) => void;
  readonly onExchange?: (summary: ExchangeSummary) => void;
}

export interface RecordOutcome {
  readonly session: RunningRecording["session"];
  readonly counts: SessionCounts;
  /** The command's exit code, 128 + n after a signal; absent when none was run. */
  readonly commandExitCode?: number;
  /** Exchanges that matched `failOn`: how many, and the first of them. */
  readonly failures: { readonly count: number; readonly first: readonly ExchangeSummary[] };
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
  const recording = await record({ ...options, onExchange });
  let commandExitCode: number | undefined;
  try {
    options.onReady?.(recording);
    commandExitCode = await untilEnd(options, recording);
  } catch (error) {
    await recording.stop();
    // A command that could not be started leaves nothing behind.
    if (recording.counts().exchanges === 0)
      await rm(recording.session.path, { recursive: true, force: true });
    throw error;
  }
  await recording.stop();
  return {
    session: recording.session,
    counts: recording.counts(),
    ...(commandExitCode === undefined ? {} : { commandExitCode }),
    failures: { count: failureCount, first: failures },
  };
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
