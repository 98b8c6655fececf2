// Serving from its start to its end: until a command ends, or someone says stop.
import { prepareEnvironment } from "./environment.js";
import { resolveHome } from "./home.js";
import { runCommand } from "./run-command.js";
import { type RunningServer, type ServeOptions, serve } from "./serve.js";

export interface ServeUntilOptions extends ServeOptions {
  /** Run this with the proxy and the certificate in its environment, and end with it. */
  readonly command?: {
    readonly file: string;
    readonly args: readonly string[];
    readonly stdoutToStderr: boolean;
  };
  /** Hosts that the command reaches without the proxy. */
  readonly noProxy?: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly onReady?: (server: RunningServer) => void;
}

export interface ServeOutcome {
  readonly hits: number;
  readonly misses: number;
  readonly session?: RunningServer["session"];
  /** The command's exit code, 128 + n after a signal; absent when none was run. */
  readonly commandExitCode?: number;
}

const GRACE_MS = 1_000;

/** @throws TrafficError as `serve` does, and COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE. */
export async function serveUntil(options: ServeUntilOptions): Promise<ServeOutcome> {
  const server = await serve(options);
  let commandExitCode: number | undefined;
  try {
    options.onReady?.(server);
    commandExitCode = await untilEnd(options, server);
  } finally {
    await server.stop(GRACE_MS);
  }
  return {
    hits: server.hits,
    misses: server.missCount,
    ...(server.session === undefined ? {} : { session: server.session }),
    ...(commandExitCode === undefined ? {} : { commandExitCode }),
  };
}

async function untilEnd(options: ServeUntilOptions, server: RunningServer): Promise<number | undefined> {
  const { command, signal } = options;
  if (command === undefined) {
    if (!signal.aborted)
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    return undefined;
  }
  const env = await prepareEnvironment({
    home: options.home ?? resolveHome({ flag: undefined, env: process.env }),
    caCertPath: server.ca.certPath,
    proxyUrl: server.url,
    ...(options.noProxy === undefined ? {} : { noProxy: options.noProxy }),
  });
  const result = await runCommand({
    command: command.file,
    args: command.args,
    env: { ...process.env, ...env },
    stdout: command.stdoutToStderr ? "stderr" : "inherit",
    signal,
  });
  return result.exitCode;
}
