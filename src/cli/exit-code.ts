// The one mapping from what went wrong to an exit code: 0 done, 1 failed, 2 wrong usage, 3 a check did not hold.
import type { ErrorCode } from "../errors.js";

export const EXIT = { done: 0, failed: 1, usage: 2, checkFailed: 3 } as const;

const USAGE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["USAGE", "BAD_OPTION", "FILTER_INVALID"]);

/** As shells do: 127 for a command that is not there, 126 for one that can't be run. */
const COMMAND_CODES: Partial<Record<ErrorCode, number>> = {
  COMMAND_NOT_FOUND: 127,
  COMMAND_NOT_EXECUTABLE: 126,
};

export function exitCodeOf(code: ErrorCode): number {
  return COMMAND_CODES[code] ?? (USAGE_CODES.has(code) ? EXIT.usage : EXIT.failed);
}
