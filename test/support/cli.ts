// The built command line as a process: `npm test` builds it first.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { type RunResult, run } from "./run.js";

const CLI = resolve(import.meta.dirname, "../../dist/bin/trafficctl.js");

function cliPath(): string {
  if (!existsSync(CLI)) throw new Error("dist/ is missing: npm run build");
  return CLI;
}

/** @param input what it reads from standard input */
export function trafficctl(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = "",
): Promise<RunResult> {
  return run(process.execPath, [cliPath(), ...args], { env: { ...process.env, ...env }, input });
}

export interface CliEvent {
  readonly event: string;
  readonly [name: string]: unknown;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly ready: CliEvent;
  /** Resolves with the next event of this kind. */
  next(kind: string): Promise<CliEvent>;
  /** Waits for the process. */
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stderr(): string;
}

/** `record --json` with these arguments, from its ready line on. */
export async function startRecord(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunningCli> {
  const child = spawn(process.execPath, [cliPath(), "record", "--json", ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exited = once(child, "close");
  const queue: CliEvent[] = [];
  let wake: () => void = () => {};
  createInterface({ input: child.stdout }).on("line", (line) => {
    queue.push(JSON.parse(line));
    wake();
  });
  void exited.then(() => wake());
  const next = async (kind: string): Promise<CliEvent> => {
    for (;;) {
      const index = queue.findIndex(({ event }) => event === kind);
      if (index !== -1) return queue.splice(index, 1)[0]!;
      if (child.exitCode !== null) throw new Error(`record ended without a '${kind}' event: ${stderr}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    child,
    ready: await next("ready"),
    next,
    ended: async () => {
      await exited;
      return { code: child.exitCode, signal: child.signalCode };
    },
    stderr: () => stderr,
  };
}
