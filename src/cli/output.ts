// How a command's result gets out: one JSON line, or text for a person; and the options that all commands share.
import { Command } from "commander";
import type { TextOptions } from "./text-options.js";

/** What every command has. */
export interface CommonOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** A command with the options that all share. */
export function commonCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(
      "--home <dir>",
      "where the sessions are kept (default: TRAFFICCTL_HOME, or the platform's data folder)",
    )
    .option("--json", "print JSON");
}

export async function homeOf(options: CommonOptions): Promise<string> {
  const { resolveHome } = await import("../operations/home.js");
  return resolveHome({ flag: options.home, env: process.env });
}

/** How text for stdout is to look. */
export async function textOptions(): Promise<TextOptions> {
  const { coloursFor, columnsOf } = await import("./print.js");
  return { colours: coloursFor(process.stdout), width: columnsOf(process.stdout) };
}

/** JSON on one line, or text for a person. */
export async function printResult(
  options: CommonOptions,
  json: unknown,
  text: (options: TextOptions) => string,
): Promise<void> {
  if (options.json === true) return await writeOut(`${JSON.stringify(json)}\n`);
  await writeOut(text(await textOptions()));
}

/** Waits until it is out: a process that ends at once would cut a pipe short, and a slow reader slows us. */
export function writeOut(content: string | Uint8Array): Promise<void> {
  return new Promise((done, fail) =>
    process.stdout.write(content, (error) => (error ? fail(error) : done())),
  );
}

/** For people, beside the result. */
export function warn(message: string): void {
  process.stderr.write(`${message}\n`);
}
