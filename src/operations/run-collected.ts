// Runs a command that has no terminal: without input, its output collected, its whole process group ended with the call.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode, TrafficError } from "../errors.js";

export interface CollectInput {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface CollectedRun {
  /** 128 + n after a signal, as shells say it. */
  readonly exitCode: number;
  readonly timedOut: boolean;
  /** stdout and stderr as they came. */
  readonly output: string;
  /** Bytes from its middle that were not kept. */
  readonly left: number;
}

/** Bytes kept of the beginning, and of the end. */
const KEPT = 512 * 1024;
const KILL_GRACE_MS = 2_000;
const LAST_OUTPUT_MS = 500;

/** @throws COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, and the signal's reason when the command has ended */
export async function runCollected(input: CollectInput): Promise<CollectedRun> {
  input.signal.throwIfAborted();
  // A group of its own: what the command has started goes with it.
  const isGroup = process.platform !== "win32";
  const child = start(input, isGroup);
  const output = new Ends();
  child.stdout.on("data", (chunk: Buffer) => output.add(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.add(chunk));
  let timedOut = false;
  let killing: NodeJS.Timeout | undefined;
  const end = (): void => {
    kill(child, "SIGTERM", isGroup);
    killing ??= setTimeout(() => kill(child, "SIGKILL", isGroup), KILL_GRACE_MS);
  };
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, input.timeoutMs);
  input.signal.addEventListener("abort", end, { once: true });
  const onExit = (): void => kill(child, "SIGKILL", isGroup);
  process.once("exit", onExit);
  try {
    const [code, signal] = await ended(child, input.command);
    input.signal.throwIfAborted();
    const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    return { exitCode, timedOut, ...output.result() };
  } finally {
    clearTimeout(timer);
    clearTimeout(killing);
    input.signal.removeEventListener("abort", end);
    process.off("exit", onExit);
    kill(child, "SIGKILL", isGroup);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function start({ command, args, env, cwd }: CollectInput, isGroup: boolean) {
  try {
    const where = cwd === undefined ? {} : { cwd };
    return spawn(command, [...args], { env, stdio: ["ignore", "pipe", "pipe"], detached: isGroup, ...where });
  } catch (cause) {
    // A NUL character, of which no argument and no variable may have any.
    if (systemCode(cause) !== "ERR_INVALID_ARG_VALUE") throw notStarted(command, cause);
    throw new TrafficError("BAD_OPTION", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function ended(child: ChildProcess, command: string): Promise<[number | null, NodeJS.Signals | null]> {
  const closed = new Promise((resolve) => child.once("close", resolve));
  const exit = once(child, "exit").then(([code, signal]): [number | null, NodeJS.Signals | null] => [
    code,
    signal,
  ]);
  try {
    const result = await exit;
    // What it wrote last is still in the pipes, which a program that it left in the background may hold for ever.
    await Promise.race([closed, sleep(LAST_OUTPUT_MS, undefined, { ref: false })]);
    return result;
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "ENOENT") {
      throw new TrafficError("COMMAND_NOT_FOUND", `there is no command '${command}'`, {
        hint: "command is one program without arguments: the arguments go into args; for a shell's line run sh with -c",
        cause,
      });
    }
    throw notStarted(command, cause);
  }
}

function notStarted(command: string, cause: unknown): TrafficError {
  const why = systemCode(cause) ?? String(cause);
  const hint = why === "E2BIG" ? { hint: "args and env together are longer than the system allows" } : {};
  return new TrafficError("COMMAND_NOT_EXECUTABLE", `'${command}' can't be started (${why})`, {
    ...hint,
    cause,
  });
}

function kill(child: ChildProcess, signal: NodeJS.Signals, isGroup: boolean): void {
  if (child.pid === undefined) return;
  try {
    if (isGroup) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It is gone already.
  }
}

/** The beginning and the end of what was written. */
class Ends {
  readonly #head: Buffer[] = [];
  #headSize = 0;
  #tail: Buffer[] = [];
  #tailSize = 0;
  #left = 0;

  add(chunk: Buffer): void {
    const toHead = chunk.subarray(0, Math.max(0, KEPT - this.#headSize));
    this.#head.push(toHead);
    this.#headSize += toHead.length;
    const rest = chunk.subarray(toHead.length);
    this.#tail.push(rest);
    this.#tailSize += rest.length;
    while (this.#tailSize - (this.#tail[0]?.length ?? 0) >= KEPT) {
      const dropped = this.#tail.shift();
      this.#tailSize -= dropped?.length ?? 0;
      this.#left += dropped?.length ?? 0;
    }
  }

  result(): { readonly output: string; readonly left: number } {
    const head = Buffer.concat(this.#head).toString("utf8");
    const tail = Buffer.concat(this.#tail).toString("utf8");
    const gap = this.#left === 0 ? "" : `\n[… ${this.#left} bytes …]\n`;
    return { output: `${head}${gap}${tail}`, left: this.#left };
  }
}
