// What people see: colour where the stream shows it, and errors in one form. The only importer of chalk.
import { Chalk, type ChalkInstance, type ColorSupportLevel } from "chalk";
import type { TrafficError } from "../errors.js";

export type Colours = ChalkInstance;

/** Colours for a stream: none in a pipe, with NO_COLOR (https://no-color.org) or on a terminal that has none. */
export function coloursFor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): Colours {
  return new Chalk({ level: colourLevel(stream, env) });
}

/** The columns of a stream's terminal, or undefined where nothing has to fit. */
export function columnsOf(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns : undefined;
}

/** An error for a person: what happened, and what to do. */
export function formatError(error: TrafficError, colours: Colours): string {
  const lines = [`${colours.red.bold("error:")} ${error.message}`];
  if (error.hint !== undefined) lines.push(`${colours.cyan("hint:")}  ${error.hint}`);
  return `${lines.join("\n")}\n`;
}

function colourLevel(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): ColorSupportLevel {
  if (env.NO_COLOR) return 0;
  if (env.FORCE_COLOR !== undefined) return forcedLevel(env.FORCE_COLOR);
  if (!stream.isTTY) return 0;
  const depth = stream.getColorDepth(env);
  if (depth >= 24) return 3;
  if (depth >= 8) return 2;
  return depth >= 4 ? 1 : 0;
}

function forcedLevel(value: string): ColorSupportLevel {
  switch (value) {
    case "0":
    case "false":
      return 0;
    case "2":
      return 2;
    case "3":
      return 3;
    default:
      return 1;
  }
}
