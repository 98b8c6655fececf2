// Runs a command in the foreground, as a shell would: its terminal, its signals, its exit code.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { systemCode, TrafficError } from "../errors.js";

export interface RunCommandInput {
  /** Found by PATH where it has no separator. */
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment, not an addition to ours. */
  readonly env: NodeJS.ProcessEnv;
  /** An existing folder. */
  readonly cwd?: string;
  /** Where the command's stdout goes: ours (the default), or our stderr because ours belongs to something else. */
  readonly stdout?: "inherit" | "stderr";
  /** Ends the command: SIGTERM, and SIGKILL for one that is still there KILL_GRACE_MS later. */
  readonly signal?: AbortSignal;
  /** For tests. */
  readonly killGraceMs?: number;
}

/** How long a command that was told to end may take to do so. */
const KILL_GRACE_MS = 5_000;

/**
 * Resolves when the command itself has ended; its own children may live on.
 *
 * Ctrl-C goes from the terminal to the command and to us at once: we wait for what the command makes of it, and end
 * it only when it has made nothing of it after the grace. Without a terminal nobody else tells the command, so SIGINT
 * is passed on. SIGHUP is passed on too; for SIGTERM the caller aborts `signal`.
 *
 * On Windows a `.cmd` file (npm) has to be started as `cmd /c npm ...`: how arguments would have to be quoted for it
 * depends on what it does with them, and a wrong guess runs text as commands.
 * @returns the exit code, 128 + n after signal n
 * @throws TrafficError COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE
 */
export async function runCommand(input: RunCommandInput): Promise<{ exitCode: number }> {
  if (input.signal?.aborted) return { exitCode: signalExitCode("SIGTERM") };
  const child = start(input);
  const release = connectSignals(child, input);
  try {
    return await ended(child, input);
  } finally {
    release();
  }
}

function start(input: RunCommandInput): ChildProcess {
  try {
    return spawn(input.command, [...input.args], {
      env: input.env,
      stdio: ["inherit", input.stdout === "stderr" ? 2 : "inherit", "inherit"],
      ...(input.cwd === undefined ? {} : { cwd: input.cwd }),
    });
  } catch (error) {
    throw startError(input, error);
  }
}

function ended(child: ChildProcess, input: RunCommandInput): Promise<{ exitCode: number }> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code, signal) => {
      resolve({ exitCode: signal === null ? (code ?? 1) : signalExitCode(signal) });
    });
    child.on("error", (error) => {
      // A signal that could not be sent comes here too; then it has started and will end.
      if (child.pid === undefined) reject(startError(input, error));
    });
  });
}

/** @returns the function that takes every listener and timer back */
function connectSignals(child: ChildProcess, input: RunCommandInput): () => void {
  const grace = input.killGraceMs ?? KILL_GRACE_MS;
  const timers: NodeJS.Timeout[] = [];
  let interrupted = false;
  const later = (signal: NodeJS.Signals, ms: number): void => {
    timers.push(setTimeout(() => child.kill(signal), ms));
  };
  const onInterrupt = (): void => {
    if (!hasTerminal()) child.kill("SIGINT");
    interrupted = true;
  };
  const onHangUp = (): void => {
    child.kill("SIGHUP");
  };
  const onAbort = (): void => {
    if (!interrupted) child.kill("SIGTERM");
    else later("SIGTERM", grace);
    later("SIGKILL", interrupted ? 2 * grace : grace);
  };
  // Nothing of ours outlives us: a second Ctrl-C makes the caller leave without waiting.
  const onExit = (): void => {
    child.kill("SIGTERM");
  };
  // Before the caller's listener, which aborts `signal`.
  process.prependListener("SIGINT", onInterrupt);
  process.on("SIGHUP", onHangUp);
  process.on("exit", onExit);
  input.signal?.addEventListener("abort", onAbort, { once: true });
  return () => {
    process.off("SIGINT", onInterrupt);
    process.off("SIGHUP", onHangUp);
    process.off("exit", onExit);
    input.signal?.removeEventListener("abort", onAbort);
    for (const timer of timers) clearTimeout(timer);
  };
}

function hasTerminal(): boolean {
  return process.stdin.isTTY === true || process.stdout.isTTY === true || process.stderr.isTTY === true;
}

function signalExitCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

function startError({ command }: RunCommandInput, error: unknown): TrafficError {
  const code = systemCode(error);
  if (code === "ENOENT") return notFound(command, error);
  const reason = code ?? (error instanceof Error ? error.message : String(error));
  const canBeFile = code === "EACCES" || code === "ENOEXEC" || code === "EINVAL";
  return new TrafficError("COMMAND_NOT_EXECUTABLE", `'${command}' can't be started: ${reason}`, {
    ...(canBeFile ? { hint: hintForFile(command) } : {}),
    cause: error,
  });
}

function notFound(command: string, error: unknown): TrafficError {
  if (/[/\\]/.test(command) && existsSync(command)) {
    return new TrafficError(
      "COMMAND_NOT_FOUND",
      `the program that '${command}' names in its first line (#!) is missing`,
      {
        hint: "install that program, or name another one: trafficctl record -- sh <file>",
        cause: error,
      },
    );
  }
  return new TrafficError("COMMAND_NOT_FOUND", `there is no command '${command}'`, {
    hint: hintForName(command),
    cause: error,
  });
}

function hintForName(command: string): string {
  if (/\s/.test(command)) {
    return `without quotes each word is an argument: trafficctl record -- ${command} (for a shell's line: -- sh -c '...')`;
  }
  if (process.platform === "win32")
    return `a .cmd file has to be started by cmd: trafficctl record -- cmd /c ${command}`;
  return "check its name, and that PATH leads to it; shell functions and aliases need a shell: -- bash -ic '...'";
}

function hintForFile(command: string): string {
  if (process.platform === "win32") return `start it by cmd: trafficctl record -- cmd /c ${command}`;
  return `chmod +x ${command}, or name the program that runs it: trafficctl record -- sh ${command}`;
}
