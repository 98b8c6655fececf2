// What a command that ran for a client left: its exit code, what it printed as far as there is room, where its traffic is.

import type { CollectedRun } from "../../operations/run-collected.js";
import { most } from "../budget.js";
import { costOf } from "../result.js";
import type { ToolContext } from "../tool.js";

export interface CommandFacts {
  readonly session: string;
  readonly exchanges: number;
  readonly timeoutSeconds: number;
}

const LINE = 400;

/** The rest of a long output is read with read_result. */
export function outputOf(run: CollectedRun, facts: CommandFacts, context: ToolContext) {
  const { safe, settings, kept } = context;
  const { exitCode, timedOut, left } = run;
  const lines = safe.text(run.output).split("\n").flatMap(pieces);
  const { session, exchanges, timeoutSeconds } = facts;
  const end = timedOut ? `was ended after ${timeoutSeconds} s` : `ended with exit code ${exitCode}`;
  const text = `The command ${end}. ${exchanges} exchanges were recorded in session ${session}.`;
  const gone = left === 0 ? "" : ` ${left} bytes from the middle of its output were not kept.`;
  const name = kept.keep({ what: "output of a command", session, exitCode }, lines);
  const make = (from: number) => {
    const shown = lines.slice(lines.length - from);
    const isCut = from < lines.length;
    const note = isCut
      ? ` The last ${from} of ${lines.length} lines of its output; read_result has all.`
      : "";
    return {
      text: `${text}${gone}${note}`,
      data: {
        exitCode,
        timedOut,
        session,
        exchanges,
        output: shown.join("\n"),
        outputLines: lines.length,
        ...(left === 0 ? {} : { outputBytesLeftOut: left }),
        ...(isCut ? { result: name } : {}),
      },
      traffic: shown.join("\n"),
    };
  };
  return make(most(lines.length, (count) => costOf(make(count)) <= settings.budget));
}

/** So that no line is larger than a page. */
function pieces(line: string): string[] {
  if (line.length <= LINE) return [line];
  return line.match(new RegExp(`[^]{1,${LINE}}`, "g")) ?? [];
}
